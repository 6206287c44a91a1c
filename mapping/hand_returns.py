"""From a credit note that was made by hand to the return that Centra should have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from connectors.centra.sale_models import Sale, Shipment
from connectors.errors import RecordError
from mapping.items import item_number
from settings.connection import Connection

__all__ = ["HandReturn", "credit_note_to_return"]


class HandReturn(BaseModel):
    """A return to be made in Centra; lines by shipment line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    credit_note: str
    order: int
    shipment: int
    lines: dict[int, int]
    external_id: str


def credit_note_to_return(
    number: str, items: Mapping[str, Decimal], sale: Sale, connection: Connection
) -> HandReturn:
    """Return the return of the one shipment that carried all that was credited.

    Raises:
        RecordError: no item of a sale was credited, or no shipment carried them all.
    """
    for shipment in sale.shipments:
        lines = _lines(items, sale, shipment, connection)
        if lines is not None:
            return HandReturn(
                credit_note=number,
                order=sale.number,
                shipment=shipment.id,
                lines=lines,
                external_id=f"{connection.prefix}{number}",
            )
    raise RecordError(
        f"Credit note {number} was made by hand for order {sale.number}, but no "
        "shipment of it carried the goods that were credited",
        code="CREDIT_NOTE_BY_HAND",
        fix="Make the return in Centra by hand, or set this aside.",
        record_id=number,
    )


def _lines(
    items: Mapping[str, Decimal], sale: Sale, shipment: Shipment, connection: Connection
) -> dict[int, int] | None:
    """The shipment's lines that make up the items, None if they do not."""
    left = dict(items)
    lines: dict[int, int] = {}
    for line_id, item, open_units in _open(sale, shipment, connection):
        taken = min(left.get(item, Decimal(0)), Decimal(open_units))
        if taken > 0:
            lines[line_id] = int(taken)
            left[item] -= Decimal(int(taken))
    known = {item for _, item, _ in _open(sale, shipment, connection)}
    missing = any(left[item] for item in left if item in known)
    return lines if lines and not missing else None


def _open(
    sale: Sale, shipment: Shipment, connection: Connection
) -> Iterator[tuple[int, str, int]]:
    """Line, item and units that have not come back yet."""
    by_id = {line.id: line for line in sale.lines}
    for line in shipment.lines:
        sold = by_id.get(line.order_line.id)
        if sold is not None:
            item = item_number(sold, connection.orders, str(sale.number))
            yield line.id, item, line.quantity - line.returned_quantity
