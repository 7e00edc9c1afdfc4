#!/usr/bin/env python3
"""An HTTP or Redis client of its own kind, to compare ours with: due time, end (UNIX seconds) and "ok" or what failed,
a line a request.

client.py RATE SECONDS TIMEOUT WORDS... : METHOD BODY URL..., in turn, or for redis://HOST:PORT a command
"""
import http.client
import socket
import sys
import threading
import time
from urllib.parse import urlsplit

rate, seconds, timeout = map(float, sys.argv[1:4])
method, body, *urls = sys.argv[4:]
rows = []


def ask(url, left):
    if url.scheme == "redis":
        with socket.create_connection((url.hostname, url.port), left) as s:
            s.sendall(method.encode() + b"\r\n")
            answer = s.recv(64)
            return answer[:1] not in (b"", b"-")
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=left)
    connection.request(method, url.path, body or None, {"Content-Type": "application/json"} if body else {})
    return connection.getresponse().status < 400


def one(n, due):
    try:
        word = "ok" if ask(urlsplit(urls[n % len(urls)]), max(0.001, due + timeout - time.time())) else "failed"
    except (OSError, http.client.HTTPException) as e:
        word = type(e).__name__
    rows.append((due, time.time(), word))


start, threads = time.time(), []
for n in range(int(rate * seconds)):
    due = start + n / rate
    time.sleep(max(0, due - time.time()))
    threads.append(threading.Thread(target=one, args=(n, due)))
    threads[-1].start()
for thread in threads:
    thread.join()
for row in sorted(rows, key=lambda row: row[1]):
    print("%.6f,%.6f,%s" % row)
