"""Hints become runs: each direction's deployment is started once for a burst of them.

Due is what has been quiet for two seconds, or has waited for ten. Nothing is started
while a run of the same deployment works or is about to; what comes in meanwhile is
taken by the next one. A hint is kept until a run that began after it has ended well
(`ledger.hints`), so a crash, a failed run or a server that is out of reach loses none.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

from ledger import HintRow

__all__ = ["LONGEST", "QUIET", "Deployments", "Starter", "is_due"]

logger = logging.getLogger(__name__)

QUIET = timedelta(seconds=2)
LONGEST = timedelta(seconds=10)
_LOST_AFTER = timedelta(minutes=1)
"""A run that took hints, says it works, and is not known to the server any more."""
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=1)
_WHILE_BUSY, _WHILE_PAUSED = timedelta(seconds=1), timedelta(seconds=30)
_PAUSE_SECONDS = 0.5

Standing = Literal["free", "busy", "paused", "missing"]


class Deployments(Protocol):
    """The server that runs are started on."""

    async def standing(self, connection: str, direction: str) -> Standing:
        """Whether a run can be started: `busy` while one works or is about to.

        `paused` when the deployment, or the schedule that polls, is switched off.
        """
        ...

    async def start(self, connection: str, direction: str, key: str) -> None:
        """Start a run; the same key again starts no second one."""
        ...


@dataclass
class _Tries:
    """What was tried for the hints that are there, and when the next try is allowed."""

    count: int = 0
    last_at: datetime | None = None
    not_before: datetime | None = None

    def later(self, now: datetime) -> None:
        """Let some time pass before the next try; more each time."""
        wait = min(_FIRST_WAIT * 2 ** min(self.count, 10), _LONGEST_WAIT)
        self.count += 1
        self.not_before = now + wait


@dataclass
class Starter:
    """Looks at the hints of all connections, and starts what is due."""

    names: Callable[[], Awaitable[Sequence[str]]]
    unanswered: Callable[[str], Awaitable[Sequence[HintRow]]]
    deployments: Deployments
    clock: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]
    starts: int = 0
    _tries: dict[tuple[str, str], _Tries] = field(default_factory=dict)
    _told: dict[tuple[str, str], str] = field(default_factory=dict)

    async def run(self) -> None:
        """Start what is due, until cancelled; whatever goes wrong is tried again."""
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - the loop must outlive everything
                self._tell(("", ""), f"hints cannot be read ({_named(error)})")
            await self.sleep(_PAUSE_SECONDS)

    async def look(self) -> None:
        """Start what is due now, in every connection."""
        for connection in await self.names():
            by_direction: dict[str, list[HintRow]] = {}
            for row in await self.unanswered(connection):
                by_direction.setdefault(row.direction, []).append(row)
            for known in list(self._tries):
                if known[0] == connection and known[1] not in by_direction:
                    del self._tries[known]  # all of it was answered
            for direction, rows in sorted(by_direction.items()):
                await self._look_at(connection, direction, rows)

    async def _look_at(
        self, connection: str, direction: str, rows: Sequence[HintRow]
    ) -> None:
        now = self.clock()
        tries = self._tries.setdefault((connection, direction), _Tries())
        if tries.last_at and all(row.first_at > tries.last_at for row in rows):
            tries.count = 0  # what was there then is answered
            tries.last_at = tries.not_before = None
        if tries.not_before and now < tries.not_before:
            return
        if not is_due(rows, now):
            return
        try:
            await self._start(connection, direction, rows, tries, now)
        except Exception as error:  # noqa: BLE001 - whatever a client of a dead server raises
            tries.later(now)
            self._tell(
                (connection, direction),
                f"{direction} of '{connection}' cannot be started ({_named(error)}); "
                "its hints are kept, and it is tried again",
            )

    async def _start(
        self,
        connection: str,
        direction: str,
        rows: Sequence[HintRow],
        tries: _Tries,
        now: datetime,
    ) -> None:
        standing = await self.deployments.standing(connection, direction)
        if standing in ("paused", "missing"):
            tries.not_before = now + _WHILE_PAUSED
            self._tell(
                (connection, direction),
                f"{direction} of '{connection}' is "
                f"{'paused' if standing == 'paused' else 'not deployed'}: "
                "webhooks do not start it",
            )
            return
        if standing == "busy":
            tries.not_before = now + _WHILE_BUSY
            return
        # by the moment, as ids of hints are given again and counts begin anew: the key
        # of an earlier run would start nothing; a call that is repeated has the same
        key = f"hints-{connection}-{direction}-{now.isoformat()}"
        await self.deployments.start(connection, direction, key)
        self.starts += 1
        self._told.pop((connection, direction), None)
        logger.info(
            "%s of '%s' started by %d calls",
            *(direction, connection, sum(row.calls for row in rows)),
        )
        tries.last_at = now
        tries.later(now)

    def _tell(self, about: tuple[str, str], text: str) -> None:
        """Log what has not been said of it yet: once, not twice a second."""
        if self._told.get(about) != text:
            self._told[about] = text
            logger.warning("%s", text)


def is_due(rows: Iterable[HintRow], now: datetime) -> bool:
    """Whether the hints of one direction want a run now.

    New ones do when it has become quiet, or after the longest wait. Those that a run
    has taken do when it failed, or has said nothing for long: whether it still works
    the server knows.
    """
    return any(
        _is_taken_in_vain(row, now)
        if row.taken_by is not None
        else now - row.last_at >= QUIET or now - row.first_at >= LONGEST
        for row in rows
    )


def _is_taken_in_vain(row: HintRow, now: datetime) -> bool:
    if row.taken_state != "running" or row.taken_at is None:
        return True
    return now - row.taken_at >= _LOST_AFTER


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:200]
