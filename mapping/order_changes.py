"""What must change in a sales order so that it is as wanted; nothing if it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from connectors.errors import RecordError
from connectors.visma import models as visma
from mapping.rounding import ZERO, plain
from mapping.texts import cut

__all__ = ["OrderChanges", "changes"]

_NOTE = 2048


@dataclass(frozen=True, slots=True)
class OrderChanges:
    """Calls to make; `status` must be alone in its call and comes last."""

    header: visma.SalesOrderPatch | None = None
    status: str | None = None
    add: tuple[visma.NewSalesOrderLine, ...] = ()
    patch: tuple[visma.SalesOrderPatchLine, ...] = ()
    delete: tuple[int, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the sales order is already as wanted."""
        return self == OrderChanges()


def changes(
    current: visma.SalesOrder,
    lines: Sequence[visma.SalesOrderLine],
    wanted: visma.NewSalesOrder,
    *,
    lift_hold: bool = True,
) -> OrderChanges:
    """Return the changes from what Visma.net has to what is wanted.

    Lines are matched by our key in customStr1, never by position. A hold is lifted
    only with `lift_hold`, so that one set by a person in Visma.net can stay.

    Raises:
        RecordError: shipped goods would have to be taken back, the order was cancelled
            in Visma.net, or its lines are not the connector's.
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
    add, patch, delete = _line_changes(lines, wanted, name)
    return OrderChanges(
        header=_header(current, wanted),
        status=_status(current, wanted, lift_hold=lift_hold),
        add=add,
        patch=patch,
        delete=delete,
    )


def _cancellation(
    current: visma.SalesOrder, lines: Sequence[visma.SalesOrderLine], name: str
) -> OrderChanges:
    if current.status.cancelled:
        return OrderChanges()
    shipped = sum((_shipped(line) for line in lines), ZERO)
    if shipped:
        left = sum((max(ZERO, one.quantity - _shipped(one)) for one in lines), ZERO)
        close = (
            f" Close the sales order in Visma.net: {plain(left):f} units are still on "
            "order, may be sent, and are held back from sale until then."
        )
        raise RecordError(
            f"Sales order {name} has {plain(shipped):f} units on shipments and cannot "
            "be cancelled.",
            code="ORDER_ALREADY_SHIPPED",
            fix=f"Make a return in Centra for what was shipped.{close if left else ''}",
            record_id=current.customer.order,
        )
    if current.status.description == "Completed":
        raise RecordError(
            f"Sales order {name} is completed in Visma.net and cannot be cancelled.",
            code="ORDER_COMPLETED",
            fix="If it was invoiced, make a return in Centra; if somebody closed it "
            "because nothing is to leave, set this aside.",
            record_id=current.customer.order,
        )
    return OrderChanges(status="Cancelled")


def _status(
    current: visma.SalesOrder, wanted: visma.NewSalesOrder, *, lift_hold: bool
) -> str | None:
    if wanted.status == "Hold" and not current.status.hold:
        return "Hold"
    if wanted.status == "Open" and current.status.hold and lift_hold:
        return "Open"
    return None


_LineChanges = tuple[
    tuple[visma.NewSalesOrderLine, ...],
    tuple[visma.SalesOrderPatchLine, ...],
    tuple[int, ...],
]


def _line_changes(
    lines: Sequence[visma.SalesOrderLine], wanted: visma.NewSalesOrder, name: str
) -> _LineChanges:
    keyed = {_key(line): line for line in lines if _key(line)}
    foreign = [line for line in lines if not _key(line)]
    if foreign and not keyed and _same_goods(foreign, wanted.order_lines):
        return (), (), ()
    if foreign or len(keyed) != len(lines):
        raise _not_ours(name, wanted.customer.order, foreign or lines)
    add: list[visma.NewSalesOrderLine] = []
    patch: list[visma.SalesOrderPatchLine] = []
    delete: list[int] = []
    for line in wanted.order_lines:
        found = keyed.pop(_wanted_key(line), None)
        if found is not None and not _same_item(found, line):
            _refuse_if_shipped(found, ZERO, name, wanted.customer.order)
            delete.append(found.line_id)
            found = None
        if found is None:
            add.append(line)
            continue
        _refuse_if_shipped(found, line.quantity, name, wanted.customer.order)
        changed = _line_patch(found, line)
        if changed is not None:
            patch.append(changed)
    for gone in keyed.values():
        _refuse_if_shipped(gone, ZERO, name, wanted.customer.order)
        delete.append(gone.line_id)
    return tuple(add), tuple(patch), tuple(delete)


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


def _header(
    current: visma.SalesOrder, wanted: visma.NewSalesOrder
) -> visma.SalesOrderPatch | None:
    zone = current.customer.tax_zone
    known_zone = zone.id if zone else None
    patch = visma.SalesOrderPatch(
        tax_zone_id=wanted.tax_zone_id
        if known_zone is not None and known_zone != wanted.tax_zone_id
        else None,
        note=_note(current.note or "", wanted.note or ""),
        shipping=None
        if wanted.shipping is None or _is_there(current.shipping, wanted.shipping)
        else visma.NewShipping(
            address=wanted.shipping.address, contact=wanted.shipping.contact
        ),
        billing=None
        if wanted.billing is None or _is_there(current.billing, wanted.billing)
        else wanted.billing,
    )
    return None if patch == visma.SalesOrderPatch() else patch


def _note(current: str, wanted: str) -> str | None:
    """Return the note with our lines added; what a person wrote there stays."""
    missing = [line for line in wanted.splitlines() if line not in current]
    if not missing:
        return None
    added = "\n".join(missing)
    return cut(f"{current}\n{added}" if current else added, _NOTE)


def _is_there(
    current: visma.Destination | None, wanted: visma.NewShipping | visma.NewBilling
) -> bool:
    """Tell whether address and contact are as wanted; unread counts as yes."""
    if current is None:
        return True
    has, to = current.address, wanted.address
    address = has is None or to is None or _texts(
        has.line1, has.line2, has.line3, has.postal_code, has.city,
        has.country.id if has.country else None,
    ) == _texts(
        to.line1, to.line2, to.line3, to.postal_code, to.city, to.country_id
    )  # fmt: skip
    who, reach = current.contact, wanted.contact
    contact = (
        who is None
        or reach is None
        or _texts(who.name, who.attention, who.email, who.phone1)
        == _texts(reach.name, reach.attention, reach.email, reach.phone1)
    )
    return address and contact


def _texts(*values: str | None) -> tuple[str, ...]:
    return tuple((value or "").strip() for value in values)


def _refuse_if_shipped(
    line: visma.SalesOrderLine, wanted: Decimal, name: str, record_id: str
) -> None:
    shipped = _shipped(line)
    if shipped > wanted:
        raise RecordError(
            f"Line {line.line_id} of sales order {name} has {plain(shipped):f} units on "
            f"shipments, but Centra now has {plain(wanted):f}.",
            code="SHIPPED_LINE_SHRINKS",
            fix="Make a return in Centra for the units that were shipped.",
            record_id=record_id,
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
