"""Whether every currency of the last orders has a rate, wherever it will be asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from connectors.centra import models as centra
from connectors.errors import RecordError
from mapping.dates import document_date
from mapping.rates import ExchangeRate, RateWantedError
from settings.connection import Connection
from tasks.check_rows import CheckRow, row
from tasks.environment import Environment
from tasks.rates import RateReader
from tasks.stamps import rates_of

__all__ = ["ForeignOrders", "rate_rows"]


class ForeignOrders:
    """The days on which orders in foreign currencies were placed, and what they state."""

    def __init__(self, settings: Connection) -> None:
        """Know of no order yet."""
        self._settings = settings
        self.days: dict[str, dict[date, Decimal]] = {}

    def note(self, order: centra.Order) -> None:
        """Take note of an order; one in base currency needs no rate."""
        currency = order.grand_total.currency.code
        if currency != self._settings.base_currency:
            on = document_date(order.order_date, self._settings.zone)
            days = self.days.setdefault(currency, {})
            days.setdefault(on, order.currency_base_rate)


async def rate_rows(
    env: Environment, settings: Connection, orders: ForeignOrders
) -> list[CheckRow]:
    """Name each currency without a rate: among our sources, or in Visma.net's table.

    Orders, payments and what Visma.net makes itself take the rate of its own table;
    the connector's invoices and credit notes take ours.
    """
    rows: list[CheckRow] = []
    reader = RateReader(env, settings)
    table = settings.model_copy(
        update={"rates": settings.rates.model_copy(update={"sources": ("visma",)})}
    )
    writes = settings.rates.orders_and_payments == "write"
    invoices = any(one.post_as == "invoice" for one in settings.stores.values())
    for currency, days in sorted(orders.days.items()):
        if invoices or writes:
            found = await _judged(reader, settings, currency, days)
            rows += _rows(f"rate of {currency}", currency, found)
        if not writes:
            found = await _judged(reader, table, currency, days)
            rows += _rows(f"Visma.net's rate of {currency}", currency, found)
    return rows


Judged = dict[date, ExchangeRate | RecordError]


async def _judged(
    reader: RateReader, settings: Connection, currency: str, days: dict[date, Decimal]
) -> Judged:
    """The rate of each day, or why there is none."""
    found: Judged = {}
    for on, stated in sorted(days.items(), reverse=True):
        while on not in found:
            rates = rates_of(reader.table, None)
            try:
                rate = rates.choose(
                    currency,
                    settings,
                    on=on,
                    record_id=f"an order of {on}",
                    stated=stated,
                )
            except RateWantedError as wanted:
                await reader.bring(wanted)
            except RecordError as error:
                found[on] = error
            else:
                assert rate is not None  # noqa: S101 - it is a foreign currency
                found[on] = rate
    return found


def _rows(what: str, currency: str, found: Judged) -> Iterator[CheckRow]:
    errors = [one for one in found.values() if isinstance(one, RecordError)]
    if errors:
        many = f"missing on {len(errors)} of {len(found)} days with orders"
        yield row(what, f"{many}: {errors[0].message}", errors[0].fix)
        return
    newest = next(one for one in found.values() if isinstance(one, ExchangeRate))
    yield row(
        what,
        f"1 {currency} is {newest.rate:f} {newest.to} ({newest.source}, {newest.on})",
    )
