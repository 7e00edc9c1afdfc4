#!/usr/bin/env python3
"""A shop: GET / says hello, GET /items reads a counter in Redis, POST /cart counts it up.

./app.py PORT REDIS_PORT
"""
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

port, redis_port = int(sys.argv[1]), int(sys.argv[2])


def redis(command):
    with socket.create_connection(("127.0.0.1", redis_port), timeout=3) as s:
        s.sendall(command.encode() + b"\r\n")
        return s.makefile("rb").readline()


class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else the body waits for the client's delayed acknowledgement

    def answer(self, status, command=None):
        try:
            body = redis(command) if command else b"hello\n"
        except OSError:
            status, body = 503, b"no cart today\n"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200, "EXISTS cart" if self.path == "/items" else None)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer(201, "INCR cart")

    def log_message(self, *_):
        pass


ThreadingHTTPServer.request_queue_size = 128  # a burst, as after a standstill, is served late and not turned away
ThreadingHTTPServer.handle_error = lambda *_: None  # a client that has gone is no news
ThreadingHTTPServer(("127.0.0.1", port), Shop).serve_forever()
