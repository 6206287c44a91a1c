"""A return that is un-completed or deleted after it was booked is undone, never lost."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import ConfigError
from ledger import ErasedError
from tests.tasks_.returning import (
    CREDITED,
    INVOICED,
    PRICE,
    a_returning_stand,
    credit_notes,
    give_back,
    release,
    sell,
    sum_of,
)
from tests.tasks_.stand import PATCHED, Stand

D = Decimal
DELETED = "visma.DELETE /v1/customerCreditNote/{creditNoteNumber}"
BY_PEOPLE = {"releases": "visma"}


@pytest.mark.parametrize("undo", ["uncomplete_return", "delete_return"])
async def test_what_is_in_the_books_is_answered_by_its_opposite(
    tmp_path: Path, undo: str
) -> None:
    """An invoice of the very lines of the credit note undoes it; both stay in the books."""
    with a_returning_stand(tmp_path, "invoice") as stand:
        order = await sell(stand)
        give_back(stand, order, return_cost=49, refund=False)
        await stand.run("refunds")
        stand.edit(order, "uncomplete_return")
        if undo == "delete_return":
            stand.edit(order, undo)

        summary = await stand.run("refunds")

        [note] = credit_notes(stand)
        opposite = list(stand.company.books.invoices.values())[-1]
        assert summary.sentence == "1 changed"
        assert opposite.external_reference == "N-R1U"
        assert (opposite.gross, opposite.status) == (note.gross, "Open")
        assert [(t.code.rate, t.tax) for t in opposite.taxes] == [
            (t.code.rate, t.tax) for t in note.taxes
        ]
        again = await stand.run("refunds", full=True)
        assert (again.counts.parked, stand.writes) == (0, {})


async def test_what_is_not_in_the_books_is_deleted(tmp_path: Path) -> None:
    """A draft of which nobody has booked anything needs no opposite."""
    with a_returning_stand(tmp_path, "invoice", store=BY_PEOPLE) as stand:
        order = stand.place()
        stand.edit(order, "ship")
        await stand.run("fulfilment")
        [invoice] = stand.company.books.invoices.values()
        release(stand, invoice)
        give_back(stand, order, refund=False)
        await stand.run("refunds")
        assert [one.status for one in credit_notes(stand)] == ["Balanced"]

        stand.edit(order, "uncomplete_return")
        await stand.run("refunds")

        assert stand.writes == {DELETED: 1}
        assert credit_notes(stand) == []


async def test_completed_again_it_is_credited_again(tmp_path: Path) -> None:
    """The second credit note has a reference of its own; the sum is one return."""
    with a_returning_stand(tmp_path, "invoice") as stand:
        order = await sell(stand)
        give_back(stand, order, refund=False)
        await stand.run("refunds")
        stand.edit(order, "uncomplete_return")
        await stand.run("refunds")
        stand.edit(order, "complete_return")

        await stand.run("refunds")

        references = [one.external_reference for one in credit_notes(stand)]
        assert references == ["N-R1", "N-R1-2"]
        invoices = stand.company.books.invoices.values()
        undone = sum(one.gross for one in invoices if one.external_reference == "N-R1U")
        assert sum_of(stand) - undone == PRICE
        await stand.run("refunds", full=True)
        assert stand.writes == {}


async def test_a_refund_settles_the_credit_that_stands(tmp_path: Path) -> None:
    """Credited, undone and credited again: the money goes to the second credit note."""
    with a_returning_stand(tmp_path, "invoice") as stand:
        await sell(stand)
        await _played(stand, "return", refund=False)
        await _played(stand, "uncomplete_return")
        await _played(stand, "complete_return")
        await _played(stand, "refund_return")

        first, second = credit_notes(stand)
        assert (first.balance, second.balance) == (PRICE, 0)
        opposite = list(stand.company.books.invoices.values())[-1]
        assert opposite.balance == first.balance


async def test_what_was_undone_is_not_asked_to_be_refunded(tmp_path: Path) -> None:
    """A credit note with its opposite owes nothing, however long it stays open."""
    with a_returning_stand(tmp_path, "invoice") as stand:
        await sell(stand)
        await _played(stand, "return", refund=False)
        await _played(stand, "uncomplete_return")

        stand.wait(minutes=30 * 24 * 60)
        await stand.run("payments")

        assert stand.parked() == {}


async def _played(stand: Stand, action: str, **wish: Any) -> None:
    """Do something to the only order, let the provider answer, and carry it over."""
    [order] = stand.shop.orders.values()
    stand.edit(order, action, **wish)
    for direction in ("payments", "refunds", "payments"):
        await stand.run(direction)


async def test_a_lost_answer_makes_no_second_opposite(tmp_path: Path) -> None:
    """The opposite document is looked for by its reference before it is made again."""
    with a_returning_stand(tmp_path, "invoice") as stand:
        order = await sell(stand)
        give_back(stand, order, refund=False)
        await stand.run("refunds")
        stand.edit(order, "uncomplete_return")
        stand.fault("after_commit", INVOICED)
        await stand.run("refunds")
        for _ in range(3):
            stand.wait(minutes=5)
            await stand.run("refunds")

        opposite = [
            one
            for one in stand.company.books.invoices.values()
            if one.external_reference == "N-R1U"
        ]
        assert [one.status for one in opposite] == ["Open"]


async def test_a_return_order_without_a_receipt_is_cancelled(tmp_path: Path) -> None:
    """Where people receive goods in Visma.net, what they did not receive is cancelled."""
    with a_returning_stand(tmp_path, "sales_order") as stand:
        order = await sell(stand)
        stand.change(
            stores={"*": {"post_as": "sales_order", "warehouse": "MAIN"}},
            **{"returns.reason_code": "RETURN"},
        )
        give_back(stand, order, refund=False)
        await stand.run("refunds")
        [made] = [one for one in stand.company.orders if one.type == "RC"]
        assert (made.status, credit_notes(stand)) == ("Open", [])

        stand.edit(order, "uncomplete_return")
        await stand.run("refunds")

        assert stand.writes == {PATCHED: 1}
        [made] = [one for one in stand.company.orders if one.type == "RC"]
        assert made.status == "Cancelled"


async def test_goods_that_were_received_need_a_person(tmp_path: Path) -> None:
    """Stock that was counted in is not counted out again by the connector."""
    with a_returning_stand(tmp_path, "sales_order") as stand:
        order = await sell(stand)
        give_back(stand, order, refund=False)
        await stand.run("refunds")
        stand.edit(order, "uncomplete_return")

        await stand.run("refunds")

        assert list(stand.parked().values()) == ["RETURN_CANNOT_BE_UNDONE"]
        assert stand.writes == {}


async def test_before_it_was_booked_there_is_nothing_to_undo(tmp_path: Path) -> None:
    """A return that is deleted before any run saw it completed leaves no trace."""
    with a_returning_stand(tmp_path, "invoice") as stand:
        order = await sell(stand)
        give_back(stand, order, complete=False, refund=False)
        await stand.run("refunds")
        stand.edit(order, "delete_return")

        await stand.run("refunds")

        assert stand.writes == {}
        assert stand.parked() == {}
        assert CREDITED not in stand.calls


async def test_a_return_that_changed_after_it_was_booked_is_parked(
    tmp_path: Path,
) -> None:
    """What is in the books is not rewritten: the reason says how to undo it."""
    with a_returning_stand(tmp_path, "invoice") as stand:
        order = await sell(stand, shipping=49)
        give_back(stand, order, refund=False)
        await stand.run("refunds")
        [made] = order.returns
        made.lines[0].value -= 100
        made.lines[0].tax -= 20
        made.totals = replace(
            made.totals,
            line_values=made.totals.line_values - 100,
            tax=made.totals.tax - 20,
        )

        await stand.run("refunds", ids=["1"])

        assert list(stand.parked().values()) == ["CHANGED_AFTER_CREDIT"]
        assert stand.writes == {}


async def test_single_returns_and_refunds_are_pulled_by_id(tmp_path: Path) -> None:
    """A return by its id; a refund without one by G and the id of its entry."""
    with a_returning_stand(tmp_path, "invoice") as stand:
        order = await sell(stand)
        give_back(stand, order, refund=False)
        by_id = await stand.run("refunds", ids=["1"])
        stand.edit(order, "goodwill", amount=50)
        await stand.run("refunds")
        entry = f"G{order.payments[-1].id}"
        again = await stand.run("refunds", ids=[entry])

        assert by_id.sentence == "1 new"
        assert (again.counts.read, stand.writes) == (1, {})
        with pytest.raises(ConfigError, match="'G9999' is no refund"):
            await stand.run("refunds", ids=["G9999"])


async def test_what_was_deleted_stays_its_persons_data(tmp_path: Path) -> None:
    """What is kept of a deleted return is encrypted for the person it is about."""
    with a_returning_stand(tmp_path, "invoice") as stand:
        order = await sell(stand)
        give_back(stand, order, refund=False)
        await stand.run("refunds")
        stand.edit(order, "uncomplete_return")
        stand.edit(order, "delete_return")
        await stand.run("refunds")

        books = stand.environment.books("nordhem")
        assert books.erase_person(f"dtc-{order.customer.id}", by="Åsa") == 1
        with books.read() as unit, pytest.raises(ErasedError):
            unit.records.body("refunds", "1")


async def test_a_deleted_return_of_an_erased_person_is_for_a_person(
    tmp_path: Path,
) -> None:
    """Nobody knows any more what was credited: it is parked, and stops nothing else."""
    with a_returning_stand(tmp_path, "invoice") as stand:
        order = await sell(stand)
        give_back(stand, order, refund=False)
        await stand.run("refunds")
        books = stand.environment.books("nordhem")
        books.erase_person(f"dtc-{order.customer.id}", by="Åsa")
        stand.edit(order, "uncomplete_return")
        stand.edit(order, "delete_return")

        await stand.run("refunds")

        assert list(stand.parked().values()) == ["SALE_UNREADABLE"]
        assert stand.writes == {}
