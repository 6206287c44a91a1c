"""What a shipment of Visma.net must be changed to, to carry what left Centra's warehouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from connectors.errors import RecordError
from connectors.visma import models as visma
from connectors.visma.shipment_models import (
    Shipment,
    ShipmentLineUpdate,
    ShipmentUpdate,
)
from mapping.fulfilment import Dispatch, DispatchLine

__all__ = ["shipment_changes", "wanted_units", "warehouse_of"]

_CHARGE = "MiscCharge"
"""Type of a line without goods, as the error codes of the SalesOrder service name it."""


def wanted_units(
    dispatch: Dispatch, lines: Sequence[visma.SalesOrderLine], name: str
) -> dict[int, Decimal]:
    """Return the units to ship of each line of the sales order, found by our key.

    The lines of an order that an earlier connector made have none: they are found by
    their item. What is no stock item in Visma.net is on no shipment, and left away.

    Raises:
        RecordError: the sales order has no line for something that left.
    """
    by_key = {key: line for line in lines if (key := _key(line))}
    found: dict[int, Decimal] = {}
    for part in dispatch.lines:
        line = by_key.get(part.key)
        if line is not None:
            found[line.line_id] = Decimal(part.quantity)
        elif not _fill(found, part, lines) and not part.is_optional:
            message = (
                f"sales order {name} has no line for order line {part.key[1:]} of "
                f"order {dispatch.order_number}, which left Centra's warehouse"
            )
            raise RecordError(
                message,
                code="LINE_NOT_IN_SALES_ORDER",
                fix="See that the order agrees with its sales order (exceptions of "
                "orders), then retry.",
                record_id=str(dispatch.order_number),
            )
    charges = {line.line_id for line in lines if line.line_type == _CHARGE}
    return {key: units for key, units in found.items() if key not in charges}


def _key(line: visma.SalesOrderLine) -> str | None:
    return line.custom_fields.custom_str1 if line.custom_fields else None


def _fill(
    found: dict[int, Decimal],
    part: DispatchLine,
    lines: Sequence[visma.SalesOrderLine],
) -> bool:
    """Find goods by item on lines that somebody else wrote; False if there is no room."""
    fitting = [
        line
        for line in lines
        if not _key(line)
        and part.item is not None
        and (line.inventory.id or "").strip().casefold() == part.item.casefold()
    ]
    room = {
        line.line_id: line.quantity - found.get(line.line_id, Decimal(0))
        for line in fitting
    }
    left = Decimal(part.quantity)
    if sum(room.values(), Decimal(0)) < left:
        return False
    for line_id, there in room.items():
        taken = min(there, left)
        if taken:
            found[line_id] = found.get(line_id, Decimal(0)) + taken
            left -= taken
    return True


def warehouse_of(
    dispatch: Dispatch,
    units: Mapping[int, Decimal],
    lines: Sequence[visma.SalesOrderLine],
    name: str,
) -> str:
    """Return the one warehouse that a shipment leaves from.

    Raises:
        RecordError: the lines are in several warehouses, or none is named.
    """
    named = {
        line.warehouse_id
        for line in lines
        if line.line_id in units and line.warehouse_id
    }
    if dispatch.warehouse is not None and len(named) <= 1:
        return next(iter(named), dispatch.warehouse)
    if len(named) == 1:
        return named.pop()
    what = "are in several warehouses" if named else "name no warehouse"
    message = f"the lines of sales order {name} {what}; a shipment leaves from one"
    raise RecordError(
        message,
        code="WAREHOUSE_UNCLEAR",
        fix="Set the store's warehouse in the settings; ship this one in Visma.net by "
        "hand, then set it aside.",
        record_id=str(dispatch.order_number),
    )


def shipment_changes(
    shipment: Shipment,
    units: Mapping[int, Decimal],
    dispatch: Dispatch,
    *,
    label: str,
) -> ShipmentUpdate | None:
    """Return what to change so that a shipment is this dispatch; None: nothing.

    Visma.net puts all that is open of an order on a shipment; the rest comes off. The
    day is set right where the shipment waited, perhaps in a period that closed since.

    Raises:
        RecordError: it carries less than left, as Visma.net has too little in stock.
    """
    there: dict[int, Decimal] = {}
    updates = []
    for line in shipment.shipment_detail_lines:
        key = line.order_line_nbr
        if key is None:
            continue
        wanted = units.get(key, Decimal(0)) - there.get(key, Decimal(0))
        carried = max(Decimal(0), min(line.shipped_qty, wanted))
        there[key] = there.get(key, Decimal(0)) + carried
        number = line.line_number
        if not carried:
            updates.append(ShipmentLineUpdate(operation="Delete", line_number=number))
        elif carried != line.shipped_qty:
            updates.append(
                ShipmentLineUpdate(
                    operation="Update", line_number=number, shipped_qty=carried
                )
            )
    short = sorted(key for key, n in units.items() if there.get(key, Decimal(0)) < n)
    if short:
        key = short[0]
        message = (
            f"{label}: {units[key]:f} units of line {key} left Centra's warehouse, but "
            f"shipment {shipment.shipment_number} can carry only "
            f"{there.get(key, Decimal(0)):f}"
        )
        raise RecordError(
            message,
            code="SHORT_IN_VISMA",
            fix="Correct the stock in Visma.net (the goods have left), raise the "
            "quantity on that shipment or delete it, then retry.",
            record_id=label,
        )
    day = dispatch.on.isoformat()
    is_moved = (shipment.shipment_date or day)[:10] != day
    if not updates and not is_moved and shipment.custom_str1 == dispatch.reference:
        return None
    return ShipmentUpdate(
        custom_str1=dispatch.reference,
        shipment_date=f"{day}T00:00:00" if is_moved else None,
        shipment_detail_lines=tuple(updates),
    )
