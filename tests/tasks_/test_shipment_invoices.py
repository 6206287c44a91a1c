"""Centra ships, Visma.net invoices: prepared, proved per VAT rate, and only then released."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sandbox.centra.totals import totals_of
from sandbox.visma.document_lines import recompute_document
from tests.tasks_.shipping import sell
from tests.tasks_.stand import INDIVIDUAL, Stand, a_stand

PREPARED = "visma.POST /v2/salesorder/{orderType}/{orderNumber}/action/prepareInvoice"
RELEASED = "visma.POST /v1/customerinvoice/{invoiceNumber}/action/release"
RATES = [
    {"sku": "NH1104NAVM", "quantity": 3},
    {"sku": "NH1203BLKM", "quantity": 1, "tax_percent": 12, "unit_price": "99.90"},
    {"sku": "NH1501BLKOS", "quantity": 2, "tax_percent": 6, "unit_price": "39.95"},
]


def rules(**store: Any) -> dict[str, Any]:
    """Settings of a store that ships in Centra and is invoiced at once."""
    own = INDIVIDUAL["stores"]["*"]
    return {
        "stores": {
            "*": {
                **own,
                "ships": "centra",
                "prepare_invoices": True,
                "releases": "connector",
                **store,
            }
        }
    }


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A shop whose shipments are invoiced and released at once."""
    with a_stand(tmp_path, **rules()) as stand:
        yield stand


def invoices(stand: Stand) -> list[Any]:
    """All invoices of the company, by number."""
    found = stand.company.books.invoices.values()
    return sorted(found, key=lambda one: one.number)


def total(stand: Stand) -> Decimal:
    """The sum of all invoices."""
    return sum((one.gross for one in invoices(stand)), Decimal(0))


async def test_a_shipment_is_invoiced_and_released(stand: Stand) -> None:
    """One shipment, one invoice in the books, to the öre what was delivered."""
    order = await sell(stand, lines=RATES, shipping=49, handling=10)
    stand.edit(order, "ship", capture=True)
    summary = await stand.run("fulfilment")

    [invoice] = invoices(stand)
    assert summary.sentence == "1 new"
    assert invoice.status == "Open"
    assert invoice.gross == totals_of(order).grand_total / Decimal(100)
    again = await stand.run("fulfilment")
    assert again.sentence == "nothing to do"
    assert stand.writes == {}


async def test_each_part_has_its_invoice(stand: Stand) -> None:
    """The invoices of two parts come to the order, shipping on the first alone."""
    order = await sell(stand, lines=RATES, shipping=49)
    stand.edit(order, "ship", lines={"NH1104NAVM": 2}, capture=True)
    await stand.run("fulfilment")
    stand.edit(order, "ship", capture=True)
    await stand.run("fulfilment")

    assert [one.status for one in invoices(stand)] == ["Open", "Open"]
    assert total(stand) == totals_of(order).grand_total / Decimal(100)
    assert stand.exceptions() == []


async def test_vat_at_another_rate_is_not_released(stand: Stand) -> None:
    """The same total and the same VAT in sum, booked at other rates, is another sale."""
    order = await sell(
        stand,
        lines=[
            {"sku": "NH1104NAVM", "unit_price": "100"},
            {"sku": "NH1203BLKM", "unit_price": "100", "tax_percent": 12},
        ],
    )
    high, low = stand.sales_order(order).lines
    high.tax_category, low.tax_category = low.tax_category, high.tax_category
    stand.edit(order, "ship", capture=True)
    high.unit_price, low.unit_price = low.unit_price + 50, high.unit_price - 50
    await stand.run("fulfilment")

    [parked] = stand.exceptions()
    assert parked.code == "TOTAL_DIFFERS"
    assert "its VAT at 12 % is" in parked.reason
    assert "its total" not in parked.reason
    assert [one.status for one in invoices(stand)] == ["Hold"]


@pytest.mark.parametrize("by", ["list", "document"])
async def test_vat_per_rate_is_read_however_the_invoice_is_found(
    stand: Stand, by: str
) -> None:
    """Whether Visma.net hands the order's reference on to the invoice is its affair."""
    order = await sell(stand, lines=RATES)
    stand.edit(order, "ship", capture=True)
    if by == "document":
        forget_reference(stand)
    await stand.run("fulfilment")

    assert [one.status for one in invoices(stand)] == ["Open"]
    assert stand.exceptions() == []


def forget_reference(stand: Stand) -> None:
    """Let invoices come without the order's reference."""

    def before(method: str, path: str) -> None:
        for one in stand.company.books.invoices.values():
            one.customer_ref_number = None

    stand.wire.before = before


async def test_people_release_where_the_setting_says_so(tmp_path: Path) -> None:
    """The invoice is made and left for somebody to look at."""
    with a_stand(tmp_path, **rules(releases="visma")) as stand:
        order = await sell(stand)
        stand.edit(order, "ship", capture=True)
        await stand.run("fulfilment")

        [invoice] = invoices(stand)
        assert invoice.status == "Balanced"
        assert RELEASED not in stand.writes


async def test_nothing_is_invoiced_without_the_setting(tmp_path: Path) -> None:
    """By default Visma.net invoices by its own schedule."""
    with a_stand(tmp_path, **rules(prepare_invoices=False)) as stand:
        order = await sell(stand)
        stand.edit(order, "ship", capture=True)
        await stand.run("fulfilment")

        assert invoices(stand) == []
        assert PREPARED not in stand.writes


async def test_an_invoice_that_differs_is_not_released(stand: Stand) -> None:
    """Somebody raised a price in Visma.net: the invoice waits for a person."""
    order = await sell(stand)
    stand.sales_order(order).lines[0].unit_price += Decimal(10)
    stand.edit(order, "ship", capture=True)
    await stand.run("fulfilment")

    [parked] = stand.exceptions()
    [invoice] = invoices(stand)
    assert parked.code == "TOTAL_DIFFERS"
    assert "it is on hold there" in parked.reason
    assert invoice.status == "Hold"
    assert RELEASED not in stand.writes


async def test_an_invoice_that_was_corrected_is_released(stand: Stand) -> None:
    """A person mends the invoice and retries: its hold is lifted, nothing is made anew."""
    order = await sell(stand)
    line = stand.sales_order(order).lines[0]
    line.unit_price += Decimal(10)
    stand.edit(order, "ship", capture=True)
    await stand.run("fulfilment")
    [invoice] = invoices(stand)
    invoice.lines[0].amount -= Decimal(10)
    recompute_document(stand.company, invoice)
    with stand.environment.books("nordhem").begin() as unit:
        unit.exceptions.retry([row.id for row in stand.exceptions()], by="Åsa")
    await stand.run("fulfilment")

    assert [one.reason for one in stand.exceptions()] == []
    assert [one.status for one in invoices(stand)] == ["Open"]
    assert PREPARED not in stand.writes


@pytest.mark.parametrize("fault", ["after_commit", "no_answer", "drop"])
@pytest.mark.parametrize("operation", [PREPARED, RELEASED])
async def test_a_lost_answer_invoices_nothing_twice(
    stand: Stand, fault: str, operation: str
) -> None:
    """Whatever answer was lost: one invoice, released, in the end."""
    order = await sell(stand)
    stand.edit(order, "ship", capture=True)
    stand.fault(fault, operation)
    await stand.run("fulfilment")
    for minutes in (2, 8, 1):
        stand.wait(minutes=minutes)
        await stand.run("fulfilment")

    assert [one.status for one in invoices(stand)] == ["Open"]
    assert stand.exceptions() == []


def test_the_order_is_a_sale_of_three_rates() -> None:
    """The lines above bear three rates, or the tests would prove less."""
    assert len({line.get("tax_percent", 25) for line in RATES}) == 3


async def test_gift_certificates_are_invoiced_though_nothing_is_shipped(
    stand: Stand,
) -> None:
    """A debt to the buyer is in the books when it is sold, and leaves no warehouse."""
    goods = {"sku": "NH1501BLKOS", "unit_price": "500", "tax_percent": 0}
    order = stand.place(lines=[goods])
    [line] = order.lines
    line.kind, line.product_number, line.product_size = "GiftCertificate", "GIFT", None
    await stand.run("orders")
    stand.edit(order, "ship", capture=True)
    await stand.run("fulfilment")
    await stand.run("fulfilment")

    [invoice] = invoices(stand)
    assert (invoice.status, invoice.gross, invoice.vat) == ("Open", 500, 0)
    assert stand.company.books.shipments == {}
    assert stand.writes == {}


async def test_an_untouched_order_costs_few_calls(stand: Stand) -> None:
    """A shipment with its released invoice is twelve calls, not a search for each."""
    order = await sell(stand)
    stand.edit(order, "ship", capture=True)
    before = await calls_of_a_run(stand)
    order = await sell(stand)
    stand.edit(order, "ship", capture=True)
    after = await calls_of_a_run(stand)

    assert after <= before
    quiet = await calls_of_a_run(stand)
    assert after - quiet == 12


async def calls_of_a_run(stand: Stand) -> int:
    """How many calls of Visma.net a run of fulfilment makes."""
    await stand.run("fulfilment")
    return sum(n for name, n in stand.calls.items() if name.startswith("visma."))
