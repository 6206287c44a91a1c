"""The rate of a document: stamped when it is mapped, and what was booked read back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from pydantic import TypeAdapter

from connectors.errors import RecordError
from ledger import BookedDocument, Stamp
from mapping.booked_rates import booked_rate
from mapping.quoted_rates import QuotedRates, RateTable
from mapping.rates import ExchangeRate, Rates, rate_words
from settings.connection import Connection
from settings.rates import RateSource
from tasks.booked_rates import known_table, renew_table
from tasks.direction import Ends, MapContext
from tasks.known_payments import PAYMENT
from tasks.ledger_documents import CREDIT_NOTE, INVOICE
from tasks.standing import SALES_ORDER

__all__ = [
    "note_booked",
    "rates_of",
    "stamp_of",
    "stamp_words",
    "table_stamp",
]

_MOST = 500
_SOURCE: TypeAdapter[RateSource] = TypeAdapter(RateSource)
_READ_BACK = "read_back"


def stamp_of(
    rate: ExchangeRate | None, on: date | None, amount: Decimal
) -> Stamp | None:
    """The stamp of a document that takes our rate; None in the company's currency."""
    if rate is None or on is None:
        return None
    return Stamp(
        currency=rate.currency,
        base_currency=rate.to,
        on=on,
        source=rate.source,
        rate=rate.rate,
        rate_on=rate.on,
        how=rate.how,
        amount=amount,
    )


def stamp_words(stamp: Stamp | None) -> dict[str, str]:
    """What the intent of a document says of its rate."""
    rate = _rate(stamp)
    if rate is not None:
        return rate_words(rate)
    return {"rate_source": stamp.source} if stamp is not None else {}


def table_stamp(
    currency: str,
    settings: Connection,
    context: MapContext,
    *,
    on: date,
    amount: Decimal,
    record_id: str,
    stated: Decimal | None,
) -> Stamp | None:
    """The stamp of a sales order or payment, which take their rate from Visma.net's table.

    By setting it is read back once it was booked, or ours is written there first.

    Raises:
        RateWantedError: Rates must be read first.
        RecordError: There is no rate to write, or it is too far from the one before.
    """
    if currency == settings.base_currency:
        return None
    if settings.rates.orders_and_payments == _READ_BACK:
        return Stamp(
            currency=currency,
            base_currency=settings.base_currency,
            on=on,
            source="visma",
            how=_READ_BACK,
            amount=amount,
        )
    rate = context.rates.choose(
        currency, settings, on=on, record_id=record_id, stated=stated
    )
    return stamp_of(rate, on, amount)


def rates_of(table: RateTable | None, stamp: Stamp | None) -> Rates:
    """The rates at hand for a record: the stamp from before, and what is known."""
    rate = _rate(stamp)
    if stamp is None or rate is None:
        return Rates(table)
    return Rates(table, rate, stamp.on)


def _rate(stamp: Stamp | None) -> ExchangeRate | None:
    if stamp is None or stamp.rate is None or stamp.rate_on is None:
        return None
    return ExchangeRate.model_validate(
        {
            "currency": stamp.currency,
            "to": stamp.base_currency,
            "rate": stamp.rate,
            "source": _SOURCE.validate_python(stamp.source),
            "on": stamp.rate_on,
            "how": stamp.how,
        }
    )


async def note_booked(ends: Ends, direction: str) -> None:
    """Keep what Visma.net booked of documents in a foreign currency, in base currency.

    That is the converted amount that the books hold, whoever's rate it was; with the
    rate, where Visma.net tells it or exactly this comes of that in its table.
    """
    with ends.books.read() as unit:
        waiting = unit.rates.unbooked(direction, limit=_MOST)
    for source_id, kind, number in waiting:
        try:
            booked = await _booked(ends, kind, number)
        except RecordError:
            continue  # it is gone, or cannot be read now; the next run looks again
        if booked is not None:
            if booked.rate is None:
                rate = await _table_rate(ends, direction, source_id, booked.amount)
                booked = replace(booked, rate=rate)
            with ends.books.begin() as unit:
                unit.rates.booked(direction, source_id, booked)


async def _table_rate(
    ends: Ends, direction: str, source_id: str, amount: Decimal
) -> Decimal | None:
    """The rate of Visma.net's table that a booked amount is of; None if it is of none."""
    with ends.books.read() as unit:
        row = unit.rates.of_source(direction, source_id)
        table = known_table(unit, ends.settings)
    if row is None or row.stamp.rate is not None:
        return None
    found = _fitting(row.stamp, amount, table)
    if found is None and await renew_table(ends):
        with ends.books.read() as unit:
            table = known_table(unit, ends.settings)
        found = _fitting(row.stamp, amount, table)
    return found


def _fitting(stamp: Stamp, amount: Decimal, table: QuotedRates) -> Decimal | None:
    quoted = table.find((stamp.currency, stamp.base_currency), stamp.on)
    if quoted is None or stamp.amount is None:
        return None
    found = booked_rate(stamp.amount, amount, stamp.base_currency, quoted[0])
    return None if found is None or found.is_worked_out else found.rate


async def _booked(ends: Ends, kind: str, number: str) -> BookedDocument | None:
    if kind == SALES_ORDER:
        order_type, _, order_id = number.partition("/")
        order = await ends.visma.get_sales_order(order_type, order_id)
        return _document(kind, number, order.totals.order_total_in_base_currency)
    if kind == PAYMENT:
        payment = await ends.visma.get_payment(number)
        return _document(kind, number, payment.amount_in_base)
    if kind not in {INVOICE, CREDIT_NOTE}:
        return None
    is_invoice = kind == INVOICE
    read = ends.visma.get_invoice if is_invoice else ends.visma.get_credit_note
    row = await read(number)
    return _document(kind, number, row.amount_in_base, row.exchange_rate)


def _document(
    kind: str, number: str, amount: Decimal | None, rate: Decimal | None = None
) -> BookedDocument | None:
    return None if amount is None else BookedDocument(kind, number, amount, rate)
