"""A server that answers and writes nothing down any more is known, and replaced."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from http import HTTPStatus
from pathlib import Path
from threading import Thread

import httpx
import pytest
import respx

import console.up
from console.processes import Processes
from console.server_pulse import is_writing
from console.up import Wish
from tests.effort import IS_FULL
from tests.room.house import SERVER, House, a_house, until

API = "http://127.0.0.1:4299/api"


async def _too_long(request: httpx.Request) -> httpx.Response:
    await asyncio.sleep(60)
    return httpx.Response(HTTPStatus.CREATED, request=request)


@pytest.mark.parametrize(
    ("answer", "is_well"),
    [
        (httpx.Response(201, json={"id": "0" * 32, "name": "orders"}), True),
        (httpx.Response(401, json={"exception_message": "Unauthorized"}), True),
        (httpx.Response(500, json={"exception_message": "Internal"}), False),
        (httpx.ConnectError("refused"), False),
        (_too_long, False),
    ],
    ids=["writes", "asks who", "fails", "is gone", "hangs"],
)
@respx.mock(assert_all_called=False)
async def test_only_what_writes_in_time_is_well(
    respx_mock: respx.MockRouter, answer: object, is_well: bool
) -> None:
    """Health alone says nothing: it answers while every write waits."""
    told = {"exception_message": "CSRF protection is disabled."}
    respx_mock.get(url__startswith=API).respond(422, json=told)
    respx_mock.post(f"{API}/flows/").mock(side_effect=answer)

    assert await is_writing(API, None, seconds=2) is is_well


@pytest.mark.parametrize("is_stuck", [True, False])
def test_who_stays_ends_a_server_that_is_stuck(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_stuck: bool
) -> None:
    """It is felt once, ended, and started by the `up` that follows; a well one runs on."""
    monkeypatch.setenv("CENTRA_VISMA_HOME", str(tmp_path))
    processes = Processes(tmp_path)
    server = processes.start(SERVER, ("http.server", "0", "--bind", "127.0.0.1"))
    felt: list[bool] = []
    looks = iter(range(3))

    def feel(*_: object) -> bool:
        felt.append(is_stuck)
        return is_stuck

    def look(_: float) -> None:
        if next(looks, None) is None:
            raise KeyboardInterrupt

    def started(*_: object) -> None:
        raise KeyboardInterrupt

    for name, stand_in in (("_is_stuck", feel), ("pause", look), ("up", started)):
        monkeypatch.setattr(console.up, name, stand_in)
    monkeypatch.setattr(console.up, "_PULSE_EVERY", 0.0)

    try:
        with pytest.raises(KeyboardInterrupt):
            console.up.stay_up(Wish(), lambda _: None)
        assert (server.is_alive, felt) == (
            (False, [True]) if is_stuck else (True, [False] * 3)
        )
    finally:
        processes.stop()


@pytest.mark.skipif(not IS_FULL, reason="real servers take minutes: EFFORT=full")
@pytest.mark.timeout(900)
def test_a_server_whose_database_is_locked_is_replaced(tmp_path: Path) -> None:
    """`status` calls it silent, and `up` starts another one; what was there is there."""
    with a_house(tmp_path) as house:
        house.up()
        before = house.pids()
        holder = Thread(target=_hold, args=(house, before[SERVER]))
        holder.start()
        try:
            until(lambda: house.status(exit_code=4)[SERVER] == "silent", 60)
            started = house.up()
        finally:
            holder.join()

        assert SERVER in started
        assert house.pids()[SERVER] != before[SERVER]
        assert set(house.status(exit_code=0).values()) == {"running"}


def _hold(house: House, pid: int) -> None:
    """Keep the one lock of Prefect's database until its server is gone."""
    file = house.home / "prefect" / "prefect.db"
    with closing(sqlite3.connect(file, isolation_level=None, timeout=60)) as db:
        db.execute("BEGIN IMMEDIATE")
        until(lambda: not Path(f"/proc/{pid}").exists(), 600)
        db.execute("ROLLBACK")
