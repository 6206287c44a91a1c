"""What must change in the lines of a sales order; what is on shipments stays on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from connectors.errors import RecordError
from connectors.visma import models as visma
from mapping.money import minor_unit
from mapping.rounding import ZERO, plain, round_to

__all__ = ["LineChanges", "line_changes", "name_of", "shipped_of", "state_of"]


@dataclass(frozen=True, slots=True)
class LineChanges:
    """Lines to add, patch and delete; `refusal` is what cannot be carried over."""

    add: tuple[visma.NewSalesOrderLine, ...] = ()
    patch: tuple[visma.SalesOrderPatchLine, ...] = ()
    delete: tuple[int, ...] = ()
    refusal: RecordError | None = None


def name_of(current: visma.SalesOrder) -> str:
    """Type and number of a sales order, for people."""
    return f"{current.type} {current.order_id}"


def state_of(current: visma.SalesOrder) -> str:
    """The status of a sales order in small letters without blanks: "backorder"."""
    return (current.status.description or "").replace(" ", "").casefold()


def shipped_of(line: visma.SalesOrderLine) -> Decimal:
    """Units of a line that are on shipments, open ones and those that have left."""
    return line.quantity_on_shipments or ZERO


def line_changes(
    current: visma.SalesOrder,
    lines: Sequence[visma.SalesOrderLine],
    wanted: visma.NewSalesOrder,
) -> LineChanges:
    """Return the changes from the lines that Visma.net has to those that are wanted.

    A line of which more is on shipments than is wanted is cut to that. A line that is
    completed is not changed, nor one that left in part and is now another item.

    Raises:
        RecordError: Lines are not the connector's; or some cannot be changed, and none
            can just now.
    """
    keyed = _by_key(current, lines, wanted)
    if keyed is None:
        return LineChanges()
    add: list[visma.NewSalesOrderLine] = []
    patch: list[visma.SalesOrderPatchLine] = []
    delete: list[int] = []
    fewer: list[tuple[visma.SalesOrderLine, Decimal]] = []
    stuck: list[str] = []
    for line in wanted.order_lines:
        found = keyed.pop(_wanted_key(line), None)
        if found is None:
            add.append(line)
        elif not _same_item(found, line) and shipped_of(found):
            stuck.append(
                f"{_told(found)}, and is item {line.inventory_id} in Centra now"
            )
        elif not _same_item(found, line):
            delete.append(found.line_id)
            add.append(line)
        elif shipped_of(found) > line.quantity:
            fewer.append((found, line.quantity))
        elif (changed := _line_patch(found, line)) is None:
            continue
        elif not found.completed:
            patch.append(changed)
        elif changed.quantity is not None:  # texts of a line that is over do not matter
            stuck.append(
                f"line {found.line_id} is completed, and Centra has changed it"
            )
    fewer += [(gone, ZERO) for gone in keyed.values() if shipped_of(gone)]
    delete += [gone.line_id for gone in keyed.values() if not shipped_of(gone)]
    refusal = _refusal(current, wanted, fewer, stuck)
    minor = minor_unit(current.currency_id)
    cuts = [_cut_to_shipped(line, minor) for line, _ in fewer]
    patch += [one for one in cuts if one is not None]
    return LineChanges(tuple(add), tuple(patch), tuple(delete), refusal)


def _by_key(
    current: visma.SalesOrder,
    lines: Sequence[visma.SalesOrderLine],
    wanted: visma.NewSalesOrder,
) -> dict[str, visma.SalesOrderLine] | None:
    """The lines by our key; None where another connector wrote the same goods.

    Raises:
        RecordError: Some are not the connector's.
    """
    keyed = {_key(line): line for line in lines if _key(line)}
    foreign = [line for line in lines if not _key(line)]
    if foreign and not keyed and _same_goods(foreign, wanted.order_lines):
        return None
    if foreign or len(keyed) != len(lines):
        raise _not_ours(current, wanted, foreign or lines)
    return keyed


def _cut_to_shipped(
    line: visma.SalesOrderLine, minor: Decimal
) -> visma.SalesOrderPatchLine | None:
    """Leave on a line what is on shipments, at its price and with its part of the discount."""
    shipped = shipped_of(line)
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


def _refusal(
    current: visma.SalesOrder,
    wanted: visma.NewSalesOrder,
    fewer: Sequence[tuple[visma.SalesOrderLine, Decimal]],
    stuck: Sequence[str],
) -> RecordError | None:
    """What of the lines a person must see to, or None.

    Raises:
        RecordError: The same, while a shipment is open: Visma.net changes no line then.
    """
    told = [
        f"{_told(line)}, but Centra now has {plain(units):f}" for line, units in fewer
    ]
    if not told and not stuck:
        return None
    is_moving = state_of(current) == "shipping"
    rest = "" if is_moving else "; the rest of the change was made"
    again = "Retry this once the shipment has left. " if is_moving else ""
    first = (
        "Stop the parcel or take the units back in Visma.net (return order or credit "
        "note), or add them to the order in Centra again"
        if fewer
        else "Make the change in Visma.net by hand"
    )
    refusal = RecordError(
        f"Sales order {name_of(current)}: {'; '.join([*told, *stuck])}{rest}.",
        code="SHIPPED_LINE_SHRINKS" if fewer else "LINE_DONE",
        fix=f"{again}{first}, then set this aside.",
        record_id=wanted.customer.order,
    )
    if is_moving:
        raise refusal
    return refusal


def _told(line: visma.SalesOrderLine) -> str:
    return f"line {line.line_id} has {plain(shipped_of(line)):f} units on shipments"


def _not_ours(
    current: visma.SalesOrder,
    wanted: visma.NewSalesOrder,
    lines: Sequence[visma.SalesOrderLine],
) -> RecordError:
    numbers = ", ".join(str(line.line_id) for line in lines[:5])
    return RecordError(
        f"Sales order {name_of(current)} has lines that the connector did not write or "
        f"that share a key ({numbers}), so its edit cannot be carried over.",
        code="LINES_NOT_OURS",
        fix="Make the change in Visma.net by hand, then ignore this record.",
        record_id=wanted.customer.order,
    )
