"""Visma.net's call limits: a fixed window of an hour per company and client, and bursts."""

from dataclasses import dataclass
from datetime import datetime

from sandbox.world import World

__all__ = ["Limits", "Verdict"]

_WINDOW = 3600
_UNLIMITED = 10_000_000
_BURST_CALLS = 10
_BURST_SECONDS = 1.0


@dataclass
class _Window:
    number: int = -1
    used: int = 0
    tokens: float = _BURST_CALLS
    filled_at: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """Whether a call may pass, and the headers that its answer carries."""

    allowed: bool
    headers: dict[str, str]


class Limits:
    """Counts the calls of each company, client and API.

    The real numbers are not published: the world's parameter says how many calls an hour has.
    The burst rule (ten quick calls, then ten a second) plays what an integrator observed.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._windows: dict[tuple[str, str, str], _Window] = {}

    def spend(self, company: str, client: str, api: str) -> Verdict:
        """Count one call."""
        now = self._world.clock.now()
        window = self._windows.setdefault((company, client, api), _Window())
        number = int(now.timestamp()) // _WINDOW
        if number != window.number:
            window.number, window.used = number, 0
        if self._world.quotas == "unlimited":
            window.used += 1
            return Verdict(allowed=True, headers=_headers(_UNLIMITED, window.used, now))
        limit = self._world.visma_calls_per_hour
        if window.used >= limit:
            headers = _headers(limit, limit, now)
            return Verdict(
                allowed=False,
                headers=headers | {"Retry-After": headers["X-RateLimit-Reset"]},
            )
        if not _take(window, now.timestamp()):
            return Verdict(
                allowed=False,
                headers=_headers(limit, window.used, now) | {"Retry-After": "1"},
            )
        window.used += 1
        return Verdict(allowed=True, headers=_headers(limit, window.used, now))

    def exhausted(self, seconds: float | None) -> dict[str, str]:
        """Return the headers of a 429 that a fault plays."""
        now = self._world.clock.now()
        headers = _headers(
            self._world.visma_calls_per_hour, self._world.visma_calls_per_hour, now
        )
        wait = headers["X-RateLimit-Reset"] if seconds is None else str(round(seconds))
        return headers | {"Retry-After": wait}


def _take(window: _Window, now: float) -> bool:
    gained = max(0.0, now - window.filled_at) * _BURST_CALLS / _BURST_SECONDS
    window.tokens = min(float(_BURST_CALLS), window.tokens + gained)
    window.filled_at = now
    if window.tokens < 1:
        return False
    window.tokens -= 1
    return True


def _headers(limit: int, used: int, now: datetime) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(max(0, limit - used)),
        "X-RateLimit-Reset": str(_WINDOW - int(now.timestamp()) % _WINDOW),
        "X-RateLimit-Policy": "4-fixed-window",
    }
