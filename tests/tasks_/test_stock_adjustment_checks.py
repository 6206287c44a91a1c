"""`check` shows what stock adjustments would book, and which warehouse is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tasks.check_rows import CheckRow
from tasks.checks import check_connection
from tasks.environment import use_environment
from tests.tasks_.counting import ADJUSTING, MAIN, SHIRT, change
from tests.tasks_.stand import Stand, a_stand


async def rows(stand: Stand) -> dict[str, CheckRow]:
    """The rows of a check, by what they are about."""
    with use_environment(stand.environment):
        report = await check_connection("nordhem", days=30)
    return {one.what: one for one in report.rows}


async def test_nothing_is_checked_while_it_is_off(tmp_path: Path) -> None:
    """A direction that is off needs nothing."""
    with a_stand(tmp_path) as stand:
        change(stand, {SHIRT: -1})

        found = await rows(stand)

        assert "stock changes made by hand" not in found
        assert "centra.query.StockChanges" not in stand.calls


async def test_it_shows_what_would_be_booked(tmp_path: Path) -> None:
    """By their own words, so that nobody books what shipments did."""
    with a_stand(tmp_path, **ADJUSTING) as stand:
        change(stand, {SHIRT: -1}, words="Count of shelf 3")
        change(stand, {SHIRT: -1}, words="Shipment 1-1", by_hand=False)
        change(stand, {SHIRT: 1}, words="", where="Returns")

        found = await rows(stand)

        told = found["stock changes made by hand"].found
        assert told == "2 of 3 would be booked: Count of shelf 3; (no words)"
        assert found["counted warehouse Main warehouse"].found == "is MAIN in Visma.net"
        returns = found["counted warehouse Returns"]
        assert returns.state == "warning"
        assert "[stock.warehouses]" in returns.fix
        assert found["reason code"].found.startswith("COUNT:")


async def test_what_was_made_while_it_was_off_would_not_be_booked(
    tmp_path: Path,
) -> None:
    """The check counts as the run does."""
    with a_stand(
        tmp_path, **{**ADJUSTING, "stock_adjustments.enabled": False}
    ) as stand:
        change(stand, {SHIRT: -1}, words="Before")
        await stand.run("stock")
        stand.change(**ADJUSTING)
        stand.wait(minutes=1)
        change(stand, {SHIRT: -1}, words="After")

        found = await rows(stand)

        told = found["stock changes made by hand"].found
        assert told == "1 of 1 would be booked: After"


async def test_a_counted_warehouse_that_visma_net_lacks_is_a_warning(
    tmp_path: Path,
) -> None:
    """A misspelt one is there in the settings, and nowhere else."""
    wrong = {**ADJUSTING, "stock.warehouses": {MAIN: ["MIAN"]}}
    with a_stand(tmp_path, **wrong) as stand:
        change(stand, {SHIRT: -1})

        found = (await rows(stand))["counted warehouse Main warehouse"]

        assert found.state == "warning"
        assert "MIAN, which is not in Visma.net" in found.found
        assert "known: MAIN, RETAIL" in found.fix


async def test_what_is_missing_is_a_warning_with_its_fix(tmp_path: Path) -> None:
    """Fields that were not verified, and a warehouse that Visma.net lacks."""
    changes: dict[str, Any] = {
        **ADJUSTING,
        "centra.verified_fields": False,
        "stock.warehouses": {"1": ["MAIN"]},
        "stock_adjustments.warehouses": {"1": "NOWHERE"},
    }
    with a_stand(tmp_path, **changes) as stand:
        found = await rows(stand)

        assert found["adjusted warehouse NOWHERE"].state == "warning"
        changes_row = found["stock changes"]
        assert changes_row.state == "warning"
        assert "verified_fields" in changes_row.fix
