"""A time that passes only when everybody waits: no second of it is real."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sandbox.clock import Clock

__all__ = ["StandstillError", "VirtualLoop", "WorldClock", "run_virtually"]

T = TypeVar("T")
_TURN = 1e-6


class StandstillError(Exception):
    """Everybody waits for somebody, and nobody for the time."""


class _Skipping(selectors.SelectSelector):
    """Waits for nothing: the time moves on to what is due next."""

    def __init__(self) -> None:
        super().__init__()
        self.elapsed = 0.0

    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise StandstillError
        # A turn of the loop takes its time, or who polls a clock would poll for ever.
        self.elapsed += max(_TURN, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock stands still while there is something to do."""

    def __init__(self) -> None:
        self._skipping = _Skipping()
        super().__init__(self._skipping)

    def time(self) -> float:
        """Seconds since the beginning of this world."""
        return self._skipping.elapsed


class WorldClock(Clock):
    """The sandbox's clock, driven by the loop; the connector is given the same."""

    def __init__(self, start: datetime, elapsed: Callable[[], float]) -> None:
        self._start = start
        self._elapsed = elapsed

    def now(self) -> datetime:
        """The time of the world."""
        return self._start + timedelta(seconds=self._elapsed())

    async def wait(self, seconds: float) -> None:
        """Let the time pass for whoever waits; the others go on meanwhile."""
        await asyncio.sleep(seconds)


def run_virtually(
    main: Callable[[VirtualLoop], Coroutine[Any, Any, T]],
) -> T:
    """Run a coroutine to its end on a virtual loop of its own."""
    loop = VirtualLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main(loop))
