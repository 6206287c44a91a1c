"""An invoice is undone, or what came back of it is credited: never both."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.errors import RecordError
from tasks.environment import use_environment
from tasks.undoing import Undone, apply_undo
from tests.tasks_.paying import posting, settle, sold
from tests.tasks_.stand import Stand, a_stand
from tests.tasks_.test_undo import certified, documents, plan, refused, undo

D = Decimal
TWO = [{"sku": "NH1104NAVM", "quantity": 2}]
NOTES = "POST /v2/customerCreditNote"


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Stand]:
    """A live store that posts invoices."""
    with a_stand(tmp_path, **posting("invoice")) as opened:
        yield opened


def credited(stand: Stand) -> Decimal:
    """What all credit notes take back."""
    return sum((x.gross for x in documents(stand) if x.kind != "Invoice"), D(0))


@pytest.mark.parametrize("first", ["undo", "refund", "at once"])
async def test_sent_at_the_same_moment_only_one_of_them_is_done(
    books: Stand, first: str
) -> None:
    """Whichever was first: no more is credited than was sold."""
    order = sold(books, lines=TWO)
    await books.run("orders")
    await books.run("fulfilment")
    [invoice] = documents(books)
    books.edit(order, "return", lines={"NH1104NAVM": 1}, refund=True)
    shown = await plan(books, invoice.number)

    async def undoes() -> Undone:
        await asyncio.sleep(0.3 if first == "refund" else 0)
        with use_environment(books.environment):
            return await apply_undo(
                "nordhem", invoice.number, shown.hash, by="Kim", note="wrong buyer"
            )

    async def refunds() -> None:
        await asyncio.sleep(0.3 if first == "undo" else 0)
        await books.run("refunds")

    books.fault("slow", f"visma.{NOTES}", times=9, seconds=1)
    done, _ = await asyncio.gather(undoes(), refunds(), return_exceptions=True)
    await settle(books)

    assert credited(books) <= invoice.gross
    if isinstance(done, Undone) and done.state == "confirmed":
        assert credited(books) == invoice.gross
    else:
        assert credited(books) == D("799.00")
        assert f"against invoice {invoice.number}" in str(done) or (
            f"credits invoice {invoice.number}" in str(done)
        )


async def test_what_came_back_of_an_undone_invoice_is_not_credited(
    books: Stand,
) -> None:
    """The return waits, and the certificate names it as what it is."""
    order = sold(books, lines=TWO)
    await books.run("fulfilment")
    [invoice] = documents(books)
    await undo(books, invoice.number)

    books.edit(order, "return", lines={"NH1104NAVM": 1}, refund=False)
    await settle(books)

    assert credited(books) == invoice.gross
    found = (await certified(books)).certificate.differences
    assert [(x.pair, x.cause.value, x.amount) for x in found] == [
        ("credited", "left_out", 79900),
        ("delivered", "left_out", 159800),
    ]


async def test_an_invoice_is_not_undone_after_something_came_back_of_it(
    books: Stand,
) -> None:
    """Also when no application tells: the credit note must be undone before it."""
    order = sold(books, lines=TWO)
    await books.run("fulfilment")
    [invoice] = documents(books)
    books.edit(order, "return", lines={"NH1104NAVM": 1}, refund=False)
    await books.run("refunds")
    note = documents(books)[-1]
    note.applications.clear()
    note.balance, invoice.balance = note.gross, invoice.gross

    told = await refused(books, invoice.number)

    assert told == f"credit note {note.number} credits invoice {invoice.number}"


async def test_another_shipment_of_the_order_can_be_undone(books: Stand) -> None:
    """What came back of one shipment says nothing of the other."""
    order = books.place(lines=TWO)
    books.edit(order, "ship", lines={"NH1104NAVM": 1})
    books.edit(order, "ship")
    await books.run("fulfilment")
    one, other = documents(books)
    books.edit(order, "return", lines={"NH1104NAVM": 1}, refund=False)
    await books.run("refunds")
    named = {}
    for each in (one, other):
        try:
            named[each.number] = (await plan(books, each.number)).operation
        except RecordError as error:
            named[each.number] = error.code or ""
    assert sorted(named.values()) == ["CANNOT_BE_UNDONE", "undo"]
