"""What carries requests to the sandbox, and loses some of them on the way."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from random import Random

import httpx
from starlette.types import ASGIApp

from sandbox.faults import ConnectionCut
from tests.simulation.life import Life

__all__ = ["Trace", "Wire", "is_write_to_visma"]

_SLOWEST = 0.25
_READS = {"GET", "HEAD"}


class Trace:
    """Everything that went over the wires, in its order, as one hash."""

    def __init__(self, elapsed: Callable[[], float]) -> None:
        self._elapsed = elapsed
        self._hash = hashlib.sha256()
        self.writes = 0
        """Requests that may have changed a document: those that were not refused."""
        self.lines: list[str] = []
        self.keeps_lines = False

    def note(self, line: str) -> None:
        """Add a line to the hash."""
        line = f"{self._elapsed():10.3f} {line}"
        self._hash.update(line.encode() + b"\n")
        if self.keeps_lines:
            self.lines.append(line)

    @property
    def digest(self) -> str:
        """The same for the same run."""
        return self._hash.hexdigest()[:16]


class Wire(httpx.AsyncBaseTransport):
    """The network of one worker.

    The server works on a request in a task of its own: a client that goes away, or
    that is killed, does not stop what was delivered.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        random: Random,
        life: Life,
        name: str,
        trace: Trace,
        served: set[asyncio.Task[httpx.Response]],
        counts: Callable[[httpx.Request], bool],
    ) -> None:
        """Requests that count are those of which a worker may die, and that are told as writes."""
        self._server = httpx.ASGITransport(app)
        self._random = random
        self._counts = counts
        self._life = life
        self._name = name
        self._trace = trace
        self._served = served

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Deliver a request and bring the answer back."""
        counts = self._counts(request)
        body = hashlib.sha256(await request.aread()).hexdigest()[:12]
        what = f"{self._name} {request.method} {request.url.raw_path.decode()} {body}"
        if counts:
            self._life.passes("before_send")
        await self._travel()
        self._trace.note(f"{what} >")
        task = asyncio.create_task(self._server.handle_async_request(request))
        self._served.add(task)
        task.add_done_callback(self._ended)
        if counts:
            self._trace.writes += 1
            self._life.passes("in_the_air")
        timeout = (request.extensions.get("timeout") or {}).get("read")
        await asyncio.wait({task}, timeout=timeout)
        if not task.done():
            self._trace.note(f"{what} < too late")
            raise httpx.ReadTimeout("the answer is too late", request=request)
        try:
            response = task.result()
            content = await response.aread()
        except ConnectionCut as cut:
            error = self._broken(cut, request)
            self._trace.note(f"{what} < {type(error).__name__}")
            raise error from cut
        if counts:
            self._trace.writes -= response.is_client_error
            self._life.passes("after_send")
        await self._travel()
        self._trace.note(f"{what} < {response.status_code}")
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            content=content,
            request=request,
        )

    async def _travel(self) -> None:
        self._life.check()
        await asyncio.sleep(self._random.uniform(0.005, _SLOWEST))
        self._life.check()

    def _broken(self, cut: ConnectionCut, request: httpx.Request) -> Exception:
        """How a cut shows: an answer that is lost never shows as 'not connected'."""
        kinds: list[type[httpx.TransportError]] = [
            httpx.ReadTimeout,
            httpx.RemoteProtocolError,
            httpx.ReadError,
        ]
        if not cut.committed:
            kinds += [httpx.ConnectError, httpx.ConnectTimeout, httpx.WriteError]
        return self._random.choice(kinds)("the connection was cut", request=request)

    def _ended(self, task: asyncio.Task[httpx.Response]) -> None:
        self._served.discard(task)
        if not task.cancelled():
            task.exception()  # seen; who waits for the answer raises it


def is_write_to_visma(request: httpx.Request) -> bool:
    """A request that changes a document; tokens and queries are none."""
    path = request.url.path
    return request.method not in _READS and not path.endswith(("/graphql", "/token"))
