#!/usr/bin/env python3
"""Writes the requests of load.samples.csv as another tool would log them, after that tool's documentation:

    documented.py FOLDER < load.samples.csv

for the tools that the tests cannot run, each into a file of its own. Each request keeps its start, its length and its result."""
import base64, csv, datetime, json, sys

rows = [(float(r["timestamp"]), float(r["latency_ms"]), int(r["status_code"] or 0), r["node"])
        for r in csv.DictReader(sys.stdin)]
out = None
UTC = datetime.timezone.utc


def iso(t, digits=6, zone=0):
    at = datetime.datetime.fromtimestamp(t, datetime.timezone(datetime.timedelta(hours=zone)))
    text = at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:20 + digits]
    return text + ("Z" if zone == 0 else "%+03d:00" % zone)


def k6_csv():
    out.write("metric_name,timestamp,metric_value,check,error,error_code,expected_response,group,method,name,proto,"
              "scenario,service,status,subproto,tls_version,url,extra_tags,metadata\n")
    for t, ms, status, node in rows:
        tags = (",,,%s,%s,::a,POST,\"work, once\",HTTP/1.1,default,,%d,,,%s/work,," %
                ("1503" if status >= 500 else "", "false" if status >= 500 else "true", status, node))
        for metric, value in (("http_reqs", 1), ("http_req_duration", ms), ("http_req_waiting", ms * 0.9)):
            out.write("%s,%d,%.6f%s\n" % (metric, t + ms / 1000, value, tags))
    out.write("vus,%d,1.000000,,,,,,,,,,,,,,,,\n" % rows[-1][0])


def k6_json():
    out.write('{"type":"Metric","data":{"name":"http_req_duration","type":"trend","contains":"time","thresholds":[],'
              '"submetrics":null},"metric":"http_req_duration"}\n')
    for t, ms, status, node in rows:
        tags = {"expected_response": str(status < 400).lower(), "group": "", "method": "POST", "name": node + "/work",
                "proto": "HTTP/1.1", "scenario": "default", "status": str(status), "url": node + "/work"}
        if status >= 500:
            tags["error_code"] = "1503"
        for metric, value in (("http_reqs", 1), ("http_req_duration", ms)):
            out.write(json.dumps({"metric": metric, "type": "Point", "data": {
                "time": iso(t + ms / 1000, zone=2), "value": value, "tags": tags}}, separators=(",", ":")) + "\n")


def vegeta_csv():
    for i, (t, ms, status, node) in enumerate(rows):
        out.write("%d,%d,%d,2,31,%s,%s,attack,%d,POST,%s/work,\n" % (
            round(t * 1e6) * 1000, status, ms * 1e6, "503 Service Unavailable" if status >= 500 else "",
            base64.b64encode(b"{}").decode(), i, node))


def vegeta_json():
    for i, (t, ms, status, node) in enumerate(rows):
        out.write(json.dumps({"attack": "", "seq": i, "code": status, "timestamp": iso(t), "latency": round(ms * 1e6),
                              "bytes_out": 2, "bytes_in": 31, "error": "say \"code\":200" if status >= 500 else "",
                              "body": "e30=", "method": "POST", "url": node + "/work",
                              "headers": {"Server": ["x"]}}, separators=(",", ":")) + "\n")


def jmeter_csv(by=",", names=True, text=False):
    if names:
        out.write(by.join("timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,"
                          "bytes,sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect".split(",")) + "\n")
    for i, (t, ms, status, node) in enumerate(rows):
        label = "\"work%s once\"" % by
        stamp = (datetime.datetime.fromtimestamp(t, UTC).strftime("%Y/%m/%d %H:%M:%S.%f")[:23] if text
                 else str(round(t * 1000)))
        out.write(by.join([stamp, str(round(ms)), label, str(status), "OK" if status < 400 else "Service Unavailable",
                           "users 1-1", "text", str(status < 400).lower(), "", "31", "120", "1", "1", node + "/work",
                           str(round(ms)), "0", "0"]) + "\n")
        if i % 50 == 0:  # a transaction controller
            out.write(by.join([stamp, str(round(ms)), "all", "200", "Number of samples in transaction : 1; number of failing samples : 0",
                               "users 1-1", "", "true", "", "31", "120", "1", "1", "null", "0", "0", "0"]) + "\n")


def jmeter_xml():
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n<testResults version="1.2">\n')
    for i, (t, ms, status, node) in enumerate(rows):
        head = ('httpSample t="%d" lt="%d" ts="%d" s="%s" lb="a &quot;b&quot; &amp; c" rc="%d" rm="%s" tn="users 1-1" dt="text" by="31"' %
                (round(ms), round(ms), round(t * 1000), str(status < 400).lower(), status, "OK" if status < 400 else "Service Unavailable"))
        if i % 3 == 0:
            out.write("<%s/>\n" % head)
        elif i % 3 == 1:
            out.write("<%s>\n  <java.net.URL>%s/work</java.net.URL>\n</httpSample>\n" % (head, node))
        else:  # with a redirect inside, which is part of it
            out.write("<%s>\n  <%s/>\n  <java.net.URL>%s/work</java.net.URL>\n</httpSample>\n" % (head, head, node))
    out.write("\n</testResults>\n")


def gatling(version=3):
    out.write("RUN\tcom.example.Work\twork\t%d\t \t3.9.5\n" % (rows[0][0] * 1000))
    for t, ms, status, node in rows:
        before = {3: "REQUEST\t\t", 2: "REQUEST\tWork\t1\t\t", 33: "REQUEST\t1\t\t"}[version]
        start = round(t * 1000)
        out.write("%swork\t%d\t%d\t%s\t%s\n" % (before, start, start + round(ms), "OK" if status < 400 else "KO",
                  " " if status < 400 else "status.find.in(200,201), but actually found %d" % status))
    out.write("USER\tWork\tEND\t%d\n" % (rows[-1][0] * 1000))


def locust():
    out.write("Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%,"
              "Total Request Count,Total Failure Count,Total Median Response Time,Total Average Response Time,"
              "Total Min Response Time,Total Max Response Time,Total Average Content Size\n")
    first, all_, err, i = int(rows[0][0]), 0, 0, 0
    for second in range(first, int(rows[-1][0]) + 2):
        while i < len(rows) and rows[i][0] < second:
            all_, err, i = all_ + 1, err + (rows[i][2] >= 400), i + 1
        p = "N/A," * 11 if all_ == 0 else "30,33,35,38,50,55,58,60,60,60,60,"
        out.write("%d,1,,Aggregated,12.000000,0.000000,%s%d,%d,30,34.2,2,60,31\n" % (second, p, all_, err))


def oha():
    out.write("request-start,DNS,DNS+dialup,Response-delay,request-duration,bytes,status\n")
    for t, ms, status, node in rows:
        out.write("%.9f,0.0001,0.0002,%.9f,%.9f,31,%d\n" % (t - rows[0][0], ms / 1000, ms / 1000, status))


def fortio():
    for t, ms, status, node in rows:
        out.write('{"latency":%.6f,"timestamp":%d,"thread":0,"iter":0,"ok":%s,"details":"HTTP %d"}\n' % (
            ms / 1000, round(t * 1e6) * 1000, str(status < 400).lower(), status))


def memtier():
    serie = {}
    for t, ms, status, node in rows:
        serie.setdefault(str(int(t - rows[0][0])), []).append(ms)
    json.dump({"configuration": {"server": "127.0.0.1"}, "ALL STATS": {
        "Runtime": {"Start time": round(rows[0][0] * 1000), "Total duration": 16000, "Time unit": "MILLISECONDS"},
        "Totals": {"Count": len(rows), "Time-Serie": {k: {
            "Count": len(v), "Average Latency": sum(v) / len(v), "Min Latency": min(v), "Max Latency": max(v),
            "p50.00": sorted(v)[len(v) // 2], "p95.00": max(v), "p99.00": max(v)} for k, v in serie.items()}}}}, out, indent=1)
    out.write("\n")


def envoy():
    for t, ms, status, node in rows:
        out.write('[%s] "POST /work?a=1 HTTP/1.1" %d %s - "-" 2 31 %d %s "-" "curl/8" "9b1d" "shop" "%s"\n' % (
            iso(t, 3), status, "UF" if status >= 500 else "-", round(ms), "-" if status >= 500 else str(round(ms)),
            node.replace("http://", "")))


def caddy():
    for t, ms, status, node in rows:
        out.write(json.dumps({"level": "info", "ts": round(t + ms / 1000, 6), "logger": "http.log.access.log0", "msg": "handled request",
                              "request": {"remote_ip": "127.0.0.1", "proto": "HTTP/1.1", "method": "POST", "host": "shop",
                                          "uri": "/work?x={}", "headers": {"User-Agent": ["a\"b"]}},
                              "bytes_read": 2, "user_id": "", "duration": ms / 1000, "size": 31, "status": status},
                             separators=(",", ":")) + "\n")


def prometheus():
    first = int(rows[0][0])
    bins = {}
    for t, ms, status, node in rows:
        bins.setdefault(str(status), {}).setdefault(int(t) - first, []).append(t)
    seconds = range(0, int(rows[-1][0]) - first + 1)
    json.dump({"status": "success", "data": {"resultType": "matrix", "result": [
        {"metric": {"code": code, "instance": "shop:80"},
         "values": [[first + s + 1, "%g" % (len(b.get(s, [])) * 0.5 + 0.25)] for s in seconds]} for code, b in bins.items()]}}, out)
    out.write("\n")


def otel():
    for t, ms, status, node in rows:
        start = round(t * 1e6) * 1000
        spans = [{"traceId": "a", "spanId": "b", "parentSpanId": "", "name": "POST /work", "kind": 2,
                  "startTimeUnixNano": str(start), "endTimeUnixNano": str(start + round(ms * 1e6)),
                  "attributes": [{"key": "http.response.status_code", "value": {"intValue": str(status)}}],
                  "status": {"code": 2} if status >= 500 else {}},
                 {"traceId": "a", "spanId": "c", "parentSpanId": "b", "name": "SELECT", "kind": 3,
                  "startTimeUnixNano": str(start), "endTimeUnixNano": str(start + 1000), "attributes": [], "status": {}}]
        out.write(json.dumps({"resourceSpans": [{"resource": {"attributes": [
            {"key": "service.name", "value": {"stringValue": "shop"}}]}, "scopeSpans": [{"spans": spans}]}]},
            separators=(",", ":")) + "\n")


def table():  # a spreadsheet of a country with decimal commas
    out.write("Time;duration_ms;Status;Note\n")
    for t, ms, status, node in rows:
        out.write("%s;%s;%d;\"a;b\"\n" % (iso(t, 6, 1).replace(".", ","), ("%.3f" % ms).replace(".", ","), status))


FORMATS = {"k6-csv": k6_csv, "k6-json": k6_json, "vegeta-csv": vegeta_csv, "vegeta-json": vegeta_json, "jmeter-csv": jmeter_csv,
 "jmeter-tabs": lambda: jmeter_csv("\t", text=True), "jmeter-bare": lambda: jmeter_csv(names=False), "jmeter-xml": jmeter_xml,
 "gatling": gatling, "gatling-2": lambda: gatling(2), "gatling-33": lambda: gatling(33), "locust": locust, "oha": oha,
 "fortio": fortio, "memtier": memtier, "envoy": envoy, "caddy": caddy, "prometheus": prometheus, "otel": otel,
 "csv": table}
for name, write in FORMATS.items():
    with open(sys.argv[1] + "/" + name, "w") as out:
        write()
