"""How wide the columns of a table are where not all fit: what one copies stays whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

__all__ = ["ColumnText", "widths_of"]

_COPIED = re.compile(r"\w[._]\w")
"""Codes (`CURRENCY_NOT_MAPPED`) and settings (`products.default_colour`) have these."""


@dataclass(frozen=True)
class ColumnText:
    """What a column says: its name, its cells, and whether they may be wrapped.

    `least` is how wide it is at least, if its lines are as long.
    """

    cells: Sequence[str]
    is_wrapped: bool
    least: int = 1

    @property
    def widest(self) -> int:
        """The longest line."""
        return _longest(line for cell in self.cells for line in cell.splitlines())

    @property
    def longest_word(self) -> int:
        """The longest word."""
        return _longest(self._words())

    @property
    def longest_copied(self) -> int:
        """The longest word that somebody may copy."""
        return _longest(word for word in self._words() if _COPIED.search(word))

    def _words(self) -> Iterable[str]:
        return (word for cell in self.cells for word in cell.split())


def widths_of(columns: Sequence[ColumnText], available: int) -> list[int] | None:
    """Widths in characters, which fill what is available, without borders and blanks.

    No word is broken; where that is too wide, none that one copies. None where all fit
    without, or where even these do not.
    """
    widest = [one.widest for one in columns]
    if sum(widest) <= available:
        return None
    for wanted in ("longest_word", "longest_copied"):
        least = [
            max(min(one.least, one.widest), getattr(one, wanted))
            if one.is_wrapped
            else one.widest
            for one in columns
        ]
        spare = available - sum(least)
        if spare >= 0:
            more = [most - few for most, few in zip(widest, least, strict=True)]
            return [
                few + spare * extra // max(1, sum(more))
                for few, extra in zip(least, more, strict=True)
            ]
    return None


def _longest(parts: Iterable[str]) -> int:
    return max(map(cell_len, parts), default=0)
