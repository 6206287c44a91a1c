"""`up`, `kill -9` of each process in turn, `up`: everything goes on, nothing twice.

Each has a Prefect server of its own and takes a minute or several: `EFFORT=full`.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from console.processes import pause
from tests.effort import IS_FULL
from tests.room.house import ENDED, RECEIVER, SERVER, WORKER, House, a_house, until

pytestmark = [
    pytest.mark.skipif(not IS_FULL, reason="real servers take minutes: EFFORT=full"),
    pytest.mark.timeout(1800),
]

ALL = {SERVER, WORKER, RECEIVER}
SLOW = {"name": "slow", "operation": "visma.POST *", "seconds": 2, "probability": 1}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An installation that is up, with all three processes, and has nothing to do."""
    with a_house(tmp_path_factory.mktemp("room")) as house:
        assert set(house.up()) == ALL
        run = house.begin("orders")
        until(lambda: house.state(run) in ENDED, 180)
        yield house
        assert set(house.down()) == ALL
        assert house.down() == []
        assert house.run_processes() == []


def under_way(house: House) -> tuple[str, list[str]]:
    """A run that has sent some of forty orders, and their references."""
    placed = house.place(40)
    house.sandbox.ask("faults", SLOW)
    before = house.sandbox.writes
    run = house.begin("orders")
    until(lambda: house.sandbox.writes - before >= 8, 180)
    assert house.state(run) == "Running"
    return run, placed


def demand_carried_over(house: House, placed: list[str]) -> None:
    """Each order stands in Visma.net once, or is parked, after runs as of a schedule."""
    house.disarm()
    deadline = monotonic() + 600
    while set(placed) - set(house.references()) - house.parked():
        assert monotonic() < deadline
        _run(house)
        pause(5)
    before = house.sandbox.writes
    _run(house)
    assert house.sandbox.writes == before
    assert set(house.references().values()) == {1}
    assert len(set(placed) & set(house.references())) > len(placed) // 2


def _run(house: House) -> None:
    run = house.begin("orders")
    until(lambda: house.state(run) in ENDED, 300)


@pytest.mark.parametrize("name", [RECEIVER, WORKER, SERVER])
def test_idle_ones_are_missed_and_started_alone(house: House, name: str) -> None:
    """`status` says what is gone, `up` starts just that, the others keep their ids.

    On a slow machine the worker may be without its server for so long that it is deaf.
    """
    allowed = {name} | ({WORKER} if name == SERVER else set())
    before = house.pids()
    house.kill(name)

    states = house.status(exit_code=4)
    assert states[name] == "died"
    assert {one for one in ALL if states[one] != "running"} <= allowed
    started = house.up()
    assert {name} <= set(started) <= allowed
    assert house.up() == []
    after = house.pids()
    assert {one for one in ALL if after[one] != before[one]} == set(started)
    assert set(house.status(exit_code=0).values()) == {"running"}


def test_a_wrong_connection_file_keeps_nobody_dead(house: House) -> None:
    """What died is started, the other connections are deployed, and the file is named."""
    folder = Path(house.env["CENTRA_VISMA_CONNECTIONS"])
    wrong, right = folder / "fjord.toml", folder / "nordhem.toml"
    wrong.write_text("prefix = 1", "utf-8")
    words = ("up", "--port", str(house.port))
    try:
        house.kill(WORKER)
        told = house.ask(*words, exit_code=3)

        assert (told["started"], told["paused"]) == ([WORKER], [])
        assert told["deployments"] > 20
        [sentence] = told["wrong"]
        assert sentence.startswith(f"{wrong}: ")
        house.status(exit_code=0)

        text = right.read_text("utf-8")
        right.write_text("prefix = 1", "utf-8")
        house.kill(WORKER)
        told = house.ask(*words, exit_code=3)
        right.write_text(text, "utf-8")

        assert (told["started"], told["deployments"]) == ([WORKER], 0)
        assert len(told["wrong"]) == 2
    finally:
        wrong.unlink()
    assert house.up() == []


def test_up_at_the_same_time_starts_each_once(house: House) -> None:
    """The second waits for the first, and finds everything there."""
    for name in ALL:
        house.kill(name)
    words = ("up", "--port", str(house.port), "--json")
    both = [house.start(*words), house.start(*words)]
    started = [one for each in both for one in house.finish(each)["started"]]

    assert sorted(started) == sorted(ALL)
    assert set(house.status(exit_code=0).values()) == {"running"}


def test_the_server_is_killed_in_the_middle_of_a_run(house: House) -> None:
    """The run waits for the server that comes back, or is done again; nothing twice."""
    run, placed = under_way(house)
    house.kill(SERVER)
    assert house.up()[0] == SERVER

    until(lambda: house.state(run) in ENDED, 300)
    demand_carried_over(house, placed)


def test_the_worker_is_killed_in_the_middle_of_a_run(house: House) -> None:
    """Its run notices, ends by itself and frees the deployment; nothing is sent twice."""
    run, placed = under_way(house)
    house.kill(WORKER)
    assert house.status(exit_code=4)[WORKER] == "died"
    assert house.up() == [WORKER]

    until(lambda: house.state(run) in ENDED, 300)
    demand_carried_over(house, placed)


def test_worker_is_killed_while_it_starts_a_run(house: House) -> None:
    """The run has no heartbeat yet: it is Crashed after three minutes, not Pending for ever."""
    run = house.begin("orders")
    until(lambda: house.state(run) in {"Pending", "Submitting"}, 60)
    house.kill(WORKER)
    for pid in house.run_processes():
        os.kill(pid, signal.SIGKILL)
    assert house.state(run) in {"Pending", "Submitting"}
    assert house.up() == [WORKER]

    until(lambda: house.state(run) == "Crashed", 300)
    house.api(
        f"flow_runs/{run}/set_state", {"state": {"type": "CANCELLED"}, "force": True}
    )


def test_worker_and_run_are_killed(house: House) -> None:
    """Crashed within two minutes, which frees the deployment; tried again, nothing twice."""
    run, placed = under_way(house)
    processes = house.run_processes()
    assert processes
    house.kill(WORKER)
    for pid in processes:
        os.kill(pid, signal.SIGKILL)
    assert house.up() == [WORKER]

    found = until(lambda: house.state(run) == "Crashed", 150)
    assert found < 120
    assert house.slots_taken("orders") == 0
    until(lambda: house.state(run) in ENDED - {"Crashed"}, 420)
    assert house.api(f"flow_runs/{run}")["run_count"] == 2
    demand_carried_over(house, placed)


def test_everything_is_killed_in_the_middle_of_a_run(house: House) -> None:
    """As a machine that loses its power; the run is found although nobody watched it."""
    run, placed = under_way(house)
    for name in ALL:
        house.kill(name)
    for pid in house.run_processes():
        os.kill(pid, signal.SIGKILL)
    assert set(house.up()) == ALL

    until(lambda: house.state(run) == "Crashed", 180)
    assert house.slots_taken("orders") == 0
    demand_carried_over(house, placed)


def test_down_leaves_nothing_at_work(house: House) -> None:
    """A run whose worker was killed is ended as well, and taken up after the next `up`."""
    _, placed = under_way(house)
    house.kill(WORKER)

    assert set(house.down()) == ALL - {WORKER}
    until(lambda: house.run_processes() == [], 30)
    assert set(house.up()) == ALL
    demand_carried_over(house, placed)
