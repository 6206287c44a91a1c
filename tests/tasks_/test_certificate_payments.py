"""Money that people book in Visma.net is in the certificate, whatever it settles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mapping.certificate import Cause, Difference
from sandbox.visma.hand_documents import (
    act_on_document,
    act_on_payment,
    release_payment,
)
from sandbox.visma.ledger_records import Payment
from sandbox.visma.payment_rules import create_payment
from tasks.certificate import certify, sign_difference
from tasks.environment import use_environment
from tests.tasks_.paying import posting, settle, sold
from tests.tasks_.stand import Stand, a_stand
from tests.tasks_.test_certificate import certified, found

D = Decimal


@pytest.fixture(params=["sales_order", "invoice"])
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    """A live store that posts one way or the other."""
    with a_stand(tmp_path, **posting(request.param)) as opened:
        yield opened


def by_hand(stand: Stand, **fields: Any) -> Payment:
    """A payment of 799 SEK that somebody enters and releases, on the bank unless told else."""
    asked = {
        "type": "Payment",
        "customer": "10001",
        "paymentMethod": "INVOICE",
        "cashAccount": "1930",
        "paymentAmount": D("799.00"),
        "applicationDate": "2026-03-10",
        "paymentRef": "by hand",
        "paymentLines": [],
    }
    payment = create_payment(stand.company, asked | fields)
    release_payment(stand.company, payment)
    return payment


def line(kind: str, number: str, amount: str = "799.00") -> dict[str, Any]:
    """What a payment settles."""
    return {
        "operation": "Insert",
        "documentType": kind,
        "refNbr": number,
        "amountPaid": D(amount),
    }


def shown(differences: list[Difference]) -> list[tuple[Cause, str, int]]:
    """Cause, pair and amount of each."""
    return [(one.cause, one.pair, one.amount) for one in differences]


@pytest.mark.parametrize(
    "where",
    [
        pytest.param({}, id="consumer, bank"),
        pytest.param(
            {"paymentMethod": "KLARNA", "cashAccount": "1580"}, id="clearing account"
        ),
    ],
)
async def test_a_payment_that_settles_nothing_is_told(
    stand: Stand, where: dict[str, Any]
) -> None:
    """The same money entered once more, by hand, is on no order: it is unknown."""
    sold(stand)
    await settle(stand)
    assert await found(stand) == []
    made = by_hand(stand, **where)

    [one] = await found(stand)

    assert shown([one]) == [(Cause.UNKNOWN_DOCUMENT, "paid", -79900)]
    assert one.documents == (made.number,)


async def test_a_payment_and_a_refund_by_hand_do_not_hide_each_other(
    stand: Stand,
) -> None:
    """Together they come to nothing: each of them is told."""
    sold(stand)
    await settle(stand)
    first = by_hand(stand)
    second = by_hand(stand, type="Refund", paymentLines=[line("Payment", first.number)])

    differences = await found(stand)

    assert sorted(one.amount for one in differences) == [-79900, 79900]
    assert {one.documents for one in differences} == {(first.number,), (second.number,)}


async def test_a_refund_of_a_credit_note_by_hand_moved_outside_centra(
    stand: Stand,
) -> None:
    """The credit note of a return is paid out by hand, and Centra has no refund of it."""
    order = sold(stand, lines=[{"sku": "NH1104NAVM", "quantity": 2}])
    await settle(stand)
    stand.edit(order, "return", lines={"NH1104NAVM": 1}, refund=False)
    await settle(stand)
    [note] = stand.company.books.credit_notes.values()
    assert await found(stand) == []
    act_on_document(
        stand.company,
        "CreditNote",
        note.number,
        {"action": "pay", "method": "INVOICE", "cash_account": "1930"},
    )

    [one] = await found(stand)

    assert shown([one]) == [(Cause.OUTSIDE_CENTRA, "paid", 79900)]
    assert one.orders == (order.number,)


async def test_a_payment_by_hand_stands_for_an_entry_of_the_same_amount(
    tmp_path: Path,
) -> None:
    """Its entry is parked, so somebody booked it by hand: the money is where it should be."""
    with a_stand(tmp_path, **posting("invoice")) as stand:
        sold(stand)
        await stand.run("orders")
        await stand.run("fulfilment")
        [invoice] = stand.company.books.invoices.values()
        where = {"paymentMethod": "KLARNA", "cashAccount": "1580"}
        by_hand(stand, paymentLines=[line("Invoice", invoice.number)], **where)
        stood = await found(stand)
        by_hand(stand, **where)
        [one] = await found(stand)

    assert stood == []
    assert shown([one]) == [(Cause.UNKNOWN_DOCUMENT, "paid", -79900)]


async def test_a_retailer_pays_by_bank(stand: Stand) -> None:
    """Its invoice is paid in Visma.net, as it should be; on a clearing account it is not."""
    order = stand.place(account=1, lines=[{"sku": "NH1104NAVM"}])
    stand.edit(order, "ship")
    await settle(stand)
    [invoice] = stand.company.books.invoices.values()
    half = invoice.gross / 2
    own = {"customer": invoice.customer, "paymentAmount": half}
    lines = [line("Invoice", invoice.number, str(half))]
    by_hand(stand, **own, paymentLines=lines)
    by_hand(stand, **own)
    assert await found(stand) == []
    where = {"paymentMethod": "KLARNA", "cashAccount": "1580"}
    made = by_hand(stand, **own, **where)

    [one] = await found(stand)

    assert one.documents == (made.number,)
    assert one.cause is Cause.UNKNOWN_DOCUMENT


async def test_old_money_is_told_in_its_month(stand: Stand) -> None:
    """The sale is of March, the refund by hand of June: asked for June alone, it is there."""
    order = sold(stand)
    await settle(stand)
    stand.edit(order, "return", refund=False)
    await settle(stand)
    [note] = stand.company.books.credit_notes.values()
    stand.wait(minutes=60 * 24 * 92)
    body = {"action": "pay", "method": "INVOICE", "cash_account": "1930"}
    act_on_document(stand.company, "CreditNote", note.number, body)

    with use_environment(stand.environment):
        done = await certify("nordhem", date(2026, 6, 1), date(2026, 6, 10))

    [one] = done.certificate.differences
    assert shown([one]) == [(Cause.OUTSIDE_CENTRA, "paid", 79900)]
    assert not done.is_clean


async def test_a_consumer_may_pay_an_invoice(stand: Stand) -> None:
    """A method without a clearing account: the customer pays what no gift card did."""
    rules: dict[str, Any] = {**posting(stand.settings.stores["*"].post_as)}
    stand.change(**rules, **{"payment_methods.Klarna": {"method": "INVOICE"}})
    sold(stand, gift_card="100.00")
    await settle(stand)
    [invoice] = stand.company.books.invoices.values()
    [card] = stand.company.books.payments.values()
    assert card.cash_account == "2421"
    lines = [line("Invoice", invoice.number, "600.00")]
    by_hand(stand, paymentAmount=D("600.00"), paymentLines=lines)

    assert (await certified(stand)).is_clean
    stand.wait(minutes=60 * 24 * 92)
    lines = [line("Invoice", invoice.number, "99.00")]
    june = {"applicationDate": "2026-06-09"}
    by_hand(stand, paymentAmount=D("99.00"), paymentLines=lines, **june)
    by_hand(stand, paymentAmount=D("10.00"), **june)
    with use_environment(stand.environment):
        late = await certify("nordhem", date(2026, 6, 1), date(2026, 6, 10))
    assert [one.amount for one in late.certificate.differences] == [-1000]


async def test_what_people_do_must_be_signed(stand: Stand) -> None:
    """A payment is voided by hand: it has a name, and still somebody must answer for it."""
    sold(stand)
    await settle(stand)
    [payment] = stand.company.books.payments.values()
    act_on_payment(stand.company, payment.number, {"action": "void"})

    done = await certified(stand)

    [one] = done.unsigned
    assert one == done.certificate.differences[0]
    assert not done.is_clean
    with use_environment(stand.environment):
        sign_difference("nordhem", one.id, by="Kim", note="the customer paid in cash")
    assert (await certified(stand)).is_clean
