"""Finance only: each shipment of Centra is one customer invoice, proved and released."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.tasks_.invoicing import (
    CHANGED,
    MADE,
    RELEASED,
    an_invoice_stand,
    figures,
    invoice_of,
    invoices_of,
    sell,
)
from tests.tasks_.stand import CUSTOMER_CREATED, Stand

D = Decimal
TWO = [{"sku": "NH1104NAVM", "quantity": 3}, {"sku": "NH1203BLKM"}]
DOMESTIC = 1
ONCE = {MADE: 1, CHANGED: 1, RELEASED: 1}


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A store that posts invoices, which the connector releases."""
    with an_invoice_stand(tmp_path) as stand:
        yield stand


async def test_a_shipment_becomes_one_released_invoice(stand: Stand) -> None:
    """A shipment of 848 SEK is made on hold, proved and released, for the house customer."""
    order = sell(stand, shipping=49)

    summary = await stand.run("fulfilment")

    invoice = invoice_of(stand, order)
    assert summary.sentence == "1 new"
    assert stand.writes == ONCE
    assert figures(invoice) == {
        "total": D("848.00"),
        "vat": {D(25): D("169.60")},
        "status": "Open",
    }
    assert (invoice.customer, invoice.currency) == ("10001", "SEK")
    assert (invoice.on, invoice.due_on) == (date(2026, 3, 10), date(2026, 3, 10))
    assert invoice.customer_ref_number == f"N-{order.number}"
    assert [line.inventory_id for line in invoice.lines] == ["SALES", "SHIPPING"]
    assert invoice.balance == D("848.00")


async def test_consumers_get_no_paper_and_no_reminder(stand: Stand) -> None:
    """A consumer's invoice is not printed, mailed, sent as e-invoice or collected."""
    order = sell(stand)
    await stand.run("fulfilment")

    kept = invoice_of(stand, order).extra
    assert kept["dontPrint"] is True
    assert kept["dontEmail"] is True
    assert kept["sendToAutoInvoice"] is False
    assert kept["excludeDebtCollection"] is True


async def test_a_second_run_writes_nothing(stand: Stand) -> None:
    """What was invoiced is not invoiced again, also when all is read again."""
    order = sell(stand)
    await stand.run("orders")
    await stand.run("fulfilment")
    again = await stand.run("fulfilment")
    full = await stand.run("fulfilment", full=True)

    assert (again.sentence, full.counts.created) == ("nothing to do", 0)
    assert stand.writes == {}
    assert len(invoices_of(stand, order)) == 1


async def test_the_order_itself_is_left_out(stand: Stand) -> None:
    """Where shipments are invoiced there is no sales order beside them."""
    sell(stand)

    summary = await stand.run("orders")

    assert summary.counts.reasons == {"POSTED_BY_SHIPMENT": 1}
    assert len(list(stand.company.orders)) == 0


async def test_what_did_not_leave_is_not_invoiced(stand: Stand) -> None:
    """An order without a shipment that left makes nothing."""
    stand.place()

    summary = await stand.run("fulfilment")

    assert summary.sentence == "nothing to do"
    assert stand.writes == {}


async def test_two_shipments_are_two_invoices_that_come_to_the_order(
    stand: Stand,
) -> None:
    """Each part is invoiced once, shipping on the first; together they are the order."""
    order = stand.place(
        lines=TWO, shipping=49, discounts=[{"type": "AppliedVoucher", "value": 60}]
    )
    stand.edit(order, "ship", lines={"NH1104NAVM": 1})
    await stand.run("fulfilment")
    stand.wait(minutes=60)
    stand.edit(order, "ship")
    await stand.run("fulfilment")

    first, second = invoices_of(stand, order)
    whole = sum(one.totals.grand_total for one in order.shipments)
    assert first.gross + second.gross == D(whole) / 100
    assert [line.inventory_id for line in first.lines] == ["SALES", "SHIPPING"]
    assert "SHIPPING" not in [line.inventory_id for line in second.lines]
    assert len(second.lines) == 2


async def test_vat_is_proved_per_rate(stand: Stand) -> None:
    """Three rates on one shipment stand at their own VAT."""
    lines = [
        {"sku": "NH1104NAVM", "unit_price": "250.00"},
        {"sku": "NH1203BLKM", "unit_price": "112.00", "tax_percent": 12},
        {"sku": "NH1104NAVL", "unit_price": "106.00", "tax_percent": 6},
    ]
    order = sell(stand, lines=lines)

    await stand.run("fulfilment")

    assert figures(invoice_of(stand, order)) == {
        "total": D("468.00"),
        "vat": {D(25): D("50.00"), D(12): D("12.00"), D(6): D("6.00")},
        "status": "Open",
    }


async def test_people_release_where_they_want_to(tmp_path: Path) -> None:
    """Without release by the connector an invoice is left Balanced, proved all the same."""
    with an_invoice_stand(tmp_path, store={"releases": "visma"}) as stand:
        order = sell(stand)
        await stand.run("fulfilment")
        again = await stand.run("fulfilment")

        assert invoice_of(stand, order).status == "Balanced"
        assert again.sentence == "nothing to do"
        assert stand.writes == {}


async def test_foreign_currency_takes_the_rate_of_the_shipment(stand: Stand) -> None:
    """A sale in euro is booked in euro, at the rate that Centra froze on it."""
    order = sell(stand, country="FI")

    await stand.run("fulfilment")

    invoice = invoice_of(stand, order)
    assert invoice.currency == "EUR"
    assert invoice.rate == D(str(order.frame.rate))
    assert invoice.vat_zone == "OSS-FI"


async def test_a_missing_rate_parks(tmp_path: Path) -> None:
    """A sale in foreign currency without a rate is not booked at 1."""
    rates = {"rates": {"sources": ["centra"]}}
    with an_invoice_stand(tmp_path, **rates) as stand:
        order = stand.place(country="FI")
        order.frame.rate = 1.0
        stand.edit(order, "ship")

        await stand.run("fulfilment")

        assert list(stand.parked().values()) == ["RATE_MISSING"]
        assert stand.writes == {}


async def test_wholesale_goes_on_the_account_and_its_terms(tmp_path: Path) -> None:
    """A company gets its own customer, made first, with its terms and order number."""
    with an_invoice_stand(tmp_path) as stand:
        order = sell(stand, account=DOMESTIC, po_number="PO-77")
        summary = await stand.run("fulfilment")

        invoice = invoice_of(stand, order)
        assert summary.counts.parked == 0
        assert invoice.customer_ref_number == "PO-77"
        assert invoice.customer not in {"10001", "10011"}
        assert invoice.due_on > invoice.on
        assert "dontPrint" not in invoice.extra


async def test_left_out_sales_are_counted(stand: Stand) -> None:
    """Internal sales and test buyers are left out here as among orders."""
    sell(stand, internal=True)
    sell(
        stand,
        customer={
            "email": "a@test.nordhem.example",
            "first_name": "A",
            "last_name": "B",
        },
    )

    summary = await stand.run("fulfilment")

    assert summary.counts.reasons == {"INTERNAL": 1, "TEST_BUYER": 1}
    assert stand.writes == {}


async def test_what_left_before_the_start_is_left_out(tmp_path: Path) -> None:
    """A shipment before start_on is another system's; a later one of an old order is ours."""
    with an_invoice_stand(tmp_path, start_on="2026-03-10") as stand:
        old = stand.place(placed_at="2026-03-01T10:00:00+00:00")
        stand.edit(old, "ship")
        early = sell(stand)
        early.shipments[0].shipped_at = early.shipments[0].shipped_at.replace(day=8)
        summary = await stand.run("fulfilment")

        assert summary.counts.reasons == {"BEFORE_START": 1}
        assert len(invoices_of(stand, old)) == 1


@pytest.mark.parametrize("sign", ["positive", "negative"])
@pytest.mark.parametrize("verified", [True, False])
async def test_discounts_go_with_their_goods(
    tmp_path: Path, verified: bool, sign: str
) -> None:
    """Also where a store shows no VAT of a shipment's shares, the parts are the order."""
    lines = [
        {"sku": "NH1104NAVM", "quantity": 3, "unit_price": "199.00"},
        {"sku": "NH1203BLKM", "quantity": 2, "unit_price": "89.50", "tax_percent": 12},
        {"sku": "NH1104NAVL", "unit_price": "55.00", "tax_percent": 6},
    ]
    voucher = [{"type": "AppliedVoucher", "value": 61}]
    fields = {"centra.verified_fields": verified, "centra.discount_sign": sign}
    with an_invoice_stand(tmp_path, **fields) as stand:
        stand.shop.discount_sign = 1 if sign == "positive" else -1
        order = stand.place(lines=lines, shipping=49, handling=10, discounts=voucher)
        for part in ({"NH1104NAVM": 1}, {"NH1203BLKM": 1, "NH1104NAVM": 1}, None):
            stand.edit(order, "ship", **({"lines": part} if part else {}))
            await stand.run("fulfilment")

        found = invoices_of(stand, order)
        assert stand.parked() == {}
        assert sum(one.gross for one in found) == D("829.00")
        assert {one.status for one in found} == {"Open"}


@pytest.mark.parametrize("verified", [True, False])
async def test_store_credit_is_a_payment(tmp_path: Path, verified: bool) -> None:
    """Credit lowers what is paid, not what is sold: the invoices are of the full value."""
    credit = [
        {"type": "AppliedVoucher", "value": 50},
        {"type": "AppliedVoucherCredit", "value": 100},
    ]
    lines = [{"sku": "NH1104NAVM", "quantity": 3, "unit_price": "200.00"}]
    fields = {"centra.verified_fields": verified}
    with an_invoice_stand(tmp_path, **fields) as stand:
        order = stand.place(lines=lines, discounts=credit)
        stand.edit(order, "ship", lines={"NH1104NAVM": 1})
        stand.edit(order, "ship")
        await stand.run("fulfilment")

        assert stand.parked() == {}
        assert sum(one.gross for one in invoices_of(stand, order)) == D("550.00")


async def test_a_gift_card_that_paid_is_no_discount(stand: Stand) -> None:
    """What gift cards paid is part of what was sold; nothing is taken off the invoice."""
    order = sell(stand, gift_card=300)
    await stand.run("fulfilment")

    assert invoice_of(stand, order).gross == D("799.00")


async def test_consumers_of_their_own_are_made_first(tmp_path: Path) -> None:
    """Where each consumer is a customer, that is made once, before the invoice."""
    person = {"email": "a@b.example", "first_name": "Åsa", "last_name": "Öberg"}
    with an_invoice_stand(tmp_path, store={"dtc_customers": "individual"}) as stand:
        order = stand.place(
            customer=person, lines=[{"sku": "NH1104NAVM", "quantity": 2}]
        )
        stand.edit(order, "ship", lines={"NH1104NAVM": 1})
        stand.edit(order, "ship")
        await stand.run("fulfilment")

        first, second = invoices_of(stand, order)
        assert stand.writes[CUSTOMER_CREATED] == 1
        assert first.customer == second.customer
        assert stand.company.customers[first.customer].name == "Åsa Öberg"


async def test_an_export_bears_no_vat(stand: Stand) -> None:
    """Goods that leave for Japan are invoiced in yen, without VAT, in the export zone."""
    order = sell(stand, country="JP")
    await stand.run("fulfilment")

    invoice = invoice_of(stand, order)
    assert (invoice.currency, invoice.vat, invoice.vat_zone) == ("JPY", 0, "EXPORT")


async def test_calls_stay_few(stand: Stand) -> None:
    """An invoice that is made, proved and released costs six calls, no more."""
    for _ in range(30):
        sell(stand)
    await stand.run("fulfilment")

    visma = sum(n for name, n in stand.calls.items() if name.startswith("visma."))
    assert len(stand.company.books.invoices) == 30
    assert visma <= 30 * 6 + 10
