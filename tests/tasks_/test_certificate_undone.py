"""A document that was undone in another month: both months show it and its opposite."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from mapping.certificate import Cause, Certificate, Difference
from sandbox.visma.ledger_records import Invoice
from tasks.certificate import certify
from tasks.environment import use_environment
from tasks.undoing import Undone
from tests.tasks_.paying import posting, settle, sold
from tests.tasks_.stand import Stand, a_stand
from tests.tasks_.test_undo import retry, undo

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
APRIL = (date(2026, 4, 1), date(2026, 4, 4))
JULY = (date(2026, 7, 1), date(2026, 7, 8))
TO_APRIL = 60 * 24 * 25
TO_JULY = 60 * 24 * 120
COMPARED = ("delivered", "credited")


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A live store that posts invoices."""
    with a_stand(tmp_path, **posting("invoice")) as opened:
        yield opened


async def asked(
    stand: Stand, since: date | None = None, until: date | None = None
) -> Certificate:
    """The certificate of a period, by default from start_on to today."""
    with use_environment(stand.environment):
        return (await certify("nordhem", since, until)).certificate


async def clean(stand: Stand, *period: date) -> bool:
    """Whether nothing of a period must be explained or signed."""
    with use_environment(stand.environment):
        return (await certify("nordhem", *period)).is_clean


def of_goods(certificate: Certificate) -> list[Difference]:
    """What differs of invoices and credit notes."""
    return [one for one in certificate.differences if one.pair in COMPARED]


def rows(certificate: Certificate) -> list[tuple[date, int, int]]:
    """Day, gross in Centra and gross in Visma.net of invoices and credit notes."""
    return [
        (row.day, row.centra_gross, row.visma_gross)
        for row in certificate.rows
        if row.pair in COMPARED
    ]


async def undone(stand: Stand, minutes: int = TO_APRIL) -> tuple[Invoice, Undone]:
    """A sale of March, whose invoice was undone in another month; its opposite."""
    sold(stand)
    await stand.run("fulfilment")
    [invoice] = stand.company.books.invoices.values()
    stand.wait(minutes=minutes)
    done = await undo(stand, invoice.number)
    [opposite] = stand.company.books.credit_notes.values()
    return opposite, done


@pytest.mark.parametrize(
    ("minutes", "on", "then"),
    [(TO_APRIL, date(2026, 4, 4), APRIL), (TO_JULY, date(2026, 7, 8), JULY)],
    ids=["a month later", "long after"],
)
async def test_both_months_show_what_was_undone(
    stand: Stand, minutes: int, on: date, then: tuple[date, date]
) -> None:
    """The same difference of the same amount, and the amounts of both documents."""
    opposite, _ = await undone(stand, minutes)
    [invoice] = stand.company.books.invoices.values()
    amounts = [(date(2026, 3, 10), 799_00, 799_00), (on, 0, -799_00)]

    for period in (MARCH, then, ()):
        certificate = await asked(stand, *period)
        [one] = of_goods(certificate)
        assert (one.cause, one.amount) == (Cause.LEFT_OUT, 799_00)
        assert one.documents == (invoice.number, opposite.number)
        assert "set aside by Kim" in one.sentence
        assert rows(certificate) == amounts
        accounts = [
            (row.day, row.visma) for row in certificate.accounts if row.pair != "paid"
        ]
        assert (on, -799_00) in accounts
    assert await clean(stand, *MARCH)


async def test_what_is_written_again_agrees_in_both_months(stand: Stand) -> None:
    """Nothing differs any more; what was undone is still shown where it is booked."""
    _, done = await undone(stand)
    retry(stand, done)
    await settle(stand)

    for period in (MARCH, APRIL, ()):
        certificate = await asked(stand, *period)
        assert of_goods(certificate) == []
        assert rows(certificate) == [
            (date(2026, 3, 10), 799_00, 2 * 799_00),
            (date(2026, 4, 4), 0, -799_00),
        ]


async def test_a_credit_note_that_was_undone_is_shown_alike(stand: Stand) -> None:
    """By an invoice, in April: the return is left out in the name of a person."""
    order = sold(stand, lines=[{"sku": "NH1104NAVM", "quantity": 2}])
    await settle(stand)
    stand.edit(order, "return", lines={"NH1104NAVM": 1}, refund=False)
    await settle(stand)
    [note] = stand.company.books.credit_notes.values()
    stand.wait(minutes=TO_APRIL)
    await undo(stand, note.number)

    certificate = await asked(stand, *APRIL)

    [one] = of_goods(certificate)
    assert (one.cause, one.pair, one.amount) == (Cause.LEFT_OUT, "credited", 799_00)
    assert (date(2026, 4, 4), 0, -799_00) in rows(certificate)


async def test_an_opposite_in_another_zone_undoes_nothing(stand: Stand) -> None:
    """It stands in another country's return: the invoice still counts, and so does it."""
    opposite, _ = await undone(stand)
    opposite.vat_zone = "NO"

    [one] = of_goods(await asked(stand))

    assert (one.cause, one.amount) == (Cause.CHANGED_IN_VISMA, -799_00)
    assert one.documents == (opposite.number,)
    assert "its VAT zone is NO, not SE" in one.sentence
    assert of_goods(await asked(stand, *APRIL)) == [one]


@pytest.mark.parametrize("moves", ["period", "day and period"])
async def test_an_opposite_that_was_moved_is_shown(stand: Stand, moves: str) -> None:
    """The ledger knows on which day it was written, whatever it says now."""
    opposite, _ = await undone(stand)
    opposite.period = "202603"
    if moves != "period":
        opposite.on = date(2026, 3, 20)

    found = of_goods(await asked(stand))

    [one] = [one for one in found if one.cause is Cause.UNEXPLAINED]
    assert one.amount == -799_00
    assert "is booked in period 032026, it belongs in 042026" in one.sentence
    assert not await clean(stand)
    assert one in of_goods(await asked(stand, *MARCH))


async def test_an_undone_invoice_that_was_moved_is_shown(stand: Stand) -> None:
    """Its opposite takes it back in April, and February has it."""
    await undone(stand)
    [invoice] = stand.company.books.invoices.values()
    invoice.period = "202602"

    found = of_goods(await asked(stand, *MARCH))

    [one] = [one for one in found if one.cause is Cause.UNEXPLAINED]
    assert one.amount == 799_00
    assert "is booked in period 022026, it belongs in 032026" in one.sentence


async def test_an_opposite_of_less_is_shown_whole(stand: Stand) -> None:
    """A part of the sale is still booked: it is no pair that comes to nothing."""
    opposite, _ = await undone(stand)
    opposite.gross -= Decimal(100)

    [one] = of_goods(await asked(stand))

    assert (one.cause, one.amount) == (Cause.CHANGED_IN_VISMA, -699_00)
    assert "its total is 699.00, not 799.00" in one.sentence


async def test_what_was_undone_is_whose_undid_it(stand: Stand) -> None:
    """The person who undid the invoice is named: nobody else knows why."""
    sold(stand)
    await stand.run("fulfilment")
    [invoice] = stand.company.books.invoices.values()
    await undo(stand, invoice.number)

    [one] = of_goods(await asked(stand))

    assert (one.cause, one.amount, one.owner) == (Cause.LEFT_OUT, 79900, "Kim")
    assert "set aside by Kim" in one.sentence
