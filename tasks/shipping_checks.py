"""Checks of what fulfilment needs in Visma.net, by the rules of each store.

What is missing there stops one direction and not the others, so it is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.errors import ConfigError
from connectors.visma.client import VismaClient
from connectors.visma.tables import OrderType
from settings.connection import Connection
from tasks.check_rows import CheckRow

__all__ = ["order_type_rows", "shipping_rows"]

_SHIPS = frozenset({"SalesOrder", "RMAOrder"})
_UNPROVED = (
    "only the first one shows whether Visma.net lets the application ship and invoice; "
    "what it refuses is parked, and nothing is released before it is proved"
)


async def shipping_rows(
    settings: Connection, visma: VismaClient, types: Sequence[OrderType]
) -> list[CheckRow]:
    """Check, by reading only, what a store's shipments need in Visma.net."""
    rules = [one for one in settings.stores.values() if one.post_as == "sales_order"]
    rows = list(order_type_rows(settings, types))
    if rules:
        rows.append(await _readable(visma))
    if any(one.ships == "centra" for one in rules):
        rows.append(CheckRow(what="making shipments", state="ok", found=_UNPROVED))
    return rows


def order_type_rows(
    settings: Connection, types: Sequence[OrderType]
) -> Iterator[CheckRow]:
    """Check that the orders of each store have shipments at all."""
    behaviors = {one.order_type: one.behavior for one in types}
    used = {
        one.order_type
        for one in settings.stores.values()
        if one.post_as == "sales_order"
    }
    for name in sorted(used & behaviors.keys()):
        behavior = behaviors[name]
        if behavior is None or behavior in _SHIPS:
            continue
        yield CheckRow(
            what=f"shipments of order type {name}",
            state="warning",
            found=f"it works as {behavior}, which is never shipped",
            fix="Name an order type that works as SalesOrder in the store's rules; "
            "until then fulfilment has nothing to tell.",
        )


async def _readable(visma: VismaClient) -> CheckRow:
    what = "shipments in Visma.net"
    try:
        page = await anext(visma.iter_shipment_pages(), None)
    except ConfigError as error:
        fix = "Give the application read access to logistics (Visma.net ERP: read)."
        return CheckRow(what=what, state="warning", found=error.message, fix=fix)
    found = f"can be read ({len(page or ())} on the first page)"
    return CheckRow(what=what, state="ok", found=found)
