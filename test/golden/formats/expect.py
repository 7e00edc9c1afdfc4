#!/usr/bin/env python3
"""Works out, without the toolkit, what the analysis of each log here has to say: requests, failures, and the
seconds of which more than 10 % failed, from the start of the earliest request on.

    expect.py > expected.json

The logs were written by the tools that name them (nginx 1.22.1, haproxy 2.6.12, Apache 2.4.71, hey 0.1.4, ApacheBench
2.3, siege 4.0.7, h2load 1.52.0, wrk 4.1.0, all of Debian 12) while a node behind haproxy was killed and, three
seconds later, started again. load.* are four logs of one run, the rows of chaos-load among them."""
import csv, datetime, json, math, os, re

os.chdir(os.path.dirname(os.path.abspath(__file__)))
UTC = datetime.timezone.utc


def common(text):
    return datetime.datetime.strptime(text, "%d/%b/%Y:%H:%M:%S %z").timestamp()


def rows_of(name):
    lines = open(name).read().splitlines()
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


result = {}
for name in ("load.samples.csv", "load.nginx.log", "load.nginx-timed.log", "load.combined.log", "load.haproxy.log", "apache.log",
             "hey.csv", "ab.tsv", "h2load.tsv", "siege.out"):
    rows = list(rows_of(name))
    start = min(t for t, _ in rows)
    due, err = {}, {}
    for t, failed in rows:
        second = int(t - start + 1e-6)
        due[second] = due.get(second, 0) + 1
        err[second] = err.get(second, 0) + failed
    bad = [s for s in sorted(due) if err[s] > 0.1 * due[s]]
    result[name] = {"due": len(rows), "err": sum(err.values()), "first": bad[0] if bad else None, "last": bad[-1] if bad else None}
print("{\n" + ",\n".join(' "%s": %s' % (k, json.dumps(v)) for k, v in result.items()) + "\n}")
