"""Drafts of adjustments that people delete in Visma.net."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.visma.stock_rules import release_stock_document
from tests.tasks_.counting import (
    ADJUSTING,
    SHIRT,
    adjustments,
    change,
    on_hand,
    physical,
)
from tests.tasks_.stand import Stand, a_stand

DRAFTS: dict[str, Any] = {**ADJUSTING, "stock_adjustments.releases": "visma"}
READ = "visma.GET /v1/inventoryadjustment/{inventoryAdjustmentNumber}"


@pytest.fixture
async def counted(tmp_path: Path) -> Any:
    """A stand on which 40 units were found in Centra, and wait for their release."""
    with a_stand(tmp_path, **DRAFTS) as stand:
        await stand.run("stock")
        before = physical(stand)
        change(stand, {SHIRT: 40})
        await stand.run("stock_adjustments")
        await stand.run("stock")
        assert (physical(stand), on_hand(stand)) == (before + 40, before)
        stand.wait(minutes=70)
        yield stand


def delete_drafts(stand: Stand) -> None:
    """Have somebody delete in Visma.net what waits for its release."""
    documents = stand.company.goods.documents["Adjustment"]
    for key in [key for key, one in documents.items() if not one.by_hand]:
        del documents[key]


async def test_a_count_whose_draft_was_deleted_counts_no_more(counted: Stand) -> None:
    """It waits for a person, and Centra gets the figure of Visma.net again."""
    delete_drafts(counted)
    summary = await counted.run("stock_adjustments")

    assert (summary.sentence, counted.writes) == ("1 parked", {})
    [parked] = counted.exceptions()
    assert parked.code == "ADJUSTMENT_DELETED"
    assert "was deleted in Visma.net" in parked.reason
    await counted.run("stock")
    assert physical(counted) == on_hand(counted)


async def test_the_nightly_reading_finds_it_too(counted: Stand) -> None:
    """Centra is set right that night, and the next run of adjustments tells of it."""
    delete_drafts(counted)
    await counted.run("stock", full=True)

    assert physical(counted) == on_hand(counted)
    await counted.run("stock_adjustments")
    assert list(counted.parked().values()) == ["ADJUSTMENT_DELETED"]


async def test_only_a_person_has_it_made_anew(counted: Stand) -> None:
    """Other settings or a later run make nothing; a retry makes one, and only one."""
    before = on_hand(counted)
    delete_drafts(counted)
    await counted.run("stock_adjustments")
    counted.change(**DRAFTS, **{"stock.buffer": 1})
    await counted.run("stock_adjustments")
    assert adjustments(counted) == []

    counted.change(**ADJUSTING)
    ids = [row.id for row in counted.exceptions()]
    with counted.environment.books("nordhem").begin() as unit:
        unit.exceptions.retry(ids, by="Åsa")
    await counted.run("stock_adjustments")
    await counted.run("stock_adjustments")
    await counted.run("stock")

    assert counted.parked() == {}
    assert len(adjustments(counted)) == 1
    assert (on_hand(counted), physical(counted)) == (before + 40, before + 40)


async def test_a_draft_that_stands_is_asked_for_once_an_hour(counted: Stand) -> None:
    """And goes on counting until somebody releases it."""
    await counted.run("stock_adjustments")
    assert counted.calls[READ] == 1
    await counted.run("stock_adjustments")
    assert counted.calls[READ] == 0

    await counted.run("stock")
    assert counted.parked() == {}
    assert physical(counted) == on_hand(counted) + 40


async def test_many_drafts_are_looked_for_in_the_list(tmp_path: Path) -> None:
    """One call tells of them all, and only what is missing is asked for by number."""
    with a_stand(tmp_path, **DRAFTS) as stand:
        await stand.run("stock")
        for _ in range(21):
            change(stand, {SHIRT: 1})
        await stand.run("stock_adjustments")
        await stand.run("stock")
        stand.wait(minutes=70)
        documents = stand.company.goods.documents["Adjustment"]
        del documents[max(key for key, one in documents.items() if not one.by_hand)]
        await stand.run("stock_adjustments")

        assert stand.calls[READ] == 1
        assert list(stand.parked().values()) == ["ADJUSTMENT_DELETED"]
        await stand.run("stock")
        assert physical(stand) == on_hand(stand) + 20


@pytest.mark.parametrize("units", [5, -5])
async def test_a_draft_that_is_released_under_another_reference(
    tmp_path: Path, units: int
) -> None:
    """A bookkeeper writes a number of their own on it: it is booked once all the same."""
    with a_stand(tmp_path, **DRAFTS) as stand:
        await stand.run("stock")
        before = physical(stand)
        change(stand, {SHIRT: units})
        for one in ("stock", "stock_adjustments", "stock"):
            await stand.run(one)
        [document] = adjustments(stand)
        stand.world.clock.advance(60)
        document.external_reference = "COUNT 17"
        release_stock_document(stand.company, document)
        for _ in range(3):
            stand.wait(minutes=30)
            await stand.run("stock_adjustments")
            await stand.run("stock")
        assert physical(stand) == on_hand(stand) == before + units
