"""Centra ships, and Visma.net ships with it: what left, no more, once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sandbox.visma.shipment_rules import set_quantity
from tests.tasks_.shipping import (
    CONFIRMED,
    SHIPS_CENTRA,
    VISMA_MADE,
    VISMA_SET,
    pick,
    retry,
    sell,
    ship,
)
from tests.tasks_.stand import Stand, a_stand, emptied
from tests.tasks_.test_adoption import invoice_of

TWO = [{"sku": "NH1104NAVM", "quantity": 3}, {"sku": "NH1203BLKM"}]
ONCE = {VISMA_MADE: 1, VISMA_SET: 1, CONFIRMED: 1}


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A shop whose goods leave from Centra's warehouse."""
    with a_stand(tmp_path, **SHIPS_CENTRA) as stand:
        yield stand


def shipments(stand: Stand) -> list[Any]:
    """All shipments of the company, by number."""
    return sorted(stand.company.books.shipments.values(), key=lambda one: one.number)


def left(stand: Stand) -> list[dict[str, int]]:
    """What each confirmed shipment carries, by item."""
    return [
        {line.inventory_id: int(line.quantity) for line in one.lines}
        for one in shipments(stand)
        if one.status == "Confirmed"
    ]


async def test_a_shipment_is_made_marked_and_confirmed(stand: Stand) -> None:
    """What left Centra's warehouse leaves Visma.net's stock, on the same day."""
    order = await sell(stand)
    stand.edit(order, "ship", capture=True)
    summary = await stand.run("fulfilment")

    [made] = shipments(stand)
    assert summary.sentence == "1 new"
    assert stand.writes == ONCE
    assert made.status == "Confirmed"
    assert made.extra["customStr1"] == f"N-S{order.shipments[0].id}"
    assert stand.sales_order(order).status == "Completed"


async def test_a_second_run_writes_nothing(stand: Stand) -> None:
    """The same shipment is there once, however often it is read."""
    order = await sell(stand)
    stand.edit(order, "ship", capture=True)
    await stand.run("fulfilment")
    stand.edit(order, "touch")
    again = await stand.run("fulfilment")

    assert again.sentence == "nothing to do"
    assert stand.writes == {}


async def test_parts_are_shipped_as_they_left(stand: Stand) -> None:
    """Visma.net puts all that is open on a shipment; what did not leave comes off."""
    order = await sell(stand, lines=TWO)
    stand.edit(order, "ship", lines={"NH1104NAVM": 2}, capture=True)
    await stand.run("fulfilment")

    assert left(stand) == [{"NH1104NAVM": 2}]
    stand.edit(order, "ship", capture=True)
    await stand.run("fulfilment")

    assert left(stand) == [{"NH1104NAVM": 2}, {"NH1104NAVM": 1, "NH1203BLKM": 1}]
    assert stand.sales_order(order).status == "Completed"


async def test_two_parts_that_left_between_two_runs(stand: Stand) -> None:
    """They go one after the other, in the order in which they left."""
    order = await sell(stand, lines=TWO)
    stand.edit(order, "ship", lines={"NH1104NAVM": 2}, capture=True)
    stand.edit(order, "ship", capture=True)
    summary = await stand.run("fulfilment")

    assert summary.counts.created == 2
    assert left(stand) == [{"NH1104NAVM": 2}, {"NH1104NAVM": 1, "NH1203BLKM": 1}]


async def test_a_shipment_waits_for_its_sales_order(stand: Stand) -> None:
    """Shipped before the order was carried over: taken up when it is."""
    order = stand.place()
    stand.edit(order, "ship", capture=True)
    first = await stand.run("fulfilment")

    assert first.sentence == "1 waiting"
    assert stand.writes == {}
    await stand.run("orders")
    await stand.run("fulfilment")

    assert left(stand) == [{"NH1104NAVM": 1}]


@pytest.mark.parametrize("fault", ["after_commit", "cut", "no_answer", "drop"])
@pytest.mark.parametrize("operation", [VISMA_MADE, VISMA_SET, CONFIRMED])
async def test_a_lost_answer_ships_nothing_twice(
    stand: Stand, fault: str, operation: str
) -> None:
    """Whatever step lost its answer: in the end one shipment, of what left."""
    order = await sell(stand, lines=TWO)
    stand.edit(order, "ship", lines={"NH1104NAVM": 2}, capture=True)
    stand.fault(fault, operation)
    await stand.run("fulfilment")
    for minutes in (2, 8, 1):
        stand.wait(minutes=minutes)
        await stand.run("fulfilment")

    assert left(stand) == [{"NH1104NAVM": 2}]
    assert len(shipments(stand)) == 1
    assert stand.exceptions() == []


async def test_an_empty_ledger_finds_what_was_shipped(
    stand: Stand, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Our mark on the shipment tells a lost ledger that it is done."""
    order = await sell(stand, lines=TWO)
    stand.edit(order, "ship", lines={"NH1104NAVM": 2}, capture=True)
    await stand.run("fulfilment")
    with emptied(stand, tmp_path_factory.mktemp("new")):
        await stand.run("fulfilment")
        assert stand.writes == {}

    assert len(shipments(stand)) == 1


async def test_what_people_shipped_already_is_taken_for_it(stand: Stand) -> None:
    """The same goods, confirmed by hand, and none of them open: nothing is made."""
    order = await sell(stand)
    stand.edit(order, "ship", capture=True)
    ship(stand, order)
    await stand.run("fulfilment")

    assert stand.writes == {}
    assert len(shipments(stand)) == 1
    assert stand.exceptions() == []


async def test_too_little_stock_is_for_a_person_and_goes_on_later(
    stand: Stand,
) -> None:
    """The goods left, so the stock is wrong: the shipment waits, not confirmed."""
    order = await sell(stand, lines=[{"sku": "NH1104NAVM", "quantity": 3}])
    item = stand.company.items["NH1104NAVM"]
    there = dict(item.on_hand)
    item.on_hand = dict.fromkeys(there, 2)
    item.allows_negative = False
    stand.edit(order, "ship", capture=True)
    await stand.run("fulfilment")

    [parked] = stand.exceptions()
    assert parked.code == "SHORT_IN_VISMA"
    assert left(stand) == []
    item.on_hand = there
    [made] = shipments(stand)
    set_quantity(stand.company, made.lines[0], Decimal(3))
    with stand.environment.books("nordhem").begin() as unit:
        unit.exceptions.retry([parked.id], by="Åsa")
    await stand.run("fulfilment")

    assert left(stand) == [{"NH1104NAVM": 3}]
    assert stand.exceptions() == []


async def test_an_old_sale_without_a_document_is_for_a_person(stand: Stand) -> None:
    """A sale from before start_on whose goods leave now is booked by nobody else."""
    stand.change(**SHIPS_CENTRA, start_on=date(2026, 3, 1))
    order = stand.place(placed_at="2026-02-20T10:00:00+01:00")
    await stand.run("orders")
    stand.edit(order, "ship", capture=True)
    await stand.run("fulfilment")

    [parked] = stand.exceptions()
    assert parked.code == "OLD_SALE"
    assert stand.writes == {}


async def test_goods_that_changed_after_they_were_shipped_are_for_a_person(
    stand: Stand,
) -> None:
    """What Visma.net shipped is not shipped otherwise because Centra says so later."""
    order = await sell(stand, lines=[{"sku": "NH1104NAVM", "quantity": 3}])
    stand.edit(order, "ship", capture=True)
    await stand.run("fulfilment")
    order.shipments[0].lines[0].quantity = 2
    stand.edit(order, "touch")
    await stand.run("fulfilment")

    [parked] = stand.exceptions()
    assert parked.code == "CHANGED_AFTER_SHIPMENT"
    assert left(stand) == [{"NH1104NAVM": 3}]


async def test_a_picking_list_that_waits_is_used(stand: Stand) -> None:
    """Visma.net takes no second open shipment of an order; the one there is lowered."""
    order = await sell(stand, lines=TWO)
    pick(stand, order)
    stand.edit(order, "ship", lines={"NH1104NAVM": 2}, capture=True)
    await stand.run("fulfilment")

    assert left(stand) == [{"NH1104NAVM": 2}]
    assert len(shipments(stand)) == 1


async def test_a_closed_period_moves_the_day(stand: Stand) -> None:
    """A shipment has no period of its own: its day is the first of the open one."""
    order = await sell(stand)
    stand.edit(order, "ship", capture=True)
    stand.company.closed_periods.add("202603")
    with stand.environment.books("nordhem").begin() as unit:
        unit.cursors.move("visma.periods", "2020-01-01T00:00:00+00:00")
    await stand.run("fulfilment")

    [made] = shipments(stand)
    assert (made.status, made.on.isoformat()) == ("Confirmed", "2026-04-01")


async def test_a_sales_order_of_an_earlier_connector_is_shipped(stand: Stand) -> None:
    """Its lines have no key of ours: they are found by their item."""
    stand.change(**SHIPS_CENTRA, adopt_references=("{number}",))
    order = await sell(stand, lines=TWO)
    sales_order = stand.sales_order(order)
    sales_order.customer_order = str(order.number)
    for line in sales_order.lines:
        line.extra["customFields"] = {}
    stand.edit(order, "ship", lines={"NH1104NAVM": 2}, capture=True)
    await stand.run("fulfilment")

    assert left(stand) == [{"NH1104NAVM": 2}]


async def test_what_was_invoiced_before_is_not_shipped(tmp_path: Path) -> None:
    """An order that an earlier connector invoiced takes no goods out of stock again."""
    store = {**SHIPS_CENTRA["stores"]["*"], "dtc_customers": "collective"}
    store["collective"] = [{"number": "10001"}]
    rules: dict[str, Any] = {"stores": {"*": store}}
    with a_stand(tmp_path, **rules, adopt_references=("{number}",)) as stand:
        order = stand.place()
        invoice_of(stand, order)
        assert (await stand.run("orders")).sentence == "1 adopted"
        stand.edit(order, "ship", capture=True)
        summary = await stand.run("fulfilment")

        assert summary.counts.reasons == {"INVOICED_BEFORE": 1}
        assert stand.writes == {}


@pytest.mark.parametrize("seconds", [60, 400])
async def test_a_shipment_that_shows_late_is_not_made_twice(
    stand: Stand, seconds: int
) -> None:
    """Making it tells no number: one that no list shows yet is waited for."""
    order = await sell(stand, lines=TWO)
    stand.edit(order, "ship", lines={"NH1104NAVM": 2}, capture=True)
    stand.fault("late_visibility", VISMA_MADE, seconds=seconds)
    first = await stand.run("fulfilment")

    assert first.sentence == "1 in doubt"
    for minutes in (2, 8, 1):
        stand.wait(minutes=minutes)
        await stand.run("fulfilment")

    assert left(stand) == [{"NH1104NAVM": 2}]
    assert len(shipments(stand)) == 1


async def test_a_shipment_that_shows_after_the_last_probe_is_not_made_twice(
    stand: Stand,
) -> None:
    """Visma.net refuses a second open one; a person's retry goes on with the first."""
    order = await sell(stand)
    stand.edit(order, "ship", capture=True)
    stand.fault("late_visibility", VISMA_MADE, seconds=900)
    await stand.run("fulfilment")
    for minutes in (2, 8):
        stand.wait(minutes=minutes)
        await stand.run("fulfilment")

    assert [row.code for row in stand.exceptions()] == ["VISMA_REFUSED"]
    stand.wait(minutes=6)
    await retry(stand)

    assert left(stand) == [{"NH1104NAVM": 1}]
    assert len(shipments(stand)) == 1
    assert stand.exceptions() == []


async def test_two_runs_at_once_ship_once(stand: Stand) -> None:
    """Parts of one order, two runs: each part leaves once, one after the other."""
    orders = [await sell(stand, lines=TWO) for _ in range(3)]
    for order in orders:
        stand.edit(order, "ship", lines={"NH1104NAVM": 2}, capture=True)
        stand.edit(order, "ship", capture=True)
    await asyncio.gather(stand.run("fulfilment"), stand.run("fulfilment"))
    await stand.run("fulfilment")

    first, second = {"NH1104NAVM": 2}, {"NH1104NAVM": 1, "NH1203BLKM": 1}
    assert sorted(left(stand), key=len) == [first] * 3 + [second] * 3
    assert len(shipments(stand)) == 6
    assert stand.exceptions() == []
