"""A home that has had real runs moves to PostgreSQL, and goes on there as it was."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.effort import IS_FULL
from tests.room.house import ENDED, House, a_house, until

pytestmark = [
    pytest.mark.skipif(not IS_FULL, reason="real servers take minutes: EFFORT=full"),
    pytest.mark.timeout(1200),
]

_SECRET = {"value": "s3cret-in-a-block"}
_DAY = ("--from", "2026-03-01", "--to", "2026-03-31")


def test_a_home_moves_and_goes_on(tmp_path: Path, postgresql_server: str) -> None:
    """Nothing is lost, nothing is sent again; a move that was killed is begun again."""
    with a_house(tmp_path) as house:
        house.up()
        placed = house.place(4)
        first = _run(house, "orders")
        house.api("variables/", {"name": "rate", "value": {"sek": 11.5}})
        block = _secret_block(house)
        rules = house.api("automations/filter", {})
        off = rules[0]
        house.patch(f"automations/{off['id']}", {"enabled": False})
        house.poll_rarely("payments")
        schedules = _schedules(house)
        before = _seen(house, first)
        assert set(placed) <= set(house.references()) | house.parked()
        certificate = house.ask("certificate", *_DAY)
        house.down()

        target = f"{postgresql_server}/moved"
        _killed_in_the_middle(house, target)
        code, _, said = house.run("up", CENTRA_VISMA_LEDGER=target)
        assert (code, "was broken off" in said) == (3, True), said
        told = house.ask("move-database", "--to", target)
        assert told["faults"] == 0
        rows = {one["table"]: one["rows"] for one in told["prefect"]}
        assert rows["flow_run"] >= 1
        assert rows["log"] > 0
        code, _, said = house.run("move-database", "--to", target)
        assert (code, "is not empty" in said) == (3, True), said

        house.use(target)
        house.up()
        assert _schedules(house) == schedules
        assert _seen(house, first) == before
        found = house.api("automations/filter", {})
        assert {one["name"]: one["enabled"] for one in found} == {
            one["name"]: one["enabled"] and one["id"] != off["id"] for one in rules
        }
        assert house.api("variables/name/rate")["value"] == {"sek": 11.5}
        opened = house.api(f"block_documents/{block}?include_secrets=true")
        assert opened["data"]["value"] == _SECRET["value"]
        assert house.ask("audit", "verify")["faults"] == []
        again = house.ask("certificate", *_DAY)
        assert _figures(again) == _figures(certificate)

        writes = house.sandbox.writes
        _run(house, "orders")
        assert house.sandbox.writes == writes
        more = house.place(2)
        _run(house, "orders")
        assert set(more) <= set(house.references()) | house.parked()
        assert set(house.references().values()) == {1}
        with psycopg.connect(f"{target}_prefect") as db:
            row = db.execute("SELECT count(*) FROM flow_run").fetchone()
        assert (row or (0,))[0] > rows["flow_run"]


def _run(house: House, direction: str) -> str:
    run = house.begin(direction)
    until(lambda: house.state(run) in ENDED, 300)
    assert house.state(run) in {"Completed", "Failed"}
    return run


def _killed_in_the_middle(house: House, target: str) -> None:
    """Begin to move, and kill it once rows are being copied."""
    process = house.start("move-database", "--to", target)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("copying Prefect's database"):
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    with psycopg.connect(target) as db:
        found = db.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert found.fetchone() == (0,)


def _schedules(house: House) -> dict[str, Any]:
    found = house.api("deployments/filter", {})
    return {
        str(one["id"]): (
            one["name"],
            one["paused"],
            sorted((each["id"], each["active"]) for each in one["schedules"]),
        )
        for one in found
    }


def _seen(house: House, run: str) -> tuple[Any, ...]:
    """A run as the UI shows it, with its logs."""
    one = house.api(f"flow_runs/{run}")
    lines = house.api("logs/filter", {"logs": {"flow_run_id": {"any_": [run]}}})
    told = [line["message"] for line in lines]
    assert told
    return one["name"], one["state"]["message"], one["start_time"], one["tags"], told


def _secret_block(house: House) -> str:
    """Keep a secret in a block, as people do in the UI; its id."""
    kind = house.api("block_types/slug/secret")
    [schema, *_] = house.api(
        "block_schemas/filter",
        {"block_schemas": {"block_type_id": {"any_": [kind["id"]]}}},
    )
    made = house.api(
        "block_documents/",
        {
            "name": "mine",
            "data": _SECRET,
            "block_type_id": kind["id"],
            "block_schema_id": schema["id"],
        },
    )
    return str(made["id"])


def _figures(certificate: dict[str, Any]) -> dict[str, Any]:
    """What both systems say, without when it was asked."""
    return {
        name: certificate[name]
        for name in ("compared", "matched", "explained", "unexplained")
        if name in certificate
    }
