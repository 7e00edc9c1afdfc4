"""A client of chaos-proxy that shares nothing with it: its API, and connections through it.

    PORT, API   where the proxy 'e' and the API listen, from the environment
"""
import http.client
import json
import os
import random
import re
import socket
import sys
import threading
import time

PORT = int(os.environ.get("PORT", "0"))
API = os.environ.get("API", "127.0.0.1:0")


class Api:
    """One connection to the API that is kept open."""

    def __init__(self):
        self.http = http.client.HTTPConnection(*API.split(":"), timeout=20)

    def __call__(self, method, path, body=None):
        self.http.request(method, path, None if body is None else json.dumps(body))
        answer = self.http.getresponse()
        text = answer.read().decode()
        return answer.status, json.loads(text) if text.startswith(("{", "[")) else text


api = Api()


def add(kind, stream="downstream", toxicity=1.0, ttl=None, name=None, **attributes):
    body = {"type": kind, "stream": stream, "toxicity": toxicity, "attributes": attributes}
    if name:
        body["name"] = name
    if ttl is not None:
        body["ttl"] = ttl
    status, answer = api("POST", "/proxies/e/toxics", body)
    assert status == 200, answer
    return answer["name"]


def remove(name):
    status, answer = api("DELETE", "/proxies/e/toxics/" + name)
    assert status == 204, answer


def reset():
    assert api("POST", "/reset")[0] == 204


def conn(port=None):
    s = socket.create_connection(("127.0.0.1", port or PORT))
    s.settimeout(20)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def get(s, n):
    """n bytes, or what came before the end."""
    got = bytearray()
    while len(got) < n:
        some = s.recv(min(65536, n - len(got)))
        if not some:
            break
        got += some
    return bytes(got)


def trip(s, data=b"hello"):
    """Milliseconds for data to come back as it was."""
    began = time.monotonic()
    sender = threading.Thread(target=s.sendall, args=(data,))
    sender.start()
    back = get(s, len(data))
    sender.join()
    assert back == data, (len(back), len(data))
    return (time.monotonic() - began) * 1000


def ended(s):
    """How it ends: 'eof' or 'reset', and the bytes before."""
    n = 0
    try:
        while True:
            some = s.recv(65536)
            if not some:
                return "eof", n
            n += len(some)
    except ConnectionResetError:
        return "reset", n


def quick(s, ms, tries=20):
    """Whether it can come back in less: whatever else the machine does makes a trip longer, never shorter."""
    return any(trip(s) < ms for _ in range(tries))


def met(connect=conn):
    """How a new connection ends: what is reset at once may be so before connect() has seen it stand."""
    try:
        return ended(connect())[0]
    except ConnectionResetError:
        return "reset"


LOSSLESS = [
    ("latency", lambda r: {"latency": r.randrange(0, 40), "jitter": r.randrange(0, 20)}),
    ("bandwidth", lambda r: {"rate": r.randrange(200, 20000)}),
    ("slicer", lambda r: {"average_size": r.randrange(200, 5000), "size_variation": r.randrange(0, 200),
                          "delay": r.randrange(0, 50)}),
    ("loss", lambda r: {"share": r.random() / 20, "rto": r.randrange(1, 40)}),
    ("stall", lambda r: {"bytes": r.randrange(0, 5000)}),
]


def churn(changes, seed):
    """Random additions and removals of toxics that lose nothing; all are gone at the end."""
    r = random.Random(seed)
    there, slowest, made = [], 0, 0
    for i in range(changes):
        began = time.monotonic()
        if there and (len(there) > 5 or r.random() < 0.5):
            remove(there.pop(r.randrange(len(there))))
        else:
            kind, attributes = r.choice(LOSSLESS)
            there.append(add(kind, r.choice(["upstream", "downstream"]), name="t%d" % i, **attributes(r)))
            made += 1
        slowest = max(slowest, time.monotonic() - began)
    for name in there:
        remove(name)
    print("%d changes, %d toxics, slowest answer %.1f ms" % (changes, made, slowest * 1000))
    assert slowest < 5, slowest


if __name__ == "__main__":
    globals()[sys.argv[1]](*map(int, sys.argv[2:]))
