"""What must change in a sales order so that it is as wanted; nothing if it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from connectors.errors import RecordError
from connectors.visma import models as visma
from mapping.money import minor_unit
from mapping.order_header import header_changes
from mapping.rounding import ZERO, plain, round_to

__all__ = ["OrderChanges", "changes"]

_CHARGE = "MiscCharge"
_CLOSABLE = frozenset({"open", "backorder"})
_SHIPPING = "shipping"
_COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class OrderChanges:
    """Calls to make; `status` must be alone in its call and comes last.

    `refusal` is what cannot be carried over: it is raised when the rest is done, so that
    nothing stays on order that nobody wants, whatever a person decides about the rest.
    """

    header: visma.SalesOrderPatch | None = None
    status: str | None = None
    add: tuple[visma.NewSalesOrderLine, ...] = ()
    patch: tuple[visma.SalesOrderPatchLine, ...] = ()
    delete: tuple[int, ...] = ()
    refusal: RecordError | None = None


def changes(
    current: visma.SalesOrder,
    lines: Sequence[visma.SalesOrderLine],
    wanted: visma.NewSalesOrder,
    *,
    lift_hold: bool = True,
) -> OrderChanges:
    """Return the changes from what Visma.net has to what is wanted.

    Lines are matched by our key in customStr1, never by position. A hold is lifted
    only with `lift_hold`, so that one set by a person in Visma.net can stay. What is on
    shipments stays on the order: it is cut to that, and told as its refusal.

    Raises:
        RecordError: Nothing can be done: goods are just on their way, the order was
            ended in Visma.net, or its lines are not the connector's.
    """
    name = f"{current.type} {current.order_id}"
    if wanted.status == "Cancelled":
        return _cancellation(current, lines, name)
    if current.status.cancelled:
        raise RecordError(
            f"Sales order {name} is cancelled in Visma.net, but its order lives on.",
            code="CANCELLED_IN_VISMA",
            fix="Reopen it in Visma.net, or cancel the order in Centra.",
            record_id=wanted.customer.order,
        )
    found = _line_changes(current, lines, wanted, name)
    return replace(
        found,
        header=header_changes(current, wanted),
        status=_status(current, wanted, lift_hold=lift_hold),
    )


def _cancellation(
    current: visma.SalesOrder, lines: Sequence[visma.SalesOrderLine], name: str
) -> OrderChanges:
    if current.status.cancelled:
        return OrderChanges()
    shipped = sum((_shipped(line) for line in lines), ZERO)
    if shipped:
        refusal = RecordError(
            f"Sales order {name} has {plain(shipped):f} units on shipments and cannot "
            "be cancelled.",
            code="ORDER_ALREADY_SHIPPED",
            fix=f"Make a return in Centra for what was shipped.{_rest(current, lines)}",
            record_id=current.customer.order,
        )
        if _state(current) in _CLOSABLE:
            return OrderChanges(status="Completed", refusal=refusal)
        raise refusal
    if _state(current) == _COMPLETED:
        raise RecordError(
            f"Sales order {name} is completed in Visma.net and cannot be cancelled.",
            code="ORDER_COMPLETED",
            fix="If it was invoiced, make a return in Centra; if somebody closed it "
            "because nothing is to leave, set this aside.",
            record_id=current.customer.order,
        )
    return OrderChanges(status="Cancelled")


def _rest(current: visma.SalesOrder, lines: Sequence[visma.SalesOrderLine]) -> str:
    """A sentence about units of a cancelled order that have not left."""
    left = sum(
        (
            max(ZERO, one.quantity - _shipped(one))
            for one in lines
            if one.line_type != _CHARGE and not one.completed
        ),
        ZERO,
    )
    if not left or _state(current) == _COMPLETED:
        return ""
    units = f"{plain(left):f} unit{'' if left == 1 else 's'}"
    if _state(current) in _CLOSABLE:
        return f" The {units} that had not left will not: the sales order was closed."
    return (
        f" {units} more may still be sent: retry this once no shipment of the sales "
        "order is open and it is not on hold, or close it in Visma.net."
    )


def _state(current: visma.SalesOrder) -> str:
    return (current.status.description or "").replace(" ", "").casefold()


def _status(
    current: visma.SalesOrder, wanted: visma.NewSalesOrder, *, lift_hold: bool
) -> str | None:
    if wanted.status == "Hold" and not current.status.hold:
        return "Hold"
    if wanted.status == "Open" and current.status.hold and lift_hold:
        return "Open"
    return None


def _line_changes(
    current: visma.SalesOrder,
    lines: Sequence[visma.SalesOrderLine],
    wanted: visma.NewSalesOrder,
    name: str,
) -> OrderChanges:
    keyed = {_key(line): line for line in lines if _key(line)}
    foreign = [line for line in lines if not _key(line)]
    if foreign and not keyed and _same_goods(foreign, wanted.order_lines):
        return OrderChanges()
    if foreign or len(keyed) != len(lines):
        raise _not_ours(name, wanted.customer.order, foreign or lines)
    add: list[visma.NewSalesOrderLine] = []
    patch: list[visma.SalesOrderPatchLine] = []
    fewer: list[tuple[visma.SalesOrderLine, Decimal]] = []
    for line in wanted.order_lines:
        found = keyed.pop(_wanted_key(line), None)
        if found is None:
            add.append(line)
        elif not _same_item(found, line):
            fewer.append((found, ZERO))
            add.append(line)
        elif _shipped(found) > line.quantity:
            fewer.append((found, line.quantity))
        elif (changed := _line_patch(found, line)) is not None:
            patch.append(changed)
    fewer += [(gone, ZERO) for gone in keyed.values()]
    shipped = [(line, units) for line, units in fewer if _shipped(line)]
    refusal = _shrinks(current, shipped, name, wanted) if shipped else None
    if refusal and _state(current) == _SHIPPING:
        raise refusal  # Visma.net changes no line now
    minor = minor_unit(current.currency_id)
    cuts = [_cut_to_shipped(line, minor) for line, _ in shipped]
    patch += [one for one in cuts if one is not None]
    return OrderChanges(
        add=tuple(add),
        patch=tuple(patch),
        delete=tuple(line.line_id for line, _ in fewer if not _shipped(line)),
        refusal=refusal,
    )


def _cut_to_shipped(
    line: visma.SalesOrderLine, minor: Decimal
) -> visma.SalesOrderPatchLine | None:
    """Leave on a line what is on shipments, at its price and with its part of the discount."""
    shipped = _shipped(line)
    if line.completed or line.quantity <= shipped:
        return None
    discount = (line.discount_amount or ZERO) * shipped / line.quantity
    return visma.SalesOrderPatchLine(
        line_id=line.line_id,
        quantity=shipped,
        unit_price=line.unit_price,
        has_manual_price=True,
        discount_amount=round_to(discount, minor),
        has_manual_discount=True,
    )


def _key(line: visma.SalesOrderLine) -> str:
    return (line.custom_fields.custom_str1 or "") if line.custom_fields else ""


def _wanted_key(line: visma.NewSalesOrderLine) -> str:
    return (line.custom_fields.custom_str1 or "") if line.custom_fields else ""


def _shipped(line: visma.SalesOrderLine) -> Decimal:
    return line.quantity_on_shipments or ZERO


def _same_item(line: visma.SalesOrderLine, wanted: visma.NewSalesOrderLine) -> bool:
    known = line.inventory.id or ""
    return known.strip().casefold() == wanted.inventory_id.strip().casefold()


def _line_patch(
    line: visma.SalesOrderLine, wanted: visma.NewSalesOrderLine
) -> visma.SalesOrderPatchLine | None:
    """Return the fields of a line that differ; a price goes with its discount.

    Visma.net may work a discount out anew when quantity or price change, so the three
    are always written together.
    """
    is_repriced = (
        line.quantity != wanted.quantity
        or line.unit_price != wanted.unit_price
        or (line.discount_amount or ZERO) != wanted.discount_amount
    )
    category = wanted.tax_category_id
    is_retaxed = line.tax_category_id is not None and line.tax_category_id != category
    is_renamed = (
        wanted.description is not None and line.description != wanted.description
    )
    if not (is_repriced or is_retaxed or is_renamed):
        return None
    return visma.SalesOrderPatchLine(
        line_id=line.line_id,
        description=wanted.description if is_renamed else None,
        quantity=wanted.quantity if is_repriced else None,
        unit_price=wanted.unit_price if is_repriced else None,
        has_manual_price=True if is_repriced else None,
        discount_amount=wanted.discount_amount if is_repriced else None,
        has_manual_discount=True if is_repriced else None,
        tax_category_id=category if is_retaxed else None,
    )


def _same_goods(
    lines: Sequence[visma.SalesOrderLine], wanted: Sequence[visma.NewSalesOrderLine]
) -> bool:
    """Tell whether lines that another connector wrote are the ones we would write."""
    theirs = Counter(
        (
            (line.inventory.id or "").casefold(),
            line.quantity,
            line.quantity * line.unit_price - (line.discount_amount or ZERO),
        )
        for line in lines
    )
    ours = Counter(
        (
            line.inventory_id.casefold(),
            line.quantity,
            line.quantity * line.unit_price - line.discount_amount,
        )
        for line in wanted
    )
    return theirs == ours


def _shrinks(
    current: visma.SalesOrder,
    lines: Sequence[tuple[visma.SalesOrderLine, Decimal]],
    name: str,
    wanted: visma.NewSalesOrder,
) -> RecordError:
    told = "; ".join(
        f"line {line.line_id} has {plain(_shipped(line)):f} units on shipments, but "
        f"Centra now has {plain(units):f}"
        for line, units in lines
    )
    rest = (
        "retry this once the shipment has left, so that the rest of the change is made"
        if _state(current) == _SHIPPING
        else "the rest of the change was made"
    )
    return RecordError(
        f"Sales order {name}: {told}.",
        code="SHIPPED_LINE_SHRINKS",
        fix=f"Make a return in Centra for the units that were shipped; {rest}.",
        record_id=wanted.customer.order,
    )


def _not_ours(
    name: str, record_id: str, lines: Sequence[visma.SalesOrderLine]
) -> RecordError:
    numbers = ", ".join(str(line.line_id) for line in lines[:5])
    return RecordError(
        f"Sales order {name} has lines that the connector did not write or that share "
        f"a key ({numbers}), so its edit cannot be carried over.",
        code="LINES_NOT_OURS",
        fix="Make the change in Visma.net by hand, then ignore this record.",
        record_id=record_id,
    )
