"""The hands of Visma.net's warehouse: what people there do to a sales order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.centra.sales import Order
from sandbox.visma.ledger_records import Package, Shipment
from sandbox.visma.shipment_rules import (
    confirm,
    create_shipment,
    set_quantity,
    touch_shipment,
)
from tests.tasks_.stand import Stand

__all__ = [
    "CAPTURED",
    "COMPLETED",
    "CONFIRMED",
    "MADE",
    "NAMED",
    "SHIPS_CENTRA",
    "SHIPS_VISMA",
    "VISMA_MADE",
    "VISMA_SET",
    "pick",
    "retry",
    "sell",
    "ship",
]

MADE = "centra.mutation.CreateShipment"
NAMED = "centra.mutation.SetIdConversions"
CAPTURED = "centra.mutation.CaptureShipment"
COMPLETED = "centra.mutation.CompleteShipment"

VISMA_MADE = "visma.POST /v2/salesorder/{saleOrderNumber}/action/createShipment"
VISMA_SET = "visma.PUT /v1/shipment/{shipmentNbr}"
CONFIRMED = "visma.POST /v1/shipment/{shipmentNumber}/action/confirmShipment"

SHIPS_CENTRA: dict[str, Any] = {
    "stores": {
        "*": {
            "post_as": "sales_order",
            "dtc_customers": "individual",
            "ships": "centra",
        }
    }
}
"""The goods of every store leave from Centra's warehouse."""

SHIPS_VISMA: dict[str, Any] = {
    "stores": {
        "*": {"post_as": "sales_order", "dtc_customers": "individual", "ships": "visma"}
    }
}
"""The goods of every store leave from Visma.net's warehouse."""


async def sell(
    stand: Stand, *, method: str | None = "stripe-checkout", **order: Any
) -> Order:
    """Place an order and carry it to Visma.net; Stripe takes money at once."""
    placed = stand.place(**order)
    if method is not None:
        placed.payment_method = stand.shop.payment_methods[method]
    await stand.run("orders")
    return placed


def pick(
    stand: Stand,
    order: Order,
    quantities: Mapping[str, int] | None = None,
    *,
    tracking: str | None = None,
    via: str | None = None,
) -> Shipment:
    """Put goods of the order's sales order on a shipment: those named, or all open."""
    stand.world.clock.advance(1)
    sales_order = stand.sales_order(order)
    warehouse = next(line.warehouse for line in sales_order.lines if line.warehouse)
    now = stand.world.clock.now()
    shipment = create_shipment(
        stand.company, sales_order, on=now.date(), warehouse=warehouse
    )
    for line in list(shipment.lines):
        wanted = (quantities or {}).get(line.inventory_id)
        if quantities is not None and wanted is None:
            set_quantity(stand.company, line, Decimal(0))
            shipment.lines.remove(line)
        elif wanted is not None:
            set_quantity(stand.company, line, Decimal(wanted))
    if tracking:
        shipment.packages.append(
            Package(number=1, fields={"boxId": "BOX", "trackingNumber": tracking})
        )
    if via:
        shipment.extra["shipVia"] = via
    touch_shipment(stand.company, shipment)
    return shipment


def ship(stand: Stand, order: Order, *args: Any, **more: Any) -> Shipment:
    """Pick goods and let them leave."""
    on: date | None = more.pop("on", None)
    shipment = pick(stand, order, *args, **more)
    if on is not None:
        shipment.on = on
    confirm(stand.company, shipment)
    return shipment


async def retry(stand: Stand) -> None:
    """Ask for another try of all that is parked, and run."""
    stand.world.clock.advance(1)
    ids = [row.id for row in stand.exceptions()]
    with stand.environment.books("nordhem").begin() as unit:
        unit.exceptions.retry(ids, by="Åsa")
    await stand.run("fulfilment")
