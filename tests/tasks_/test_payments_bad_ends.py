"""Payments that cannot be booked as they are: parked with a reason, and gone on with."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from sandbox.centra.sales import Order
from sandbox.visma.ledger_records import Payment
from sandbox.visma.payment_rules import release_payment
from sandbox.visma.release import release_document
from tests.tasks_.paying import MADE, UPDATED, carry, posting, settle, sold
from tests.tasks_.stand import Stand, a_stand

D = Decimal


def captured(order: Order) -> str:
    """The id of an order's newest capture."""
    return [str(e.id) for e in order.payments if e.entry_type == "CAPTURE"][-1]


def payments(stand: Stand) -> list[Payment]:
    """All payments that were booked."""
    return list(stand.company.books.payments.values())


async def test_a_payment_that_somebody_has_open_is_finished_later(stand: Stand) -> None:
    """Locked after it was made it is parked; the next run goes on with the same one."""
    order = sold(stand)
    await carry(stand, "orders", "fulfilment")
    stand.company.books.locked.add(("payment", "300001"))
    await stand.run("payments")

    assert stand.parked() == {captured(order): "LOCKED"}
    assert [one.status for one in payments(stand)] == ["Hold"]

    stand.company.books.locked.clear()
    await stand.run("payments")

    assert MADE not in stand.writes
    assert [one.status for one in payments(stand)] == ["Closed"]
    assert stand.exceptions() == []


async def test_a_closed_period_shifts_or_parks(tmp_path: Path) -> None:
    """The day stays the entry's; by setting the payment waits for its period."""
    changes = posting("invoice")
    with a_stand(tmp_path, **changes, **{"orders.closed_periods": "park"}) as stand:
        order = stand.place(captured=True, placed_at="2026-02-27T10:00:00+00:00")
        stand.company.close_period("202602")
        await stand.run("payments")

        assert stand.parked() == {captured(order): "PERIOD_CLOSED"}
        assert payments(stand) == []

        stand.change(**changes)
        await stand.run("payments")

        [booked] = payments(stand)
        assert (booked.on.isoformat(), booked.period) == ("2026-02-27", "202603")


async def test_an_entry_of_an_unknown_type_is_parked(stand: Stand) -> None:
    """A chargeback is no payment that we know; the capture is booked all the same."""
    order = sold(stand)
    await carry(stand, "orders", "fulfilment")
    strange = stand.shop.add_payment(
        order, "CHARGEBACK", 79_900, at=stand.world.clock.now(), reference="X"
    )
    await stand.run("payments")

    assert stand.parked() == {str(strange.id): "PAYMENT_ENTRY_UNKNOWN"}
    assert len(payments(stand)) == 1


async def test_what_is_captured_too_much_stays_open(stand: Stand) -> None:
    """The invoice takes its balance; the rest stays on the payment, as a balance."""
    order = sold(stand)
    await carry(stand, "orders", "fulfilment")
    order.payments[-1].amount += 10_000
    await stand.run("payments")

    [booked] = payments(stand)
    [invoice] = stand.company.books.invoices.values()
    assert (booked.amount, booked.available) == (D("899.00"), D("100.00"))
    assert (invoice.status, invoice.balance) == ("Closed", 0)
    assert stand.exceptions() == []
    await stand.run("payments")
    assert stand.writes == {}


async def test_a_refund_without_a_credit_waits(stand: Stand) -> None:
    """Until the credit note of its return stands, nothing is paid out in the books."""
    order = sold(stand)
    await settle(stand)
    stand.edit(order, "return", refund=True)
    waiting = await stand.run("payments")

    assert waiting.counts.waiting == 1
    assert stand.writes == {}
    assert stand.exceptions() == []


async def test_a_payment_on_an_old_sale_is_parked(tmp_path: Path) -> None:
    """Its order is from before start_on, and Visma.net has no document of it."""
    with a_stand(tmp_path, start_on="2026-03-05") as stand:
        order = stand.place(placed_at="2026-03-01T10:00:00+00:00")
        stand.edit(order, "ship")
        await carry(stand)

        [parked] = [one for one in stand.exceptions() if one.direction == "payments"]
        assert (parked.source_id, parked.code) == (captured(order), "OLD_SALE")
        assert payments(stand) == []


async def test_a_voided_payment_is_told_once(tmp_path: Path) -> None:
    """People voided a prepayment; when its invoice comes, a person must look."""
    with a_stand(tmp_path, **posting("invoice")) as stand:
        order = stand.place(captured=True)
        await settle(stand, rounds=1)
        payments(stand)[0].status = "Voided"
        stand.edit(order, "ship")
        await settle(stand)

        assert MADE not in stand.writes
        assert len(payments(stand)) == 1
        assert stand.parked() in ({}, {captured(order): "PAYMENT_VOIDED"})


async def test_people_release_what_the_connector_applies(tmp_path: Path) -> None:
    """Invoice released, then payment: between them the connector adds the line."""
    with a_stand(tmp_path, **posting("invoice", releases="visma")) as stand:
        sold(stand)
        await settle(stand, rounds=1)
        [invoice], [booked] = stand.company.books.invoices.values(), payments(stand)

        assert (invoice.status, booked.status) == ("Balanced", "Balanced")
        assert booked.lines == []

        stand.world.clock.advance(1)
        release_document(stand.company, invoice)
        await stand.run("payments")

        assert stand.writes == {UPDATED: 1}
        assert [(one.number, one.amount) for one in booked.lines] == [
            (invoice.number, D("799.00"))
        ]

        stand.world.clock.advance(1)
        release_payment(stand.company, booked)

        assert (invoice.status, booked.status) == ("Closed", "Closed")
        await stand.run("payments")
        assert stand.writes == {}


@pytest.mark.parametrize("post_as", ["sales_order", "invoice"])
async def test_individual_customers_pay_for_themselves(
    tmp_path: Path, post_as: str
) -> None:
    """A consumer with a customer of their own has the payment on it."""
    rules = posting(post_as, dtc_customers="individual")
    with a_stand(tmp_path, **rules) as stand:
        sold(stand)
        await settle(stand)

        [booked] = payments(stand)
        [invoice] = stand.company.books.invoices.values()
        assert booked.customer == invoice.customer
        assert booked.customer not in {"10001", "10011"}
        assert (invoice.status, booked.status) == ("Closed", "Closed")
