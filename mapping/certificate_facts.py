"""What the connector knows beside both sides: why something is missing, parked, shifted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from connectors.visma import models as visma
from mapping.book_rates import BookRates
from mapping.certificate import Cause, Pair
from mapping.dates import is_open, period_name

__all__ = ["Facts", "Known", "PeriodOf", "Standing"]


@dataclass(frozen=True, slots=True)
class Known:
    """Something the ledger knows of a record: a sentence, since when."""

    what: str
    since: date
    record: str = ""
    """Which record of the ledger says so, `direction/source id`, if it is one that waits."""
    owner: str = ""
    """Whose it is, where that is not the owner of every difference of its cause."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A record that moves money and is not done: it is told even where nothing differs.

    `places` are those of `Facts` where it would name a difference; `amount`, in minor
    units, is what it is about, with the sign of its pair.
    """

    cause: Cause
    pair: Pair
    known: Known
    label: str
    day: date
    currency: str
    amount: int
    orders: tuple[int, ...] = ()
    places: tuple[tuple[Pair, str], ...] = ()


class PeriodOf:
    """In which financial period a day falls, and whether that is open."""

    def __init__(self, periods: Sequence[visma.Period]) -> None:
        """Know the company's periods; without any, a day's own month is its period."""
        self._periods = [one for one in periods if one.start_date < one.end_date]

    def name(self, day: date) -> str:
        """The period of a day, MMYYYY."""
        found = self._find(day)
        return f"{day:%m%Y}" if found is None else period_name(found)

    def is_closed(self, day: date) -> bool:
        """Whether nothing can be booked on a day any more."""
        found = self._find(day)
        return found is not None and not is_open(found)

    def _find(self, day: date) -> visma.Period | None:
        fitting = (
            one
            for one in self._periods
            if one.start_date.date() <= day <= one.end_date.date()
        )
        return next(fitting, None)


@dataclass(frozen=True, slots=True)
class Facts:
    """What names a difference, from the ledger: by pair and key, or by pair and order.

    Keys are those of `Entry`; an order's number as text stands for all of its documents.
    """

    parked: Mapping[tuple[Pair, str], Known] = field(default_factory=dict)
    doubts: Mapping[tuple[Pair, str], Known] = field(default_factory=dict)
    flying: Mapping[tuple[Pair, str], Known] = field(default_factory=dict)
    awaited: Mapping[tuple[Pair, str], Known] = field(default_factory=dict)
    """What Visma.net was told of, and makes the document of by its own schedule."""
    left_out: Mapping[tuple[Pair, str], Known] = field(default_factory=dict)
    outside: Mapping[tuple[Pair, str], Known] = field(default_factory=dict)
    twice: Mapping[tuple[Pair, str], Known] = field(default_factory=dict)
    """What has no document of its own, as another thing's document holds it already."""
    sent: Mapping[tuple[Pair, str], int] = field(default_factory=dict)
    """Gross, in minor units, of what was confirmed last under a key."""
    rates: Mapping[tuple[Pair, str], Decimal] = field(default_factory=dict)
    """What one unit is in the company's currency, by the rate stamped on a document."""
    documents: Mapping[tuple[Pair, str], str] = field(default_factory=dict)
    """The number of what was made for a key."""
    numbers_of: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The customers of Visma.net that our key of a customer is linked to."""
    posted_to: Mapping[int, frozenset[str]] = field(default_factory=dict)
    """The customers that documents of an order were written for, where the settings
    of today name another one."""
    book_rates: BookRates | None = None
    """Visma.net's own table of exchange rates, where it was read."""
    standing: tuple[Standing, ...] = ()
    """Every record that is parked or in doubt, and payouts that are under way."""
    undone_on: Mapping[str, date] = field(default_factory=dict)
    """The day on which what undoes another document was written, by its number."""
    written_in: Mapping[tuple[Pair, str], str] = field(default_factory=dict)
    """The period that what is booked in another one than its event's was written for."""
    period_of: PeriodOf = field(default_factory=lambda: PeriodOf(()))
