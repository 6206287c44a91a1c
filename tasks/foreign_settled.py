"""Documents in a foreign currency that were settled, with both rates and what it made.

Read afresh from Visma.net: payments and credit notes that settle others, the rates of
both, and the gain or loss that was booked for it. Changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import BaseModel

from connectors.errors import ConfigError
from connectors.visma.ledger_models import InvoiceRow
from connectors.visma.payment_models import PaymentRow
from mapping.booked_rates import BookedRate, booked_rate
from mapping.money import Money
from mapping.quoted_rates import QuotedRates
from mapping.rounding import ZERO
from settings.connection import Connection
from tasks.booked_rates import read_table
from tasks.direction import Ends
from tasks.environment import environment

__all__ = ["ForeignSettled", "SettledShare", "read_foreign_settled"]

_CREDIT_NOTE = "CreditNote"
_OUT = "Refund"


class SettledShare(BaseModel):
    """A part of a document that was settled: its amount, and the document's own rate."""

    kind: str
    number: str
    amount: Decimal
    rate: Decimal | None
    as_booked: bool = False
    """Whether the rate is only what was booked for one unit."""


class ForeignSettled(BaseModel):
    """What one payment or credit note settled, in its currency, and what that made.

    `gain` is what Visma.net booked, in base currency; a loss is negative. `expected`
    is what the two rates make of the amounts, but for the rounding of parts; None
    where a rate is not known.
    """

    on: date
    by: str
    number: str
    currency: str
    rate: Decimal | None
    as_booked: bool = False
    """Whether the rate is only what was booked for one unit."""
    shares: tuple[SettledShare, ...]
    expected: Decimal | None
    gain: Decimal


@dataclass(frozen=True)
class _Rate:
    """The rate of a document as it is told, and exactly as it was booked."""

    told: BookedRate
    exact: Decimal


@dataclass(frozen=True)
class _Settling:
    """A document that settles others, before their rates are known."""

    on: date
    by: str
    number: str
    currency: str
    rate: _Rate | None
    parts: tuple[tuple[str, str, Decimal], ...]
    """Kind, number and amount of each document that it settles."""


async def read_foreign_settled(
    connection: str, since: date, until: date
) -> list[ForeignSettled]:
    """Return what was settled in foreign currencies on days from `since` to `until`.

    Raises:
        ConfigError: A setting or a credential is wrong.
        RetryableError: Visma.net cannot answer now.
    """
    env = environment()
    settings = env.connection(connection)
    books = env.books(connection)
    async with env.centra(settings) as centra, env.visma(settings) as visma:
        ends = Ends(settings, books, centra, visma, env.clock)
        table = await _table(ends)
        settling = await _settling(ends, table, since, until)
        booked = await _booked(ends, since, until)
        rates = _Rates(ends, table)
        return [await _row(one, rates, booked, settings) for one in settling]


async def _table(ends: Ends) -> QuotedRates:
    """Visma.net's own table of rates; empty where the client may not read it."""
    try:
        return await read_table(ends)
    except ConfigError:
        return QuotedRates((), "visma", ends.settings.rates)


async def _settling(
    ends: Ends, table: QuotedRates, since: date, until: date
) -> list[_Settling]:
    start = since.isoformat()  # what was settled since then was changed since then
    found: list[_Settling] = []
    async for payments in ends.visma.iter_payment_pages(modified_since=start):
        for row in payments:
            found += _of_payment(row, ends.settings, table)
    async for notes in ends.visma.iter_credit_note_pages(modified_since=start):
        for note in notes:
            if note.currency_id in {None, ends.settings.base_currency}:
                continue
            # only a single document shows what it settles
            whole = await ends.visma.get_credit_note(note.reference_number)
            found += _of_note(whole)
    within = [one for one in found if since <= one.on <= until]
    return sorted(within, key=lambda one: (one.on, one.number))


def _of_payment(
    row: PaymentRow, settings: Connection, table: QuotedRates
) -> Iterator[_Settling]:
    """A payment that is in the books and settles something."""
    if row.currency in {None, settings.base_currency} or not row.is_released:
        return
    parts = tuple(
        (one.document_type, one.ref_nbr, one.amount_paid)
        for one in row.lines
        if one.amount_paid
    )
    if not parts or not row.application_date:
        return
    yield _Settling(
        on=date.fromisoformat(row.application_date[:10]),
        by=row.type,
        number=row.ref_nbr,
        currency=row.currency or "",
        rate=_paid_at(row, settings.base_currency, table),
        parts=parts,
    )


def _of_note(row: InvoiceRow) -> Iterator[_Settling]:
    parts = tuple(
        ("Invoice", one.ref_nbr, one.amount_paid)
        for one in row.applications
        if one.ref_nbr and one.amount_paid and one.doc_type in {None, "Invoice"}
    )
    if not parts or not row.is_released or not row.document_date:
        return
    yield _Settling(
        on=date.fromisoformat(row.document_date[:10]),
        by=_CREDIT_NOTE,
        number=row.reference_number,
        currency=row.currency_id or "",
        rate=_stated(row),
        parts=parts,
    )


def _stated(row: InvoiceRow) -> _Rate | None:
    """The rate that an invoice or a credit note carries."""
    rate = row.exchange_rate
    return None if rate is None else _Rate(BookedRate(rate), rate)


def _paid_at(row: PaymentRow, base: str, table: QuotedRates) -> _Rate | None:
    """The rate of a payment: it carries none, only both amounts."""
    booked, amount = row.amount_in_base, row.payment_amount
    if booked is None or not amount:
        return None
    day = (row.application_date or "")[:10]
    pair = (row.currency or "", base)
    quoted = table.find(pair, date.fromisoformat(day)) if day else None
    told = booked_rate(amount, booked, base, quoted[0] if quoted else None)
    if told is None:
        return None
    return _Rate(told, booked / amount if told.is_worked_out else told.rate)


async def _booked(ends: Ends, since: date, until: date) -> dict[str, Decimal]:
    """Gain and loss by the number of the document with which it was booked."""
    accounts = frozenset(ends.settings.rates.difference_accounts)
    gains: defaultdict[str, Decimal] = defaultdict(Decimal)
    for period in _periods(since, until):
        for one in await ends.visma.get_booked_differences(period, accounts):
            gains[one.document] += one.gain
    return dict(gains)


def _periods(since: date, until: date) -> Iterator[str]:
    month = since.replace(day=1)
    while month <= until:
        yield f"{month.year}{month.month:02d}"
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)


class _Rates:
    """The rates of documents, each read once."""

    def __init__(self, ends: Ends, table: QuotedRates) -> None:
        self._visma = ends.visma
        self._base = ends.settings.base_currency
        self._table = table
        self._known: dict[tuple[str, str], _Rate | None] = {}

    async def of(self, kind: str, number: str) -> _Rate | None:
        key = (kind, number)
        if key not in self._known:
            self._known[key] = await self._read(kind, number)
        return self._known[key]

    async def _read(self, kind: str, number: str) -> _Rate | None:
        if kind == "Invoice":
            return _stated(await self._visma.get_invoice(number))
        if kind == _CREDIT_NOTE:
            return _stated(await self._visma.get_credit_note(number))
        row = await self._visma.get_payment(number)
        return _paid_at(row, self._base, self._table)


async def _row(
    one: _Settling, rates: _Rates, booked: dict[str, Decimal], settings: Connection
) -> ForeignSettled:
    found = [await rates.of(kind, number) for kind, number, _ in one.parts]
    shares = [
        SettledShare(
            kind=kind,
            number=number,
            amount=amount,
            rate=rate.told.rate if rate else None,
            as_booked=bool(rate and rate.told.is_worked_out),
        )
        for (kind, number, amount), rate in zip(one.parts, found, strict=True)
    ]
    return ForeignSettled(
        on=one.on,
        by=one.by,
        number=one.number,
        currency=one.currency,
        rate=one.rate.told.rate if one.rate else None,
        as_booked=bool(one.rate and one.rate.told.is_worked_out),
        shares=tuple(shares),
        expected=_expected(one, found, settings.base_currency),
        gain=booked.get(one.number, ZERO),
    )


def _expected(one: _Settling, rates: list[_Rate | None], base: str) -> Decimal | None:
    """What the rates make of it: what is settled dearer than it was booked is a gain."""
    total = ZERO
    for (kind, _, amount), rate in zip(one.parts, rates, strict=True):
        if one.rate is None or rate is None:
            return None
        # a refund pays a credit note out; a credit note on a payment brings money in
        sign = -1 if (one.by == _OUT or kind == _CREDIT_NOTE) else 1
        moved = amount * (one.rate.exact - rate.exact)
        total += sign * Money(moved, base).rounded().amount
    return total
