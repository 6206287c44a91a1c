"""Shipments of Visma.net ERP, as they are read and changed.

Source: ShipmentDto, ShipmentDetailLineDto, PackageDetailLineDto, ShipmentUpdateDto
and CreateShipmentActionDto of the ERP specification; SalesOrderShipmentDto of the
SalesOrder service. Addresses and contacts are left out: nothing of them is needed.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from pydantic import field_validator

from connectors.wire import Incoming, Outgoing

__all__ = [
    "LEFT",
    "ActionResult",
    "OrderShipment",
    "PackageLine",
    "Shipment",
    "ShipmentLine",
    "ShipmentLineUpdate",
    "ShipmentOrderLine",
    "ShipmentUpdate",
]

LEFT = frozenset({"Confirmed", "Completed", "Invoiced", "PartiallyInvoiced"})
"""Statuses of a shipment whose goods have left."""


class ShipmentLine(Incoming):
    """Units of one line of a sales order."""

    line_number: int
    order_type: str | None = None
    order_nbr: str | None = None
    order_line_nbr: int | None = None
    inventory_number: str | None = None
    shipped_qty: Decimal = Decimal(0)


class ShipmentOrderLine(Incoming):
    """A sales order that a shipment serves, and the invoice made of it."""

    order_type: str | None = None
    order_nbr: str | None = None
    invoice_type: str | None = None
    invoice_nbr: str | None = None


class PackageLine(Incoming):
    """A parcel."""

    tracking_number: str | None = None


class Shipment(Incoming):
    """A shipment: what was picked, and what left once it is confirmed."""

    shipment_number: str
    shipment_type: str = "Issue"
    status: str | None = None
    operation: str | None = None
    shipment_date: str | None = None
    ship_via: str | None = None
    from_warehouse: str | None = None
    custom_str1: str | None = None
    last_modified_date_time: str | None = None
    shipment_detail_lines: tuple[ShipmentLine, ...] = ()
    shipment_order_lines: tuple[ShipmentOrderLine, ...] = ()
    shipment_package_lines: tuple[PackageLine, ...] = ()

    @field_validator("ship_via", "from_warehouse", mode="before")
    @classmethod
    def _bare_id(cls, value: Any) -> Any:  # noqa: ANN401 - any wire value
        # On the wire both are {id, description}.
        return value.get("id") if isinstance(value, dict) else value

    @property
    def has_left(self) -> bool:
        """Whether the goods are on their way."""
        return self.status in LEFT

    @property
    def sales_orders(self) -> tuple[str, ...]:
        """The sales orders (`type/number`) that it serves, each once, as listed."""
        named = [(row.order_type, row.order_nbr) for row in self.shipment_order_lines]
        named += [(row.order_type, row.order_nbr) for row in self.shipment_detail_lines]
        found = [f"{kind}/{number}" for kind, number in named if kind and number]
        return tuple(dict.fromkeys(found))


class OrderShipment(Incoming):
    """A shipment as its sales order shows it: the way to the invoice."""

    id: str
    type: str | None = None
    status: str | None = None
    invoice_type: str | None = None
    invoice_id: str | None = None

    @property
    def has_left(self) -> bool:
        """Whether the goods are on their way."""
        return self.status in LEFT


class ActionResult(Incoming):
    """How an action ended: 200 may hold a failure, or work that goes on behind it."""

    reference_number: str | None = None
    action_result: Literal["Queued", "InProcess", "Failed", "Done"] | str | None = None
    error_info: str | None = None

    @property
    def has_failed(self) -> bool:
        """Whether nothing was done."""
        return self.action_result == "Failed"


class ShipmentLineUpdate(Outgoing):
    """A change of one line."""

    operation: Literal["Update", "Delete"]
    line_number: int
    shipped_qty: Decimal | None = None


class ShipmentUpdate(Outgoing):
    """A change of a shipment that was not confirmed yet; what is None stays."""

    custom_str1: str | None = None
    shipment_date: str | None = None
    shipment_detail_lines: tuple[ShipmentLineUpdate, ...] = ()
