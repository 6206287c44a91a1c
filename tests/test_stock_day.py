"""A few short days of a shop that sells from stock, and proof that the judge would notice.

`make stock-day SEEDS=20` lives whole days of 2,000 events; `python -m tests.stock_day
--seed N` replays one of those.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import yaml

from sandbox.shelf import Shelf
from sandbox.world import World
from tests.stock_day import judge as stock_judge
from tests.stock_day.day import DEPLOYED, Day, Outcome, day_of, run_day
from tests.stock_day.judge import Judge
from tests.stock_day.sabotage import SABOTAGES, sabotaged

FILE = Path(__file__).parents[1] / "prefect.yaml"
EVENTS = 70
ENOUGH = 12
SEEN_BY = {
    "does not ask what has left right before it sets stock": 4,
    "forgets at once what is settled on both sides": 3,
    "counts no order that was on hold when it was last read": 7,
    "knows nothing of what people count in Centra": 2,
}
"""The day that was seen to find it; when code has changed, another one will."""


def short(seed: int) -> Day:
    """A day with much in little time."""
    return replace(day_of(seed, EVENTS), seconds_between=2.5)


SHOWS_ON: dict[str, dict[str, Any]] = {
    "knows nothing of what people count in Centra": {
        "adjustments": True,
        "faults": False,
    },
    "forgets at once what is settled on both sides": {
        "ships": "centra",
        "quantity": "onHand",
        "excludes": "issues",
        "faults": True,
    },
    "counts no order that was on hold when it was last read": {
        "ships": "centra",
        "quantity": "available",
        "excludes": "orders",
        "faults": True,
        "holds": 8,
        "as_deployed": True,
    },
}
"""Which kind of day it shows on: figures that fall only when Visma.net issues what left;
orders that are put on hold, and let go, all the time, and sent long after they are looked at; counts
in Centra that nothing else hides."""


def crowded(seed: int, **kind: Any) -> Day:
    """A day on which everybody wants the same few sizes."""
    return replace(day_of(seed, 90), seconds_between=1.5, sizes=3, **kind)


def live(seed: int) -> Outcome:
    """Live a short day."""
    return run_day(short(seed))


def test_every_kind_of_day_is_lived() -> None:
    """Ten seeds are both ways of shipping in each kind of quantity, with all else mixed in."""
    days = [short(seed) for seed in range(1, 11)]
    kinds = {(one.ships, one.quantity, one.excludes) for one in days}

    assert len(kinds) == 8
    assert {one.adjustments for one in days} == {True, False}
    assert {one.faults for one in days} == {True, False}


def test_days_are_polled_as_flows_are_deployed() -> None:
    """What is lived is what `prefect.yaml` has."""
    said = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    every = {
        one["entrypoint"].rpartition(".")[2]: schedule["interval"]
        for one in said["deployments"]
        for schedule in one.get("schedules", ())
        if "interval" in schedule
    }
    assert {name: every[name] for name in DEPLOYED} == DEPLOYED


@pytest.mark.parametrize("seed", range(1, 11))
def test_nothing_is_on_sale_that_is_not_there(seed: int) -> None:
    """No more than what moved outside since it was read; at rest exactly what is free."""
    outcome = live(seed)

    assert outcome.breach is None, outcome.breach
    assert outcome.crashes == []
    assert outcome.happened.total() == EVENTS


def test_nor_is_it_on_a_whole_day() -> None:
    """2,000 events in a rush, with faults, counts in Centra, and Visma.net that ships.

    Flows run as often as they are deployed: orders wait longer than stock does.
    """
    day = day_of(121)
    assert (day.seconds_between, day.faults, day.adjustments) == (1.0, True, True)
    assert day.as_deployed
    outcome = run_day(day)

    assert outcome.breach is None, outcome.breach
    assert outcome.crashes == []
    assert outcome.happened.total() == 2000


@pytest.mark.parametrize(
    ("lies", "promised", "physical", "free", "is_right"),
    [
        (8, 2, 8, 6, True),
        (8, 2, 9, 7, False),
        (8, 2, 7, 5, False),
        (-2, 2, 0, -2, True),  # sold elsewhere though it was not there
        (-2, 2, 1, -1, False),
        (-2, 2, 0, -3, True),  # one has left in Visma.net, and Centra could not be told
        (-2, 2, 1, -2, False),
        (-1, 2, 2, -4, False),
        (8, 2, 8, 5, False),
    ],
)
def test_at_rest_centra_shows_what_is_free(
    lies: int, promised: int, physical: int, free: int, *, is_right: bool
) -> None:
    """As far as a quantity that is never below 0 can say it."""
    shelf = Shelf("Main warehouse", "A1", lies + 3, promised, 3, physical, free)
    judge = Judge(World(), ["A1"], lambda: 0.0, counts_reserved=True)
    with patch.object(stock_judge, "shelves_of", return_value=[shelf]):
        judge.rest()

    assert (judge.breach is None) == is_right


def test_day_replays_exactly() -> None:
    """The same seed is the same day, to the hundredth of a second."""
    day = replace(short(1), events=25)
    first, again = run_day(day), run_day(day)

    assert again.trace == first.trace
    assert run_day(replace(day, seed=2)).trace != first.trace


@pytest.mark.parametrize("name", SABOTAGES)
def test_broken_connector_is_found_out(name: str) -> None:
    """A connector with one safeguard less sells what is not there, and is seen to."""
    with sabotaged(name):
        seeds = (SEEN_BY[name], *range(1, ENOUGH + 1))
        kind = SHOWS_ON.get(name, {})
        outcomes = (run_day(crowded(seed, **kind)) for seed in seeds)
        found = next((one for one in outcomes if one.breach), None)

    assert found is not None, f"a connector that {name} passes {ENOUGH} days"
