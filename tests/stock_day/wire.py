"""What carries the day's requests: late, or not at all, and the world goes on meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

import httpx
from starlette.types import ASGIApp

from sandbox.faults import ConnectionCut

__all__ = ["DayWire", "Mischief", "is_stock_write", "is_write", "moves_nothing"]

_USUAL, _RARE = (0.01, 0.3), (1.0, 9.0)
_READS = {"GET", "HEAD"}
_ABOUT_EVENTS = (b'"ConfirmEvents"', b'"SetEventListeners"')

Moment = Literal["before", "after"]


@dataclass
class Mischief:
    """How often the wire does what wires do; all of it from one seed."""

    random: Random
    rare: float = 0.02
    """How many journeys take seconds."""
    late: float = 0.0
    """How many setStock arrive only after the client has given up."""
    doubled: float = 0.0
    """How many setStock are carried out twice before anybody hears of the first time."""
    unanswered: float = 0.0
    """How many setStock are carried out, and the connection ends without an answer."""
    played: dict[str, int] = field(default_factory=dict)

    def strikes(self, name: str, share: float) -> bool:
        """Whether something is done to this request."""
        if not share or self.random.random() >= share:
            return False
        self.played[name] = self.played.get(name, 0) + 1
        return True

    def journey(self) -> float:
        """How long a request or an answer travels, in seconds."""
        fast = self.random.random() >= self.rare
        return self.random.uniform(*(_USUAL if fast else _RARE))


class DayWire(httpx.AsyncBaseTransport):
    """The network of one flow; whoever watches it is told before and after each request."""

    def __init__(
        self,
        app: ASGIApp,
        mischief: Mischief,
        *,
        watch: Callable[[Moment, httpx.Request, httpx.Response | None], None],
        served: set[asyncio.Task[Any]],
    ) -> None:
        self._server = httpx.ASGITransport(app)
        self._mischief = mischief
        self._watch = watch
        self._served = served

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request there and its answer back."""
        await request.aread()
        task = asyncio.current_task()
        request.extensions["asker"] = task.get_name() if task else ""
        mischief = self._mischief
        await asyncio.sleep(mischief.journey())
        timeout = (request.extensions.get("timeout") or {}).get("read")
        if is_stock_write(request):
            if mischief.strikes("late", mischief.late):
                self._later(request, mischief.random.uniform(5, 90))
                raise httpx.ReadTimeout("nothing came back", request=request)
            if mischief.strikes("doubled", mischief.doubled):
                with suppress(ConnectionCut):  # of the first time nobody hears
                    await self._serve(request)
                await asyncio.sleep(mischief.journey())
        served = self._serve(request)
        await asyncio.wait({served}, timeout=timeout)
        if not served.done():
            raise httpx.ReadTimeout("the answer is too late", request=request)
        try:
            response = served.result()
        except ConnectionCut as cut:
            message = "the connection was cut"
            raise httpx.ReadError(message, request=request) from cut
        if is_stock_write(request) and mischief.strikes(
            "unanswered", mischief.unanswered
        ):
            await asyncio.sleep(min(mischief.random.uniform(0, 60), timeout or 60))
            raise httpx.ReadError("the connection was cut", request=request)
        await asyncio.sleep(mischief.journey())
        return response

    def _serve(self, request: httpx.Request) -> asyncio.Task[httpx.Response]:
        """Let the server work in a task of its own: it goes on if the client goes away."""
        task = asyncio.create_task(self._answered(request))
        self._served.add(task)
        task.add_done_callback(self._ended)
        return task

    async def _answered(self, request: httpx.Request) -> httpx.Response:
        self._watch("before", request, None)
        try:
            response = await self._server.handle_async_request(request)
            content = await response.aread()
        except ConnectionCut:
            self._watch("after", request, None)
            raise
        whole = httpx.Response(
            response.status_code,
            headers=response.headers,
            content=content,
            request=request,
        )
        self._watch("after", request, whole)
        return whole

    def _later(self, request: httpx.Request, seconds: float) -> None:
        late = httpx.Request(
            request.method,
            request.url,
            headers=request.headers,
            content=request.content,
            extensions={**request.extensions, "late": True},
        )

        async def arrive() -> None:
            await asyncio.sleep(seconds)
            try:
                await self._answered(late)
            except ConnectionCut:
                return

        task = asyncio.create_task(arrive())
        self._served.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._served.discard(task)
        if not task.cancelled():
            task.exception()  # seen; who waits for the answer raises it


def is_write(request: httpx.Request) -> bool:
    """Whether a request may change anything: reads and tokens change nothing."""
    path = request.url.path
    if path.endswith("/graphql"):
        return "mutation" in json.loads(request.content)["query"][:200]
    return request.method not in _READS and not path.endswith("/token")


def moves_nothing(request: httpx.Request) -> bool:
    """Whether a write is about events alone, and cannot have to do with goods."""
    return any(name in request.content for name in _ABOUT_EVENTS)


def is_stock_write(request: httpx.Request) -> bool:
    """Whether it sets stock in Centra."""
    return request.url.path.endswith("/graphql") and b"setStock" in request.content
