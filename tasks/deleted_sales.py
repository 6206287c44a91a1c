"""Sales orders and shipments that people delete in Visma.net: no list of changes tells of them."""

from __future__ import annotations

from collections.abc import Collection

from mapping.stock import BOOKED, CANCELLED, ENDED
from tasks.direction import Ends
from tasks.documents_there import GONE, ask
from tasks.taken_facts import (
    find_orders,
    find_shipments,
    mark_dirty,
    note_orders,
    note_shipments,
    shipments_of,
)

__all__ = ["find_deleted_orders", "find_deleted_shipments"]


async def find_deleted_orders(ends: Ends, sources: Collection[str]) -> None:
    """Find sales orders that are gone: they book nothing any more.

    Reads the lists of open orders, and each order that should be in one and is not.
    """
    with ends.books.read() as unit:
        facts = [one for some in find_orders(unit, sources).values() for one in some]
    booked = {one.target: one for one in facts if one.status in BOOKED}
    for status in sorted(BOOKED) if booked else ():
        async for page in ends.visma.iter_sales_order_pages(status=status):
            for row in page:
                booked.pop(f"{row.type}/{row.order_id}", None)
    for fact in booked.values():
        order_type, _, order_id = fact.target.partition("/")
        if await ask(ends.visma.get_sales_order(order_type, order_id)) == GONE:
            gone = fact.model_copy(update={"status": CANCELLED, "lines": None})
            with ends.books.begin() as unit:
                note_orders(unit, [gone])


async def find_deleted_shipments(ends: Ends, sources: Collection[str]) -> None:
    """Find open shipments that are gone: what they carried has not left.

    Reads each that is open as far as anybody knows, of orders that ended; of all orders
    where the figure leaves open shipments out.
    """
    with ends.books.read() as unit:
        found = find_orders(unit, sources)
        every = ends.settings.stock.excluded_since == "shipments"
        orders = [
            one
            for some in found.values()
            for one in some
            if every or one.status in ENDED  # which no open shipment has
        ]
        parts = find_shipments(unit, [one.target for one in orders])
    waiting = {
        one.number
        for some in parts.values()
        for one in some
        if not one.has_left and not one.is_cancelled
    }
    named = {one.target: one.source for one in orders}
    for number in sorted(waiting):
        if await ask(ends.visma.get_shipment(number)) != GONE:
            continue
        with ends.books.begin() as unit:
            facts = shipments_of(unit, [number]).get(number, [])
            gone = [one.model_copy(update={"is_cancelled": True}) for one in facts]
            note_shipments(unit, number, gone)
            mark_dirty(unit, {named[one.order] for one in gone if one.order in named})
