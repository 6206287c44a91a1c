"""A backfill with real processes: its windows are runs of a worker, each order once.

It has a Prefect server of its own and takes minutes: `EFFORT=full`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tasks.environment import utc_now
from tests.effort import IS_FULL
from tests.room.house import ENDED, House, a_house, until

pytestmark = [
    pytest.mark.skipif(not IS_FULL, reason="real servers take minutes: EFFORT=full"),
    pytest.mark.timeout(1800),
]


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An installation that is up."""
    with a_house(tmp_path_factory.mktemp("room")) as house:
        house.up()
        yield house
        house.down()


def windows(house: House, backfill: str) -> list[dict[str, Any]]:
    """The runs of the windows of a backfill."""
    own = {"flow_runs": {"tags": {"all_": [f"backfill:{backfill}"]}}}
    return list(house.api("flow_runs/filter", own))


def test_a_backfill_is_carried_by_a_worker_and_retry_doubles_nothing(
    house: House,
) -> None:
    """From the terminal: windows with names, beside the ordinary run, each order once."""
    placed = house.place(6)
    today = utc_now().astimezone(ZoneInfo("Europe/Stockholm")).date()
    first = today - timedelta(days=3)

    told = house.ask(
        *("backfill", "orders", "--from", f"{first}", "--to", f"{today}"),
        *("--window", "1", "--at-once", "3"),
    )
    run = str(told["run"]).rpartition("/")[2]
    ordinary = house.begin("orders", ids=[placed[0].removeprefix("N-")])
    until(lambda: house.state(ordinary) in ENDED, 300)
    until(lambda: house.state(run) in ENDED, 600)

    found = windows(house, run)
    assert len(found) == len(told["windows"]) == 4
    names = sorted(str(one["name"]) for one in found)
    assert [name.split(" · ")[:2] for name in names] == [
        ["orders", f"{first + timedelta(days=day)}"] for day in range(4)
    ]
    assert set(placed) <= {*house.references(), *house.parked()}
    assert set(house.references().values()) == {1}
    assert house.slots_taken("orders") == 0

    before = house.sandbox.writes
    again = {"state": {"type": "SCHEDULED", "name": "AwaitingRetry"}, "force": True}
    house.api(f"flow_runs/{run}/set_state", again)
    until(lambda: house.api(f"flow_runs/{run}")["run_count"] == 2, 300)
    until(lambda: house.state(run) in ENDED, 600)

    assert {one["id"] for one in windows(house, run)} == {one["id"] for one in found}
    assert house.sandbox.writes == before
    assert set(house.references().values()) == {1}
