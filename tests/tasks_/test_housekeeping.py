"""Housekeeping in the ledger, a restore that doubles nothing, and a month of runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ledger import Keyring, Ledger
from ledger.backup import back_up, restore
from ledger.schema import (
    batches,
    coverage,
    hints,
    runs,
    webhook_calls,
)
from settings.connection import Connection
from tasks.housekeeping import evidence_before, measure, tidied, tidy
from tasks.result_files import Results
from tests.cluster import ledger_address
from tests.effort import IS_FULL
from tests.tasks_.stand import KEY, NOW, Stand, a_connection, a_stand

OSS_ROW = {
    "countries": ["DE"],
    "rate": 19,
    "customer": "b2c",
    "scheme": "oss",
    "category": "OSS19",
    "zone": "OSS",
}


def without_oss(**changes: Any) -> Connection:
    """A connection that sells at home only."""
    made = a_connection(**changes)
    rows = [row.model_dump() for row in made.vat if row.scheme == "domestic"]
    return Connection.model_validate(made.model_dump() | {"vat": rows})


def test_evidence_leaves_after_seven_whole_years() -> None:
    """A document of any day of 2026 is kept through 2033, in the company's time zone."""
    settings = without_oss()
    last = datetime(2033, 12, 31, 22, 59, tzinfo=UTC)  # 23:59 in Stockholm

    assert (
        evidence_before(settings, [], last).isoformat() == "2026-01-01T00:00:00+01:00"
    )
    after = evidence_before(settings, [], last + timedelta(minutes=1))
    assert after.isoformat() == "2027-01-01T00:00:00+01:00"


def test_oss_is_kept_ten_years_though_it_was_given_up() -> None:
    """One OSS row, now or in any version of the settings, counts for all."""
    plain, oss = without_oss(), a_connection()
    assert any(row.scheme == "oss" for row in oss.vat)

    for settings, versions in ((oss, []), (plain, [oss.model_dump_json()])):
        assert evidence_before(settings, versions, NOW).year == NOW.year - 10
    longer = without_oss(**{"retention.evidence_years": 12})
    assert evidence_before(longer, [], NOW).year == NOW.year - 12


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("evidence_years", 6),
        ("oss_evidence_years", 9),
        ("other_days", 89),
        ("runs_days", 44),
    ],
)
def test_retention_is_configurable_only_upward(key: str, value: int) -> None:
    """What the law asks for cannot be set away."""
    with pytest.raises(ValueError, match="greater than or equal"):
        a_connection(**{f"retention.{key}": value})


async def test_nothing_of_a_young_ledger_leaves(stand: Stand) -> None:
    """Housekeeping of yesterday's work lets go of nothing, and is noted."""
    stand.place()
    await stand.run()

    kept = tidy(stand.environment, "nordhem", "k")

    assert kept.model_dump(exclude={"connection"}) == {
        "runs": 0,
        "batches": 0,
        "windows": 0,
        "overtaken": 0,
        "expired": 0,
        "problem": None,
    }
    with stand.environment.books("nordhem").read() as unit:
        assert unit.evidence.last_done("housekeeping") == stand.world.clock.now()


async def test_after_its_time_all_goes_but_what_tells_of_the_books(
    stand: Stand,
) -> None:
    """After eleven years payloads are empty, documents, links and the chain stand."""
    order = stand.place()
    await stand.run()
    for _ in range(3):
        await stand.run()  # idle
    stand.wait(minutes=11 * 366 * 24 * 60)

    kept = tidy(stand.environment, "nordhem", "k")
    house = measure(stand.environment, [kept], Results())

    assert kept.expired > 0
    assert kept.runs >= 2
    with stand.environment.books("nordhem").read() as unit:
        found = unit.verification.verify()
        assert (found.ok, found.documents > 0) == (True, True)
        assert unit.links.of_source("orders", str(order.number))
    assert house.sentence.startswith(
        f"{kept.runs:,} runs, {kept.expired} payloads let go"
    )
    assert tidy(stand.environment, "nordhem", "k2").expired == 0


async def test_orders_go_on_after_housekeeping(stand: Stand) -> None:
    """An old order that changes is read again as if nothing had been emptied."""
    order = stand.place()
    await stand.run()
    stand.wait(minutes=11 * 366 * 24 * 60)
    tidy(stand.environment, "nordhem", "k")
    stand.edit(order, "touch")

    summary = await stand.run()

    assert (summary.counts.newly_parked, stand.exceptions()) == (0, [])
    assert len(stand.sales_orders(order)) == 1


def test_a_connection_with_wrong_settings_stops_no_other(stand: Stand) -> None:
    """Its problem is told; nothing of it is touched."""
    kept = tidied(stand.environment, "elsewhere", "k")

    assert kept.problem is not None
    assert "there is no such connection file" in kept.problem


# -- restore


async def test_a_restored_ledger_doubles_nothing(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Ten orders, a backup, ten more, the backup put back, a run: all are there once."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "ledger.key").write_text(KEY)
    with a_stand(tmp_path) as stand:
        url = ledger_address(tmp_path)
        early = [stand.place() for _ in range(10)]
        await stand.run()
        file = back_up(url, Keyring([KEY]), home, NOW)
        late = [stand.place() for _ in range(10)]
        stand.edit(early[0], "change_quantity", quantity=2)
        done = await stand.run()
        assert (done.counts.created, done.counts.updated) == (10, 1)
        before = stand.total()

        stand.environment.ledger.close()
        restore(
            file,
            url,
            home=home,
            replace=True,
            by="åsa",
            clock=stand.world.clock.now,
        )
        stand.environment.ledger = _opened(url, stand)
        with stand.environment.books("nordhem").read() as unit:
            assert unit.records.get("orders", str(late[0].number)) is None
        again = await stand.run()

        assert (again.counts.created, again.counts.adopted) == (0, 10)
        for order in (*early, *late):
            assert len(stand.sales_orders(order)) == 1
            assert stand.state(order) == "settled"
        assert (len(stand.company.orders), stand.total()) == (20, before)
        assert stand.exceptions() == []
        assert (await stand.run()).sentence == "nothing to do"
        with stand.environment.books("nordhem").read() as unit:
            assert unit.verification.verify().ok
        stand.environment.ledger.close()


async def test_what_was_planned_before_the_backup_and_sent_after_it_is_adopted(
    tmp_path: Path,
) -> None:
    """A plan in the backup, applied afterwards: the restored ledger finds its orders."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "ledger.key").write_text(KEY)
    with a_stand(tmp_path, **{"limits.max_writes": 2}) as stand:
        url = ledger_address(tmp_path)
        orders = [stand.place() for _ in range(4)]
        planned = await stand.run()
        assert planned.plan is not None
        file = back_up(url, Keyring([KEY]), home, NOW)
        await stand.run(plan=planned.plan.hash)
        assert len(stand.company.orders) == 4

        stand.environment.ledger.close()
        restore(
            file, url, home=home, replace=True, by="åsa", clock=stand.world.clock.now
        )
        stand.environment.ledger = _opened(url, stand)
        await stand.run()

        assert len(stand.company.orders) == 4
        assert {stand.state(one) for one in orders} == {"settled"}
        stand.environment.ledger.close()


def _opened(url: str, stand: Stand) -> Ledger:
    return Ledger.open(
        url,
        Keyring([KEY]),
        clock=stand.world.clock.now,
        owner="stand",
        durable=False,
    )


# -- a month of runs

RUNS = 86_400 if IS_FULL else 8_640
"""Of stock, each half minute: a month, or three days."""
DIRECTIONS = ("orders", "customers", "fulfilment", "payments", "invoices", "stock")
STEPS = 1_000


@contextmanager
def counting(stand: Stand) -> Iterator[list[int]]:
    """Count what the database does, in thousands of its own steps: no clock decides."""
    counted = [0]

    def tick() -> int:
        counted[0] += 1
        return 0

    def connected(raw: Any, _record: object) -> None:
        raw.set_progress_handler(tick, STEPS)

    engine = stand.environment.ledger._transactions.engine
    engine.dispose()  # connections that are there already do not count
    sa.event.listen(engine, "connect", connected)
    try:
        yield counted
    finally:
        sa.event.remove(engine, "connect", connected)
        engine.dispose()


async def idle(stand: Stand) -> dict[str, int]:
    """What a run with nothing to do takes of the database, by direction."""
    taken = {}
    for direction in DIRECTIONS:
        with counting(stand) as counted:
            summary = await stand.run(direction)
        assert (summary.counts.created, stand.writes) == (0, {})
        taken[direction] = counted[0]
    return taken


def insert_runs(stand: Stand, count: int) -> None:
    """Runs of every half minute up to now, with all that a run leaves in the ledger."""
    now = stand.world.clock.now()
    engine = stand.environment.ledger._transactions.engine
    moments = [now - timedelta(seconds=30 * (count - each)) for each in range(count)]
    with engine.begin() as db:
        first = 1 + db.execute(sa.select(sa.func.max(runs.c.id))).scalar_one()
        db.execute(
            sa.insert(runs),
            [
                {
                    "id": first + number,
                    "connection": "nordhem",
                    "direction": DIRECTIONS[number % len(DIRECTIONS)],
                    "run_key": f"month-{number}",
                    "mode": "auto",
                    "settings_version": stand.settings.version,
                    "attempt": 1,
                    "state": "done" if number % 50 else "failed",
                    "counts": {"read": 0},
                    "started_at": at,
                    "finished_at": at,
                }
                for number, at in enumerate(moments)
            ],
        )
        shared: list[dict[str, Any]] = [
            {
                "connection": "nordhem",
                "direction": DIRECTIONS[number % len(DIRECTIONS)],
                "run_id": first + number,
                "at": at,
            }
            for number, at in enumerate(moments)
        ]
        db.execute(
            sa.insert(batches).values(
                connection=sa.bindparam("connection"),
                direction=sa.bindparam("direction"),
                run_id=sa.bindparam("run_id"),
                attempt=1,
                opened_at=sa.bindparam("at", type_=batches.c.opened_at.type),
            ),
            shared,
        )
        db.execute(
            sa.insert(coverage),
            [
                {
                    "connection": "nordhem",
                    "subject": f"{one['direction']}.updated_at",
                    "window_from": one["at"],
                    "window_to": one["at"] + timedelta(seconds=180),
                    "count": 0,
                    "checksum": "",
                    "run_id": one["run_id"],
                    "read_at": one["at"],
                }
                for one in shared
            ],
        )
        db.execute(
            sa.insert(webhook_calls),
            [
                {
                    "connection": "nordhem",
                    "system": "centra",
                    "digest": f"{number}",
                    "received_at": at,
                }
                for number, at in enumerate(moments)
            ],
        )
        db.execute(
            sa.insert(hints),
            [
                {
                    "connection": "nordhem",
                    "direction": one["direction"],
                    "calls": 1,
                    "first_at": one["at"],
                    "last_at": one["at"],
                    "taken_by": one["run_id"],
                }
                for one in shared[:500]
            ],
        )


async def test_a_month_of_runs_slows_no_run(tmp_path: Path) -> None:
    """A run with nothing to do takes as many steps of the database as before."""
    with a_stand(tmp_path, orders=20) as stand:
        for direction in DIRECTIONS:
            await stand.run(direction)
            await stand.run(direction)
        before = await idle(stand)

        insert_runs(stand, RUNS)
        for direction in DIRECTIONS:
            await stand.run(direction)  # answers the hints
        after = await idle(stand)

        for direction in DIRECTIONS:
            assert after[direction] <= before[direction] * 1.3 + 3, (before, after)
        books = stand.environment.books("nordhem")
        with counting(stand) as counted, books.read() as unit:
            for direction in DIRECTIONS:
                assert unit.evidence.last_done(direction) is not None
                assert unit.runs.last(direction) is not None
        assert counted[0] <= 2

        stand.wait(minutes=200 * 24 * 60)
        kept = tidy(stand.environment, "nordhem", "k")
        assert kept.runs > RUNS * 0.99
        assert kept.batches >= RUNS
