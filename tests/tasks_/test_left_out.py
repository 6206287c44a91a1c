"""What a rule leaves out is counted with its reason, and never sent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tasks_.stand import CREATED, Stand


@pytest.mark.parametrize(
    ("reason", "wish", "changes"),
    [
        ("INTERNAL", {"internal": True}, {}),
        ("PENDING", {"status": "PENDING"}, {}),
        ("WAITING_FOR_PAYMENT", {"waiting_for_payment": True}, {}),
        ("UNPAID", {"paid": False}, {}),
        ("ON_HOLD", {"on_hold": True}, {}),
        (
            "TEST_BUYER",
            {"customer": {"email": "a@test.nordhem.example"}},
            {},
        ),
        ("OTHER_STORE", {}, {"stores": {"Somewhere else": {}}}),
        (
            "ZERO_VALUE",
            {"lines": [{"sku": "NH1104NAVM", "unit_price": 0}]},
            {},
        ),
        ("ACCOUNT", {"account": 1}, {"leave_out.accounts": [1]}),
        ("OLD", {}, {"leave_out.until": "2026-03-10"}),
    ],
)
async def test_it_is_counted_and_not_sent(
    stand: Stand, reason: str, wish: dict[str, Any], changes: dict[str, Any]
) -> None:
    """An order that a rule leaves out makes no call at Visma.net and is no problem."""
    stand.change(**changes)
    order = stand.place(**wish)

    summary = await stand.run()

    assert summary.counts.reasons == {reason: 1}
    assert (summary.counts.left_out, summary.counts.parked) == (1, 0)
    assert CREATED not in stand.calls
    assert stand.state(order) == "left_out"


async def test_what_is_older_than_the_start_is_left_out(stand: Stand) -> None:
    """An order from before start_on is never sent, even when it changes later."""
    stand.change(start_on="2026-03-01")
    order = stand.place(placed_at="2026-02-28T22:00:00+00:00")
    first_day = stand.place(placed_at="2026-02-28T23:00:00+00:00")  # 1 March in Sweden
    for one in (order, first_day):
        stand.edit(one, "touch")

    summary = await stand.run()

    assert summary.counts.reasons == {"BEFORE_START": 1}
    assert stand.sales_orders(order) == []
    assert stand.state(first_day) == "settled"


async def test_the_pricelist_of_staff_is_left_out(stand: Stand) -> None:
    """Orders made with a pricelist that the settings name stay out."""
    order = stand.place()
    name = order.pricelist.name
    stand.change(**{"leave_out.pricelists": [name.upper()]})

    assert (await stand.run()).counts.reasons == {"PRICELIST": 1}
    assert stand.writes.keys() <= {"centra.mutation.SetEventListeners"}


async def test_it_is_judged_anew_when_the_settings_change(stand: Stand) -> None:
    """An order that was left out is taken when the rule is gone and it is read."""
    order = stand.place(internal=True)
    await stand.run()
    stand.change(**{"leave_out.internal": False})

    summary = await stand.run(full=True)

    assert summary.sentence == "1 new"
    assert stand.state(order) == "settled"


async def test_it_is_taken_when_the_reason_is_gone(stand: Stand) -> None:
    """An order that waited for its payment is sent when it was paid."""
    order = stand.place(waiting_for_payment=True, paid=False)
    assert (await stand.run()).counts.left_out == 1
    stand.edit(order, "pay")
    stand.change(**{"orders.take_unpaid": True})

    assert (await stand.run()).sentence == "1 new"


async def test_an_order_that_was_sent_is_never_left_out(stand: Stand) -> None:
    """A rule that would fit now does not stop the edits of an order that was sent."""
    order = stand.place()
    await stand.run()
    stand.change(**{"leave_out.until": "2026-03-10"})
    stand.edit(order, "change_quantity", quantity=2)

    assert (await stand.run()).sentence == "1 changed"
