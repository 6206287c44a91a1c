"""Invoices of shipments that meet trouble: never twice, never wrong in the books."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.errors import ConnectorError
from sandbox.centra.sales import Order
from sandbox.visma.document_rules import create_document
from sandbox.visma.ledger_records import Invoice
from sandbox.visma.release import release_document
from tests.tasks_.invoicing import (
    CHANGED,
    MADE,
    RELEASED,
    an_invoice_stand,
    invoice_of,
    invoices_of,
    posting_invoices,
    sell,
)
from tests.tasks_.stand import Stand, emptied

D = Decimal


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A store that posts invoices, which the connector releases."""
    with an_invoice_stand(tmp_path) as stand:
        yield stand


def by_hand(
    stand: Stand, order: Order, *, price: str = "799.00", **fields: object
) -> Invoice:
    """Make and release an invoice as an earlier connector did."""
    body = {
        "customerNumber": "10001",
        "currencyId": "SEK",
        "documentDate": "2026-03-10",
        "customerRefNumber": str(order.number),
        "invoiceLines": [
            {
                "operation": "Insert",
                "inventoryNumber": "SALES",
                "quantity": D(1),
                "unitPriceInCurrency": D(price),
                "vatCodeId": "STDG",
            }
        ],
        **fields,
    }
    invoice = create_document(stand.company, "Invoice", body)
    release_document(stand.company, invoice)
    return invoice


@pytest.mark.parametrize("fault", ["after_commit", "cut", "no_answer"])
async def test_a_lost_answer_is_looked_up_not_repeated(
    stand: Stand, fault: str
) -> None:
    """An invoice that was made while its answer was lost is gone on with: one, released."""
    order = sell(stand)
    stand.fault(fault, MADE)
    first = await stand.run("fulfilment")
    for _ in range(3):
        stand.wait(minutes=11)
        await stand.run("fulfilment")

    assert first.counts.in_doubt == 1
    assert invoice_of(stand, order).status == "Open"
    assert stand.parked() == {}


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("customer", "10002", "it is customer 10002's, not 10001's"),
        ("on", date(2026, 3, 9), "it is dated 2026-03-09, not 2026-03-10"),
        ("currency", "NOK", "it is in NOK, not SEK"),
    ],
)
async def test_a_stranger_with_our_reference_is_not_taken_for_ours(
    stand: Stand, field: str, value: object, told: str
) -> None:
    """After doubt what is found is compared field by field before it is adopted."""
    order = sell(stand)
    stand.fault("after_commit", RELEASED)
    await stand.run("fulfilment")
    setattr(invoice_of(stand, order), field, value)
    stand.wait(minutes=3)
    await stand.run("fulfilment")

    [parked] = stand.exceptions()
    assert parked.code == "FOUND_BUT_DIFFERENT"
    assert told in parked.reason
    assert stand.writes == {}


@pytest.mark.parametrize("seconds", [300, 550])
async def test_what_lists_show_late_is_not_made_twice(
    stand: Stand, seconds: float
) -> None:
    """An invoice whose answer was lost, and that lists show late, is found in the end."""
    order = sell(stand)
    stand.fault("late_visibility", MADE, seconds=seconds)
    stand.fault("no_answer", MADE)
    await stand.run("fulfilment")
    for minutes in (2, 8, 1, 11):
        stand.wait(minutes=minutes)
        await stand.run("fulfilment")

    assert invoice_of(stand, order).status == "Open"
    assert stand.parked() == {}


@pytest.mark.parametrize("fault", ["rate_limit", "not_json", "expired_token"])
async def test_trouble_that_passes_is_waited_out(stand: Stand, fault: str) -> None:
    """Busy, expired, or nonsense once: one invoice, released, in the end."""
    order = sell(stand)
    for operation in (MADE, RELEASED):
        stand.fault(fault, operation)
    for _ in range(8):  # each doubt is probed twice
        try:
            await stand.run("fulfilment")
        except ConnectorError:
            continue
        finally:
            stand.wait(minutes=11)

    assert invoice_of(stand, order).status == "Open"
    assert stand.parked() == {}


async def test_a_lost_request_is_sent_again_after_two_probes(stand: Stand) -> None:
    """An invoice that surely never arrived is made once in the end."""
    order = sell(stand)
    stand.fault("before_commit", MADE)
    await stand.run("fulfilment")
    stand.wait(minutes=3)
    await stand.run("fulfilment")
    between = len(invoices_of(stand, order))
    for _ in range(2):
        stand.wait(minutes=11)
        await stand.run("fulfilment")

    assert between == 0
    assert invoice_of(stand, order).status == "Open"


@pytest.mark.parametrize("step", [CHANGED, RELEASED])
async def test_a_release_that_is_cut_is_done_once(stand: Stand, step: str) -> None:
    """Lifting the hold and releasing are gone on with from the state that is there."""
    order = sell(stand)
    stand.fault("after_commit", step)
    await stand.run("fulfilment")
    for _ in range(3):
        stand.wait(minutes=11)
        await stand.run("fulfilment")

    assert invoice_of(stand, order).status == "Open"
    assert stand.parked() == {}
    number = invoice_of(stand, order).number
    booked = [one.document for one in stand.company.books.journal]
    assert booked == [("Invoice", number)]


async def test_a_release_that_is_queued_is_waited_for(stand: Stand) -> None:
    """Queued is not done: the record waits, and the next run sees it released."""
    order = sell(stand)
    stand.fault("action_queued", RELEASED)
    first = await stand.run("fulfilment")
    waited = invoice_of(stand, order).status
    stand.wait(minutes=1)
    second = await stand.run("fulfilment")

    assert (first.counts.waiting, waited) == (1, "Balanced")
    assert second.counts.created == 1
    assert RELEASED not in stand.writes
    assert invoice_of(stand, order).status == "Open"


async def test_a_release_that_fails_parks_and_a_retry_goes_on(stand: Stand) -> None:
    """Failed with 200 is a failure; after a retry the same invoice is released."""
    order = sell(stand)
    stand.fault("action_fails", RELEASED)
    await stand.run("fulfilment")
    parked = dict(stand.parked())
    await retry(stand)

    assert list(parked.values()) == ["ACTION_FAILED"]
    assert invoice_of(stand, order).status == "Open"
    assert MADE not in stand.writes
    assert stand.parked() == {}


async def test_other_vat_is_held_and_parked_then_mended(stand: Stand) -> None:
    """VAT that Visma.net computes otherwise stays on hold; a right VAT map mends it."""
    order = sell(stand)
    right = [rule.model_dump() for rule in stand.settings.vat]
    wrong = [
        {**rule, "category": "MIDG"} if rule["category"] == "STDG" else rule
        for rule in right
    ]
    stand.change(**posting_invoices(), vat=wrong)
    await stand.run("fulfilment")
    [parked] = stand.exceptions()
    held = invoice_of(stand, order).status
    stand.change(**posting_invoices(), vat=right)
    await retry(stand)

    assert (held, parked.code) == ("Hold", "TOTAL_DIFFERS")
    assert "85.61" in parked.reason
    assert "159.80" in parked.reason
    assert stand.writes == {CHANGED: 2, RELEASED: 1}
    assert invoice_of(stand, order).vat == D("159.80")
    assert invoice_of(stand, order).status == "Open"


async def test_a_stock_item_is_refused_with_what_to_do(tmp_path: Path) -> None:
    """Goods of the stock on a direct invoice are refused by Visma.net, and parked."""
    with an_invoice_stand(tmp_path, **{"orders.invoice_lines": "own_items"}) as stand:
        order = sell(stand)
        await stand.run("fulfilment")

        [parked] = stand.exceptions()
        assert parked.code == "STOCK_ITEM_ON_INVOICE"
        assert "non-stock item" in parked.fix
        assert invoices_of(stand, order) == []


async def test_lines_may_name_an_account(tmp_path: Path) -> None:
    """Goods may go on an account with a description instead of an item."""
    lines = {"orders.invoice_lines": "account", "orders.invoice_account": "3001"}
    with an_invoice_stand(tmp_path, **lines) as stand:
        order = sell(stand)
        await stand.run("fulfilment")

        [line] = invoice_of(stand, order).lines
        assert (line.inventory_id, line.account) == (None, "3001")
        assert line.description.startswith("NH1104NAVM ")


async def test_a_change_after_release_is_parked(stand: Stand) -> None:
    """A shipment that is worth something else after its invoice was booked is parked."""
    order = sell(stand)
    await stand.run("fulfilment")
    change(stand, order, extra=1000)
    await stand.run("fulfilment")

    assert list(stand.parked().values()) == ["CHANGED_AFTER_INVOICE"]
    assert stand.writes == {}
    assert invoice_of(stand, order).gross == D("799.00")


async def test_a_change_before_release_is_written(tmp_path: Path) -> None:
    """An invoice that people did not release yet is brought to what is true now."""
    with an_invoice_stand(tmp_path, store={"releases": "visma"}) as stand:
        order = sell(stand)
        await stand.run("fulfilment")
        change(stand, order, extra=1000)
        summary = await stand.run("fulfilment")
        again = await stand.run("fulfilment")

        assert summary.counts.updated == 1
        assert invoice_of(stand, order).gross == D("809.00")
        assert [line.amount for line in invoice_of(stand, order).lines] == [D("809.00")]
        assert again.sentence == "nothing to do"


async def test_a_new_address_changes_no_invoice(stand: Stand) -> None:
    """What does not count in the books is not written to an invoice that was made."""
    order = sell(stand)
    await stand.run("fulfilment")
    stand.edit(order, "change_address", address1="Nygatan 2")
    summary = await stand.run("fulfilment", ids=[str(order.number)])

    assert summary.counts.parked == 0
    assert stand.writes == {}


async def test_a_closed_period_shifts_the_posting(tmp_path: Path) -> None:
    """What left in a closed month keeps its day, and is posted in the next open one."""
    with an_invoice_stand(tmp_path) as stand:
        order = sell(stand)
        stand.company.close_period("202603")
        await stand.run("fulfilment")

        invoice = invoice_of(stand, order)
        assert (invoice.on, invoice.period) == (date(2026, 3, 10), "202604")
        assert "closed" in str(invoice.extra["note"])


async def test_a_closed_period_parks_by_setting(tmp_path: Path) -> None:
    """Where the settings park, nothing is sent into another month."""
    with an_invoice_stand(tmp_path, **{"orders.closed_periods": "park"}) as stand:
        order = sell(stand)
        stand.company.close_period("202603")
        await stand.run("fulfilment")

        assert list(stand.parked().values()) == ["PERIOD_CLOSED"]
        assert invoices_of(stand, order) == []


async def test_an_earlier_connectors_invoice_is_adopted(stand: Stand) -> None:
    """An invoice that carries the order's number and comes to the shipment is ours now."""
    order = stand.place()
    by_hand(stand, order)
    stand.edit(order, "ship")
    summary = await stand.run("fulfilment")

    assert summary.counts.adopted == 1
    assert stand.writes == {}


async def test_an_invoice_over_the_whole_order_leaves_its_shipments_out(
    stand: Stand,
) -> None:
    """Where an earlier connector invoiced the order at once, no shipment is invoiced."""
    order = stand.place(lines=[{"sku": "NH1104NAVM", "quantity": 2}])
    by_hand(stand, order, price="1598.00")
    stand.edit(order, "ship", lines={"NH1104NAVM": 1})
    summary = await stand.run("fulfilment")

    assert summary.counts.reasons == {"INVOICED_BEFORE": 1}
    assert stand.writes == {}


async def test_an_invoice_that_differs_is_parked(stand: Stand) -> None:
    """One that carries the order's number, but another amount, is for a person."""
    order = stand.place()
    by_hand(stand, order, price="500.00")
    stand.edit(order, "ship")
    await stand.run("fulfilment")

    assert list(stand.parked().values()) == ["FOUND_BUT_DIFFERENT"]
    assert stand.writes == {}


async def test_an_order_that_is_a_sales_order_is_not_invoiced_beside(
    tmp_path: Path,
) -> None:
    """After a change of `post_as`, what went as a sales order is invoiced there."""
    with an_invoice_stand(tmp_path, store={"post_as": "sales_order"}) as stand:
        order = stand.place()
        await stand.run("orders")
        stand.edit(order, "ship")
        rules = {**stand.settings.stores["*"].model_dump(), "post_as": "invoice"}
        stand.change(stores={"*": rules})
        summary = await stand.run("fulfilment")

        assert summary.counts.reasons == {"POSTED_BY_ORDER": 1}
        assert invoices_of(stand, order) == []


async def test_a_lost_ledger_adopts_what_is_there(stand: Stand, tmp_path: Path) -> None:
    """With an empty ledger every invoice is found again, and none is made."""
    orders = [sell(stand), sell(stand)]
    await stand.run("fulfilment")
    folder = tmp_path / "new"
    folder.mkdir()
    with emptied(stand, folder):
        summary = await stand.run("fulfilment")

        assert summary.counts.adopted == 2
        assert stand.writes == {}
    assert all(len(invoices_of(stand, one)) == 1 for one in orders)


async def test_a_document_that_a_user_has_open_is_tried_again(stand: Stand) -> None:
    """A lock parks the record with what to do; after a retry it is released."""
    order = sell(stand)
    stand.fault("action_fails", RELEASED)
    await stand.run("fulfilment")
    number = invoice_of(stand, order).number
    stand.company.books.locked.add(("invoice", number))
    await retry(stand)
    locked = list(stand.parked().values())
    stand.company.books.locked.clear()
    await retry(stand)

    assert locked == ["LOCKED"]
    assert stand.parked() == {}
    assert invoice_of(stand, order).status == "Open"


async def test_units_that_are_cancelled_between_shipments(stand: Stand) -> None:
    """What was cancelled after the first part is not invoiced; the parts are the order."""
    order = stand.place(lines=[{"sku": "NH1104NAVM", "quantity": 3}], shipping=49)
    stand.edit(order, "ship", lines={"NH1104NAVM": 1})
    await stand.run("fulfilment")
    stand.edit(order, "cancel_line", sku="NH1104NAVM", quantity=1)
    stand.edit(order, "ship")
    await stand.run("fulfilment")

    assert stand.parked() == {}
    assert [one.gross for one in invoices_of(stand, order)] == [
        D("848.00"),
        D("799.00"),
    ]


async def test_a_draft_that_a_person_deleted_is_made_again(stand: Stand) -> None:
    """A parked invoice that was deleted in Visma.net is made anew by a retry, once."""
    order = sell(stand)
    stand.fault("action_fails", RELEASED)
    await stand.run("fulfilment")
    stand.company.books.remove_document(invoice_of(stand, order))
    await retry(stand)

    assert stand.parked() == {}
    assert invoice_of(stand, order).status == "Open"


async def test_a_draft_that_a_person_released_is_taken_as_it_is(stand: Stand) -> None:
    """A parked invoice that a person released meanwhile is adopted without a write."""
    order = sell(stand)
    stand.fault("action_fails", RELEASED)
    await stand.run("fulfilment")
    release_document(stand.company, invoice_of(stand, order))
    await retry(stand)

    assert stand.parked() == {}
    assert stand.writes == {}
    assert invoice_of(stand, order).status == "Open"


async def test_one_bad_shipment_stops_no_other(stand: Stand) -> None:
    """What is parked is parked alone; the rest of the run goes on."""
    bad = stand.place(country="CH")
    stand.edit(bad, "ship")
    good = [sell(stand) for _ in range(3)]
    summary = await stand.run("fulfilment")

    assert (summary.counts.created, summary.counts.newly_parked) == (3, 1)
    assert all(invoice_of(stand, one).status == "Open" for one in good)
    assert invoices_of(stand, bad) == []


async def test_a_blocked_customer_is_said_with_what_is_at_stake(stand: Stand) -> None:
    """Nothing is sent for a customer on credit hold; it resumes when that is lifted."""
    stand.company.customers["10001"].status = "CreditHold"
    order = sell(stand)
    await stand.run("fulfilment")
    [parked] = stand.exceptions()
    stand.company.customers["10001"].status = "Active"
    stand.company.customers["10001"].modified_at = stand.world.clock.now()
    await retry(stand)

    assert parked.code == "CUSTOMER_BLOCKED"
    assert "799.00 SEK" in parked.reason
    assert stand.parked() == {}
    assert invoice_of(stand, order).status == "Open"


async def retry(stand: Stand) -> None:
    """Let a person have parked records tried again, and run."""
    with stand.environment.books("nordhem").begin() as unit:
        unit.exceptions.retry("all", by="Åsa")
    await stand.run("fulfilment")


def change(stand: Stand, order: Order, *, extra: int) -> None:
    """Let Centra correct the value of a shipment's only line, in sub-units."""
    [shipment] = order.shipments
    [line] = shipment.lines
    order.lines[0].unit_price += extra
    order.totals_cache = None
    line.value += extra
    line.tax = order.tax_of(line.value, line.order_line.rule)
    shipment.totals = replace(
        shipment.totals,
        line_values=shipment.totals.line_values + extra,
        tax=line.tax,
    )
    stand.world.clock.advance(1)
    shipment.updated_at = stand.world.clock.now()
    stand.shop.order_changed(order)
