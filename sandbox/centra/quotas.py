"""The rate limits: three buckets and two windows, shared by every token of an instance."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

__all__ = ["Bucket", "Cost", "RateLimits"]

_SECONDS: Final = {"TEN_SECONDS": 10, "ONE_HOUR": 3600}
_GROWTH_PLAN: Final = (
    ("REQUEST_COUNT", "TEN_SECONDS", 60),
    ("REQUEST_COUNT", "ONE_HOUR", 5_000),
    ("MUTATION_COUNT", "TEN_SECONDS", 20),
    ("MUTATION_COUNT", "ONE_HOUR", 1_800),
    ("QUERY_COMPLEXITY", "TEN_SECONDS", 250_000),
    ("QUERY_COMPLEXITY", "ONE_HOUR", 30_000_000),
)


@dataclass(frozen=True)
class Cost:
    """What one call takes from the buckets."""

    requests: int
    mutations: int
    complexity: int


@dataclass
class Bucket:
    """One limit: how much of it the present window has used."""

    type: str
    interval_seconds: str
    quota: int
    used_quota: int = 0
    window: int = -1

    @property
    def remaining_quota(self) -> int:
        """What the window still has."""
        return self.quota - self.used_quota

    @property
    def seconds(self) -> int:
        """The length of the window."""
        return _SECONDS[self.interval_seconds]

    def turn(self, now: datetime) -> None:
        """Start empty when a new window has begun."""
        window = int(now.timestamp()) // self.seconds
        if window != self.window:
            self.window, self.used_quota = window, 0

    @property
    def resumes_at(self) -> datetime:
        """When the next window begins."""
        return datetime.fromtimestamp((self.window + 1) * self.seconds, UTC)


class RateLimits:
    """The buckets of one instance, on the Growth plan."""

    def __init__(self) -> None:
        self._buckets = [Bucket(*row) for row in _GROWTH_PLAN]

    def buckets(self, now: datetime) -> list[Bucket]:
        """Return all buckets as they stand."""
        for bucket in self._buckets:
            bucket.turn(now)
        return self._buckets

    def charge(self, cost: Cost, now: datetime, *, enforced: bool) -> datetime | None:
        """Take a cost from the buckets; return when to come back if it does not fit."""
        takes = {
            "REQUEST_COUNT": cost.requests,
            "MUTATION_COUNT": cost.mutations,
            "QUERY_COMPLEXITY": cost.complexity,
        }
        buckets = self.buckets(now)
        if enforced:
            full = [b for b in buckets if takes[b.type] > b.remaining_quota]
            if full:
                return max(bucket.resumes_at for bucket in full)
        for bucket in buckets:
            bucket.used_quota = min(
                bucket.quota, bucket.used_quota + takes[bucket.type]
            )
        return None
