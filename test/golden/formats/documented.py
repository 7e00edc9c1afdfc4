#!/usr/bin/env python3
"""Writes the requests of load.samples.csv as another tool would log them, after that tool's documentation:

    documented.py FOLDER < load.samples.csv

in forms of which there is no log of a real run here, each into a file of its own. Each request keeps its start, its length and its result."""
import csv, datetime, json, sys

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


def oha():
    out.write("request-start,DNS,DNS+dialup,Response-delay,request-duration,bytes,status\n")
    for t, ms, status, node in rows:
        out.write("%.9f,0.0001,0.0002,%.9f,%.9f,31,%d\n" % (t - rows[0][0], ms / 1000, ms / 1000, status))


def envoy():
    for t, ms, status, node in rows:
        out.write('[%s] "POST /work?a=1 HTTP/1.1" %d %s - "-" 2 31 %d %s "-" "curl/8" "9b1d" "shop" "%s"\n' % (
            iso(t, 3), status, "UF" if status >= 500 else "-", round(ms), "-" if status >= 500 else str(round(ms)),
            node.replace("http://", "")))


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


FORMATS = {"k6-csv": k6_csv, "vegeta-json": vegeta_json, "jmeter-tabs": lambda: jmeter_csv("\t", text=True),
 "jmeter-csv": jmeter_csv, "jmeter-bare": lambda: jmeter_csv(names=False), "jmeter-xml": jmeter_xml,
 "gatling": gatling, "gatling-2": lambda: gatling(2), "gatling-33": lambda: gatling(33), "oha": oha, "envoy": envoy, "otel": otel,
 "csv": table}
for name, write in FORMATS.items():
    with open(sys.argv[1] + "/" + name, "w") as out:
        write()
