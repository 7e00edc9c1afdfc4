#!/usr/bin/env python3
"""A service that asks another one. GET / needs nobody, GET /items one answer of it, POST /orders tries four times.

./service.py PORT DEPENDENCY [timeout=S] [budget=SHARE] [drain=S], the last three being its remedies.
"""
import contextlib, http.client, http.server, os, signal, sys, threading

remedies = dict(word.split("=") for word in sys.argv[3:])
pool, ending = threading.Semaphore(40), threading.Event()  # at most so many requests at a time; the others wait
retries, known = 10.0, b""


def ask(timeout, tries):
    global retries
    retries = min(retries + float(remedies.get("budget", 10)), 10)  # each request earns a share of a retry
    for left in reversed(range(tries)):
        asking = http.client.HTTPConnection(sys.argv[2], timeout=timeout)
        with contextlib.closing(asking), contextlib.suppress(OSError, http.client.HTTPException):
            asking.request("POST", "/work")
            return asking.getresponse().read()
        if not left or retries < 1:
            return b""
        retries -= 1


def items():
    global known
    answer = ask(float(remedies.get("timeout", 60)), 1)
    known = answer or known  # with a timeout, an old answer is better than none
    return known if "timeout" in remedies else answer


class Service(http.server.BaseHTTPRequestHandler):
    protocol_version, disable_nagle_algorithm = "HTTP/1.1", True

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/health":
            return self.answer(b"" if ending.is_set() else b"well\n")
        with pool:
            self.answer({"/items": items, "/orders": lambda: ask(0.5, 4)}.get(self.path, lambda: b"hello\n")())

    def answer(self, body):
        self.send_response(200 if body else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET
    log_message = lambda *_: None


if "drain" in remedies:  # asked to end, it first has the balancer send its requests elsewhere
    late = threading.Timer(float(remedies["drain"]), os._exit, [0])
    signal.signal(signal.SIGTERM, lambda *_: (ending.set(), late.start()))
http.server.ThreadingHTTPServer.request_queue_size = 128
http.server.ThreadingHTTPServer.handle_error = lambda *_: None  # a client that has gone is no news
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Service).serve_forever()
