"""A sweep over the orders that changed in Centra, without reading most of them again.

A sweep begins a little before the last one ended, so that nothing is missed; most of
what it finds was read before. So a short list first tells which orders changed, and
when; an order is read whole unless it was read as it is now. One time of change may
stand for two changes, so an order counts as read only when it was read with a time
that had been seen a while before.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from tasks.direction import Ends

__all__ = ["Sweep"]

_A_WHILE = timedelta(seconds=20)

Found = TypeVar("Found")


@dataclass(frozen=True)
class _Read:
    """An order as it was read: its time of change, and when that was seen first."""

    changed_at: datetime
    seen_at: datetime
    is_final: bool


class Sweep:
    """One sweep of one reader; `keep` what it knows once what it read is in the ledger.

    `subject` names the reader: what one has read, another has not.
    """

    def __init__(self, ends: Ends, subject: str) -> None:
        """Remember what earlier sweeps read under the same settings."""
        self._ends = ends
        self._subject = f"{subject}.swept"
        self._begun_at = ends.clock()
        self._before = self._remembered()
        self._now: dict[int, _Read] = {}

    async def pages(
        self,
        since: datetime | None,
        read: Callable[..., AsyncIterator[Found]],
        *,
        at_once: int,
        is_delta: bool,
    ) -> AsyncIterator[Found]:
        """Read what changed since, with a reader of pages by `numbers` or `updated_from`.

        Where it is no delta, all is read; else only what was not read as it is now,
        `at_once` numbers in a call. Whoever gets a page tells `note` of its orders.
        """
        if since is None or not is_delta:
            async for page in read(updated_from=since):
                yield page
            return
        wanted: set[int] = set()
        async for rows in self._ends.centra.iter_order_changes(updated_from=since):
            for number, changed_at in rows:
                known = self._before.get(number)
                if known and known.is_final and known.changed_at == changed_at:
                    self._now[number] = known
                    wanted.discard(number)
                else:
                    wanted.add(number)
        numbers = sorted(wanted)
        for start in range(0, len(numbers), at_once):
            async for page in read(numbers=numbers[start : start + at_once]):
                yield page

    def note(self, number: int, changed_at: datetime) -> None:
        """Note an order that was read, and its time of change."""
        known = self._before.get(number)
        if known is None or known.changed_at != changed_at:
            self._now[number] = _Read(changed_at, self._ends.clock(), is_final=False)
            return
        is_final = self._begun_at - known.seen_at >= _A_WHILE
        self._now[number] = _Read(changed_at, known.seen_at, is_final)

    def keep(self, overlap: timedelta) -> None:
        """Remember what the next sweep, which begins so much earlier, may find again."""
        if not self._now:
            return
        start = max(one.changed_at for one in self._now.values()) - overlap
        kept = {
            number: one for number, one in self._now.items() if one.changed_at >= start
        }
        if kept == self._before:
            return
        value = {
            "settings": self._ends.settings.version,
            "orders": {
                str(number): [
                    one.changed_at.isoformat(),
                    one.seen_at.isoformat(),
                    one.is_final,
                ]
                for number, one in kept.items()
            },
        }
        with self._ends.books.begin(repeatable=True) as unit:
            unit.cursors.move(self._subject, json.dumps(value, separators=(",", ":")))

    def _remembered(self) -> dict[int, _Read]:
        with self._ends.books.read() as unit:
            value = unit.cursors.get(self._subject)
        known = json.loads(value) if value else {}
        if known.get("settings") != self._ends.settings.version:
            return {}  # under other settings the same order may come to something else
        return {
            int(number): _Read(
                datetime.fromisoformat(changed_at),
                datetime.fromisoformat(seen_at),
                is_final,
            )
            for number, (changed_at, seen_at, is_final) in known["orders"].items()
        }
