"""Requests whose answer was lost and whose work is done only later."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from starlette.responses import Response

from sandbox.clock import Clock

__all__ = ["LateWork"]


class LateWork:
    """Work that waits for its time on the world's clock; it is done before whatever comes next."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: list[tuple[datetime, Callable[[], Awaitable[Response]]]] = []

    def put_off(self, seconds: float, work: Callable[[], Awaitable[Response]]) -> None:
        """Do this after so many seconds; nobody gets to know what came of it."""
        at = self._clock.now() + timedelta(seconds=seconds)
        self._waiting.append((at, work))
        self._waiting.sort(key=lambda entry: entry[0])

    async def catch_up(self) -> None:
        """Do everything that is due, the earliest first."""
        while self._waiting and self._waiting[0][0] <= self._clock.now():
            _, work = self._waiting.pop(0)
            await work()

    def count(self) -> int:
        """Return how many requests wait."""
        return len(self._waiting)
