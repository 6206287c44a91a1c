"""Returns of Centra, as they are made by the connector: pending, never refunded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors.centra.graph import Graph
from connectors.errors import InDoubtError

__all__ = ["NewReturn", "NewReturnLine", "Returning"]


@dataclass(frozen=True)
class NewReturnLine:
    """So many units of a shipment line."""

    shipment_line: int
    quantity: int


@dataclass(frozen=True)
class NewReturn:
    """A return to be made; by its external id it is found again."""

    shipment: int
    lines: Sequence[NewReturnLine]
    external_id: str
    comment: str


class Returning:
    """Makes returns. Completing one is for people, who see the goods."""

    def __init__(self, graph: Graph) -> None:
        """Work through the GraphQL endpoint."""
        self._graph = graph

    async def create(self, wanted: NewReturn) -> int:
        """Make a pending return, and return its id.

        Stock stays as it is: where goods are is known to Visma.net, which made the
        credit note.

        Raises:
            RecordError: Centra refuses it; nothing was made.
            InDoubtError: It was sent and its end is not known.
        """
        lines = [
            {"shipmentLine": {"id": one.shipment_line}, "quantity": one.quantity}
            for one in wanted.lines
        ]
        given: dict[str, Any] = {
            "shipment": {"id": wanted.shipment},
            "lines": lines,
            "returnStockActionPolicy": {"removeItemsFromStock": True},
            "externalId": wanted.external_id,
            "comment": wanted.comment,
        }
        result = await self._graph.run(
            "create_return", {"input": given}, repeatable=False, write=True
        )
        made = (result.data.get("createReturn") or {}).get("return")
        if not made:
            message = "Centra made a return, but does not say which"
            raise InDoubtError(message)
        return int(made["id"])
