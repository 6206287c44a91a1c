"""Returns of a whole world of orders, in all the ways in which the sandbox sells."""

from __future__ import annotations

import random
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sandbox.centra.balances import PaymentError
from sandbox.centra.edits import EditError
from sandbox.centra.sales import Order
from sandbox.visma.ledger_records import Invoice
from tests.tasks_.returning import Mode, a_returning_stand, credit_notes
from tests.tasks_.stand import Stand


def give_back_at_random(stand: Stand, seed: int) -> int:
    """Ship every order and let parts of it come back; return how many returns there are."""
    chance = random.Random(seed)
    made = 0
    for order in list(stand.shop.orders.values()):
        try:
            stand.edit(order, "ship")
        except (EditError, PaymentError):
            continue
        for _ in range(3):
            lines = {
                str(line.order_line.id): chance.randint(1, left)
                for line in order.shipments[-1].lines
                if (left := line.quantity - line.returned_quantity) > 0
                and chance.random() < 0.6
            }
            if not lines:
                continue
            made += give_back(
                stand,
                order,
                lines=lines,
                return_cost=chance.choice([0, 0, 49]),
                shipping=chance.random() < 0.4,
            )
    return made


def give_back(stand: Stand, order: Order, **wish: Any) -> bool:
    """Make a return; one that would cost more than it gives cannot be made."""
    try:
        stand.edit(order, "return", refund=False, **wish)
    except EditError:
        return False
    return True


@pytest.mark.parametrize(
    ("mode", "seed"), [("invoice", 3), ("invoice", 8), ("sales_order", 8)]
)
async def test_each_return_is_credited_to_the_minor_unit(
    tmp_path: Path, mode: Mode, seed: int
) -> None:
    """Every return comes to what Centra gives back, whatever the order is like.

    VAT rates, net and gross prices, vouchers, bundles, currencies; only those of the
    orders that are broken on purpose are parked.
    """
    with a_returning_stand(
        tmp_path, mode, orders=60, seed=seed, **{"limits.max_writes": 5_000}
    ) as stand:
        await stand.run("orders", full=True)
        count = give_back_at_random(stand, seed)
        await stand.run("fulfilment", full=True)
        await stand.run("refunds", full=True)

        broken = {int(one.order_number) for one in stand.world.planted}
        parked = [
            row
            for row in stand.exceptions()
            if row.direction == "refunds"
            and int(row.label.partition("-")[0]) not in broken
        ]
        assert [(row.label, row.code, row.reason) for row in parked] == []
        booked: Counter[str] = Counter()
        for note in credit_notes(stand):
            reference = order_of(stand, note) if note.orders else own_of(note)
            booked[reference] += 1
            wanted = return_of(stand, reference)
            assert (note.gross, note.released) == (wanted, True)
        assert max(booked.values()) == 1
        assert len(booked) > count / 2


def order_of(stand: Stand, note: Invoice) -> str:
    """The reference of the return order that a credit note was made of."""
    [key] = note.orders
    found = stand.company.orders.find(*key)
    assert found is not None
    return str(found.customer_order)


def own_of(note: Invoice) -> str:
    """The reference of a credit note that was made directly."""
    return str(note.external_reference)


def return_of(stand: Stand, reference: str) -> Decimal:
    """What Centra gives back with the return that a reference names."""
    wanted = int(reference.rpartition("R")[2])
    for order in stand.shop.orders.values():
        for made in order.returns:
            if made.id == wanted:
                value = Decimal(made.totals.grand_total)
                return value / made.frame.currency.denominator
    raise LookupError(reference)
