"""Shipments of Centra: made, captured, completed; each step once, none is idempotent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.centra.graph import Graph, Result
from connectors.errors import InDoubtError

__all__ = ["Captured", "NewShipment", "NewShipmentLine", "Parcel", "Shipping"]


@dataclass(frozen=True)
class NewShipmentLine:
    """So many units of an order line."""

    order_line: int
    quantity: int


@dataclass(frozen=True)
class Parcel:
    """How goods travel; what is not known stays out."""

    carrier: str | None = None
    tracking_number: str | None = None
    packages: int | None = None

    def as_input(self) -> dict[str, Any]:
        """The ShipmentInfoInput."""
        values = {
            "carrier": self.carrier,
            "trackingNumber": self.tracking_number,
            "packagesNumber": self.packages,
        }
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True)
class NewShipment:
    """A shipment to be made: not paid, not sent yet, but good to go."""

    order_number: int
    lines: Sequence[NewShipmentLine]
    parcel: Parcel = Parcel()


@dataclass(frozen=True)
class Captured:
    """How a capture went: taken, or only requested where the provider answers later."""

    is_captured: bool
    entry_type: str | None
    status: str | None
    warnings: tuple[str, ...]


class Shipping:
    """Mutations of shipments."""

    def __init__(self, graph: Graph) -> None:
        """Work through the GraphQL endpoint."""
        self._graph = graph

    async def create(self, shipment: NewShipment) -> int:
        """Make a shipment and return its id.

        Raises:
            RecordError: Centra refuses it; nothing was made.
            InDoubtError: It was sent, and what was made is not known.
        """
        wanted: dict[str, Any] = {
            "order": {"number": shipment.order_number},
            "lines": [
                {"orderLine": {"id": one.order_line}, "quantity": one.quantity}
                for one in shipment.lines
            ],
            "isGoodToGo": True,
        }
        if info := shipment.parcel.as_input():
            wanted["shipmentInfo"] = info
        result = await self._graph.run(
            "create_shipment", {"input": wanted}, repeatable=False, write=True
        )
        made = _part(result, "createShipment", "shipment").get("id")
        if not isinstance(made, int):
            message = "Centra made a shipment (CreateShipment), but told no id of it"
            raise InDoubtError(message)
        return made

    async def capture(self, shipment_id: int) -> Captured:
        """Take the money of a shipment, or request it where that takes time.

        Raises:
            RecordError: It cannot be taken.
            InDoubtError: It was sent and its end is not known.
        """
        result = await self._graph.run(
            "capture_shipment", {"id": shipment_id}, repeatable=False, write=True
        )
        shipment = _part(result, "captureShipment", "shipment")
        entry = _part(result, "captureShipment", "paymentHistoryEntry")
        return Captured(
            shipment.get("isCaptured") is True,
            entry.get("entryType"),
            entry.get("status"),
            result.warnings,
        )

    async def complete(
        self,
        shipment_id: int,
        *,
        shipped_at: datetime,
        send_email: bool,
        parcel: Parcel,
    ) -> bool:
        """Say that a shipment left; return whether Centra shows it so.

        Raises:
            RecordError: Centra refuses it, as when it left already.
            InDoubtError: It was sent and its end is not known.
        """
        wanted: dict[str, Any] = {
            "shippedAt": shipped_at.isoformat(),
            "sendEmail": send_email,
        }
        if info := parcel.as_input():
            wanted["shipmentInfo"] = info
        result = await self._graph.run(
            "complete_shipment",
            {"id": shipment_id, "input": wanted},
            repeatable=False,
            write=True,
        )
        return _part(result, "completeShipment", "shipment").get("isShipped") is True

    async def mark_paid(self, shipment_id: int) -> None:
        """Mark a shipment as paid outside Centra; marking twice is once.

        Raises:
            RecordError: Centra refuses it.
        """
        await self._update(shipment_id, {"isPaid": True})

    async def let_go(self, shipment_id: int) -> None:
        """Allow a shipment to be completed; allowing it twice is once.

        Raises:
            RecordError: Centra refuses it.
        """
        await self._update(shipment_id, {"isGoodToGo": True})

    async def _update(self, shipment_id: int, change: dict[str, bool]) -> None:
        await self._graph.run(
            "update_shipment", {"id": shipment_id, "input": change}, write=True
        )


def _part(result: Result, mutation: str, name: str) -> Mapping[str, Any]:
    payload = result.data.get(mutation)
    part = payload.get(name) if isinstance(payload, Mapping) else None
    return part if isinstance(part, Mapping) else {}
