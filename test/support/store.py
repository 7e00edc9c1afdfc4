#!/usr/bin/env python3
"""A store over HTTP that loses what it is told to: store.py PORT. PUT /items/KEY writes, GET /items/KEY reads (404 where there
is nothing), GET /all/KEY the same with 200 and {"found":false}; LOSE /items/KEY takes a write away, BREAK /items/KEY answers
its reads with 503 from then on, HEAL /items/KEY ends that."""
import http.server
import sys


class Store(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    items, broken = set(), set()

    def log_message(self, *_):
        pass

    def answer(self, status, text=""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def do_PUT(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.items.add(self.path.rsplit("/", 1)[1])
        self.answer(201)

    def do_GET(self):
        kind, key = self.path.rsplit("/", 1)
        found = key in self.items
        if key in self.broken:
            self.answer(503)
        elif kind == "/all":
            self.answer(200, '{"found":%s}' % ("true" if found else "false"))
        else:
            self.answer(200 if found else 404)

    def on_key(self, change):
        change(self.path.rsplit("/", 1)[1])
        self.answer(200)

    def do_LOSE(self):
        self.on_key(self.items.discard)

    def do_BREAK(self):
        self.on_key(self.broken.add)

    def do_HEAL(self):
        self.on_key(self.broken.discard)


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128


Server(("127.0.0.1", int(sys.argv[1])), Store).serve_forever()
