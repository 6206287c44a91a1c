"""What Visma.net refuses to ship or invoice is parked, goes on later, and only once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tasks_.shipping import CONFIRMED, VISMA_MADE, sell
from tests.tasks_.stand import Stand, a_stand
from tests.tasks_.test_shipment_invoices import PREPARED, RELEASED, invoices, rules


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A shop that ships in Centra; Visma.net ships, invoices and releases with it."""
    with a_stand(tmp_path, **rules()) as stand:
        yield stand


def open_document(stand: Stand, ending: str, kind: str) -> None:
    """Let a user open a document just before we write to it, and leave it open."""

    def before(method: str, path: str) -> None:
        if method != "GET" and path.endswith(ending):
            number = path.removesuffix(ending).rstrip("/").rpartition("/")[2]
            stand.company.books.locked.add((kind, number))

    stand.wire.before = before


def close_all(stand: Stand) -> None:
    """Let every user close what they have open."""
    stand.wire.before = lambda method, path: None
    stand.company.books.locked.clear()


async def shipped(stand: Stand, **order: Any) -> Any:
    """Sell something that leaves Centra's warehouse at once."""
    placed = await sell(stand, **order)
    stand.edit(placed, "ship", capture=True)
    return placed


@pytest.mark.parametrize(
    ("ending", "kind", "left_to_do"),
    [
        pytest.param(
            "/action/confirmShipment",
            "shipment",
            {CONFIRMED, PREPARED, RELEASED},
            id="shipment",
        ),
        pytest.param("/action/release", "invoice", {RELEASED}, id="invoice"),
    ],
)
async def test_what_a_user_has_open_is_done_later(
    stand: Stand, ending: str, kind: str, left_to_do: set[str]
) -> None:
    """A locked document is parked, and gone on with by itself once it is closed."""
    await shipped(stand)
    open_document(stand, ending, kind)
    await stand.run("fulfilment")

    [parked] = stand.exceptions()
    assert parked.code == "LOCKED"
    close_all(stand)
    await stand.run("fulfilment")

    assert stand.writes.keys() == left_to_do
    assert [one.status for one in invoices(stand)] == ["Open"]
    assert stand.exceptions() == []


async def test_a_sales_order_that_a_user_has_open_is_shipped_later(
    stand: Stand,
) -> None:
    """Nothing is made of it meanwhile."""
    order = await shipped(stand)
    name = f"SO {stand.sales_order(order).order_id}"
    stand.company.books.locked.add(("order", name))
    await stand.run("fulfilment")

    assert [row.code for row in stand.exceptions()] == ["LOCKED"]
    assert stand.company.books.shipments == {}
    close_all(stand)
    await stand.run("fulfilment")

    assert len(stand.company.books.shipments) == 1
    assert stand.exceptions() == []


async def test_a_blocked_customer_stops_the_shipment_until_released(
    stand: Stand,
) -> None:
    """The goods have left, so somebody must know; the record resumes by itself."""
    order = await shipped(stand)
    customer = stand.company.customers[stand.sales_order(order).customer]
    before, customer.status = customer.status, "CreditHold"
    await stand.run("fulfilment")

    [parked] = stand.exceptions()
    assert parked.code == "CUSTOMER_BLOCKED"
    assert parked.amount == 799
    customer.status = before
    await stand.run("fulfilment")

    assert len(invoices(stand)) == 1
    assert stand.exceptions() == []


async def test_a_period_that_closes_in_between_moves_the_shipment(
    stand: Stand,
) -> None:
    """The shipment was made in a period that is closed before it is confirmed."""
    await shipped(stand)
    open_document(stand, "/action/confirmShipment", "shipment")
    await stand.run("fulfilment")
    close_all(stand)
    stand.company.closed_periods.add("202603")
    stand.wait(minutes=61)  # periods are read once an hour
    await stand.run("fulfilment")

    [shipment] = stand.company.books.shipments.values()
    assert shipment.on.isoformat() == "2026-04-01"
    assert [one.status for one in invoices(stand)] == ["Open"]
    assert stand.exceptions() == []


async def test_the_rest_goes_on(stand: Stand) -> None:
    """One shipment that is refused stops no other."""
    bad = await shipped(stand)
    good = await shipped(stand)
    stand.company.books.locked.add(("order", f"SO {stand.sales_order(bad).order_id}"))
    summary = await stand.run("fulfilment")

    assert summary.counts.created == 1
    assert summary.counts.newly_parked == 1
    assert stand.sales_order(good).status == "Completed"
    assert stand.writes[VISMA_MADE] == 2
