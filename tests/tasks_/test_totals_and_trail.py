"""Both sides are read afresh and compared; and the audit chain holds."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from sandbox.visma.vat import Totals as Booked
from tasks.environment import use_environment
from tasks.totals import Totals, read_totals
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


async def test_the_audit_chain_holds(tmp_path: Path) -> None:
    """After a whole run every audit line follows from the one before."""
    with a_stand(tmp_path, orders=30) as stand:
        await stand.run()
        with stand.environment.books("nordhem").read() as unit:
            result = unit.audit.verify()

        assert result.ok
        assert result.rows > 25
