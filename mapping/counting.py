"""Numbers as people read them: of what, and for how long."""

from __future__ import annotations

from datetime import timedelta

__all__ = ["counted", "lasting"]

_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def counted(count: int, word: str, words: str | None = None) -> str:
    """How many of what: '1 write', '1,200 writes'; `words` where it is not with an s."""
    return f"{count:,} {word if count == 1 else words or f'{word}s'}"


def lasting(seconds: float | timedelta) -> str:
    """How long something took, or has been, in its largest units: '20 days 17 hours'.

    In whole seconds, and of the two largest units that it has.
    """
    exact = seconds.total_seconds() if isinstance(seconds, timedelta) else seconds
    left = round(max(0, exact))
    for place, (size, unit) in enumerate(_UNITS):
        if left < size:
            continue
        shown = counted(left // size, unit)
        smaller = _UNITS[place + 1] if place + 1 < len(_UNITS) else None
        rest = left % size // smaller[0] if smaller else 0
        return f"{shown} {counted(rest, smaller[1])}" if smaller and rest else shown
    return "0 seconds"
