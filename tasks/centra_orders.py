"""Orders of Centra as a source: what is new, what was woken, what was asked for."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, time, timedelta

from connectors.centra.orders import OrderPage, ReadOrder, UnreadableOrder
from connectors.errors import ConfigError
from ledger import SourceEntry
from mapping.references import account_key, customer_key, order_reference
from mapping.rounding import rounding_for
from settings.connection import Connection
from tasks.centra_sweep import Sweep
from tasks.direction import Ends, Page, Window

__all__ = ["hear", "order_entry", "read_orders", "references_of"]

_AT_ONCE = 100
_LARGEST_NUMBER = 2**31 - 1  # GraphQL's Int


async def read_orders(
    ends: Ends, window: Window, watermark: datetime | None
) -> AsyncIterator[Page]:
    """Read orders by number, by window, or by what changed since the watermark.

    An event is only a wake-up: it is stored, confirmed, and the order is read if
    the sweep over the time of change did not bring it anyway.
    """
    if window.ids:
        numbers = _numbers(window.ids)
        there: set[str] = set()
        async for page in _by_number(ends, numbers):
            there.update(entry.source_id for entry in page.entries)
            yield page
        lost = [one for one in dict.fromkeys(numbers) if str(one) not in there]
        yield Page((), missing=tuple(map(_not_there, lost)))
        return
    if window.since or window.until:
        async for found in ends.centra.iter_order_pages(**window.between):
            yield _page(ends, found, is_sweep=False)
        return
    await hear(ends, ["Order"])
    seen: set[int] = set()
    since = None if window.full else watermark
    overlap = timedelta(minutes=ends.settings.limits.overlap_minutes_centra)
    start = datetime.combine(ends.settings.start_on, time(), ends.settings.zone)
    if since:
        start = since - overlap
    sweep = Sweep(ends, "Order")
    async for swept in sweep.pages(
        None if window.backfill and window.full else start,
        ends.centra.iter_order_pages,
        at_once=_AT_ONCE,
        is_delta=since is not None,
    ):
        seen.update(read.order.number for read in swept.orders)
        yield _page(ends, swept, is_sweep=True)
        for read in swept.orders:
            sweep.note(read.order.number, read.order.updated_at)
    sweep.keep(overlap)
    with ends.books.begin() as unit:
        woken = unit.cursors.woken("Order")
    async for page in _by_number(ends, sorted(set(woken) - seen)):
        yield page
    if woken:
        with ends.books.begin() as unit:
            unit.cursors.slept("Order", woken)


async def hear(ends: Ends, types: Sequence[str]) -> None:
    """Take the waiting events: stored first, then confirmed, poison ones too."""
    await ends.centra.ensure_event_listeners(types)
    while events := await ends.centra.get_events(types):
        with ends.books.begin() as unit:
            for event in events:
                unit.cursors.wake(
                    event.object_type, [event.object_reference], at=event.created_at
                )
        await ends.centra.confirm_events([event.id for event in events])


async def _by_number(ends: Ends, numbers: Sequence[int]) -> AsyncIterator[Page]:
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        async for page in ends.centra.iter_order_pages(numbers=some):
            yield _page(ends, page, is_sweep=False)


def _numbers(ids: Sequence[str]) -> list[int]:
    wrong = [
        one for one in ids if not one.strip().isdecimal() or int(one) > _LARGEST_NUMBER
    ]
    if wrong:
        message = f"'{wrong[0]}' is no order number; orders are pulled by number"
        raise ConfigError(message)
    return [int(one) for one in ids]


def _not_there(number: int) -> str:
    return f"Order {number} is not in Centra, or not in a store that the token sees."


def _page(ends: Ends, page: OrderPage, *, is_sweep: bool) -> Page:
    """Only a sweep moves the watermark, and only to a time that Centra wrote."""
    times = [read.order.updated_at for read in page.orders]
    entries = [order_entry(read, ends) for read in page.orders]
    entries += [_unreadable(lost) for lost in page.unreadable]
    return Page(
        entries=tuple(entries),
        newest=max(times) if times and is_sweep else None,
    )


def order_entry(read: ReadOrder, ends: Ends) -> SourceEntry:
    """An order as the ledger stores it; touching it without a change is none."""
    order = read.order
    seen = order.model_dump_json(exclude={"updated_at"})
    currency = order.grand_total.currency.code
    person = None
    if order.customer:
        person = customer_key(order.customer.id)
    elif order.account:
        person = account_key(order.account.id)
    return SourceEntry(
        source_id=str(order.number),
        label=str(order.number),
        fingerprint=hashlib.sha256(seen.encode()).hexdigest(),
        body=read.raw,
        person=person,
        occurred_on=order.order_date.astimezone(ends.settings.zone).date(),
        updated_at=order.updated_at,
        amount=rounding_for(currency, ends.settings).amount(order.grand_total.value),
        currency=currency,
    )


def _unreadable(lost: UnreadableOrder) -> SourceEntry:
    """An order that this version cannot read; mapping it parks it with the reason."""
    return SourceEntry(
        source_id=str(lost.number),
        label=str(lost.number),
        fingerprint=hashlib.sha256(lost.raw).hexdigest(),
        body=lost.raw,
    )


def references_of(settings: Connection, number: int) -> list[str]:
    """Our reference of an order first, then how an earlier connector wrote it."""
    patterns = settings.adopt_references
    own = order_reference(settings.prefix, number)
    return [own, *(pattern.format(number=number) for pattern in patterns)]
