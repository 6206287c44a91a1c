"""What people count in Centra is booked in Visma.net, once."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from sandbox.visma.hand_goods import count_stock
from sandbox.visma.stock_rules import release_stock_document
from tests.tasks_.counting import (
    ADJUSTING,
    FREED,
    MADE,
    RELEASED,
    RETAIL,
    SHIRT,
    adjustments,
    change,
    move,
    on_hand,
)
from tests.tasks_.stand import Stand, a_stand, emptied

SOCK = "NH1203BLKM"


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A stand whose counts are booked and released."""
    with a_stand(tmp_path, **ADJUSTING) as stand:
        yield stand


async def adjust(stand: Stand, **window: object) -> str:
    """Run the direction, and say how it ended."""
    return (await stand.run("stock_adjustments", **window)).sentence


async def test_it_is_off_by_default(tmp_path: Path) -> None:
    """Nothing is read and nothing is written unless the settings say so."""
    with a_stand(tmp_path) as stand:
        change(stand, {SHIRT: -2})

        assert await adjust(stand) == "it is off: set stock_adjustments.enabled = true"
        assert stand.writes == {}
        assert not [one for one in stand.calls if "StockChange" in one]


async def test_a_count_is_booked_and_released_once(stand: Stand) -> None:
    """Visma.net has two less, and a second run writes nothing."""
    before = on_hand(stand)
    number = change(stand, {SHIRT: -2, SOCK: 3}, words="Count of shelf 3")

    assert await adjust(stand) == "1 new"
    assert stand.writes == {MADE: 1, FREED: 1, RELEASED: 1}
    [made] = adjustments(stand)
    assert made.status == "Released"
    assert made.external_reference == f"N-A{number}"
    assert [(one.inventory_id, one.quantity, one.reason) for one in made.lines] == [
        (SHIRT, Decimal(-2), "COUNT"),
        (SOCK, Decimal(3), "COUNT"),
    ]
    assert on_hand(stand) == before - 2
    stand.wait(minutes=20)
    assert await adjust(stand) == "nothing to do"
    assert stand.writes == {}


async def test_a_move_between_warehouses_is_one_adjustment(stand: Stand) -> None:
    """What left one warehouse came to the other, on one document."""
    main, retail = on_hand(stand), on_hand(stand, where="RETAIL")
    move(stand, {SHIRT: 3})

    assert await adjust(stand) == "1 new"
    [made] = adjustments(stand)
    assert {(one.warehouse, one.quantity) for one in made.lines} == {
        ("MAIN", -3),
        ("RETAIL", 3),
    }
    assert (on_hand(stand), on_hand(stand, where="RETAIL")) == (main - 3, retail + 3)


async def test_what_sales_and_programs_change_is_nobodys_count(stand: Stand) -> None:
    """Shipments, returns and what we set ourselves are not booked."""
    for words in ("Shipment 10001-1", "Return 3", "N-stock 1/2"):
        change(stand, {SHIRT: -1}, words=words, by_hand=False)

    assert await adjust(stand) == "nothing to do"
    assert adjustments(stand) == []


async def test_people_may_release(tmp_path: Path) -> None:
    """By default an adjustment waits, balanced, for whoever releases it."""
    changes = {**ADJUSTING, "stock_adjustments.releases": "visma"}
    with a_stand(tmp_path, **changes) as stand:
        change(stand, {SHIRT: -2})

        await adjust(stand)
        [made] = adjustments(stand)
        assert (made.status, stand.writes) == ("Balanced", {MADE: 1, FREED: 1})
        release_stock_document(stand.company, made)
        assert await adjust(stand) == "nothing to do"


@pytest.mark.parametrize("fault", ["after_commit", "cut", "no_answer"])
async def test_a_lost_answer_is_looked_up(stand: Stand, fault: str) -> None:
    """What was made is found by its reference, and gone on with; nothing is made twice."""
    before = on_hand(stand)
    change(stand, {SHIRT: -2})
    stand.fault(fault, MADE)

    assert await adjust(stand) == "1 in doubt"
    for minutes in (2, 10, 1):
        stand.wait(minutes=minutes)
        await adjust(stand)

    [made] = adjustments(stand)
    assert made.status == "Released"
    assert on_hand(stand) == before - 2


@pytest.mark.parametrize("operation", [FREED, RELEASED])
async def test_a_lost_answer_to_a_later_step_is_gone_on_with(
    stand: Stand, operation: str
) -> None:
    """The release is not repeated where it was done."""
    before = on_hand(stand)
    change(stand, {SHIRT: -2})
    stand.fault("after_commit", operation)

    await adjust(stand)
    for minutes in (2, 10, 1):
        stand.wait(minutes=minutes)
        await adjust(stand)

    assert len(adjustments(stand)) == 1
    assert on_hand(stand) == before - 2


async def test_a_release_that_fails_is_parked(stand: Stand) -> None:
    """A good status may hold a failure; a retry releases what is there."""
    before = on_hand(stand)
    change(stand, {SHIRT: -2})
    stand.fault("action_fails", RELEASED)

    await adjust(stand)
    assert set(stand.parked().values()) == {"ACTION_FAILED"}
    assert on_hand(stand) == before
    ids = [row.id for row in stand.exceptions()]
    with stand.environment.books("nordhem").begin() as unit:
        unit.exceptions.retry(ids, by="Åsa")
    await adjust(stand)

    assert stand.parked() == {}
    assert (len(adjustments(stand)), on_hand(stand)) == (1, before - 2)


async def test_a_queued_release_waits(stand: Stand) -> None:
    """What Visma.net is still at is looked at by the next run, not released twice."""
    before = on_hand(stand)
    change(stand, {SHIRT: -2})
    stand.fault("action_queued", RELEASED, seconds=30)

    assert await adjust(stand) == "1 waiting"
    stand.wait(minutes=1)
    await adjust(stand)

    assert stand.writes == {}
    assert on_hand(stand) == before - 2


async def test_an_empty_ledger_books_nothing_twice(
    stand: Stand, tmp_path: Path
) -> None:
    """What stands there with the reference is adopted."""
    before = on_hand(stand)
    change(stand, {SHIRT: -2})
    await adjust(stand)
    (tmp_path / "new").mkdir()

    with emptied(stand, tmp_path / "new"):
        assert await adjust(stand) == "1 adopted"
        assert stand.writes == {}

    assert (len(adjustments(stand)), on_hand(stand)) == (1, before - 2)


async def test_a_draft_that_differs_is_parked_and_not_released(stand: Stand) -> None:
    """Somebody changed the quantity before it was released: people look at it."""
    before = on_hand(stand)
    change(stand, {SHIRT: -2})
    stand.fault("drop", FREED)
    await adjust(stand)
    [made] = adjustments(stand)
    made.lines[0].quantity = Decimal(-5)
    for minutes in (2, 10, 1):
        stand.wait(minutes=minutes)
        await adjust(stand)

    assert set(stand.parked().values()) == {"FOUND_BUT_DIFFERENT"}
    assert (made.status, on_hand(stand)) == ("Hold", before)


async def test_a_warehouse_without_a_counterpart_is_parked(stand: Stand) -> None:
    """The others are booked, and the setting to add is named."""
    change(stand, {SHIRT: 1}, where="Returns")
    change(stand, {SHIRT: -1}, where=RETAIL)

    summary = await stand.run("stock_adjustments")

    assert summary.sentence == "1 new, 1 parked"
    [parked] = stand.exceptions()
    assert parked.code == "WAREHOUSE_UNKNOWN"
    assert "Returns" in parked.fix


async def test_closed_periods_of_stock_park_or_shift(tmp_path: Path) -> None:
    """A count in a closed period follows the setting of orders."""
    changes = {**ADJUSTING, "orders.closed_periods": "park"}
    with a_stand(tmp_path, **changes) as stand:
        stand.company.close_period("202603")
        change(stand, {SHIRT: -2})

        await adjust(stand)

        assert set(stand.parked().values()) == {"PERIOD_CLOSED"}
        stand.company.close_period("202603", closed=False)
        stand.wait(minutes=70)
        await adjust(stand)
        assert len(adjustments(stand)) == 1


async def test_one_can_be_pulled_by_its_id(stand: Stand) -> None:
    """Ids pull stock changes; those of others are told as not found."""
    number = change(stand, {SHIRT: -2})
    own = change(stand, {SHIRT: -2}, words="N-stock 1/1", by_hand=False)

    summary = await stand.run(
        "stock_adjustments", ids=[str(number), str(own), "999999"]
    )

    assert summary.sentence == "1 new, 2 not found"
    assert len(adjustments(stand)) == 1


async def test_a_plan_shows_what_would_be_booked(tmp_path: Path) -> None:
    """The first run that would write stops as a plan, and applying it sends it."""
    with a_stand(tmp_path, live=False, **ADJUSTING) as stand:
        change(stand, {SHIRT: -2})

        planned = await stand.run("stock_adjustments")
        assert planned.plan is not None
        assert (planned.plan.kinds, stand.writes) == (
            {"create inventory adjustment": 1},
            {},
        )
        applied = await stand.run("stock_adjustments", plan=planned.plan.hash)
        assert applied.sentence == "1 new"


async def test_events_wake_what_the_sweep_does_not_bring(stand: Stand) -> None:
    """A change that shows up late, dated long ago, is woken by its event."""
    change(stand, {SHIRT: -1})
    await adjust(stand)
    stand.wait(minutes=120)
    change(stand, {SHIRT: -1})
    await adjust(stand)
    late = change(stand, {SHIRT: -3})
    found = stand.shop.shelves.changes[late]
    found.created_at = found.created_at.replace(hour=9, minute=31)

    assert await adjust(stand) == "1 new"
    assert len(adjustments(stand)) == 3


async def test_counts_in_visma_are_not_booked_back(stand: Stand) -> None:
    """An adjustment that people made there is theirs; nothing follows from it."""
    count_stock(stand.company, {"lines": {SHIRT: 5}, "warehouse": "MAIN"})

    assert await adjust(stand) == "nothing to do"
    assert adjustments(stand) == []
