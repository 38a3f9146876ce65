"""Answers /livez and /readyz; POST /hang makes it look stuck; GET /environment shows what it was told."""

import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HUNG: list[bool] = []


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps(dict(os.environ)).encode() if self.path == "/environment" else b"{}"
        self.send_response(503 if HUNG else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        HUNG.append(True)
        self.do_GET()


if "DUMMY_FAILS" in os.environ:
    sys.stderr.write(os.environ["DUMMY_FAILS"] + "\n")
    sys.exit(3)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
ThreadingHTTPServer(("127.0.0.1", int(os.environ["LEDGERBRIDGE_HTTP_PORT"])), Handler).serve_forever()
