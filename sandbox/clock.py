"""The world clock: real time plus an offset, or a time that stands still."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

__all__ = ["Clock"]


class Clock:
    """The only source of time in the sandbox; it can be set, moved and frozen."""

    def __init__(self, at: datetime | None = None, *, frozen: bool = False) -> None:
        self._offset = timedelta(0)
        self._stopped_at: datetime | None = None
        self.frozen = frozen
        if at is not None:
            self.set(at)

    def now(self) -> datetime:
        """Return the world's time, aware and in UTC."""
        return self._stopped_at or self._real() + self._offset

    def set(self, at: datetime) -> None:
        """Make `at` the present; it must be aware.

        Raises:
            ValueError: the time has no zone.
        """
        if at.tzinfo is None:
            message = (
                f"the sandbox clock needs a time with a zone, got {at.isoformat()}"
            )
            raise ValueError(message)
        at = at.astimezone(UTC)
        if self._stopped_at is None:
            self._offset = at - self._real()
        else:
            self._stopped_at = at

    def advance(self, seconds: float) -> None:
        """Move the present by a number of seconds."""
        self.set(self.now() + timedelta(seconds=seconds))

    @property
    def frozen(self) -> bool:
        """Whether time stands still."""
        return self._stopped_at is not None

    @frozen.setter
    def frozen(self, frozen: bool) -> None:
        now = self.now()
        self._stopped_at = now if frozen else None
        self._offset = now - self._real()

    async def wait(self, seconds: float) -> None:
        """Let time pass: really when the clock runs, by moving it when it is frozen."""
        if self.frozen:
            self.advance(seconds)
        else:
            await asyncio.sleep(seconds)

    @staticmethod
    def _real() -> datetime:
        return datetime.fromtimestamp(time.time(), UTC)
