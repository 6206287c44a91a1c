"""Customers and accounts of Centra as a source: as their newest order shows them.

No public page shows how to list customers by time of change, so an event says who
changed, and the orders of that person or account say what they are now.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta

from connectors.centra import models as centra
from connectors.centra.orders import OrderPage
from connectors.errors import ConfigError
from ledger import SourceEntry
from mapping.references import account_key, customer_key
from tasks.centra_orders import hear
from tasks.direction import Ends, Page, Window

__all__ = ["person_entry", "read_people"]

_TYPES = ("Customer", "Account", "Buyer")
_AT_ONCE = 50


async def read_people(
    ends: Ends, window: Window, watermark: datetime | None
) -> AsyncIterator[Page]:
    """Read who changed: by event, by id (`dtc-7`, `acc-3`), or everybody."""
    del watermark  # people have no time of change that could be asked for
    if window.ids:
        found: set[str] = set()
        async for page in _by_key(ends, window.ids):
            found.update(entry.source_id for entry in page.entries)
            yield page
        lost = [key for key in map(_plain, window.ids) if key not in found]
        yield Page((), missing=tuple(map(_not_there, lost)))
        return
    if window.full or window.since or window.until:
        await ends.centra.ensure_event_listeners(_TYPES)  # nothing after it is missed
        start = datetime.combine(ends.settings.start_on, time(), ends.settings.zone)
        asked = window.model_copy(update={"since": window.since or start})
        async for orders in ends.centra.iter_order_pages(
            **asked.between, with_lines=False
        ):
            yield _page(orders)
        return
    await hear(ends, _TYPES)
    for kind in _TYPES:
        with ends.books.begin() as unit:
            woken = unit.cursors.woken(kind)
        async for page in _of(ends, kind, woken):
            yield page
        with ends.books.begin() as unit:
            unit.cursors.slept(kind, woken)


async def _by_key(ends: Ends, keys: list[str]) -> AsyncIterator[Page]:
    wanted: dict[str, list[int]] = {"Customer": [], "Account": []}
    for key in keys:
        prefix, _, number = key.strip().partition("-")
        kind = {"dtc": "Customer", "acc": "Account"}.get(prefix)
        if kind is None or not number.isdecimal():
            message = f"'{key}' is no customer; write dtc-<id> or acc-<account id>"
            raise ConfigError(message)
        wanted[kind].append(int(number))
    for kind, ids in wanted.items():
        async for page in _of(ends, kind, ids):
            yield page


async def _of(ends: Ends, kind: str, ids: list[int]) -> AsyncIterator[Page]:
    for start in range(0, len(ids), _AT_ONCE):
        buyers = (kind, ids[start : start + _AT_ONCE])
        async for orders in ends.centra.iter_order_pages(of=buyers, with_lines=False):
            yield _page(orders)


def _plain(key: str) -> str:
    """A key as records are named: `dtc-7`, however it was typed."""
    prefix, _, number = key.strip().partition("-")
    return f"{prefix}-{int(number)}"


def _not_there(key: str) -> str:
    return f"Customer {key} is not in Centra, or has no order that the token sees."


def _page(orders: OrderPage) -> Page:
    entries = [person_entry(read.order, read.raw) for read in orders.orders]
    return Page(tuple(entry for entry in entries if entry is not None))


def person_entry(order: centra.Order, raw: bytes) -> SourceEntry | None:
    """Who ordered; an older order never undoes what a newer one showed."""
    if order.account is not None:
        key = account_key(order.account.id)
    elif order.customer is not None:
        key = customer_key(order.customer.id)
    else:
        return None
    return SourceEntry(
        source_id=key,
        label=key,
        fingerprint=hashlib.sha256(_seen(order).encode()).hexdigest(),
        body=raw,
        person=key,
        updated_at=_placed_at(order),
    )


def _placed_at(order: centra.Order) -> datetime:
    """When it was placed; of two in one second the higher number is the newer one."""
    return order.order_date + timedelta(microseconds=order.number % 1_000_000)


def _seen(order: centra.Order) -> str:
    fields = {
        "kind",
        "store",
        "market",
        "country",
        "customer",
        "account",
        "buyer",
        "billing_address",
        "shipping_address",
    }
    currency = order.grand_total.currency.code
    return f"{currency} {order.model_dump_json(include=fields)}"
