"""A channel that is there: what Apprise posts to it is kept."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "hush-hush-4711"


class Listener:
    """Takes messages, or refuses them while it is `deaf`."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.deaf = False
        self.calls = 0
        self.port = 0

    @property
    def address(self) -> str:
        """The Apprise address, with a secret in it."""
        return f"json://user:{SECRET}@127.0.0.1:{self.port}/{SECRET}"

    @property
    def texts(self) -> list[str]:
        """The messages, each with the lines of its alerts."""
        return [str(one["message"]) for one in self.messages]

    def take(self) -> list[str]:
        """The messages since the last time."""
        texts = self.texts
        self.messages.clear()
        return texts


@contextmanager
def a_listener() -> Iterator[Listener]:
    """A server on a free port of this machine, until the block ends."""
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            listener.calls += 1
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if not listener.deaf:
                listener.messages.append(json.loads(body))
            self.send_response(500 if listener.deaf else 200)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
