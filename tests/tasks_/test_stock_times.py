"""Times of change that are not what they should be: in the future, or in local time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.visma.availability import Availability
from tasks.stock_figures import Figures
from tests.tasks_.stand import Stand
from tests.tasks_.stocking import (
    CAP,
    SHIRT,
    a_shop,
    in_centra,
    put_in_visma,
    told_otherwise,
)

NOW = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)


@pytest.fixture
async def stand(tmp_path: Path) -> Any:
    """A stand whose stock was compared half an hour ago."""
    with a_shop(tmp_path) as stand:
        await stand.run("stock")
        stand.wait(minutes=30)
        yield stand


def cap_is_ahead(request: httpx.Request, rows: list[dict[str, Any]]) -> None:
    """The cap changes in 2027."""
    for place in places_of(rows, CAP):
        place["lastModified"] = "2027-01-01T00:00:00"


def in_local_time(request: httpx.Request, rows: list[dict[str, Any]]) -> None:
    """Times of Oslo in summer, without an offset."""
    for place in places_of(rows):
        at = datetime.fromisoformat(place["lastModified"]) + timedelta(hours=2)
        place["lastModified"] = at.replace(tzinfo=None).isoformat()


def places_of(
    rows: list[dict[str, Any]], item: str | None = None
) -> Iterator[dict[str, Any]]:
    """The warehouses of all rows, or of an item."""
    for row in rows:
        if item in {None, row["inventoryId"]}:
            yield from row["availability"]


async def test_a_change_in_the_future_ends_nothing(stand: Stand) -> None:
    """Its figure is carried and told of, and what changes after it is found all the same."""
    put_in_visma(stand, CAP, 5)
    with told_otherwise(stand, cap_is_ahead):
        summary = await stand.run("stock")
        assert summary.sentence == "1 changed, 1 parked"
        assert in_centra(stand, CAP).physical == 5
        assert stand.parked() == {"times": "STOCK_TIME_AHEAD"}
        stand.wait(minutes=30)
        put_in_visma(stand, SHIRT, 0)
        assert (await stand.run("stock")).sentence == "1 changed"
        assert in_centra(stand, SHIRT).physical == 0

    stand.wait(minutes=30)
    put_in_visma(stand, SHIRT, 44)
    await stand.run("stock")
    assert in_centra(stand, SHIRT).physical == 44
    assert stand.parked() == {}


async def test_changes_are_found_where_times_are_local(stand: Stand) -> None:
    """Two hours ahead of UTC: the mark never passes the clock, so no change is before it."""
    with told_otherwise(stand, in_local_time):
        put_in_visma(stand, CAP, 5)
        await stand.run("stock")
        stand.wait(minutes=2)
        put_in_visma(stand, SHIRT, 0)
        assert (await stand.run("stock")).sentence == "1 changed"
        assert in_centra(stand, SHIRT).physical == 0


@pytest.mark.parametrize(
    ("modified", "told", "newest", "is_ahead"),
    [
        (-1, 0, -1, False),
        (1, 2, None, False),  # the server's clock is ahead of ours: ours is kept to
        (1, None, None, False),
        (-1, -2, None, False),
        (6, 0, None, True),
        (6, None, None, True),
        (6, 2, None, False),
        (None, 0, None, False),
    ],
)
def test_no_mark_passes_a_clock(
    modified: int | None, told: int | None, newest: int | None, is_ahead: bool
) -> None:
    """Neither Visma.net's nor our own; minutes from now."""

    def at(minutes: int | None) -> datetime | None:
        return None if minutes is None else NOW + timedelta(minutes=minutes)

    found = Figures()
    row = Availability("A", "MAIN", None, None, None, at(modified), at(told))
    found.date(row, NOW)

    assert found.newest == at(newest)
    assert (found.ahead is not None) is is_ahead
