"""What must change in a sales order so that it is as wanted; nothing if it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.errors import RecordError
from connectors.visma import models as visma
from mapping.order_header import header_changes
from mapping.order_line_changes import (
    line_changes,
    name_of,
    shipped_of,
    state_of,
)
from mapping.rounding import ZERO, plain

__all__ = ["OrderChanges", "changes"]

_CHARGE = "MiscCharge"
_CLOSABLE = frozenset({"open", "backorder"})
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
    name = name_of(current)
    if wanted.status == "Cancelled":
        return _cancellation(current, lines, name)
    if current.status.cancelled:
        raise RecordError(
            f"Sales order {name} is cancelled in Visma.net, but its order lives on.",
            code="CANCELLED_IN_VISMA",
            fix="Reopen it in Visma.net, or cancel the order in Centra.",
            record_id=wanted.customer.order,
        )
    found = line_changes(current, lines, wanted)
    return OrderChanges(
        header=header_changes(current, wanted),
        status=_status(current, wanted, lift_hold=lift_hold),
        add=found.add,
        patch=found.patch,
        delete=found.delete,
        refusal=found.refusal,
    )


def _cancellation(
    current: visma.SalesOrder, lines: Sequence[visma.SalesOrderLine], name: str
) -> OrderChanges:
    if current.status.cancelled:
        return OrderChanges()
    shipped = sum((shipped_of(line) for line in lines), ZERO)
    if shipped:
        told, first = _rest(current, lines)
        refusal = RecordError(
            f"Sales order {name} has {plain(shipped):f} units on shipments and cannot "
            f"be cancelled{told}.",
            code="ORDER_ALREADY_SHIPPED",
            fix=f"{first}Stop the parcel, or take the units back in Visma.net (return "
            "order or credit note), then set this aside.",
            record_id=current.customer.order,
        )
        if state_of(current) in _CLOSABLE:
            return OrderChanges(status="Completed", refusal=refusal)
        raise refusal
    if state_of(current) == _COMPLETED:
        raise RecordError(
            f"Sales order {name} is completed in Visma.net and cannot be cancelled.",
            code="ORDER_COMPLETED",
            fix="If it was invoiced, make a return in Centra; if somebody closed it "
            "because nothing is to leave, set this aside.",
            record_id=current.customer.order,
        )
    return OrderChanges(status="Cancelled")


def _rest(
    current: visma.SalesOrder, lines: Sequence[visma.SalesOrderLine]
) -> tuple[str, str]:
    """What becomes of units of a cancelled order that have not left, and what to do first."""
    left = sum(
        (
            max(ZERO, one.quantity - shipped_of(one))
            for one in lines
            if one.line_type != _CHARGE and not one.completed
        ),
        ZERO,
    )
    if not left or state_of(current) == _COMPLETED:
        return "", ""
    if state_of(current) in _CLOSABLE:
        return f"; it was closed, so that the {plain(left):f} others do not leave", ""
    return f"; {plain(left):f} more may still be sent", (
        "Retry this once no shipment of the sales order is open and it is not on hold, "
        "or close it in Visma.net. "
    )


def _status(
    current: visma.SalesOrder, wanted: visma.NewSalesOrder, *, lift_hold: bool
) -> str | None:
    if wanted.status == "Hold" and not current.status.hold:
        return "Hold"
    if wanted.status == "Open" and current.status.hold and lift_hold:
        return "Open"
    return None
