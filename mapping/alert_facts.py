"""What is known of a connection, as far as somebody may have to be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

__all__ = ["Ending", "Facts", "Held", "Waiting", "Watching", "watching_on"]

_GAP = timedelta(minutes=20)
"""After a longer pause of the watch nothing is called silent that had no time to run."""


@dataclass(frozen=True, slots=True)
class Held:
    """Writes that a guard keeps back: how many, since when, and the plan of them."""

    writes: int
    since: datetime
    plan: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A direction that runs by itself.

    `every` is the interval of its schedule; `last_good` when it ended well for the
    last time; `plan_since` since when a plan of it waits to be approved; `held` what
    waits for that while all else goes on.
    """

    direction: str
    every: timedelta | None
    last_good: datetime | None
    plan_since: datetime | None = None
    held: Held | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """A token or login: what it is called, when it ends, and what renews it."""

    name: str
    ends_on: date
    to_do: str


@dataclass(frozen=True, slots=True)
class Watching:
    """Since when the watch looks without a longer pause, and when it last did."""

    since: datetime
    last: datetime


@dataclass(frozen=True)
class Facts:
    """What the ledger knows of a connection, as far as somebody may have to be told.

    `exceptions` is how many records are parked, `oldest` since when the first of them
    is, `stakes` what they come to by currency. `certified` is when the last certificate
    was made, `unexplained` how many of its differences have no cause; `certifying` is since
    when it is watched that one is made every night, None where its schedule is off. `stock_read` is until when stock is known, and
    `stock_unread` when each figure was read last that Visma.net tells no more, of sizes on sale.
    `hints` are the directions that a webhook has waited for, with its moment.
    `login_lost` is when a person's login ran out without being renewed.
    """

    waiting: Sequence[Waiting] = ()
    exceptions: int = 0
    oldest: datetime | None = None
    stakes: Mapping[str, Decimal] | None = None
    certified: datetime | None = None
    unexplained: int = 0
    certifying: datetime | None = None
    stock_read: datetime | None = None
    stock_unread: Sequence[datetime] = ()
    hints: Mapping[str, datetime] | None = None
    endings: Sequence[Ending] = ()
    login_lost: datetime | None = None


def watching_on(before: Watching | None, now: datetime) -> Watching:
    """Watch on from the last look; after a longer pause, afresh."""
    if before is None or now - before.last > _GAP:
        return Watching(now, now)
    return Watching(before.since, now)
