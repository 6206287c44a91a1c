"""What can be done to returns. None of it touches the order's `updatedAt`: only events tell."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox.centra.allocating import restock
from sandbox.centra.balances import How
from sandbox.centra.edits import EditError
from sandbox.centra.refunds import refund
from sandbox.centra.returns import Extras, Return, ReturnLine, left_of, return_figures
from sandbox.centra.sales import Order, PaymentEntry
from sandbox.centra.shipments import Shipment, ShipmentLine, discounts_of
from sandbox.centra.stock_changes import note_change
from sandbox.centra.store import CentraInstance

__all__ = [
    "complete_return",
    "create_return",
    "delete_return",
    "issue_credit",
    "refund_return",
    "uncomplete_return",
]


def create_return(
    instance: CentraInstance,
    shipment: Shipment,
    quantities: Mapping[ShipmentLine, int],
    extras: Extras,
    at: datetime,
    *,
    by_force: bool = False,
    **more: Any,  # noqa: ANN401
) -> Return:
    """Make a return of some units of a shipment; doing it twice makes two.

    `by_force` lets more come back than was sent, as a store's own hands may have typed it.

    Raises:
        EditError: the shipment has not left, or has not so much left to give back.
    """
    if not shipment.is_shipped:
        message = f"Shipment {shipment.number} is not shipped"
        raise EditError(message)
    if not quantities or min(quantities.values()) < 1:
        message = "A return needs at least one line, and units on each"
        raise EditError(message)
    quantities = _with_contents(shipment, quantities)
    for line, quantity in quantities.items():
        left = line.quantity - line.returned_quantity
        if quantity > left and not by_force:
            message = f"Shipment line {line.id} has {left} units left, {quantity} cannot be returned"
            raise EditError(message)
    for name in ("shipping", "handling", "discounts"):
        if not 0 <= getattr(extras, name) <= max(0, left_of(shipment, name)):
            message = f"Return {name} cannot exceed what remains on the shipment"
            raise EditError(message)
    figures, totals = return_figures(shipment, quantities, extras)
    if extras.return_cost < 0 or (totals.grand_total < 0 and extras.return_cost):
        message = "Return cost cannot exceed the value of the return"
        raise EditError(message)
    made = Return(
        id=instance.next_id("return"),
        shipment=shipment,
        created_at=at,
        lines=[
            ReturnLine(instance.next_id("return_line"), line, quantity, *figures[line])
            for line, quantity in quantities.items()
        ],
        totals=totals,
        discounts=discounts_of(shipment.order, totals.discounts, at),
        **more,
    )
    shipment.order.returns.append(made)
    instance.returns[made.id] = made
    _count(made, 1)
    _note(instance, made, "CREATED", at)
    return made


def _with_contents(
    shipment: Shipment, quantities: Mapping[ShipmentLine, int]
) -> dict[ShipmentLine, int]:
    """Return the quantities, those of a bundle's contents with it where they are not given."""
    out = dict(quantities)
    bundles = {line.order_line: line for line in quantities}
    for line in quantities:
        if not line.is_counted and line.order_line.bundle_line not in bundles:
            message = f"Shipment line {line.id} is returned with its bundle"
            raise EditError(message)
    for item in shipment.lines:
        bundle = bundles.get(item.order_line.bundle_line)  # type: ignore[arg-type]
        if bundle is not None and item not in out:
            out[item] = item.quantity // bundle.quantity * quantities[bundle]
    return {line: quantity for line, quantity in out.items() if quantity}


def _count(made: Return, sign: int) -> None:
    for part in made.lines:
        part.shipment_line.returned_quantity += sign * part.quantity
        part.shipment_line.order_line.returned_quantity += sign * part.quantity


def _note(instance: CentraInstance, made: Return, change: str, at: datetime) -> None:
    instance.note_of("Return", change, made.id, made.order, at)


def complete_return(instance: CentraInstance, made: Return, at: datetime) -> None:
    """Take the goods in, and put them where the return says.

    Raises:
        EditError: it is completed.
    """
    if made.return_status == "COMPLETED":
        message = f"Return {made.id} is already completed"
        raise EditError(message)
    made.return_status, made.completed_at = "COMPLETED", at
    came = Counter[ShipmentLine]()
    for part in made.lines:
        came[part.shipment_line] += part.quantity
    made.restocked, made.undone = restock(came, made.stock_action)
    for warehouse, sizes in made.restocked.items():
        note_change(instance, warehouse, sizes, f"Return {made.id}", at)
    _note(instance, made, "COMPLETED", at)


def uncomplete_return(instance: CentraInstance, made: Return, at: datetime) -> None:
    """Take back that the goods were taken in; they are out of stock again.

    Raises:
        EditError: it is not completed.
    """
    if made.return_status != "COMPLETED":
        message = f"Return {made.id} is not completed"
        raise EditError(message)
    made.return_status, made.completed_at = "PENDING", None
    _unstock(instance, made, f"Return {made.id} not completed", at)
    _note(instance, made, "UPDATED", at)


def delete_return(instance: CentraInstance, made: Return, at: datetime) -> None:
    """Forget a return, completed or not.

    Raises:
        EditError: money was given back for it.
    """
    if _answered(made):
        message = f"Return {made.id} is refunded and cannot be deleted"
        raise EditError(message)
    made.order.returns.remove(made)
    del instance.returns[made.id]
    _count(made, -1)
    _unstock(instance, made, f"Return {made.id} deleted", at)
    _note(instance, made, "DELETED", at)


def _unstock(
    instance: CentraInstance, made: Return, description: str, at: datetime
) -> None:
    for allocation, units in made.undone:
        allocation.returned -= units
    for warehouse, sizes in made.restocked.items():
        gone = {size: -units for size, units in sizes.items()}
        note_change(instance, warehouse, gone, description, at)
    made.restocked, made.undone = {}, []


def _answered(made: Return) -> int:
    """Return what was given back for a return, or is requested."""
    return sum(
        entry.amount
        for entry in made.order.payments
        if entry.answers is made
        and (
            entry.waits
            or (entry.status == "SUCCESS" and entry.entry_type != "REFUND_REQUEST")
        )
    )


def refund_return(
    instance: CentraInstance,
    made: Return,
    at: datetime,
    how: How = "as_usual",
    amount: int | None = None,
) -> list[PaymentEntry]:
    """Give back the money of a return, whether it is completed or not.

    Raises:
        EditError: nothing is left to give back.
        PaymentError: so much was never taken, or the payment provider refuses.
    """
    left = made.totals.grand_total - _answered(made)
    if left <= 0:
        message = f"Return {made.id} has nothing left to refund"
        raise EditError(message)
    wanted = left if amount is None else min(left, amount)
    entries = refund(instance, made.order, wanted, at, how, answers=made)
    _note(instance, made, "UPDATED", at)
    return entries


def issue_credit(
    instance: CentraInstance,
    order: Order,
    amount: int,
    at: datetime,
    made: Return | None = None,
) -> PaymentEntry:
    """Give a gift card instead of money.

    Raises:
        EditError: the amount is not positive, or more than the return is worth.
    """
    if amount <= 0 or (
        made is not None and amount > made.totals.grand_total - _answered(made)
    ):
        message = "The amount is more than what is left to give back"
        raise EditError(message)
    place = sum(entry.is_compensation for entry in order.payments) + 1
    return instance.add_payment(
        order,
        "REFUND_GIFT_CARD",
        amount,
        at=at,
        reference=f"GC-{order.number}-C{place}",
        method="Gift card",
        answers=made,
        is_compensation=True,
    )
