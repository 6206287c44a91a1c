"""On which day, and in which financial period, a document is posted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from connectors.errors import RecordError
from connectors.visma import models as visma

__all__ = [
    "PostingDate",
    "document_date",
    "first_day",
    "is_open",
    "moment_text",
    "period_name",
    "period_text",
    "posted_period",
    "posting_date",
    "wire_date",
]

Book = Literal["customers", "inventory", "ledger"]


@dataclass(frozen=True, slots=True)
class PostingDate:
    """A document's own date, and the period (MMYYYY) if it is not the date's own."""

    on: date
    post_period: str | None = None
    note: str | None = None


def document_date(at: datetime, zone: ZoneInfo) -> date:
    """Return the day on which something happened where the books are kept."""
    return at.astimezone(zone).date()


def moment_text(at: datetime, zone: tzinfo, *, seconds: bool = False) -> str:
    """Write a time as people of a connection read it: 2026-03-10 10:30 CET.

    Everything that is shown to people is written by this, so that times can be compared.
    """
    local = at.astimezone(zone)
    clock = f"{local:%Y-%m-%d %H:%M:%S}" if seconds else f"{local:%Y-%m-%d %H:%M}"
    return f"{clock} {local.tzname()}"


def wire_date(on: date) -> str:
    """Write a day for the SalesOrder service.

    It reads times as UTC; noon is the same day in every zone where it may keep books.
    """
    return f"{on.isoformat()}T12:00:00Z"


def posting_date(
    on: date,
    periods: Sequence[visma.Period],
    *,
    closed: Literal["shift", "park"],
    record_id: str,
    book: Book = "customers",
) -> PostingDate:
    """Return where a document of this day is posted; no periods means: by its date.

    `book` is the part of the books that must be open, beside the general ledger.

    Raises:
        RecordError: the period is closed and the settings park, or nothing is open.
    """
    ordered = sorted(
        (period for period in periods if period.start_date < period.end_date),
        key=lambda period: period.start_date,
    )
    own = [p for p in ordered if p.start_date.date() <= on <= p.end_date.date()]
    if not ordered or (own and is_open(own[-1], book)):
        return PostingDate(on)
    what = f"The financial period of {on.isoformat()} is "
    what += "closed" if own else "not set up"
    if closed == "park":
        raise RecordError(
            f"{what}, so {record_id} cannot be posted there.",
            code="PERIOD_CLOSED",
            fix='Open the period, or set orders.closed_periods = "shift".',
            record_id=record_id,
        )
    later = (p for p in ordered if p.start_date.date() > on and is_open(p, book))
    following = next(later, None)
    if following is None:
        raise RecordError(
            f"{what}, and no later period is open, so {record_id} cannot be posted.",
            code="NO_OPEN_PERIOD",
            fix="Open a financial period in Visma.net, then retry the record.",
            record_id=record_id,
        )
    period = period_name(following)
    return PostingDate(on, period, f"{what}; posted in {period[:2]}-{period[2:]}.")


def first_day(posted: PostingDate, periods: Sequence[visma.Period]) -> date:
    """Return the day to write where no period can be: the own one, or the first of it."""
    if posted.post_period is None:
        return posted.on
    return next(
        (
            period.start_date.date()
            for period in periods
            if period.start_date < period.end_date
            and period_name(period) == posted.post_period
        ),
        posted.on,
    )


def is_open(period: visma.Period, book: Book = "customers") -> bool:
    """Whether documents of a part of the books can be booked in a period."""
    closed = {
        "customers": period.closed_in_customer_ledger,
        "inventory": period.closed_in_inventory_management,
        "ledger": False,
    }
    return period.active and not (closed[book] or period.closed_in_general_ledger)


def period_name(period: visma.Period) -> str:
    """Return a period as documents name it: MMYYYY."""
    # written '09', '9-2026', '092026' or '202609', depending on where it is read
    digits = re.sub(r"\D", "", period.period)
    year = str(period.year)
    number = digits.removeprefix(year) if len(digits) > len(year) else digits
    return f"{number[:-4] if number.endswith(year) else number:0>2}{year}"


def period_text(period: str) -> str:
    """Write a period (MMYYYY) as people read a month: 2026-03."""
    return f"{period[2:]}-{period[:2]}"


def posted_period(text: str | None) -> str | None:
    """Return a period that a document names as MMYYYY, however it is written.

    Sources: postPeriod is MMYYYY, financialPeriod YYYYMM (CustomerInvoiceDto); a month
    comes first exactly where the first two digits are one.
    """
    digits = re.sub(r"\D", "", text or "")
    if len(digits) != _PERIOD_DIGITS:
        return None
    is_month_first = 1 <= int(digits[:2]) <= _MONTHS
    return digits if is_month_first else digits[4:] + digits[:4]


_PERIOD_DIGITS = 6
_MONTHS = 12
