"""A web server of the judge that a vendor's webhooks go to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class Receiver:
    """The deliveries so far: headers by their names in lower case, and body."""

    url: str = ""
    got: list[tuple[dict[str, str], str]] = field(default_factory=list)


@contextmanager
def receiving(genuine: Callable[[dict[str, str], str], bool] = lambda _headers, _body: True) -> Iterator[Receiver]:
    """A receiver that answers 204 to a delivery that is genuine by its headers and body, else 401."""
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            found.got.append((headers, body))
            self.send_response(204 if genuine(headers, body) else 401)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/webhooks"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
