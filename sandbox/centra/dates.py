"""Dates in PHP's ways: output by a format string, input as nearly anything."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

__all__ = ["ATOM", "date_from_text", "date_to_text"]

ATOM = r"Y-m-d\TH:i:sP"
_ATOM_ESCAPED = ATOM.replace("\\", "\\\\")

_LETTERS: dict[str, Callable[[datetime], str]] = {
    "d": lambda t: f"{t.day:02}",
    "j": lambda t: str(t.day),
    "D": lambda t: t.strftime("%a"),
    "l": lambda t: t.strftime("%A"),
    "N": lambda t: str(t.isoweekday()),
    "w": lambda t: str(t.isoweekday() % 7),
    "z": lambda t: str(t.timetuple().tm_yday - 1),
    "W": lambda t: f"{t.isocalendar().week:02}",
    "o": lambda t: str(t.isocalendar().year),
    "m": lambda t: f"{t.month:02}",
    "n": lambda t: str(t.month),
    "M": lambda t: t.strftime("%b"),
    "F": lambda t: t.strftime("%B"),
    "Y": lambda t: f"{t.year:04}",
    "y": lambda t: f"{t.year % 100:02}",
    "a": lambda t: "am" if t.hour < 12 else "pm",  # noqa: PLR2004
    "A": lambda t: "AM" if t.hour < 12 else "PM",  # noqa: PLR2004
    "g": lambda t: str(t.hour % 12 or 12),
    "h": lambda t: f"{t.hour % 12 or 12:02}",
    "G": lambda t: str(t.hour),
    "H": lambda t: f"{t.hour:02}",
    "i": lambda t: f"{t.minute:02}",
    "s": lambda t: f"{t.second:02}",
    "v": lambda t: f"{t.microsecond // 1000:03}",
    "u": lambda t: f"{t.microsecond:06}",
    "e": lambda t: str(t.tzinfo),
    "T": lambda t: t.tzname() or "",
    "P": lambda t: t.strftime("%z")[:3] + ":" + t.strftime("%z")[3:5],
    "O": lambda t: t.strftime("%z"),
    "U": lambda t: str(int(t.timestamp())),
    "c": lambda t: t.isoformat(timespec="seconds"),
}
_AGO = re.compile(r"([+-]\d+) (second|minute|hour|day|week)s?")
_NAMED = {"now": 0, "today": 0, "midnight": 0, "yesterday": -1, "tomorrow": 1}


@lru_cache(maxsize=1 << 16)
def date_to_text(at: datetime, zone: ZoneInfo, pattern: str) -> str:
    """Write a time in the zone of the instance, by a PHP format string."""
    local = at.astimezone(zone)
    if pattern in {ATOM, _ATOM_ESCAPED, "c"}:
        return local.isoformat(timespec="seconds")
    out: list[str] = []
    letters = iter(pattern)
    for letter in letters:
        if letter == "\\":
            out.append(next(letters, ""))
        else:
            write = _LETTERS.get(letter)
            out.append(write(local) if write else letter)
    return "".join(out)


def date_from_text(text: str, *, zone: ZoneInfo, now: datetime) -> datetime:
    """Read a PHP date string; without an offset it means the zone of the instance.

    Raises:
        ValueError: PHP would not understand it either, or only after asking around.
    """
    text = text.strip()
    if match := _AGO.fullmatch(text.lower()):
        return now + timedelta(**{f"{match[2]}s": int(match[1])})
    if text.lower() in _NAMED:
        if text.lower() == "now":
            return now
        midnight = now.astimezone(zone).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        moved = midnight + timedelta(days=_NAMED[text.lower()])
        return moved.astimezone(UTC)
    if re.fullmatch(r"@-?\d+", text):
        return datetime.fromtimestamp(int(text[1:]), UTC)
    read = datetime.fromisoformat(text)
    if read.tzinfo is None:
        read = read.replace(tzinfo=zone)
    return read.astimezone(UTC)
