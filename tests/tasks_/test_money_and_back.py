"""The money of a whole sale, there and back: every balance ends where it should.

Played in both ways of posting. What is judged is the general ledger: what customers
owe, and what stands in the clearing accounts.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.tasks_.paying import ROUND, posting, settle, sold
from tests.tasks_.stand import Stand, a_stand

D = Decimal


@pytest.fixture(params=["sales_order", "invoice"])
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    """A live store that posts one way or the other."""
    with a_stand(tmp_path, **posting(request.param)) as opened:
        yield opened


def owed(stand: Stand, customer: str = "10001", currency: str = "SEK") -> Decimal:
    """What a customer owes, by the general ledger."""
    return stand.company.books.journal.customers[customer, currency]


def cleared(stand: Stand, account: str = "1580", currency: str = "SEK") -> Decimal:
    """What stands in a clearing account."""
    return stand.company.books.journal.accounts[account, currency]


def open_documents(stand: Stand) -> dict[str, Decimal]:
    """What is open of invoices, credit notes and payments, by number."""
    books = stand.company.books
    documents = {**books.invoices, **books.credit_notes}
    found = {number: one.balance for number, one in documents.items() if one.balance}
    found |= {n: one.available for n, one in books.payments.items() if one.available}
    return found


async def test_a_sale_is_paid(stand: Stand) -> None:
    """Shipped and captured: nobody owes anything, the money is at the provider."""
    sold(stand, shipping=49)
    await settle(stand)

    assert (owed(stand), cleared(stand)) == (0, D("848.00"))
    assert open_documents(stand) == {}
    assert stand.exceptions() == []


async def test_a_return_that_is_refunded_leaves_nothing_open(stand: Stand) -> None:
    """The refund settles the credit note of its return."""
    order = sold(stand, lines=[{"sku": "NH1104NAVM", "quantity": 2}])
    await settle(stand)
    stand.edit(order, "return", lines={"NH1104NAVM": 1}, refund=True)
    await settle(stand)

    assert (owed(stand), cleared(stand)) == (0, D("799.00"))
    assert open_documents(stand) == {}
    assert stand.exceptions() == []


async def test_a_return_before_the_payment_is_booked_leaves_nothing_open(
    stand: Stand,
) -> None:
    """The note goes against the open invoice, the refund against what is paid too much."""
    order = sold(stand, lines=[{"sku": "NH1104NAVM", "quantity": 2}])
    stand.edit(order, "return", lines={"NH1104NAVM": 1}, refund=True)
    await settle(stand, rounds=3)

    assert (owed(stand), cleared(stand)) == (0, D("799.00"))
    assert open_documents(stand) == {}
    assert stand.exceptions() == []


async def test_a_return_cost_is_kept(stand: Stand) -> None:
    """Of a return of 799 with a cost of 49 the customer gets 750 back."""
    order = sold(stand)
    await settle(stand)
    stand.edit(order, "return", return_cost=49, refund=True)
    await settle(stand)

    assert (owed(stand), cleared(stand)) == (0, D("49.00"))
    assert open_documents(stand) == {}


async def test_a_pending_refund_is_not_booked(stand: Stand) -> None:
    """Until the provider has paid it out the customer has it to his credit."""
    order = sold(stand)
    await settle(stand)
    stand.edit(order, "return", refund="request")
    await settle(stand)

    assert (owed(stand), cleared(stand)) == (D("-799.00"), D("799.00"))

    stand.edit(order, "settle")
    await settle(stand)

    assert (owed(stand), cleared(stand)) == (0, 0)
    assert open_documents(stand) == {}


async def test_a_refund_that_fails_books_nothing(stand: Stand) -> None:
    """The credit stays with the customer until it is paid out."""
    order = sold(stand)
    await settle(stand)
    stand.edit(order, "return", refund="request")
    stand.edit(order, "settle", success=False)
    await settle(stand)

    assert (owed(stand), cleared(stand)) == (D("-799.00"), D("799.00"))
    assert stand.exceptions() == []


async def test_two_returns_of_one_order_have_their_own_refunds(stand: Stand) -> None:
    """Each refund settles the note of its own return, not the first one's."""
    order = sold(stand, lines=[{"sku": "NH1104NAVM", "quantity": 3}])
    await settle(stand)
    for _ in range(2):
        stand.edit(order, "return", lines={"NH1104NAVM": 1}, refund=True)
    await settle(stand)

    assert (owed(stand), cleared(stand)) == (0, D("799.00"))
    assert open_documents(stand) == {}
    assert stand.exceptions() == []


async def test_a_goodwill_refund_leaves_nothing_open(stand: Stand) -> None:
    """A refund without a return has a credit note of its own, and settles it."""
    order = sold(stand)
    await settle(stand)
    stand.edit(order, "goodwill", amount=100)
    await settle(stand)

    assert (owed(stand), cleared(stand)) == (0, D("699.00"))
    assert open_documents(stand) == {}
    assert stand.exceptions() == []


async def test_a_gift_card_for_a_return_is_a_liability(stand: Stand) -> None:
    """No money leaves the provider: the company owes a gift card instead."""
    order = sold(stand)
    await settle(stand)
    stand.edit(order, "return", refund=False)
    stand.edit(order, "issue_gift_card", **{"return": order.returns[-1].id})
    await settle(stand)

    assert (owed(stand), cleared(stand)) == (0, D("799.00"))
    assert cleared(stand, "2421") == D("-799.00")
    assert open_documents(stand) == {}


async def test_a_gift_card_payment_uses_the_liability_up(stand: Stand) -> None:
    """What was paid by gift card is debited to the liability."""
    sold(stand, gift_card=300)
    await settle(stand)

    assert (owed(stand), cleared(stand), cleared(stand, "2421")) == (
        0,
        D("499.00"),
        D("300.00"),
    )
    assert open_documents(stand) == {}


async def test_store_credit_uses_the_liability_up(stand: Stand) -> None:
    """So is a voucher that counts as payment."""
    sold(stand, discounts=[{"type": "AppliedVoucherCredit", "value": 100}])
    await settle(stand)

    assert (owed(stand), cleared(stand), cleared(stand, "2421")) == (
        0,
        D("699.00"),
        D("100.00"),
    )
    assert open_documents(stand) == {}


async def test_money_that_came_first_finds_its_invoice(stand: Stand) -> None:
    """Paid before shipping it stands as prepayment, and is used up by the invoice."""
    order = stand.place(captured=True)
    await settle(stand)

    assert (owed(stand), cleared(stand)) == (D("-799.00"), D("799.00"))

    stand.edit(order, "ship")
    await settle(stand)

    assert owed(stand) == 0
    assert open_documents(stand) == {}
    await settle(stand, rounds=1)
    assert stand.writes == {}


async def test_a_foreign_currency_ends_at_zero_in_itself(stand: Stand) -> None:
    """Euros are owed, paid, credited and refunded in euros."""
    order = sold(stand, country="FI", lines=[{"sku": "NH1104NAVM", "quantity": 2}])
    await settle(stand)
    taken = cleared(stand, "1580EUR", "EUR")
    stand.edit(order, "return", lines={"NH1104NAVM": 1}, refund=True)
    await settle(stand)

    assert owed(stand, "10004", "EUR") == 0
    assert cleared(stand, "1580EUR", "EUR") == taken / 2
    assert open_documents(stand) == {}
    assert stand.exceptions() == []


async def test_all_of_it_again_changes_nothing(stand: Stand) -> None:
    """A sale, a return and a refund, run again and read again in full: no write."""
    order = sold(stand, lines=[{"sku": "NH1104NAVM", "quantity": 2}])
    await settle(stand)
    stand.edit(order, "return", lines={"NH1104NAVM": 1}, refund=True)
    await settle(stand)
    for full in (False, True):
        for direction in ROUND:
            await stand.run(direction, full=full)
            assert stand.writes == {}


async def test_store_credit_comes_back_with_a_return(stand: Stand) -> None:
    """A sale paid in part by voucher is returned whole: the voucher lives again."""
    order = sold(stand, discounts=[{"type": "AppliedVoucherCredit", "value": 100}])
    await settle(stand)
    stand.edit(order, "return", refund=True)
    await settle(stand)

    assert (owed(stand), cleared(stand), cleared(stand, "2421")) == (0, 0, 0)
    assert open_documents(stand) == {}
    assert stand.exceptions() == []


async def test_a_credit_that_nobody_pays_out_is_listed(stand: Stand) -> None:
    """Refunded at the provider outside Centra, only the open credit note tells of it."""
    order = sold(stand)
    await settle(stand)
    stand.edit(order, "return", refund=False)
    await settle(stand)

    assert stand.exceptions() == []

    stand.wait(minutes=15 * 24 * 60)
    await stand.run("payments")

    [listed] = stand.exceptions()
    assert (listed.code, listed.label, listed.amount) == (
        "REFUND_MISSING",
        f"{order.number}-R{order.returns[0].id}",
        D("799.00"),
    )
    assert "Centra has no refund" in listed.reason
    assert (await stand.run("payments")).counts.newly_parked == 0

    stand.edit(order, "refund_return")
    await settle(stand)

    assert (owed(stand), cleared(stand)) == (0, 0)
    assert stand.exceptions() == []


async def test_a_refund_that_nobody_answers_is_listed_as_asked_for(
    stand: Stand,
) -> None:
    """Nobody is told to refund what the payment provider may have refunded already."""
    order = sold(stand)
    await settle(stand)
    stand.edit(order, "return", refund="request")
    [asked] = [entry for entry in order.payments if entry.waits]
    asked.settles_at = None
    await settle(stand)
    stand.wait(minutes=15 * 24 * 60)
    await stand.run("payments")

    [listed] = stand.exceptions()
    assert listed.code == "REFUND_MISSING"
    assert "asked for on 2026-03-10 has no answer" in listed.reason

    stand.edit(order, "settle")
    await settle(stand)

    assert (owed(stand), cleared(stand)) == (0, 0)
    assert stand.exceptions() == []
