"""What an order of Centra should show of documents in Visma.net, and be called there."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from mapping.drafts import digest

__all__ = ["ObjectName", "OrderAttribute"]


class ObjectName(BaseModel):
    """The external id that a shipment or a return of an order should have."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    object_type: Literal["Shipment", "Return"]
    object_id: int
    value: str


class OrderAttribute(BaseModel):
    """The text of one attribute of an order, and names of what hangs on the order.

    Written as a whole each time, so writing it twice is writing it once.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    type_name: str
    element: str
    text: str
    names: tuple[ObjectName, ...] = ()
    paid_shipments: tuple[int, ...] = ()
    """Shipments that should be marked as paid."""
    marked_paid: tuple[int, ...] = ()
    """Shipments that were marked already when the order was read."""

    @property
    def unmarked(self) -> tuple[int, ...]:
        """The shipments that are still to be marked as paid."""
        return tuple(one for one in self.paid_shipments if one not in self.marked_paid)

    @property
    def hash(self) -> str:
        """The same for the same wish: what tells that nothing has changed."""
        return digest(self.model_dump(exclude={"marked_paid"}))
