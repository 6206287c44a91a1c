"""A worker that is killed in the middle of an orders run loses and doubles nothing.

`KILLS=20 pytest tests/kill` kills at twenty moments, drawn from `KILL_SEED`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.kill.machines import Connector, Sandbox, a_sandbox

ORDERS = 24
SEED = 7
MOST_RUNS = 8
LEASE = 1.1
"""Seconds after which a killed worker's claims are free (tests.kill.machines)."""


def _moments() -> list[tuple[int, int]]:
    """After how many writes the first worker is killed, and the one after it."""
    count = int(os.environ.get("KILLS", "2"))
    random = Random(os.environ.get("KILL_SEED", "1"))
    return [(random.randint(1, 25), random.randint(1, 12)) for _ in range(count)]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One sandbox for all moments; each begins with a fresh world."""
    with a_sandbox() as running:
        yield running


@pytest.fixture(scope="module")
def undisturbed(
    sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What a run that nobody disturbs leaves behind."""
    sandbox.plant(seed=SEED, orders=ORDERS)
    connector = Connector(tmp_path_factory.mktemp("undisturbed"), sandbox)
    connector.run("sync", "orders")
    return {**sandbox.books(), "parked": connector.parked()}


@pytest.mark.parametrize(("first", "second"), _moments())
def test_killed_run_ends_as_an_undisturbed_one(
    sandbox: Sandbox,
    undisturbed: dict[str, Any],
    tmp_path: Path,
    first: int,
    second: int,
) -> None:
    """Killed while it sends, killed while it makes up for that, and then left alone."""
    sandbox.plant(seed=SEED, orders=ORDERS)
    slow = {"name": "slow", "operation": "visma.POST *", "seconds": 0.05}
    sandbox.ask("faults", {**slow, "probability": 1})
    connector = Connector(tmp_path, sandbox)
    assert connector.run_and_kill("sync", "orders", at_write=first)
    time.sleep(LEASE)
    connector.run_and_kill("sync", "orders", at_write=second)
    _sync_until_quiet(connector, sandbox)

    assert {**sandbox.books(), "parked": connector.parked()} == undisturbed


def _sync_until_quiet(connector: Connector, sandbox: Sandbox) -> None:
    for _ in range(MOST_RUNS):
        time.sleep(LEASE)
        before = sandbox.writes
        counts = connector.run("sync", "orders")["directions"]["orders"]["counts"]
        if sandbox.writes == before and not counts["in_doubt"] + counts["waiting"]:
            return
    pytest.fail(f"no rest after {MOST_RUNS} runs: {counts}")
