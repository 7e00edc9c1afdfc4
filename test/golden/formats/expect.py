#!/usr/bin/env python3
"""Works out, without the toolkit, what the analysis of each log here has to say: requests, failures, and the
seconds of which more than 10 % failed, from the start of the earliest request on.

    expect.py > expected.json

The logs were written by the tools that name them while a node, behind haproxy or alone, was killed and started again:
nginx 1.22.1, haproxy 2.6.12, Apache 2.4.71, hey 0.1.4, ApacheBench 2.3, siege 4.0.7, h2load 1.52.0, wrk 4.1.0, Caddy 2.6.2,
Locust 2.12.1 and JMeter 2.13, all of Debian 12; vegeta 12.8.4, fortio 1.38.0, memtier_benchmark 2.1.4 and k6 0.47.0, built
from their sources; Prometheus 2.42.0, which scraped haproxy each second, asked for rate(...[2s]); @opentelemetry 2.12.1
(exporter-trace-otlp-http 0.223.1), a line for each request that it sent. load.* are logs of one run, the rows of chaos-load
among them. Those of Gatling are public: of 3.9.5, and with its binary log, of 3.12.1 from Gatling's own tests (which say
that its fastest request took 87 ms and its slowest 368) and of 3.14.3. So is that of Envoy, in its default format, with streams that
it ended after 15 s and one that the client left (github.com/sigongjoa/AI_Battle_Arena, envoy_access.log at 6d25fbb1). Those in gzip are whole, but
for the request that asked whether Caddy and the gateway were there. k6-summary.json is what
k6 run --summary-export wrote, with one check: chaos-to has no key that is not there."""
import csv, datetime, gzip, json, math, os, re, struct

os.chdir(os.path.dirname(os.path.abspath(__file__)))
UTC = datetime.timezone.utc


def iso(text):  # with nanoseconds
    at = datetime.datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC).timestamp()
    return at + float(text[19:].rstrip("Z"))


def common(text):
    return datetime.datetime.strptime(text, "%d/%b/%Y:%H:%M:%S %z").timestamp()


def gatling(data):  # the binary log: records of a kind, texts that are written once and then named by number
    at, texts, rows = 1, {}, []

    def take(form):
        nonlocal at
        values = struct.unpack_from(">" + form, data, at)
        at += struct.calcsize(">" + form)
        return values[0] if len(values) == 1 else values

    def text():
        nonlocal at
        size = take("i")
        at += size + (size > 0)
        return data[at - size - 1:at - 1] if size else b""

    def cached():
        number = take("i")
        if number > 0:
            texts[number] = text()
        return texts[abs(number)]

    text(), text()
    start = take("q")
    text(), [text() for _ in range(take("i"))]
    for _ in range(take("i")):
        size = take("i")
        at += size
    while at < len(data):
        kind = take("b")
        if kind == 2:
            take("i?i")
        elif kind == 4:
            cached(), take("i")
        else:
            [cached() for _ in range(take("i"))]
            if kind == 1:
                cached()
                begin, _, ok = take("ii?")
                cached()
                rows.append(((start + begin) / 1000, not ok))
            else:
                take("iii?")
    return rows


def counts(times, ok, err):  # what is counted by span, at the start of each
    for t, n, bad in zip(times, ok, err):
        yield from [(t, False)] * n
        yield from [(t, True)] * bad


def rows_of(name):
    if name.startswith("gatling-"):
        yield from gatling(open(name, "rb").read())
        return
    lines = (gzip.open if name.endswith(".gz") else open)(name, "rt").read().splitlines()
    if name == "load.samples.csv":
        for r in csv.DictReader(lines):
            yield float(r["timestamp"]), r["error"] != ""
    elif name == "load.nginx.log":  # logged at the end, which msec tells
        for line in lines:
            m = re.search(r'" (\d+) .* rt=([\d.]+) msec=([\d.]+)', line)
            yield float(m[3]) - float(m[2]), int(m[1]) >= 400
    elif name == "load.nginx-timed.log":  # the end in whole seconds: half a second is added, and cut off again
        for line in lines:
            m = re.search(r'\[(.*?)\] ".*?" (\d+) .* ([\d.]+)$', line)
            yield math.floor(common(m[1]) + 0.5 - float(m[3])), int(m[2]) >= 400
    elif name in ("load.combined.log", "apache.log"):  # whole seconds
        for line in lines:
            m = re.search(r'\[(.*?)\] ".*?" (\d+) ', line)
            yield common(m[1]), int(m[2]) >= 400
    elif name == "load.haproxy.log":
        for line in lines:
            m = re.search(r"\[(.*?)\] \S+ \S+ \S+ (-?\d+) ", line)
            at = datetime.datetime.strptime(m[1], "%d/%b/%Y:%H:%M:%S.%f").replace(tzinfo=UTC)
            yield at.timestamp(), not 100 <= int(m[2]) < 400
    elif name == "hey.csv":
        for r in csv.DictReader(lines):
            yield float(r["offset"]), int(r["status-code"]) >= 400
    elif name == "ab.tsv":
        for r in csv.DictReader(lines, delimiter="\t"):
            yield float(r["seconds"]), False
    elif name == "h2load.tsv":
        for line in lines:
            start, status, _ = line.split("\t")
            yield int(start) / 1e6, int(status) >= 400
    elif name == "siege.out":
        for line in lines:
            m = re.match(r"\[\w+, (.*?)\] HTTP/1.1 (\d+) +([\d.]+) secs", line)
            if m:
                end = datetime.datetime.strptime(m[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp()
                yield math.floor(end + 0.5 - float(m[3])), int(m[2]) >= 400
    elif name == "k6.csv.gz":  # logged at the end, in whole seconds
        for r in csv.DictReader(lines):
            if r["metric_name"] == "http_req_duration":
                yield math.floor(int(r["timestamp"]) + 0.5 - float(r["metric_value"]) / 1000), r["expected_response"] == "false"
    elif name == "k6.json.gz":
        for r in map(json.loads, lines):
            if r["metric"] == "http_req_duration" and r["type"] == "Point":
                yield iso(r["data"]["time"]) - r["data"]["value"] / 1000, r["data"]["tags"]["expected_response"] == "false"
    elif name == "vegeta.csv":
        for r in csv.reader(lines):
            yield int(r[0]) / 1e9, r[1] != "200"
    elif name == "vegeta.json.gz":
        for r in map(json.loads, lines):
            yield iso(r["timestamp"]), r["code"] != 200
    elif name == "fortio.json":
        for r in map(json.loads, lines):
            yield r["timestamp"] / 1e9, not r["ok"]
    elif name == "gatling.log":
        for line in lines:
            f = line.split("\t")
            if f[0] == "REQUEST":
                yield int(f[3]) / 1000, f[5] != "OK"
    elif name == "caddy.json.gz":  # logged at the end
        for r in map(json.loads, lines):
            yield r["ts"] - r["duration"], r["status"] >= 400
    elif name == "otel.json.gz":
        for r in map(json.loads, lines):
            for span in r["resourceSpans"][0]["scopeSpans"][0]["spans"]:
                yield int(span["startTimeUnixNano"]) / 1e9, span["status"]["code"] == 2
    elif name == "envoy.log":  # a request is whole if no flag tells otherwise
        for line in lines:
            m = re.match(r'\[(\S+)Z\] "[^"]*" (\d+) (\S+) ', line)
            yield iso(m[1]), int(m[2]) >= 400 or m[3] != "-"
    elif name in ("jmeter.csv", "jmeter.xml.gz"):
        for line in lines:
            m = (re.match(r"(\d{13}),.*?,text,(true|false),", line) if name == "jmeter.csv"
                 else re.match(r'<httpSample .* ts="(\d+)" s="(true|false)"', line))
            if m:
                yield int(m[1]) / 1000, m[2] == "false"
    elif name == "memtier.json.gz":  # counts each second of its commands; no failures
        stats = json.loads("".join(lines))["ALL STATS"]
        series = [stats["Sets"]["Time-Serie"], stats["Gets"]["Time-Serie"]]
        for second in sorted({int(k) for s in series for k in s}):
            yield from counts([stats["Runtime"]["Start time"] / 1000 + second],
                              [sum(s[str(second)]["Count"] for s in series if str(second) in s)], [0])
    elif name == "locust.csv":  # running totals at the end of each span
        totals = [tuple(int(r[k]) for k in ("Timestamp", "Total Request Count", "Total Failure Count"))
                  for r in csv.DictReader(lines)]
        for (t, n, bad), (_, n2, bad2) in zip(totals, totals[1:]):
            yield from counts([t], [n2 - n - bad2 + bad], [bad2 - bad])


result = {}
for name in ("load.samples.csv", "load.nginx.log", "load.nginx-timed.log", "load.combined.log", "load.haproxy.log", "apache.log",
             "hey.csv", "ab.tsv", "h2load.tsv", "siege.out", "k6.csv.gz", "k6.json.gz", "vegeta.csv", "vegeta.json.gz",
             "fortio.json", "caddy.json.gz", "otel.json.gz", "locust.csv", "memtier.json.gz", "jmeter.csv",
             "jmeter.xml.gz", "envoy.log", "gatling.log", "gatling-3.12.1.log", "gatling-3.14.3.log"):
    rows = list(rows_of(name))
    start = min(t for t, _ in rows)
    length = 600 if name == "envoy.log" else 1  # s; 23 requests in half a day
    due, err = {}, {}
    for t, failed in rows:
        second = int((t - start + 1e-6) / length)
        due[second] = due.get(second, 0) + 1
        err[second] = err.get(second, 0) + failed
    whole = (max(t for t, _ in rows) - start) / length  # the last one is not judged unless the log fills it
    bad = [s for s in sorted(due) if err[s] > 0.1 * due[s] and (length == 1 or s + 1 <= whole)]
    tells = name not in ("ab.tsv", "memtier.json.gz")  # what failed
    result[name] = {"due": len(rows), "err": sum(err.values()) if tells else None,
                    "first": bad[0] * length if bad else None, "last": bad[-1] * length + length - 1 if bad else None}
print("{\n" + ",\n".join(' "%s": %s' % (k, json.dumps(v)) for k, v in result.items()) + "\n}")
