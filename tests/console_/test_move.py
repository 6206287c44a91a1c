"""`move-database`: everything is in the other database, or nothing, and the source stays."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, Engine, event, insert, select

from connectors.errors import AbortError, ConfigError
from console.prefect_moving import (
    demand_all_known,
    demand_no_runs,
    mark,
    move_prefect,
    open_file,
    prefect_tables,
)
from console.processes import Processes
from console.server_database import is_marked, ready_database
from ledger import Keyring, Ledger
from ledger.copying import copy_tables, demand_same
from ledger.database import open_engine
from ledger.migrations import upgrade
from ledger.moving import held_still
from settings.application import Application
from tests.cluster import create, execute
from tests.console_.conftest import Terminal
from tests.tasks_.stand import KEY


@pytest.fixture
def address(postgresql_server: str) -> str:
    """Where nothing is yet."""
    return f"{postgresql_server}/to_{uuid4().hex}"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key of the stand's ledger, which is always in a file; Prefect has no own."""
    monkeypatch.setenv("CENTRA_VISMA_KEY", KEY)
    monkeypatch.delenv("TEST_LEDGER_SERVER", raising=False)


def tables_in(address: str) -> set[str]:
    """The tables of a database; none where it is missing."""
    try:
        with psycopg.connect(address) as db:
            query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            return {row[0] for row in db.execute(query)}
    except psycopg.OperationalError:
        return set()


# -- the ledger


def test_a_ledger_moves_and_goes_on(
    terminal: Terminal, address: str, tmp_path: Path
) -> None:
    """Every row is there, the chain holds, new rows get new numbers, the source is as it was."""
    order = terminal.stand.place()
    terminal.ask("sync", "orders")
    file = tmp_path / "ledger.db"
    with closing(sqlite3.connect(file)) as db:
        before = list(db.iterdump())

    told = terminal.ask("move-database", "--to", address)

    assert told["prefect"] is None
    assert told["audit_lines"]["nordhem"] > 0
    assert told["faults"] == 0
    rows = {one["table"]: one["rows"] for one in told["ledger"]}
    assert (rows["records"], rows["links"], rows["hints"]) == (1, 1, 0)
    with closing(sqlite3.connect(file)) as db:
        assert list(db.iterdump()) == before
    stand = terminal.stand
    old = stand.environment.ledger
    clock = stand.world.clock.now
    with Ledger.open(address, Keyring([KEY]), clock=clock, owner="new") as moved:
        stand.environment.ledger = moved
        assert (
            terminal.ask("sync", "orders")["directions"]["orders"]["counts"]["created"]
            == 0
        )
        assert stand.state(order) == "settled"
        stand.place()
        assert (
            terminal.ask("sync", "orders")["directions"]["orders"]["counts"]["created"]
            == 1
        )
        assert len(stand.company.orders) == 2
        assert terminal.run("audit", "verify").exit_code == 0
        stand.environment.ledger = old


def test_a_target_that_holds_anything_is_refused(
    terminal: Terminal, postgresql_server: str
) -> None:
    """In whatever schema: it may be somebody else's; nothing is changed in it."""
    there = create(postgresql_server, f"full_{uuid4().hex}")
    execute(there, "CREATE SCHEMA theirs", "CREATE VIEW theirs.shop AS SELECT 1 AS one")

    refused = terminal.run("move-database", "--to", there)

    assert refused.exit_code == 3
    assert "is not empty (shop, …)" in refused.stderr
    assert tables_in(there) == set()


def test_a_ledger_that_was_only_opened_is_no_obstacle(
    terminal: Terminal, address: str
) -> None:
    """As by `up` on the target of a move that was broken off; keys come from the source."""
    clock = terminal.stand.world.clock.now
    with Ledger.open(address, Keyring([KEY]), clock=clock, owner="too early") as early:
        early.of("nordhem")

    told = terminal.ask("move-database", "--to", address)

    rows = {one["table"]: one["rows"] for one in told["ledger"]}
    assert rows["ledger_keys"] == 2


@pytest.mark.parametrize(
    ("to", "sentence"),
    [
        ("postgresql://me:s3cret@db/x", "CENTRA_VISMA_MOVE_TO"),
        ("postgresql://me@db/x?password=s3cret", "CENTRA_VISMA_MOVE_TO"),
        ("sqlite:////tmp/x.db", "move to PostgreSQL"),
    ],
)
def test_a_wrong_target_is_refused(terminal: Terminal, to: str, sentence: str) -> None:
    """A password in the command line could be read by everybody on the machine."""
    refused = terminal.run("move-database", "--to", to)

    assert (refused.exit_code, sentence in refused.stderr) == (3, True)
    assert "s3cret" not in refused.output


def test_a_password_comes_by_the_variable(
    terminal: Terminal, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is not in what is said afterwards, which names what to set."""
    secret = address.replace("ledger@", "ledger:s3cret@")
    monkeypatch.setenv("CENTRA_VISMA_MOVE_TO", secret)

    done = terminal.run("move-database")

    assert done.exit_code == 0, done.output
    shown = address.replace("ledger@", "")
    assert f"Set CENTRA_VISMA_LEDGER to {shown}, with the login" in done.stdout
    assert "s3cret" not in done.output


def test_nothing_may_run(terminal: Terminal, address: str, tmp_path: Path) -> None:
    """What runs would go on with the old ledger; nothing is made."""
    processes = Processes(tmp_path)
    processes.start("prefect-worker", ("http.server", "0", "--bind", "127.0.0.1"))

    refused = terminal.run("move-database", "--to", address)

    processes.stop()
    assert (refused.exit_code, "prefect-worker runs" in refused.stderr) == (3, True)
    assert tables_in(address) == set()


def test_nobody_may_be_at_work(
    terminal: Terminal, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command in another terminal holds a claim, and Prefect knows nothing of it."""
    clock = terminal.stand.world.clock.now
    monkeypatch.setattr("console.moving.utc_now", clock)
    tokens = terminal.stand.environment.ledger.tokens("nordhem")

    with tokens.lock("visma", 60):
        refused = terminal.run("move-database", "--to", address)
    done = terminal.run("move-database", "--to", address)

    assert (refused.exit_code, "a run is under way" in refused.stderr) == (3, True)
    assert done.exit_code == 0, done.output


def test_there_must_be_a_ledger(
    terminal: Terminal, address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A new home needs no move, and none is begun."""
    monkeypatch.setenv("CENTRA_VISMA_HOME", str(tmp_path / "new"))

    refused = terminal.run("move-database", "--to", address)

    assert (refused.exit_code, "nothing is to be moved" in refused.stderr) == (3, True)
    assert not (tmp_path / "new" / "ledger.db").exists()


def test_what_is_not_the_same_is_not_kept(
    terminal: Terminal, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that the target changes is found, and nothing stays in it."""
    create(address.rpartition("/")[0], address.rpartition("/")[2])
    terminal.stand.place()
    terminal.ask("sync", "orders")

    def spoilt(db: Connection) -> None:
        upgrade(db)
        db.exec_driver_sql(
            "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN NEW.label := ''another''; RETURN NEW; END'"
        )
        db.exec_driver_sql(
            "CREATE TRIGGER spoil BEFORE INSERT ON records "
            "FOR EACH ROW EXECUTE FUNCTION spoil()"
        )

    monkeypatch.setattr("ledger.moving.upgrade", spoilt)

    refused = terminal.run("move-database", "--to", address)

    assert refused.exit_code == 5
    assert "records holds something else after the move (1 rows of 1)" in refused.stderr
    assert tables_in(address) == set()


# -- Prefect


NOW = datetime(2026, 3, 10, 9, 30, 0, 123456, tzinfo=UTC)


def _rooms(engine: Engine) -> None:
    """A database with the tables of Prefect, as its models have them."""
    tables = prefect_tables()
    for one in tables:
        one.indexes.clear()
    with engine.begin() as db:
        tables[0].metadata.create_all(db)


@pytest.fixture
def prefect(tmp_path: Path) -> Iterator[Engine]:
    """Prefect's embedded database with a run whose state points back to it."""
    engine = open_file(tmp_path / "prefect.db")
    _rooms(engine)
    tables = {one.name: one for one in prefect_tables()}
    flow, run, state = uuid4(), uuid4(), uuid4()
    with engine.begin() as db:
        db.execute(
            insert(tables["flow"]), {"id": flow, "name": "orders", "tags": ["a"]}
        )
        one = {
            "id": run,
            "flow_id": flow,
            "name": "orders · 42 new",
            "state_id": None,
            "state_type": "COMPLETED",
            "empirical_policy": {"retries": 0},
            "parameters": {"zeta": 1.5, "alpha": [None, True, "å"], "big": 1e16},
            "start_time": NOW,
            "total_run_time": timedelta(days=1, milliseconds=1500),
        }
        db.execute(insert(tables["flow_run"]), one)
        first = {"id": state, "flow_run_id": run, "name": "Completed"}
        first |= {"type": "COMPLETED", "state_details": {}}
        db.execute(insert(tables["flow_run_state"]), first)
        db.execute(tables["flow_run"].update().values(state_id=state))
        rule = {
            "id": uuid4(),
            "name": "a rule",
            "enabled": False,
            "trigger": {"type": "event", "expect": ["x"], "unknown": {"kept": 1}},
            "actions": [{"type": "do"}],
            "actions_on_trigger": [],
            "actions_on_resolve": [],
        }
        db.execute(insert(tables["automation"]), rule)
    yield engine
    engine.dispose()


@pytest.fixture
def rooms(address: str) -> Iterator[Engine]:
    """The target of Prefect's move, marked, with tables."""
    create(address.rpartition("/")[0], f"{address.rpartition('/')[2]}_prefect")
    engine = open_engine(f"{address}_prefect")
    mark(engine)
    _rooms(engine)
    yield engine
    engine.dispose()


def test_prefect_moves_by_its_own_types(prefect: Engine, rooms: Engine) -> None:
    """Texts become UUIDs, times with a zone and JSON; what models do not know is kept."""
    with held_still(prefect) as source, rooms.begin() as target:
        read = move_prefect(source, target, lambda _: None)

    assert {one.table: one.rows for one in read if one.rows} == {
        "flow": 1,
        "flow_run": 1,
        "flow_run_state": 1,
        "automation": 1,
    }
    run = next(one for one in prefect_tables() if one.name == "flow_run")
    with rooms.connect() as db:
        found = db.execute(select(run)).mappings().one()
        raw = db.exec_driver_sql(
            "SELECT pg_typeof(id)::text, pg_typeof(start_time)::text, "
            "parameters ->> 'alpha' FROM flow_run"
        ).one()
        rule = db.exec_driver_sql("SELECT trigger FROM automation").scalar_one()
        deferred = db.exec_driver_sql(
            "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND condeferrable"
        ).scalar_one()
    assert found["start_time"] == NOW
    assert found["total_run_time"] == timedelta(days=1, milliseconds=1500)
    assert raw == ("uuid", "timestamp with time zone", '[null, true, "å"]')
    assert rule["unknown"] == {"kept": 1}
    assert deferred == 0
    assert tables_in(_url(rooms)) >= {"flow_run"}
    assert "centra_visma_move" not in tables_in(_url(rooms))


def test_a_move_that_was_broken_off_is_begun_again(
    prefect: Engine, rooms: Engine, address: str, tmp_path: Path
) -> None:
    """Its rows are not doubled; until it is done no server starts on it."""
    tables = prefect_tables()
    with held_still(prefect) as source, rooms.begin() as target:
        copy_tables(
            source, target, [tables[0], *_named(tables, "flow")], lambda _: None
        )
    application = Application(home=tmp_path, ledger=SecretStr(address))
    with pytest.raises(ConfigError, match="was broken off: call 'centra-visma move-"):
        ready_database(application)

    mark(rooms)
    with held_still(prefect) as source, rooms.begin() as target:
        read = move_prefect(source, target, lambda _: None)
        demand_same(target, tables, read)

    ready_database(application)


@pytest.fixture
def cut(
    terminal: Terminal, prefect: Engine, monkeypatch: pytest.MonkeyPatch, address: str
) -> Terminal:
    """A move that was cut when the ledger was kept and Prefect's database was not yet."""

    def make(*_: object) -> None:
        engine = open_engine(f"{address}_prefect")
        _rooms(engine)
        engine.dispose()

    def cuts(db: Connection) -> None:
        if str(db.engine.url.database).endswith("_prefect") and not is_marked(db):
            raise SystemExit(9)

    monkeypatch.setattr("console.moving.make_tables", make)
    monkeypatch.setattr("console.moving._prefect_here", lambda _: prefect)
    terminal.stand.place()
    terminal.ask("sync", "orders")
    event.listen(Engine, "commit", cuts)
    try:
        assert terminal.run("move-database", "--to", address).exit_code == 9
    finally:
        event.remove(Engine, "commit", cuts)
    assert "audit" in tables_in(address)
    assert "centra_visma_move" in tables_in(f"{address}_prefect")
    return terminal


def test_a_move_that_was_cut_between_both_goes_on(cut: Terminal, address: str) -> None:
    """The ledger's copy is made anew, with what came into the source meanwhile; nothing twice."""
    cut.stand.place()
    cut.ask("sync", "orders")

    told = cut.ask("move-database", "--to", address)

    rows = {one["table"]: one["rows"] for one in told["ledger"]}
    assert (rows["records"], rows["links"]) == (2, 2)
    assert {one["table"]: one["rows"] for one in told["prefect"]}["flow_run"] == 1
    assert "centra_visma_move" not in tables_in(f"{address}_prefect")
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        execute(address, "DELETE FROM audit")
    refused = cut.run("move-database", "--to", address)
    assert (refused.exit_code, "is not empty" in refused.stderr) == (3, True)


def test_a_copy_that_somebody_has_worked_with_is_kept(
    cut: Terminal, address: str
) -> None:
    """A command was given the new address already: what it wrote is nowhere else."""
    own = cut.stand.environment.ledger
    clock = cut.stand.world.clock.now
    with Ledger.open(address, Keyring([KEY]), clock=clock, owner="early") as early:
        cut.stand.environment.ledger = early
        cut.stand.place()
        cut.ask("sync", "orders")
    cut.stand.environment.ledger = own

    refused = cut.run("move-database", "--to", address)

    assert refused.exit_code == 3
    assert "somebody has worked with the ledger" in refused.stderr
    with psycopg.connect(address) as db:
        assert db.execute("SELECT count(*) FROM links").fetchone() == (2,)
    assert "centra_visma_move" in tables_in(f"{address}_prefect")


def test_a_row_that_points_nowhere_keeps_all_back(
    prefect: Engine, rooms: Engine
) -> None:
    """PostgreSQL checks what SQLite let pass; the target stays empty and marked."""
    with prefect.begin() as db:
        db.exec_driver_sql("UPDATE flow_run SET flow_id = ?", (str(uuid4()),))

    with (
        held_still(prefect) as source,
        pytest.raises(AbortError, match="foreign key"),
        rooms.begin() as target,
    ):
        move_prefect(source, target, lambda _: None)

    with rooms.connect() as db:
        assert db.exec_driver_sql("SELECT count(*) FROM flow").scalar_one() == 0
    assert "centra_visma_move" in tables_in(_url(rooms))


def test_runs_under_way_are_named(prefect: Engine) -> None:
    """They would end in a database that nobody looks at any more."""
    with prefect.begin() as db:
        db.exec_driver_sql("UPDATE flow_run SET state_type = 'RUNNING'")

    with held_still(prefect) as db, pytest.raises(ConfigError, match="orders · 42 new"):
        demand_no_runs(db)


def test_another_version_of_prefect_is_refused(prefect: Engine) -> None:
    """What this Prefect does not know would be lost; columns that it has left are not."""
    with prefect.begin() as db:
        db.exec_driver_sql("ALTER TABLE flow ADD COLUMN left_over VARCHAR")
        db.exec_driver_sql("CREATE TABLE gone (id INTEGER)")
    with held_still(prefect) as db:
        demand_all_known(db)

    with prefect.begin() as db:
        db.exec_driver_sql("UPDATE flow SET left_over = 'x'")
    with held_still(prefect) as db, pytest.raises(ConfigError, match=r"\(flow\)"):
        demand_all_known(db)

    with prefect.begin() as db:
        db.exec_driver_sql("UPDATE flow SET left_over = NULL")
        db.exec_driver_sql("DROP TABLE variable")
    with held_still(prefect) as db, pytest.raises(ConfigError, match=r"\(variable\)"):
        demand_all_known(db)


def test_nobody_writes_into_the_source_meanwhile(prefect: Engine) -> None:
    """Whoever tries has to wait; nothing that we do there stays."""
    hurried = open_file(Path(str(prefect.url.database)))
    event.listen(
        hurried, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout = 10")
    )
    with held_still(prefect) as db:
        db.exec_driver_sql("DELETE FROM automation")
        with pytest.raises(Exception, match="locked"), hurried.begin():
            pass
    hurried.dispose()

    with prefect.begin() as db:
        count = db.exec_driver_sql("SELECT count(*) FROM automation").scalar_one()
    assert count == 1


def _named(tables: list, name: str) -> list:  # type: ignore[type-arg]
    return [one for one in tables if one.name == name]


def _url(engine: Engine) -> str:
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
