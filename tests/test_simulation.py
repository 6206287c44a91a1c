"""A few small worlds full of faults, and proof that the judge would notice.

`make simulate SEEDS=50` runs larger ones; `python -m tests.simulation --seed N` replays
one of those.
"""

from __future__ import annotations

import pytest

from tests.simulation.sabotage import SABOTAGES, sabotaged
from tests.simulation.script import Trouble
from tests.simulation.worlds import Outcome, run_seed

SMALL = Trouble(orders=(3,), rounds=(3, 4), faults=7, death=0.3, overlap=0.2)
ENOUGH = 10


def _run(seed: int) -> Outcome:
    return run_seed(seed, trouble=SMALL)


@pytest.mark.parametrize("seed", range(1, 9))
def test_nothing_is_lost_doubled_or_wrong(seed: int) -> None:
    """Whatever strikes, the shop and the books agree in the end."""
    outcome = _run(seed)

    assert outcome.verdict.is_good, outcome.verdict


def test_world_replays_exactly() -> None:
    """The same seed sends the same requests at the same times."""
    first, again = _run(2), _run(2)

    assert again.trace == first.trace
    assert _run(3).trace != first.trace


@pytest.mark.parametrize("name", SABOTAGES)
def test_broken_connector_is_found_out(name: str) -> None:
    """A connector with one safeguard less does not pass."""
    with sabotaged(name):
        verdicts = (_run(seed).verdict for seed in range(1, ENOUGH + 1))
        found = next((one for one in verdicts if not one.is_good), None)

    assert found is not None, f"a connector that {name} passes {ENOUGH} worlds"
