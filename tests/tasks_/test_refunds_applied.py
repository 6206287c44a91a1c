"""A credit is taken off the open invoice that nobody has paid, and never above it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.tasks_.returning import (
    CREDITED,
    MODES,
    Mode,
    a_returning_stand,
    credit_notes,
    figures,
    give_back,
    release,
    sell,
    settings_of,
)
from tests.tasks_.stand import Stand

D = Decimal
DOMESTIC = 1
EU = 3


def the_invoice(stand: Stand) -> Any:
    """The one invoice."""
    [found] = stand.company.books.invoices.values()
    return found


@pytest.mark.parametrize("mode", MODES)
async def test_wholesale_on_invoice_owes_less(tmp_path: Path, mode: Mode) -> None:
    """What a company sends back before it paid comes off its own invoice, VAT included."""
    with a_returning_stand(tmp_path, mode) as stand:
        order = await sell(stand, account=DOMESTIC)
        invoice = the_invoice(stand)
        give_back(stand, order, 1, refund=False)

        await stand.run("refunds")

        [note] = credit_notes(stand)
        assert (note.status, note.balance) == ("Closed", 0)
        assert invoice.balance == invoice.gross - note.gross
        assert note.customer == invoice.customer


async def test_what_was_captured_is_left_open_for_its_refund(tmp_path: Path) -> None:
    """The money was taken and goes back: the refund payment settles the credit note."""
    with a_returning_stand(tmp_path, "invoice") as stand:
        order = await sell(stand)
        give_back(stand, order)

        await stand.run("refunds")

        [note] = credit_notes(stand)
        assert note.balance == note.gross
        assert the_invoice(stand).balance == the_invoice(stand).gross


async def test_never_more_than_the_invoice_has_open(tmp_path: Path) -> None:
    """Of a credit larger than the balance only that much is applied; the rest stays."""
    with a_returning_stand(tmp_path, "invoice") as stand:
        order = await sell(
            stand, account=DOMESTIC, lines=[{"sku": "NH1104NAVM", "quantity": 2}]
        )
        invoice = the_invoice(stand)
        invoice.balance = D("100.00")
        give_back(stand, order, 1, refund=False)

        await stand.run("refunds")

        [note] = credit_notes(stand)
        assert invoice.balance == 0
        assert note.balance == note.gross - D("100.00")


async def test_a_paid_invoice_takes_no_credit(tmp_path: Path) -> None:
    """A closed invoice cannot absorb an application: the credit note stays open."""
    with a_returning_stand(tmp_path, "invoice") as stand:
        order = await sell(stand, account=DOMESTIC)
        invoice = the_invoice(stand)
        invoice.balance, invoice.status = D(0), "Closed"
        give_back(stand, order, 1, refund=False)

        await stand.run("refunds")

        [note] = credit_notes(stand)
        assert (note.status, note.balance) == ("Open", note.gross)


async def test_a_balance_that_sank_meanwhile_is_refused_and_tried_again(
    tmp_path: Path,
) -> None:
    """Somebody pays between reading and writing: parked with the reason, then made."""
    with a_returning_stand(tmp_path, "invoice") as stand:
        order = await sell(stand, account=DOMESTIC)
        invoice = the_invoice(stand)
        give_back(stand, order, 1, refund=False)

        def pay(method: str, path: str) -> None:
            if method == "POST" and path.endswith("/v2/customerCreditNote"):
                invoice.balance = D("1.00")
                stand.wire.before = lambda _method, _path: None

        stand.wire.before = pay
        await stand.run("refunds")
        assert list(stand.parked().values()) == ["CREDIT_OVER_BALANCE"]
        assert credit_notes(stand) == []

        await stand.run("refunds")
        assert stand.parked() == {}
        assert invoice.balance == 0


async def test_people_release_by_default(tmp_path: Path) -> None:
    """Where Visma.net releases, a credit note is left balanced, proved and unreleased."""
    by_people = {"releases": "visma"}
    with a_returning_stand(tmp_path, "invoice", store=by_people) as stand:
        order = stand.place()
        stand.edit(order, "ship")
        await stand.run("fulfilment")
        give_back(stand, order)
        waiting = await stand.run("refunds")
        assert waiting.counts.waiting == 1  # the invoice is not released yet

        release(stand, the_invoice(stand))
        await stand.run("refunds")

        assert [figures(one)["status"] for one in credit_notes(stand)] == ["Balanced"]
        assert stand.writes == {CREDITED: 1}


async def test_a_foreign_currency_keeps_the_rate_of_the_return(tmp_path: Path) -> None:
    """A credit in EUR is booked in EUR, at the rate that Centra froze on it."""
    with a_returning_stand(tmp_path, "invoice") as stand:
        order = await sell(stand, country="FI", currency="EUR")
        give_back(stand, order)

        await stand.run("refunds")

        [note] = credit_notes(stand)
        assert (note.currency, note.gross) == ("EUR", the_invoice(stand).gross)
        assert note.rate == the_invoice(stand).rate
        assert [tax.code.rate for tax in note.taxes] == [D("25.5")]


async def test_reverse_charge_comes_back_without_vat(tmp_path: Path) -> None:
    """A company in the EU that was billed without VAT is credited without it."""
    with a_returning_stand(tmp_path, "invoice") as stand:
        order = await sell(stand, account=EU)
        give_back(stand, order, 1, refund=False)

        await stand.run("refunds")

        [note] = credit_notes(stand)
        assert sum(tax.tax for tax in note.taxes) == 0
        assert note.gross > 0
        assert note.vat_zone == the_invoice(stand).vat_zone


async def test_a_total_that_differs_stays_on_hold(tmp_path: Path) -> None:
    """VAT that Visma.net computes otherwise stays on hold; a right VAT map mends it."""
    with a_returning_stand(tmp_path, "invoice") as stand:
        order = await sell(stand)
        give_back(stand, order)
        right = [rule.model_dump() for rule in stand.settings.vat]
        wrong = [
            {**rule, "category": "MIDG"} if rule["category"] == "STDG" else rule
            for rule in right
        ]
        rules = settings_of("invoice")
        stand.change(**rules, vat=wrong)
        await stand.run("refunds")
        assert list(stand.parked().values()) == ["TOTAL_DIFFERS"]
        assert [one.status for one in credit_notes(stand)] == ["Hold"]

        stand.change(**rules, vat=right)
        await stand.run("refunds")

        assert stand.parked() == {}
        assert [figures(one) for one in credit_notes(stand)] == [
            {"total": D("799.00"), "vat": {D(25): D("159.80")}, "status": "Open"}
        ]


async def test_an_old_sale_without_an_invoice_is_parked(tmp_path: Path) -> None:
    """A return of a sale from before the start is for a person, if nothing is found."""
    with a_returning_stand(tmp_path, "invoice", start_on="2026-03-10") as stand:
        order = stand.place(placed_at="2026-03-01T10:00:00+00:00")
        stand.edit(order, "ship")
        give_back(stand, order)

        await stand.run("refunds")

        assert list(stand.parked().values()) == ["OLD_SALE"]
        assert stand.writes == {}


async def test_a_document_that_a_user_has_open_is_released_later(
    tmp_path: Path,
) -> None:
    """A locked credit note is parked, stops nothing else, and the next run goes on."""
    with a_returning_stand(tmp_path, "invoice") as stand:
        order = await sell(stand)
        give_back(stand, order)
        locked = stand.company.books.locked

        def open_it(method: str, path: str) -> None:
            if path.endswith("/action/release"):
                number = path.split("/")[-3]
                locked.add(("creditnote", number))

        stand.wire.before = open_it
        await stand.run("refunds")
        assert list(stand.parked().values()) == ["LOCKED"]
        assert [one.released for one in credit_notes(stand)] == [False]

        stand.wire.before = lambda _method, _path: None
        locked.clear()
        await stand.run("refunds")
        assert stand.parked() == {}
        assert [one.status for one in credit_notes(stand)] == ["Open"]
