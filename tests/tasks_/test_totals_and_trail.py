"""Both sides are read afresh and compared; and any number can be explained."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from sandbox.visma.vat import Totals as Booked
from tasks.environment import use_environment
from tasks.totals import Totals, read_totals
from tasks.trail import story_of
from tests.tasks_.returning import MODES, Mode, a_returning_stand, give_back, sell
from tests.tasks_.stand import Stand, a_stand


async def totals_of(stand: Stand) -> Totals:
    """Read both sides."""
    with use_environment(stand.environment):
        return await read_totals("nordhem")


async def test_both_sides_agree_but_for_what_is_parked(tmp_path: Path) -> None:
    """In every currency Centra is Visma.net plus parked, and parked is what was planted."""
    with a_stand(tmp_path, orders=60) as stand:
        await stand.run()
        totals = await totals_of(stand)

        planted = {one.currency for one in stand.world.planted}
        parked = {row.currency for row in totals.rows if row.parked}
        assert totals.unexplained == []
        assert all(row.difference == 0 for row in totals.rows)
        assert parked == planted
        assert sum(row.orders for row in totals.rows) == 56
        for currency in planted:
            expected = sum(
                one.gross for one in stand.world.planted if one.currency == currency
            )
            assert totals.as_json()[currency]["parked"] == f"{expected:.2f}"


async def test_before_anything_is_sent_nothing_agrees(stand: Stand) -> None:
    """An order that nobody carried over is named, with both sums."""
    order = stand.place()

    totals = await totals_of(stand)

    assert totals.unexplained == [f"N-{order.number}: Centra 799.00, Visma.net 0 SEK"]
    assert totals.as_json() == {
        "SEK": {"centra": "799.00", "visma": "0.00", "parked": "0.00"}
    }


async def test_a_total_that_was_changed_in_visma_is_named(stand: Stand) -> None:
    """The comparison does not trust what the connector remembers."""
    order = stand.place()
    await stand.run()
    found = stand.sales_order(order)
    was = found.totals
    found.totals = Booked(
        Decimal("798.00"), was.tax_total, was.taxable_total, was.exempt_total, was.taxes
    )

    totals = await totals_of(stand)

    assert totals.unexplained == [
        f"N-{order.number}: Centra 799.00, Visma.net 798.00 SEK"
    ]


async def test_a_cancelled_order_owes_nothing_on_either_side(stand: Stand) -> None:
    """An order that was sent and cancelled is on no side of the comparison."""
    order = stand.place()
    await stand.run()
    stand.edit(order, "cancel")
    await stand.run()

    totals = await totals_of(stand)

    assert totals.unexplained == []
    assert totals.rows == []


async def test_an_invoice_of_another_connector_counts(stand: Stand) -> None:
    """An order that stands as an invoice is there."""
    order = stand.place()
    stand.company.add_invoice(
        customer="10001",
        gross=Decimal("799.00"),
        vat=Decimal("159.80"),
        currency="SEK",
        on=order.created_at.date(),
        customer_ref_number=str(order.number),
    )
    await stand.run()

    assert (await totals_of(stand)).unexplained == []


async def test_an_order_is_explained_from_either_side(stand: Stand) -> None:
    """The order number and the document number tell the same story, step by step."""
    order = stand.place()
    await stand.run()
    stand.edit(order, "change_quantity", quantity=2)
    await stand.run()
    books = stand.environment.books("nordhem")
    document = stand.sales_order(order).order_id

    story = story_of(books, str(order.number))

    assert story["found"]
    assert [
        (one["operation"], one["state"], one["amount"]) for one in story["intents"]
    ] == [("create", "confirmed", "799.00"), ("update:2", "confirmed", "1598.00")]
    assert story["links"] == [
        {
            "direction": "orders",
            "role": "created",
            "target_kind": "sales_order",
            "target_id": f"SO/{document}",
        }
    ]
    assert [line["action"] for line in story["audit"]] == ["document.written"] * 2
    assert story["audit"][1]["before"] == story["audit"][0]["after"]
    assert {line["settings"] for line in story["audit"]} == {stand.settings.version}
    for name in (document, f"SO/{document}"):
        other = story_of(books, name)
        assert other["records"] == story["records"]
        assert other["audit"] == story["audit"]


@pytest.mark.parametrize("mode", MODES)
async def test_an_order_is_explained_with_what_hangs_on_it(
    tmp_path: Path, mode: Mode
) -> None:
    """Its number tells shipment and return, each with its direction; the return's own steps only."""
    with a_returning_stand(tmp_path, mode) as stand:
        order = await sell(stand)
        give_back(stand, order, 1)
        await stand.run("refunds")
        books = stand.environment.books("nordhem")
        [back] = order.returns

        story = story_of(books, str(order.number))
        of_return = story_of(books, f"{order.number}-R{back.id}")

        directions = [row["direction"] for row in story["records"]]
        assert {"orders", "fulfilment", "refunds"} <= set(directions)
        assert [row["direction"] for row in of_return["records"]] == ["refunds"]
        assert of_return["audit"]
        assert all(
            f"R{back.id}" in f"{row['document']} {row['detail']}"
            for row in of_return["audit"]
        )


async def test_a_parked_order_is_explained(stand: Stand) -> None:
    """What is parked says why, and what to do."""
    order = stand.place(off_by=1)
    await stand.run()

    story = story_of(stand.environment.books("nordhem"), str(order.number))

    [parked] = story["exceptions"]
    assert parked["code"] == "TOTALS_DO_NOT_ADD_UP"
    assert story["records"][0]["state"] == "parked"


async def test_a_number_that_nobody_knows_is_not_found(stand: Stand) -> None:
    """An unknown number has no story."""
    story = story_of(stand.environment.books("nordhem"), "4711")

    assert (story["found"], story["records"], story["audit"]) == (False, [], [])


async def test_the_audit_chain_holds(tmp_path: Path) -> None:
    """After a whole run every audit line follows from the one before."""
    with a_stand(tmp_path, orders=30) as stand:
        await stand.run()
        with stand.environment.books("nordhem").read() as unit:
            result = unit.audit.verify()

        assert result.ok
        assert result.rows > 25
