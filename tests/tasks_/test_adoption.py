"""What Visma.net has already is taken over, and never made again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from sandbox.centra.sales import Order
from sandbox.visma.ledger_records import Invoice
from tests.tasks_.stand import CREATED, INDIVIDUAL, Stand, a_stand, emptied


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for the ledger that takes the place of a lost one."""
    folder = tmp_path / "anew"
    folder.mkdir()
    return folder


async def test_an_emptied_ledger_makes_nothing_twice(
    tmp_path: Path, folder: Path
) -> None:
    """With a new ledger every order and customer is found again by its reference."""
    with a_stand(tmp_path, orders=60, **INDIVIDUAL) as stand:
        await stand.run("customers", full=True)
        before = await stand.run("orders")
        customers = len(stand.company.customers)
        orders = len(stand.company.orders)
        assert before.counts.created == orders

        with emptied(stand, folder):
            again = await stand.run("orders")

            assert (again.counts.adopted, again.counts.created) == (orders + 1, 0)
            assert len(stand.company.orders) == orders
            assert len(stand.company.customers) == customers
            assert stand.world.calls.by_operation["visma.POST /v1/customer"] == 0
            assert (await stand.run("orders")).counts.adopted == 0


async def test_what_was_adopted_is_kept_up_to_date(
    tmp_path: Path, folder: Path
) -> None:
    """An edit after the ledger was lost changes the order that was found again."""
    with a_stand(tmp_path) as stand:
        order = stand.place()
        await stand.run()
        with emptied(stand, folder):
            await stand.run()
            stand.edit(order, "change_quantity", quantity=2)

            assert (await stand.run()).sentence == "1 changed"
            found = stand.sales_order(order)
            assert found.totals.order_total == Decimal("1598.00")


async def test_an_edit_while_the_ledger_was_lost_is_told(
    tmp_path: Path, folder: Path
) -> None:
    """A document that differs from the order it answers is a person's to compare."""
    with a_stand(tmp_path) as stand:
        order = stand.place()
        await stand.run()
        stand.edit(order, "change_quantity", quantity=2)
        with emptied(stand, folder):
            await stand.run()

            [parked] = stand.exceptions()
            assert (parked.code, parked.amount) == (
                "FOUND_BUT_DIFFERENT",
                Decimal("1598.00"),
            )
            assert parked.reason == (
                f"order {order.number}: sales order SO/000100 in Visma.net carries its "
                "reference, but its total is 799.00, not 1598.00"
            )
            assert stand.writes == {}


def invoice_of(stand: Stand, order: Order, gross: str = "799.00") -> Invoice:
    """Book an order as an invoice, as an earlier connector did: by its bare number."""
    number = stand.company.add_invoice(
        customer="10001",
        gross=Decimal(gross),
        vat=Decimal(gross) / 5,
        currency="SEK",
        on=order.created_at.date(),
        customer_ref_number=str(order.number),
    )
    stand.world.clock.advance(1)
    return stand.company.invoices[number]


async def test_an_invoice_of_another_connector_is_adopted(stand: Stand) -> None:
    """An order that was invoiced already is not ordered again."""
    order = stand.place()
    invoice_of(stand, order)

    summary = await stand.run()

    assert summary.sentence == "1 adopted"
    assert CREATED not in stand.calls
    assert stand.state(order) == "settled"


async def test_an_invoice_with_another_total_is_parked(stand: Stand) -> None:
    """A document with our reference and another total is never passed over."""
    order = stand.place()
    invoice = invoice_of(stand, order, gross="700.00")

    await stand.run()

    [parked] = stand.exceptions()
    assert parked.code == "FOUND_BUT_DIFFERENT"
    assert parked.reason == (
        f"order {order.number}: invoice {invoice.number} in Visma.net carries its "
        "reference, but its total is 700.00, not 799.00"
    )
    assert CREATED not in stand.calls


async def test_two_documents_of_one_order_are_parked(stand: Stand) -> None:
    """Two invoices for one order: one of them is too many."""
    order = stand.place()
    invoice_of(stand, order)
    invoice_of(stand, order)

    await stand.run()

    assert stand.parked() == {str(order.number): "DUPLICATE_REFERENCE"}
    assert CREATED not in stand.calls


async def test_an_adopted_invoice_cannot_be_edited(stand: Stand) -> None:
    """An order that changes after it was invoiced elsewhere is corrected by hand."""
    order = stand.place()
    invoice_of(stand, order)
    await stand.run()
    stand.edit(order, "change_quantity", quantity=2)

    await stand.run()

    assert stand.parked() == {str(order.number): "CHANGED_AFTER_INVOICE"}
    assert stand.writes == {}


async def test_a_document_that_was_cancelled_does_not_count(
    tmp_path: Path, folder: Path
) -> None:
    """As its fix says: once the wrong document is cancelled, a retry makes it anew."""
    with a_stand(tmp_path) as stand:
        order = stand.place()
        await stand.run()
        found = stand.sales_order(order)
        found.status = "Cancelled"
        found.modified_at += timedelta(seconds=1)
        stand.company.orders.put(found)
        with emptied(stand, folder):
            summary = await stand.run()

            assert summary.sentence == "1 new"
            assert len(stand.sales_orders(order)) == 2


async def test_an_invoice_made_of_our_order_is_no_second_one(
    tmp_path: Path, folder: Path
) -> None:
    """An order and the invoice that Visma.net made of it are one sale."""
    with a_stand(tmp_path) as stand:
        order = stand.place()
        await stand.run()
        invoice = invoice_of(stand, order)
        invoice.customer_ref_number = f"N-{order.number}"
        with emptied(stand, folder):
            assert (await stand.run()).sentence == "1 adopted"
            with stand.environment.books("nordhem").read() as unit:
                link = unit.links.get("orders", str(order.number))
            assert link is not None
            assert link.target_kind == "sales_order"
