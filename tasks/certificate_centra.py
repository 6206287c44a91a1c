"""Centra's side of the certificate: sales, shipments, returns and payments, read afresh."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping
from datetime import date, datetime, time, timedelta

from connectors.centra.sale_models import Return
from connectors.centra.sales import ReturnPage, SalePage
from mapping.certificate_sales import take_sale
from mapping.certificate_side import CentraSide
from settings.connection import Connection
from tasks.direction import Ends
from tasks.refund_sources import returns_of_orders

__all__ = ["read_centra", "read_more"]

_AT_ONCE = 50
_RETURNS_BEFORE = timedelta(days=200)
"""Returns can only be listed by the day on which they were made."""


async def read_centra(ends: Ends, since: date | None) -> CentraSide:
    """Read what happened since a day, or ever, and what else belongs to those sales."""
    currencies = await ends.centra.get_currencies()
    side = CentraSide(next((one.code for one in currencies if one.is_base), None))
    start = None if since is None else _midnight(since, ends.settings)
    created_from = None if start is None else start - _RETURNS_BEFORE
    returns = await _by_order(ends.centra.iter_return_pages(created_from=created_from))
    sales = ends.centra.iter_sale_pages(updated_from=start)
    await _read_sales(side, sales, returns, ends.settings)
    for own in returns.values():  # a return does not touch its sale
        take_sale(side, own[0].order, own, ends.settings)
    return side


async def read_more(ends: Ends, side: CentraSide, orders: Collection[int]) -> None:
    """Read orders, too, of which something was booked lately; their payments are of then."""
    wanted = sorted(set(orders) - side.read)
    entries, moved = side.entries, side.moved
    side.entries, side.moved = [], []
    for start in range(0, len(wanted), _AT_ONCE):
        numbers = wanted[start : start + _AT_ONCE]
        with ends.books.read() as unit:
            ids = returns_of_orders(unit, numbers)
        pages = ends.centra.iter_return_pages(ids=ids) if ids else None
        returns = {} if pages is None else await _by_order(pages)
        sales = ends.centra.iter_sale_pages(numbers=numbers)
        await _read_sales(side, sales, returns, ends.settings)
    side.entries = [
        *entries,
        *(one for one in side.entries if one.pair != "paid"),
    ]
    side.moved = moved


async def _by_order(
    pages: AsyncIterator[ReturnPage],
) -> dict[int, list[Return]]:
    """Returns by the number of their order."""
    returns: dict[int, list[Return]] = defaultdict(list)
    async for page in pages:
        for one in page.found:
            returns[one.model.order.number].append(one.model)
    return returns


async def _read_sales(
    side: CentraSide,
    pages: AsyncIterator[SalePage],
    returns: Mapping[int, list[Return]],
    settings: Connection,
) -> None:
    async for page in pages:
        for found in page.found:
            own = returns.get(found.model.number, [])
            take_sale(side, found.model, own, settings)


def _midnight(day: date, settings: Connection) -> datetime:
    return datetime.combine(day, time(), tzinfo=settings.zone)
