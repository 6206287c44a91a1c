"""Any document can be undone: planned, approved, answered by its opposite, never deleted."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import RecordError
from mapping.certificate import Cause
from sandbox.visma.hand_documents import act_on_document
from sandbox.visma.ledger_records import Invoice
from tasks.certificate import Certified, certify
from tasks.environment import use_environment
from tasks.undoing import Undone, UndoPlan, apply_undo, plan_undo
from tests.tasks_.counting import ADJUSTING, SHIRT, adjustments, move, on_hand
from tests.tasks_.paying import posting, settle, sold
from tests.tasks_.stand import PATCHED, Stand, a_stand

D = Decimal
CREDITED = "visma.POST /v2/customerCreditNote"
VOIDED = "visma.POST /v1/customerPayment/{paymentNumber}/action/void"


@pytest.fixture(params=["sales_order", "invoice"])
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    """A live store that posts one way or the other."""
    with a_stand(tmp_path, **posting(request.param)) as opened:
        yield opened


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Stand]:
    """A live store that posts invoices."""
    with a_stand(tmp_path, **posting("invoice")) as opened:
        yield opened


async def plan(stand: Stand, document: str, kind: str | None = None) -> UndoPlan:
    """Show what would undo a document."""
    with use_environment(stand.environment):
        return await plan_undo("nordhem", document, kind)


async def undo(stand: Stand, document: str, kind: str | None = None) -> Undone:
    """Plan it, and apply exactly that in the name of Kim."""
    shown = await plan(stand, document, kind)
    with use_environment(stand.environment):
        return await apply_undo(
            "nordhem", document, shown.hash, by="Kim", note="wrong buyer", kind=kind
        )


async def certified(stand: Stand) -> Certified:
    """Read both sides from start_on to today."""
    with use_environment(stand.environment):
        return await certify("nordhem")


def retry(stand: Stand, done: Undone) -> None:
    """Have what was undone written again, in the name of Kim."""
    assert done.exception is not None
    with stand.environment.books("nordhem").begin() as unit:
        assert unit.exceptions.retry([done.exception], by="Kim") == 1


def close_period(stand: Stand, period: str) -> None:
    """Close a period in Visma.net; the connector reads them anew."""
    stand.company.closed_periods.add(period)


def pay_by_hand(stand: Stand, invoice: Invoice) -> str:
    """The bank has paid an invoice, and somebody booked it."""
    paid = act_on_document(stand.company, "Invoice", invoice.number, {"action": "pay"})
    return str(paid["payment"])


async def refused(stand: Stand, document: str) -> str:
    """In which sentence it is refused; nothing is written."""
    stand.world.calls.reset()
    with pytest.raises(RecordError) as caught:
        await plan(stand, document)
    assert stand.writes == {}
    assert caught.value.code == "CANNOT_BE_UNDONE"
    return caught.value.message


def documents(stand: Stand) -> list[Invoice]:
    """Invoices and credit notes, oldest first."""
    books = stand.company.books
    return sorted(
        [*books.invoices.values(), *books.credit_notes.values()],
        key=lambda one: one.number,
    )


def figures(one: Invoice) -> dict[str, Any]:
    """What a document comes to, and where it is booked."""
    return {
        "kind": one.kind,
        "reference": one.external_reference,
        "gross": one.gross,
        "vat": {tax.code.rate: tax.tax for tax in one.taxes},
        "balance": one.balance,
        "status": one.status,
        "period": one.period,
        "lines": [(x.inventory_id, x.quantity, x.amount, x.account) for x in one.lines],
    }


async def test_an_invoice_is_answered_by_a_credit_note_that_settles_it(
    books: Stand,
) -> None:
    """Of the very same lines, VAT and accounts; both are closed, and no run writes it again."""
    order = sold(books, lines=[{"sku": "NH1104NAVM", "quantity": 2}], shipping=49)
    await books.run("fulfilment")
    [invoice] = documents(books)
    before = figures(invoice)

    done = await undo(books, invoice.number)

    assert (done.state, books.writes[CREDITED]) == ("confirmed", 1)
    first, second = (figures(one) for one in documents(books))
    same = ("gross", "vat", "lines", "period")
    assert [second[name] for name in same] == [before[name] for name in same]
    assert (before["gross"], before["vat"]) == (D("1647.00"), {D(25): D("329.40")})
    reference = invoice.external_reference
    assert (second["kind"], second["reference"]) == ("CreditNote", f"{reference}U")
    assert (first["balance"], first["status"]) == (D(0), "Closed")
    assert (second["balance"], second["status"]) == (D(0), "Closed")
    books.edit(order, "change_address", city="Lund")
    for _ in range(2):
        await settle(books)
        await books.run("invoices")
        await books.run("credit_notes")
        assert len(documents(books)) == 2
    assert books.parked() == {}


async def test_it_is_written_again_only_when_somebody_retries_it(books: Stand) -> None:
    """With a reference of its own; payments and returns then go to that one."""
    order = sold(books)
    await books.run("fulfilment")
    [first] = documents(books)
    done = await undo(books, first.number)
    left = await books.run("fulfilment", ids=[str(order.number)])
    assert left.counts.reasons == {}

    retry(books, done)
    await settle(books)
    books.edit(order, "return", refund=True)
    await settle(books)

    told = {one.external_reference: one.status for one in documents(books)}
    shipment = first.external_reference
    assert told == {
        shipment: "Closed",
        f"{shipment}U": "Closed",
        f"{shipment}-2": "Closed",
        "N-R1": "Closed",
    }
    assert books.parked() == {}
    assert (await certified(books)).is_clean


async def test_an_undone_invoice_is_not_shown_and_nobody_has_paid_it(
    books: Stand,
) -> None:
    """It has no balance, as a credit note settled it: its shipment is not marked as paid."""
    order = sold(books, account=1)
    await books.run("fulfilment")
    [invoice] = documents(books)
    assert invoice.balance > 0

    await undo(books, invoice.number)
    await books.run("invoices")
    await books.run("credit_notes")

    assert invoice.balance == 0
    assert [one.is_paid for one in order.shipments] == [False]
    assert invoice.number not in str(order.attributes)
    assert (books.writes, books.parked()) == ({}, {})


async def test_the_certificate_sees_a_pair_as_nothing(books: Stand) -> None:
    """What Centra has is left out in the name of a person; once it is retried all agrees."""
    sold(books)
    await books.run("fulfilment")
    [invoice] = documents(books)
    done = await undo(books, invoice.number)

    [one] = [
        each
        for each in (await certified(books)).certificate.differences
        if each.pair == "delivered"
    ]

    [opposite] = books.company.books.credit_notes.values()
    both = (invoice.number, opposite.number)
    assert (one.cause, one.amount, one.documents) == (Cause.LEFT_OUT, 79900, both)
    assert "set aside by Kim: wrong buyer" in one.sentence
    retry(books, done)
    await settle(books)
    certificate = (await certified(books)).certificate
    assert (certificate.differences, certificate.unexplained) == ((), 0)


async def test_a_credit_note_is_answered_by_an_invoice(books: Stand) -> None:
    """Of the very same lines; the return is left out, and retried it is credited again."""
    order = sold(books, lines=[{"sku": "NH1104NAVM", "quantity": 2}])
    await settle(books)
    books.edit(order, "return", lines={"NH1104NAVM": 1}, return_cost=49, refund=False)
    await settle(books)
    note = documents(books)[-1]

    done = await undo(books, "N-R1")

    opposite = documents(books)[-1]
    assert (opposite.kind, opposite.external_reference) == ("Invoice", "N-R1U")
    same = ("gross", "vat", "lines")
    assert [figures(opposite)[x] for x in same] == [figures(note)[x] for x in same]
    assert (opposite.gross, opposite.balance, note.balance) == (D(750), D(750), D(750))
    await settle(books)
    assert (len(documents(books)), books.parked()) == (3, {})
    retry(books, done)
    await settle(books)
    assert documents(books)[-1].external_reference == "N-R1-2"
    assert (await certified(books)).is_clean


async def test_a_payment_is_voided(stand: Stand) -> None:
    """What it had settled is open again; retried, it is booked and settles it again."""
    sold(stand)
    await settle(stand)
    [invoice] = documents(stand)
    [payment] = stand.company.books.payments.values()
    assert invoice.balance == 0

    done = await undo(stand, payment.number)

    assert stand.writes == {VOIDED: 1}
    assert (payment.status, invoice.balance) == ("Voided", D("799.00"))
    await settle(stand)
    assert (len(stand.company.books.payments), stand.parked()) == (1, {})
    left = [
        one.cause
        for one in (await certified(stand)).certificate.differences
        if one.pair == "paid"
    ]
    assert left == [Cause.LEFT_OUT]
    retry(stand, done)
    await settle(stand)
    again = list(stand.company.books.payments.values())[-1]
    assert (again.reference, again.amount) == (payment.reference, D("799.00"))
    assert invoice.balance == 0
    assert (await certified(stand)).is_clean


async def test_a_refund_is_voided(stand: Stand) -> None:
    """The credit note that it had paid out is open again."""
    order = sold(stand)
    await settle(stand)
    stand.edit(order, "return", refund=True)
    await settle(stand)
    refund = list(stand.company.books.payments.values())[-1]
    note = documents(stand)[-1]
    assert (refund.type, note.balance) == ("Refund", D(0))

    await undo(stand, refund.number)

    assert (refund.status, note.balance) == ("Voided", D("799.00"))
    await settle(stand)
    assert (note.balance, stand.parked()) == (D("799.00"), {})


async def test_a_sales_order_is_cancelled(tmp_path: Path) -> None:
    """Its order is left out, and so is what hangs on it; retried, another one is made."""
    with a_stand(tmp_path, **posting("sales_order")) as stand:
        order = stand.place()
        await stand.run("orders")
        first = stand.sales_order(order)

        done = await undo(stand, first.order_id)

        assert (first.status, stand.writes[PATCHED]) == ("Cancelled", 1)
        stand.edit(order, "change_quantity", quantity=2)
        stand.edit(order, "ship")
        await settle(stand)
        assert [one.status for one in stand.sales_orders(order)] == ["Cancelled"]
        assert stand.parked() == {}
        differences = (await certified(stand)).certificate.differences
        assert {one.cause for one in differences} == {Cause.LEFT_OUT}
        retry(stand, done)
        await settle(stand)
        again = stand.sales_orders(order)[-1]
        assert (again.status, again.totals.order_total) == ("Completed", D("1598.00"))
        assert (await certified(stand)).is_clean


async def test_a_return_order_that_nobody_received_is_cancelled(tmp_path: Path) -> None:
    """It is cancelled, and not made again."""
    with a_stand(tmp_path, **posting("sales_order")) as stand:
        order = sold(stand)
        await settle(stand)
        by_people = {"post_as": "sales_order", "warehouse": "MAIN"}
        stand.change(stores={"*": by_people}, **{"returns.reason_code": "RETURN"})
        stand.edit(order, "return", refund=False)
        await stand.run("refunds")
        [made] = [one for one in stand.company.orders if one.type == "RC"]

        await undo(stand, f"N-{order.number}-R1")

        assert made.status == "Cancelled"
        await settle(stand)
        assert [one.type for one in stand.company.orders].count("RC") == 1
        assert stand.parked() == {}


async def test_an_adjustment_is_answered_by_the_other_way_round(tmp_path: Path) -> None:
    """What it had added is taken away again, released; retried, it is made again."""
    with a_stand(tmp_path, **ADJUSTING) as stand:
        before = on_hand(stand)
        move(stand, {SHIRT: 3})
        await stand.run("stock_adjustments")
        [first] = adjustments(stand)
        reference = first.external_reference or ""

        done = await undo(stand, reference)

        second = adjustments(stand)[-1]
        moved = [(x.inventory_id, x.warehouse, x.quantity) for x in first.lines]
        assert moved == [(SHIRT, "MAIN", -3), (SHIRT, "RETAIL", 3)]
        back = [(x.inventory_id, x.warehouse, -x.quantity) for x in second.lines]
        assert back == moved
        told = (second.status, second.external_reference)
        assert told == ("Released", f"{reference}U")
        assert on_hand(stand) == before
        await stand.run("stock_adjustments", full=True)
        assert len(adjustments(stand)) == 2
        retry(stand, done)
        await stand.run("stock_adjustments")
        third = adjustments(stand)[-1]
        assert (third.external_reference, len(adjustments(stand))) == (
            f"{reference}-2",
            3,
        )
        assert on_hand(stand) == before - 3


async def test_a_draft_is_deleted(tmp_path: Path) -> None:
    """It is in no book yet, so nothing needs to answer it."""
    with a_stand(tmp_path, **posting("invoice", releases="visma")) as stand:
        sold(stand)
        await stand.run("fulfilment")
        [draft] = documents(stand)

        done = await undo(stand, draft.number)

        assert (documents(stand), done.state) == ([], "confirmed")
        await settle(stand)
        assert documents(stand) == []
        retry(stand, done)
        await settle(stand)
        assert [one.external_reference for one in documents(stand)] == [
            f"{draft.external_reference}-2"
        ]


async def test_what_undoes_is_posted_in_an_open_period(books: Stand) -> None:
    """Today's own, or the next one that is open; the plan says which."""
    sold(books)
    await books.run("fulfilment")
    [invoice] = documents(books)
    close_period(books, "202603")

    shown = await plan(books, invoice.number)
    await undo(books, invoice.number)

    assert (shown.undoable.draft.period, shown.undoable.draft.on.isoformat()) == (
        "042026",
        "2026-04-01",
    )
    note = documents(books)[-1]
    assert (note.period, note.status) == ("202604", "Closed")


async def test_in_a_foreign_currency_the_rate_is_that_of_the_document(
    books: Stand,
) -> None:
    """So the base amounts are undone to the öre, whatever the rate of the day is."""
    sold(books, country="FI", currency="EUR")
    await books.run("fulfilment")
    [invoice] = documents(books)

    await undo(books, invoice.number)

    note = documents(books)[-1]
    assert (note.currency, note.rate, note.gross) == (
        "EUR",
        invoice.rate,
        invoice.gross,
    )
    assert (invoice.base_balance, note.base_balance) == (0, 0)


# -- refusals


async def test_what_cannot_be_undone_is_refused_in_one_sentence(
    tmp_path: Path,
) -> None:
    """Shipped, made by Visma.net, settled, unknown: nothing is written."""
    with a_stand(tmp_path, **posting("sales_order")) as stand:
        order = sold(stand)
        await settle(stand)
        shipment = stand.company.books.shipments
        [invoice] = documents(stand)
        number = stand.sales_order(order).order_id

        assert await refused(stand, number) == (
            f"sales order SO/{number} was shipped with shipment {next(iter(shipment))}"
        )
        assert await refused(stand, invoice.number) == (
            f"invoice {invoice.number} was made by Visma.net of SO/{number}, whose "
            "goods have moved"
        )
        [other] = shipment
        assert await refused(stand, other) == (
            f"visma shipment {other} is none of the documents that can be undone here"
        )
        assert await refused(stand, "4711") == (
            "4711 is no document that the connector has written"
        )


async def test_what_is_settled_is_refused(books: Stand) -> None:
    """By a payment of ours, with its number; by one of the bank; a note by its refund."""
    order = sold(books)
    await settle(books)
    [invoice] = documents(books)
    [payment] = books.company.books.payments.values()
    by_ours = await refused(books, invoice.number)
    assert by_ours == (
        f"invoice {invoice.number} is settled by payment {payment.number} "
        f"({payment.reference})"
    )
    books.edit(order, "return", refund=True)
    await settle(books)
    refund = list(books.company.books.payments.values())[-1]
    note = documents(books)[-1]
    assert await refused(books, note.number) == (
        f"credit note {note.number} is settled by refund {refund.number} "
        f"({refund.reference})"
    )


async def test_what_the_bank_has_paid_is_refused(books: Stand) -> None:
    """The connector did not book that money, and does not take it off."""
    sold(books)
    await books.run("fulfilment")
    [invoice] = documents(books)
    number = pay_by_hand(books, invoice)

    assert await refused(books, invoice.number) == (
        f"invoice {invoice.number} is settled by payment {number}, which the "
        "connector did not make"
    )


async def test_a_sales_order_that_is_paid_is_refused(tmp_path: Path) -> None:
    """Its money would have nothing to pay; the sentence says what to undo first."""
    with a_stand(tmp_path, **posting("sales_order")) as stand:
        order = stand.place(captured=True)
        await stand.run("orders")
        await stand.run("payments")
        [payment] = stand.company.books.payments.values()

        said = await refused(stand, stand.sales_order(order).order_id)

        assert said == f"payment {payment.number} of order {order.number} is booked"


async def test_nothing_is_undone_twice(books: Stand) -> None:
    """Neither the document, nor what undoes it, nor by the plan that was applied."""
    sold(books)
    await books.run("fulfilment")
    [invoice] = documents(books)
    done = await undo(books, invoice.number)
    note = documents(books)[-1]

    assert await refused(books, invoice.number) == (
        f"invoice {invoice.number} was undone by credit note {note.number} already"
    )
    assert await refused(books, note.number) == (
        f"credit note {note.number} is what undoes a document itself"
    )
    with use_environment(books.environment), pytest.raises(RecordError):
        await apply_undo("nordhem", invoice.number, done.plan.hash, by="Kim")
    assert len(documents(books)) == 2


async def test_a_void_needs_an_open_period(books: Stand) -> None:
    """Visma.net dates it on the day on which it is done, and on no other."""
    sold(books)
    await settle(books)
    [payment] = books.company.books.payments.values()
    close_period(books, "202603")

    assert await refused(books, payment.number) == (
        f"payment {payment.number} would be voided on 2026-03-10, and that period is "
        "closed"
    )


async def test_what_changed_since_the_plan_is_refused(books: Stand) -> None:
    """Another day, another amount: it is another plan, and nothing was sent."""
    sold(books)
    await books.run("fulfilment")
    [invoice] = documents(books)
    shown = await plan(books, invoice.number)
    books.wait(minutes=24 * 60)
    books.world.calls.reset()

    with use_environment(books.environment), pytest.raises(RecordError) as caught:
        await apply_undo("nordhem", invoice.number, shown.hash, by="Kim")

    assert caught.value.code == "UNDO_CHANGED"
    assert (books.writes, len(documents(books))) == ({}, 1)


async def test_a_refusal_of_visma_leaves_the_record_as_it_was(books: Stand) -> None:
    """What stands is as good as before: the record is not parked."""
    sold(books)
    await settle(books)
    [payment] = books.company.books.payments.values()
    books.fault("refused", VOIDED)

    done = await undo(books, payment.number)

    assert (done.state, payment.status, books.parked()) == ("rejected", "Closed", {})
    assert done.message


# -- lost answers


@pytest.mark.parametrize("fault", ["after_commit", "cut"])
async def test_a_lost_answer_is_found_by_the_reference(
    books: Stand, fault: str
) -> None:
    """It is in doubt until the next runs find the credit note, and finish it."""
    sold(books)
    await books.run("fulfilment")
    [invoice] = documents(books)
    books.fault(fault, CREDITED)

    done = await undo(books, invoice.number)
    assert done.state == "in_doubt"
    for _ in range(3):
        books.wait(minutes=5)
        await books.run("fulfilment")

    assert [one.status for one in documents(books)] == ["Closed", "Closed"]
    assert await refused(books, invoice.number) == (
        f"invoice {invoice.number} was undone by credit note "
        f"{documents(books)[-1].number} already"
    )
    assert books.parked() == {}


async def test_what_never_arrived_is_not_sent_by_itself(books: Stand) -> None:
    """Nothing was found: whoever wanted it undone applies it again, and it is done once."""
    sold(books)
    await books.run("fulfilment")
    [invoice] = documents(books)
    books.fault("before_commit", CREDITED)
    await undo(books, invoice.number)
    for _ in range(3):
        books.wait(minutes=6)
        await books.run("fulfilment")
    assert len(documents(books)) == 1

    done = await undo(books, invoice.number)

    assert (done.state, len(documents(books))) == ("confirmed", 2)


LOST = {
    "cancel": PATCHED,
    "delete": "visma.DELETE /v1/customerinvoice/{invoiceNumber}",
    "adjustment": "visma.POST /v1/inventoryadjustment",
    "release": "visma.POST /v1/inventoryadjustment/{adjRefNumber}/action/release",
}


@pytest.mark.parametrize("how", LOST)
@pytest.mark.parametrize("fault", ["after_commit", "before_commit"])
async def test_whatever_is_lost_is_undone_once(
    tmp_path: Path, how: str, fault: str
) -> None:
    """What stands tells whether it was done; what was not is done when it is wanted again."""
    settings = {
        "cancel": posting("sales_order"),
        "delete": posting("invoice", releases="visma"),
        "adjustment": ADJUSTING,
        "release": ADJUSTING,
    }[how]
    with a_stand(tmp_path, **settings) as stand:
        direction, number = await written(stand, how)
        stand.fault(fault, LOST[how])
        done = await undo(stand, number)
        for _ in range(3):
            stand.wait(minutes=6)
            await stand.run(direction)
        if not is_undone(stand, how):
            assert fault == "before_commit"
            done = await undo(stand, number)
            assert done.state == "confirmed"

        assert is_undone(stand, how)
        assert len(adjustments(stand)) in {0, 2}
        assert stand.parked() == {}
        assert (await refused(stand, number)).startswith(
            done.plan.kind.replace("_", " ")
        )


async def written(stand: Stand, how: str) -> tuple[str, str]:
    """Write a document that is undone in one way; its direction and number."""
    match how:
        case "cancel":
            order = stand.place()
            await stand.run("orders")
            return "orders", stand.sales_order(order).order_id
        case "delete":
            sold(stand)
            await stand.run("fulfilment")
            return "fulfilment", documents(stand)[0].number
        case _:
            move(stand, {SHIRT: 3})
            await stand.run("stock_adjustments")
            return "stock_adjustments", adjustments(stand)[0].number


def is_undone(stand: Stand, how: str) -> bool:
    """Whether it is taken back where it stands."""
    match how:
        case "cancel":
            return [one.status for one in stand.company.orders] == ["Cancelled"]
        case "delete":
            return documents(stand) == []
        case _:
            states = [one.status for one in adjustments(stand)]
            return states == ["Released", "Released"]


async def test_an_opposite_that_waits_for_its_release_is_finished(books: Stand) -> None:
    """Visma.net was only queued to release it: in doubt, and finished by the next runs."""
    sold(books)
    await books.run("fulfilment")
    [invoice] = documents(books)
    released = "visma.POST /v1/customerCreditNote/{creditNoteNumber}/action/release"
    books.fault("action_queued", released)

    done = await undo(books, invoice.number)
    for _ in range(3):
        books.wait(minutes=5)
        await books.run("fulfilment")

    assert done.state == "in_doubt"
    assert [one.status for one in documents(books)] == ["Closed", "Closed"]


async def test_a_release_that_fails_is_gone_on_with(books: Stand) -> None:
    """What was made stands as a draft: applied again, it is that one that is released."""
    sold(books)
    await books.run("fulfilment")
    [invoice] = documents(books)
    released = "visma.POST /v1/customerCreditNote/{creditNoteNumber}/action/release"
    books.fault("action_fails", released)
    failed = await undo(books, invoice.number)
    assert (failed.state, books.parked()) == ("rejected", {})

    done = await undo(books, invoice.number)

    assert done.state == "confirmed"
    assert [one.status for one in documents(books)] == ["Closed", "Closed"]


async def test_a_lost_void_is_found(stand: Stand) -> None:
    """The payment itself tells that it is voided."""
    sold(stand)
    await settle(stand)
    [payment] = stand.company.books.payments.values()
    stand.fault("after_commit", VOIDED)

    done = await undo(stand, payment.number)
    for _ in range(2):
        stand.wait(minutes=5)
        await stand.run("payments")

    assert (done.state, payment.status) == ("in_doubt", "Voided")
    assert len(stand.company.books.payments) == 1


async def test_the_chain_tells_who_undid_what(books: Stand) -> None:
    """Approved, written, undone and set aside, each in a line; and all of it verifies."""
    sold(books)
    await books.run("fulfilment")
    [invoice] = documents(books)
    await undo(books, invoice.number)
    note = documents(books)[-1]

    with books.environment.books("nordhem").read() as unit:
        lines = unit.audit.trail(invoice.number) + unit.audit.trail(note.number)
        verified = unit.verification.verify()

    assert [(one.action, one.actor, one.document) for one in lines] == [
        ("document.written", "stand", invoice.number),
        ("document.undone", "Kim", invoice.number),
        ("document.written", "stand", note.number),
    ]
    assert lines[1].detail == {
        "by": f"credit note {note.number}",
        "note": "wrong buyer",
    }
    assert verified.faults == ()
