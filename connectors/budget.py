"""The quota of one connection and API, shared by every worker, paced and reserved.

Both systems count calls in windows that other workers and integrations use too.
The counting is done in the ledger's database; calls are taken from it in small
leases, so that most calls cost no database round trip.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, Protocol

from aiolimiter import AsyncLimiter

from connectors.answers import Answer, Call, wait_of
from connectors.errors import QuotaError

__all__ = ["Bucket", "Budget", "BudgetStore", "Priority", "Taken", "Window"]

logger = logging.getLogger(__name__)

Priority = Literal["urgent", "bulk", "backfill"]
Bucket = Literal["requests", "mutations", "complexity"]

_TOO_MANY = 429
_LONGEST_WAIT_SECONDS = 60.0
_LARGEST_LEASE = 20


@dataclass(frozen=True)
class Taken:
    """Whether calls were granted, how many the window has used, when it ends."""

    granted: bool
    used: int
    resets_at: datetime


class BudgetStore(Protocol):
    """Counts calls for every worker of a connection."""

    def take(
        self,
        api: str,
        *,
        window: str,
        limit: int,
        now: datetime,
        window_seconds: int,
        calls: int,
        ceiling: int,
    ) -> Taken:
        """Count `calls` in the current window, unless it then exceeds `ceiling`."""
        ...

    def observe(
        self,
        api: str,
        *,
        window: str,
        limit: int,
        remaining: int,
        resets_at: datetime,
    ) -> None:
        """Take over what the other side itself says about a window."""
        ...


@dataclass(frozen=True)
class Window:
    """One limit: so many units of a bucket in so many seconds."""

    bucket: Bucket
    seconds: int
    limit: int

    @property
    def name(self) -> str:
        """How the store knows it."""
        return f"{self.bucket}/{self.seconds}"


@dataclass
class _Lease:
    left: int
    until: datetime


class Budget:
    """Lets calls through while the quota lasts.

    `bulk` leaves the reserved share to what is urgent; a `backfill` takes nothing once
    all together have used the share that it may use up.
    """

    def __init__(
        self,
        api: str,
        *,
        windows: tuple[Window, ...],
        store: BudgetStore,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
        priority: Priority = "urgent",
        reserved_share: Decimal = Decimal("0.25"),
        backfill_share: Decimal = Decimal("0.5"),
        per_second: Decimal | None = None,
        longest_wait_seconds: float = _LONGEST_WAIT_SECONDS,
    ) -> None:
        """Share the windows of an API through a store, paced to `per_second`."""
        self._api = api
        self._windows = {window.name: window for window in windows}
        self._store = store
        self._clock = clock
        self._sleep = sleep
        self._share = {
            "urgent": Decimal(1),
            "bulk": 1 - reserved_share,
            "backfill": min(backfill_share, 1 - reserved_share),
        }[priority]
        self._longest_wait = longest_wait_seconds
        self._leases: dict[str, _Lease] = {}
        self._costs: dict[str, int] = {}
        self._observed: dict[str, datetime] = {}
        self._pace = AsyncLimiter(1, float(1 / per_second)) if per_second else None

    async def enter(self, call: Call) -> None:
        """Take one call from every window it counts in; wait if a window ends soon.

        Raises:
            QuotaError: A window is used up for longer than we wait.
        """
        for name in tuple(self._windows):
            units = self._units(self._windows[name].bucket, call)
            if units:
                await self._take(name, units)
        if self._pace:
            await self._pace.acquire()

    def learn(self, answer: Answer) -> None:
        """Take over what the answer's headers say about the hour window."""
        headers = answer.headers
        limit = _count(headers, "X-RateLimit-Limit")
        remaining = _count(headers, "X-RateLimit-Remaining")
        reset = _count(headers, "X-RateLimit-Reset")
        now = self._clock()
        if limit is not None and remaining is not None and reset is not None:
            window = self._window("requests", 3600)
            if window and (
                answer.status == _TOO_MANY or self._is_news(window, limit, now)
            ):
                self.observe("requests", 3600, limit, remaining, reset)
        elif answer.status == _TOO_MANY:
            self._exhaust(wait_of(headers, now) or 0.0)

    def observe(
        self, bucket: Bucket, seconds: int, limit: int, remaining: int, reset: float
    ) -> None:
        """Take over a window as the other side counts it; `reset` is in seconds."""
        window = self._window(bucket, seconds)
        if window is None or limit < 1:
            return
        now = self._clock()
        self._windows[window.name] = Window(bucket, seconds, limit)
        self._observed[window.name] = now
        if remaining <= 0:
            self._leases.pop(window.name, None)
        self._store.observe(
            self._api,
            window=window.name,
            limit=limit,
            remaining=max(0, remaining),
            resets_at=now + timedelta(seconds=reset),
        )

    def limit(self, bucket: Bucket, seconds: int, limit: int) -> None:
        """Take over how large a window is; what it has left is too old to know."""
        window = self._window(bucket, seconds)
        if window is not None and limit >= 1:
            self._windows[window.name] = Window(bucket, seconds, limit)

    def spent(self, operation: str, complexity: int) -> None:
        """Remember what an operation costs, as the estimate of its next call."""
        self._costs[operation] = complexity

    async def _take(self, name: str, units: int) -> None:
        while True:
            window = self._windows[name]
            # A call that alone is over the limit must not wait for ever.
            units = min(units, self._ceiling(window))
            now = self._clock()
            lease = self._leases.get(name)
            if lease and lease.until > now and lease.left >= units:
                lease.left -= units
                return
            size = self._lease_size(window, units)
            taken = self._ask(window, size, now)
            if not taken.granted and size > units:
                size = units
                taken = self._ask(window, units, now)
            if taken.granted:
                self._leases[name] = _Lease(size - units, taken.resets_at)
                return
            await self._wait_for(window, taken, now)

    def _ask(self, window: Window, units: int, now: datetime) -> Taken:
        return self._store.take(
            self._api,
            window=window.name,
            limit=window.limit,
            now=now,
            window_seconds=window.seconds,
            calls=units,
            ceiling=self._ceiling(window),
        )

    def _ceiling(self, window: Window) -> int:
        return max(1, int(window.limit * self._share))

    async def _wait_for(self, window: Window, taken: Taken, now: datetime) -> None:
        wait = max(0.0, (taken.resets_at - now).total_seconds())
        if wait > self._longest_wait:
            message = (
                f"the quota of {self._api} ({window.limit} {window.bucket} in "
                f"{window.seconds} s) is used up until {taken.resets_at:%H:%M:%S %Z}; "
                "the run goes on then"
            )
            raise QuotaError(message, wait_seconds=wait)
        logger.info("%s: quota used up, waiting %.1f s", self._api, wait)
        await self._sleep(wait + 0.05)

    def _units(self, bucket: Bucket, call: Call) -> int:
        match bucket:
            case "requests":
                return 1
            case "mutations":
                return int(call.write)
            case "complexity":
                return self._costs.get(call.operation, 0)

    def _lease_size(self, window: Window, units: int) -> int:
        if window.bucket == "complexity":
            return units
        return max(units, min(_LARGEST_LEASE, window.limit // 20))

    def _is_news(self, window: Window, limit: int, now: datetime) -> bool:
        seen = self._observed.get(window.name)
        return (
            seen is None or limit != window.limit or now - seen > timedelta(minutes=1)
        )

    def _exhaust(self, wait: float) -> None:
        """A 429 without numbers: close the shortest window that the wait fits in."""
        windows = [one for one in self._windows.values() if one.bucket == "requests"]
        fitting = [one for one in windows if one.seconds >= wait]
        if not wait or not windows:
            return
        window = min(fitting or windows, key=lambda one: one.seconds)
        self.observe("requests", window.seconds, window.limit, 0, wait)

    def _window(self, bucket: Bucket, seconds: int) -> Window | None:
        return self._windows.get(f"{bucket}/{seconds}")


def _count(headers: Mapping[str, str], name: str) -> int | None:
    value = headers.get(name, "").strip()
    return int(value) if value.isdigit() else None
