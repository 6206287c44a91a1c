"""Where an amount is booked in time: seen from the month of the event and from that of the books."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from mapping.certificate import Cause, Certificate
from sandbox.visma.hand_documents import make_document
from sandbox.visma.ledger_records import Invoice
from tasks.certificate import certify
from tasks.environment import use_environment
from tests.tasks_.paying import posting, settle, sold
from tests.tasks_.stand import Stand, a_stand

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
MAY = (date(2026, 5, 1), date(2026, 5, 9))
SIXTY_DAYS = 60 * 24 * 60
COMPARED = ("delivered", "credited")


@pytest.fixture(params=["sales_order", "invoice"])
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    """A live store that posts one way or the other."""
    with a_stand(tmp_path, **posting(request.param)) as opened:
        yield opened


async def asked(
    stand: Stand, since: date | None = None, until: date | None = None
) -> Certificate:
    """The certificate of a period, by default from start_on to today."""
    with use_environment(stand.environment):
        return (await certify("nordhem", since, until)).certificate


def told(certificate: Certificate) -> set[tuple[Cause, str, int, str]]:
    """Cause, pair, amount and id of what differs of invoices and credit notes."""
    return {
        (one.cause, one.pair, one.amount, one.id)
        for one in certificate.differences
        if one.pair in COMPARED
    }


def booked(stand: Stand) -> list[Invoice]:
    """Invoices and credit notes."""
    books = stand.company.books
    return [*books.invoices.values(), *books.credit_notes.values()]


async def test_what_was_booked_long_after_is_no_stranger(stand: Stand) -> None:
    """The ledger's link tells whose it is, in the month of the books as in any other."""
    order = sold(stand)
    await settle(stand)
    stand.edit(order, "return", refund=True)
    await settle(stand)
    stand.wait(minutes=SIXTY_DAYS)
    await settle(stand)
    assert told(await asked(stand, *MAY)) == set()
    for one in booked(stand):
        one.on, one.period = date(2026, 5, 8), "202605"

    whole = await asked(stand)

    assert {(cause, pair, amount) for cause, pair, amount, _ in told(whole)} == {
        (Cause.UNEXPLAINED, "delivered", 799_00),
        (Cause.UNEXPLAINED, "credited", 799_00),
    }
    assert told(await asked(stand, *MAY)) == told(whole)
    assert told(await asked(stand, *MARCH)) == told(whole)
    sentence = whole.differences[-1].sentence
    assert "booked in period 052026, it happened in 032026" in sentence
    for one in booked(stand):
        one.on = date(2026, 3, 10)  # by its period alone
    assert told(await asked(stand, *MAY)) == told(whole)


async def test_what_was_booked_long_before_is_not_gone(stand: Stand) -> None:
    """A document of another year answers a shipment of this month all the same."""
    sold(stand)
    await settle(stand)
    [invoice] = stand.company.books.invoices.values()
    invoice.on, invoice.period = date(2025, 12, 8), "202512"

    [(cause, _, amount, _)] = told(await asked(stand, *MARCH))

    assert (cause, amount) == (Cause.UNEXPLAINED, 799_00)


async def test_months_that_were_closed_shift_it_further(stand: Stand) -> None:
    """Two months were closed when it was booked: a shifted period, from either side."""
    sold(stand)
    stand.wait(minutes=SIXTY_DAYS)
    stand.company.closed_periods.update({"202603", "202604"})
    await settle(stand)

    whole = await asked(stand)

    [(cause, pair, amount, _)] = told(whole)
    assert (cause, pair, amount) == (Cause.SHIFTED_PERIOD, "delivered", 799_00)
    assert told(await asked(stand, *MAY)) == told(whole)
    assert told(await asked(stand, *MARCH)) == told(whole)


async def test_an_order_that_was_invoiced_by_hand_as_a_whole(tmp_path: Path) -> None:
    """Its one invoice stands for all shipments: nothing is gone, period and zone are proved."""
    with a_stand(tmp_path, **posting("invoice")) as stand:
        order = sold(stand)
        goods = {"price": "799", "quantity": 1, "vat_category": "STDG"}
        wish = {"customer": "10001", "lines": [{"account": "3001", **goods}]}
        made = make_document(stand.company, "Invoice", wish)
        invoice = stand.company.books.invoices[made["number"]]
        invoice.customer_ref_number = f"N-{order.number}"
        assert told(await asked(stand)) == set()
        await settle(stand)
        clean = await asked(stand)
        assert list(stand.company.books.invoices.values()) == [invoice]
        assert (clean.differences, clean.compared) == ((), clean.matched)

        invoice.period = "202602"
        [shifted] = (await asked(stand)).differences
        invoice.period, invoice.vat_zone = "202603", "NO"
        [zone] = (await asked(stand)).differences
        invoice.vat_zone, invoice.customer = "SE", "10004"
        customers = (await asked(stand)).differences
        invoice.customer, invoice.status = "10001", "Voided"
        [gone] = (await asked(stand)).differences

    assert (shifted.cause, shifted.amount) == (Cause.UNEXPLAINED, 799_00)
    assert f"10001 / invoice {invoice.number}" in shifted.sentence
    assert "booked in period 022026, it happened in 032026" in shifted.sentence
    assert (zone.cause, zone.amount) == (Cause.UNEXPLAINED, 799_00)
    assert "VAT zone is NO, not SE" in zone.sentence
    assert any("it is of customer 10004" in one.sentence for one in customers)
    assert (gone.cause, gone.amount) == (Cause.CHANGED_IN_VISMA, 799_00)
    assert "gone, or void" in gone.sentence


async def test_a_shipment_on_the_invoice_of_the_whole_order_is_not_missing(
    tmp_path: Path,
) -> None:
    """It has no invoice of its own: the sentence says that nothing is missing, and whose it is."""
    with a_stand(tmp_path, **posting("sales_order")) as stand:
        order = sold(stand)
        goods = {"price": "799", "quantity": 1, "vat_category": "STDG"}
        wish = {"customer": "10001", "lines": [{"account": "3001", **goods}]}
        made = make_document(stand.company, "Invoice", wish)
        invoice = stand.company.books.invoices[made["number"]]
        invoice.customer_ref_number = f"N-{order.number}"

        await settle(stand)
        found = (await asked(stand)).differences
        [one] = [each for each in found if each.cause is Cause.LEFT_OUT]

    assert (one.cause, one.pair) == (Cause.LEFT_OUT, "delivered")
    assert one.sentence == (
        f"{order.number}-1: 799.00 SEK — nothing is missing: invoice {invoice.number} "
        "is of the whole order, and stands for all of its shipments."
    )
    assert one.owner == "nobody: it is in the books"


async def test_a_month_that_is_open_again_was_closed(tmp_path: Path) -> None:
    """The ledger knows that it was written for April: moved by hand, it would be unexplained."""
    with a_stand(tmp_path, **posting("invoice")) as stand:
        order = sold(stand)
        stand.edit(order, "return", refund=True)
        stand.wait(minutes=60 * 24 * 25)
        stand.company.closed_periods.add("202603")
        await settle(stand)
        stand.company.closed_periods.clear()
        stand.wait(minutes=60 * 24 * 2)
        await settle(stand)

        shifted = await asked(stand)
        [invoice] = stand.company.books.invoices.values()
        invoice.period = "202602"
        moved = await asked(stand)

    assert {(cause, pair, amount) for cause, pair, amount, _ in told(shifted)} == {
        (Cause.SHIFTED_PERIOD, "delivered", 799_00),
        (Cause.SHIFTED_PERIOD, "credited", 799_00),
    }
    assert "which was closed when it was written" in shifted.differences[0].sentence
    assert {(cause, pair) for cause, pair, _, _ in told(moved)} == {
        (Cause.UNEXPLAINED, "delivered"),
        (Cause.SHIFTED_PERIOD, "credited"),
    }
