"""Orders of Centra show the invoices that stand in Visma.net, and who has paid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.errors import ConfigError, RetryableError
from sandbox.centra.sales import Order
from sandbox.visma.ledger_records import DocumentLine, Invoice
from tasks import direction
from tasks.trail import story_of
from tests.tasks_.stand import Stand, a_stand, emptied

ASSIGNED = "centra.mutation.AssignAttributes"
MARKED = "centra.mutation.UpdateShipment"
DOMESTIC = 1
FIRST, SECOND = date(2026, 3, 10), date(2026, 3, 12)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A place for a second ledger."""
    path = tmp_path / "other"
    path.mkdir()
    return path


def invoice(
    stand: Stand,
    *orders: Order,
    gross: str = "799.00",
    on: date = FIRST,
    status: str = "Open",
    **references: str,
) -> Invoice:
    """Book an invoice; its lines name the sales orders that it was made of."""
    stand.world.clock.advance(1)
    number = stand.company.add_invoice(
        customer="10001",
        gross=Decimal(gross),
        vat=Decimal(gross) / 5,
        currency="SEK",
        on=on,
        status=status,
        **references,
    )
    made = stand.company.invoices[number]
    for position, order in enumerate(orders, 1):
        sold = stand.sales_order(order)
        made.lines.append(
            DocumentLine(
                number=position,
                kind="Inventory",
                inventory_id=None,
                description=None,
                quantity=Decimal(1),
                unit_price=Decimal(gross),
                discount=Decimal(0),
                discount_percent=Decimal(0),
                manual_discount=False,
                manual_amount=None,
                amount=Decimal(gross),
                vat_category=None,
                account="3001",
                order=(sold.type, sold.order_id),
            )
        )
    return made


def touched(stand: Stand, one: Invoice) -> None:
    """Note in Visma.net that a document was changed just now."""
    stand.wait(minutes=1)
    one.modified_at = stand.world.clock.now()


def paid(stand: Stand, one: Invoice) -> None:
    """Let the bank pay an invoice."""
    one.balance, one.status = Decimal(0), "Closed"
    touched(stand, one)


def shown(stand: Stand, order: Order) -> list[str] | None:
    """What an order of Centra shows of its invoices."""
    texts = [
        one.value
        for one in stand.shop.orders[order.number].attributes
        if (one.name, one.key) == ("visma_invoices", "list")
    ]
    assert len(texts) <= 1
    return texts[0].splitlines() if texts else None


async def sold(stand: Stand, **order: object) -> Order:
    """Place an order and carry it over."""
    made = stand.place(**order)
    await stand.run("orders")
    return made


async def test_a_released_invoice_is_shown_on_its_order(stand: Stand) -> None:
    """It is found through the sales order that its lines name."""
    order = await sold(stand)
    made = invoice(stand, order)

    summary = await stand.run("invoices")

    assert summary.sentence == "1 new"
    assert shown(stand, order) == [
        f"{made.number} | 2026-03-10 | due 2026-04-09 | 799.00 SEK | balance 799.00 | open"
    ]
    assert stand.writes == {ASSIGNED: 1}


async def test_a_second_run_writes_nothing(stand: Stand) -> None:
    """The overlap reads the invoice again; the order shows it already."""
    order = await sold(stand)
    invoice(stand, order)
    await stand.run("invoices")

    for window in ({}, {"full": True}, {"ids": [str(order.number)]}):
        assert (await stand.run("invoices", **window)).sentence == "nothing to do"
        assert stand.writes == {}


async def test_a_payment_in_visma_is_seen_in_centra(stand: Stand) -> None:
    """The balance of an invoice changes without anything happening in Centra."""
    order = await sold(stand)
    made = invoice(stand, order)
    await stand.run("invoices")
    paid(stand, made)

    assert (await stand.run("invoices")).sentence == "1 changed"

    assert shown(stand, order) == [
        f"{made.number} | 2026-03-10 | due 2026-04-09 | 799.00 SEK | balance 0.00 | paid"
    ]


async def test_one_order_shows_all_its_invoices(stand: Stand) -> None:
    """An order that was delivered in two parts has two, the oldest first."""
    order = await sold(stand)
    later = invoice(stand, order, gross="300.00", on=SECOND)
    earlier = invoice(stand, order, gross="499.00")

    await stand.run("invoices")

    lines = shown(stand, order) or []
    assert [line.split(" | ")[0] for line in lines] == [earlier.number, later.number]
    assert stand.writes == {ASSIGNED: 1}


async def test_one_invoice_stands_on_each_of_its_orders(stand: Stand) -> None:
    """A collective invoice is the invoice of every order in it."""
    orders = [stand.place(), stand.place()]
    await stand.run("orders")
    made = invoice(stand, *orders, gross="1598.00")

    assert (await stand.run("invoices")).sentence == "2 new"

    for order in orders:
        [line] = shown(stand, order) or []
        assert line.startswith(f"{made.number} | ")
        assert "1,598.00 SEK" in line


async def test_a_draft_is_not_shown_and_a_voided_invoice_goes(stand: Stand) -> None:
    """Only what is in the books is an invoice."""
    order = await sold(stand)
    made = invoice(stand, order, status="Hold")
    assert (await stand.run("invoices")).counts.left_out == 1
    assert shown(stand, order) is None

    made.status = "Open"
    touched(stand, made)
    await stand.run("invoices")
    assert len(shown(stand, order) or []) == 1

    made.status = "Voided"
    touched(stand, made)
    await stand.run("invoices")
    assert shown(stand, order) == ["-"]


async def test_an_adopted_invoice_is_shown(stand: Stand) -> None:
    """What an earlier connector made answers the order that adopted it."""
    order = stand.place()
    made = invoice(stand, customer_ref_number=str(order.number))
    await stand.run("orders")

    await stand.run("invoices")

    [line] = shown(stand, order) or []
    assert line.startswith(made.number)


async def test_a_bare_number_is_nobodys_order(stand: Stand) -> None:
    """A buyer's own order number that looks like one of Centra's is not one."""
    order = await sold(stand)
    invoice(stand, gross="55.00", customer_ref_number=str(order.number))

    summary = await stand.run("invoices")

    assert summary.counts.reasons == {"NOT_FROM_CENTRA": 1}
    assert shown(stand, order) is None
    assert stand.writes == {}


async def test_an_invoice_of_an_unknown_order_is_parked_until_it_is_put_right(
    stand: Stand,
) -> None:
    """A reference of ours that leads nowhere is told once, and the rest goes on."""
    order = await sold(stand)
    good = invoice(stand, order)
    lost = invoice(stand, customer_ref_number="N-999999")
    nowhere = invoice(stand, external_reference="N-S999999")

    first = await stand.run("invoices")

    assert (first.counts.created, first.counts.newly_parked) == (1, 2)
    assert stand.parked() == {
        "999999": "INVOICE_OF_UNKNOWN_ORDER",
        f"I{nowhere.number}": "INVOICE_OF_UNKNOWN_ORDER",
    }
    assert (shown(stand, order) or [""])[0].startswith(good.number)
    assert {row.reason for row in stand.exceptions()} == {
        f"Invoice {lost.number} names order 999999, which Centra does not show",
        f"Invoice {nowhere.number} names N-S999999, which Centra does not show",
    }

    nowhere.external_reference = None
    nowhere.customer_ref_number = f"N-{order.number}"
    touched(stand, nowhere)
    second = await stand.run("invoices")

    assert second.counts.newly_parked == 0
    assert stand.parked() == {"999999": "INVOICE_OF_UNKNOWN_ORDER"}
    assert len(shown(stand, order) or []) == 2
    assert lost.number not in str(shown(stand, order))


async def test_an_attribute_that_is_not_set_up_parks_the_orders(stand: Stand) -> None:
    """Centra's refusal names the attribute; once it is there, a retry writes it."""
    types = dict(stand.shop.attribute_types)
    del stand.shop.attribute_types["Order", "visma_invoices"]
    order = await sold(stand)
    invoice(stand, order)

    await stand.run("invoices", run_key="red")
    assert stand.parked() == {str(order.number): "CENTRA_REFUSED"}

    stand.shop.attribute_types |= types
    await stand.run("invoices", run_key="red", attempt=2)
    assert stand.parked() == {}
    assert len(shown(stand, order) or []) == 1


@pytest.mark.parametrize(
    "fault", ["before_commit", "after_commit", "cut", "no_answer", "drop"]
)
async def test_a_lost_answer_is_no_second_line(stand: Stand, fault: str) -> None:
    """The list is written as a whole, so writing it again is writing it once."""
    order = await sold(stand)
    invoice(stand, order)
    stand.fault(fault, ASSIGNED)

    await stand.run("invoices")
    stand.wait(minutes=15)
    await stand.run("invoices")

    assert stand.writes == {}
    assert len(shown(stand, order) or []) == 1
    assert stand.parked() == {}


async def test_an_outage_of_centra_loses_nothing(stand: Stand) -> None:
    """What could not be written is written by the next run, once."""
    order = await sold(stand)
    invoice(stand, order)
    stand.fault("before_commit", ASSIGNED, times=20)
    with pytest.raises(RetryableError):
        await stand.run("invoices")
    assert shown(stand, order) is None

    stand.world.faults.clear()
    assert (await stand.run("invoices")).sentence == "1 new"
    assert len(shown(stand, order) or []) == 1
    assert stand.writes == {ASSIGNED: 1}


async def test_an_emptied_ledger_writes_the_same_again(
    tmp_path: Path, folder: Path
) -> None:
    """With the ledger lost the orders show the same invoices, each once."""
    with a_stand(tmp_path) as stand:
        order = await sold(stand)
        invoice(stand, order)
        await stand.run("invoices")
        before = shown(stand, order)
        with emptied(stand, folder):
            await stand.run("orders")
            await stand.run("invoices")

        assert shown(stand, order) == before


async def test_the_watermark_is_visma_nets_own_time(stand: Stand) -> None:
    """Two hours before the newest change are read again: nobody states the zone."""
    order = await sold(stand)
    made = invoice(stand, order)
    await stand.run("invoices")
    stand.wait(minutes=600)
    made.balance = Decimal(0)
    await stand.run("invoices")
    assert shown(stand, order) == [
        f"{made.number} | 2026-03-10 | due 2026-04-09 | 799.00 SEK | balance 0.00 | paid"
    ]

    later = invoice(stand, order, gross="1.00")
    later.modified_at += timedelta(hours=3)
    stand.wait(minutes=600)
    await stand.run("invoices")
    made.balance = Decimal(5)
    await stand.run("invoices")
    assert "balance 0.00" in str(shown(stand, order))


async def test_a_shipment_on_invoice_is_paid_when_its_invoice_is(stand: Stand) -> None:
    """Wholesale on 30 days: Centra is told of the money when it has come."""
    order = await sold(stand, account=DOMESTIC)
    stand.edit(order, "ship", capture=False)
    made = invoice(stand, order)
    await stand.run("invoices")
    [shipment] = stand.shop.orders[order.number].shipments
    assert not shipment.is_paid
    assert MARKED not in stand.writes

    paid(stand, made)
    await stand.run("invoices")

    assert shipment.is_paid
    assert stand.writes == {ASSIGNED: 1, MARKED: 1}
    await stand.run("invoices")
    assert stand.writes == {}


async def test_a_consumers_shipment_is_not_marked(stand: Stand) -> None:
    """Captured money is Centra's own business."""
    order = await sold(stand)
    stand.edit(order, "ship", capture=False)
    made = invoice(stand, order)
    paid(stand, made)

    await stand.run("invoices")

    assert stand.writes == {ASSIGNED: 1}


async def test_invoices_are_pulled_by_order(stand: Stand) -> None:
    """By the number of an order, and by nothing else."""
    orders = [stand.place(), stand.place()]
    await stand.run("orders")
    for order in orders:
        invoice(stand, order)

    await stand.run("invoices", ids=[str(orders[1].number)])

    assert shown(stand, orders[0]) is None
    assert len(shown(stand, orders[1]) or []) == 1
    with pytest.raises(ConfigError, match="'I200001' is no order number"):
        await stand.run("invoices", ids=["I200001"])


async def test_a_link_that_is_wanted_later_is_written_by_a_full_run(
    stand: Stand,
) -> None:
    """What a setting changes in the lists is written without a change in Visma.net."""
    order = await sold(stand)
    made = invoice(stand, order)
    await stand.run("invoices")
    stand.change(**{"invoices.pdf_url": "https://docs.example/{number}.pdf"})

    await stand.run("invoices", full=True)

    assert (shown(stand, order) or [])[1:] == [
        f"https://docs.example/{made.number}.pdf"
    ]
    assert stand.writes == {ASSIGNED: 1}


async def test_an_invoice_is_explained_by_its_number(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its number leads to the order and what Centra was told, and no flow is needed."""
    order = await sold(stand)
    made = invoice(stand, order)
    await stand.run("invoices")
    monkeypatch.setattr(direction, "_DIRECTIONS", {})

    story = story_of(stand.environment.books("nordhem"), stand.settings, made.number)

    assert [one["kind"] for one in story["intents"]] == ["sales_order", "invoice_list"]
    assert [one["source_id"] for one in story["records"]] == [str(order.number)] * 2
