"""Our rate in Visma.net's own table, before a document that takes its rate from there."""

from __future__ import annotations

from connectors.errors import InDoubtError, RecordError, RetryableError
from connectors.rates.quotes import Quote
from connectors.visma.currency_rates import CurrencyRate, NewCurrencyRate
from ledger import Claim, Stamp
from tasks.direction import Ends

__all__ = ["write_rate"]

_MULTIPLY = "Multiply"


async def write_rate(claim: Claim, ends: Ends) -> None:
    """See that the table has the rate that a sales order or payment was stamped with.

    A row is added for the day of the document; one that is there already is never
    changed. Nothing is done where rates are read back, or in the company's currency.

    Raises:
        RecordError: The table has another rate for that day, or takes none.
        RetryableError: Nobody knows whether it was added; the document was not sent.
    """
    if ends.settings.rates.orders_and_payments != "write":
        return
    with ends.books.read() as unit:
        row = unit.rates.of_source(claim.direction, claim.source_id)
    if row is None or row.stamp.rate is None:
        return
    stamp, kind = row.stamp, ends.settings.rates.rate_type
    ours = Quote("visma", stamp.on, stamp.currency, stamp.base_currency, row.stamp.rate)
    with ends.books.read() as unit:
        if ours in unit.rates.quotes(("visma",), stamp.on, stamp.on):
            return
    new = NewCurrencyRate(
        from_currency_id=stamp.currency,
        to_currency_id=stamp.base_currency,
        rate_type=kind,
        effective_date=f"{stamp.on.isoformat()}T00:00:00",
        rate=ours.rate,
    )
    try:
        there = await ends.visma.ensure_currency_rate(new)
    except InDoubtError as error:
        raise RetryableError(error.message) from error
    if there is not None and not _is_same(there, stamp):
        raise _differs(claim, stamp, there)
    with ends.books.begin() as unit:
        unit.rates.put([ours])


def _is_same(one: CurrencyRate, stamp: Stamp) -> bool:
    return (one.from_currency_id, one.mult_div, one.rate) == (
        stamp.currency,
        _MULTIPLY,
        stamp.rate,
    )


def _differs(claim: Claim, stamp: Stamp, one: CurrencyRate) -> RecordError:
    way = "" if one.mult_div == _MULTIPLY else ", to be divided by"
    return RecordError(
        f"{claim.label} has the rate {stamp.rate:f} {stamp.currency} to "
        f"{stamp.base_currency} ({stamp.source} of {stamp.rate_on}), but Visma.net's "
        f"table has {one.rate:f} {one.from_currency_id} to {one.to_currency_id}{way} "
        f"for {one.on}",
        code="RATE_TABLE_DIFFERS",
        fix="Correct or delete that row in Visma.net, or let its rates count: "
        'rates.orders_and_payments = "read_back".',
        record_id=claim.label,
    )
