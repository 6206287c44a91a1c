"""Backups are whole, hold no key, and are put back only where they belong."""

from __future__ import annotations

import tarfile
from decimal import Decimal
from pathlib import Path
from threading import Event, Thread

import pytest
import sqlalchemy as sa

from connectors.errors import AbortError, ConfigError
from ledger import Keyring, Ledger
from ledger.backup import Restored, back_up, read_manifest, restore
from ledger.database import open_engine
from ledger.schema import intents, watermarks
from tests.cluster import create
from tests.ledger_.conftest import START, Clock, Opener
from tests.ledger_.given import claim, confirm, entry, hold, plan, send, start_run, take

KEY = Keyring.generate()


@pytest.fixture(scope="module")
def keyring() -> Keyring:
    """The key of this module's ledgers."""
    return Keyring([KEY])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with the key file."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "ledger.key").write_text(KEY + "\n")
    return home


@pytest.fixture
def other_url(request: pytest.FixtureRequest, url: str, tmp_path: Path) -> str:
    """An empty database of the same kind."""
    if url.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'other' / 'ledger.db'}"
    server = request.getfixturevalue("postgresql_server")
    return create(server, f"other_{tmp_path.name.lower().replace('-', '_')}")


def put_back(
    file: Path, url: str, home: Path, clock: Clock, *, replace: bool = False
) -> Restored:
    """Restore a backup."""
    return restore(file, url, home=home, replace=replace, by="åsa", clock=clock)


def test_a_backup_comes_back_whole(
    open_ledger: Opener, url: str, other_url: str, home: Path, clock: Clock, keyring
) -> None:
    """What was confirmed is there again, proved, under the same key."""
    books = open_ledger().of("nordic")
    plan(books)
    confirm(books, send(books))

    file = back_up(url, keyring, home, clock())
    done = put_back(file, other_url, home, clock)

    assert file.name == "20260301T080000Z.ledger-backup"
    assert file.stat().st_mode & 0o077 == 0
    assert (done.connections, done.set_aside) == (("nordic",), None)
    assert done.manifest.keys == keyring.fingerprints
    with Ledger.open(other_url, keyring, clock=clock, owner="w") as again:
        with again.of("nordic").read() as unit:
            [row] = unit.intents.of_source("orders", "1")
            assert (row.state, unit.intents.evidence(row.intent_id)[1]) == (
                "confirmed",
                b"draft of 1",
            )
            assert unit.verification.verify().ok
            last = unit.audit.trail("1")[-1]
        assert last.action == "document.written"


def test_the_key_is_in_no_backup(
    open_ledger: Opener, url: str, home: Path, clock: Clock, keyring
) -> None:
    """Who has the file alone can read no payload."""
    plan(open_ledger().of("nordic"))

    file = back_up(url, keyring, home, clock())

    assert KEY.encode() not in file.read_bytes()
    assert b"body of 1" not in file.read_bytes()


def test_a_backup_is_of_one_moment_while_others_write(
    open_ledger: Opener, url: str, other_url: str, home: Path, clock: Clock, keyring
) -> None:
    """Chain and head of the copy agree, whatever is written meanwhile."""
    books, stop = open_ledger().of("nordic"), Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with books.begin() as unit:
                unit.audit.append("test.line", detail={"number": str(number)})

    writer = Thread(target=write)
    writer.start()
    try:
        while not read_lines(url):
            Event().wait(0.01)
        files = [
            back_up(url, keyring, home / f"{number}", START) for number in range(5)
        ]
    finally:
        stop.set()
        writer.join()

    lines = [read_manifest(file).lines["nordic"] for file in files]
    assert lines == sorted(lines)
    if url.startswith("sqlite"):  # a dump is read after its figures
        put_back(files[-1], other_url, home, clock)


def read_lines(url: str) -> int:
    """How many lines of the chain there are."""
    engine = open_engine(url)
    with engine.connect() as db:
        found = db.execute(sa.text("SELECT count(*) FROM audit")).scalar_one()
    engine.dispose()
    return int(found)


def test_a_foreign_key_is_refused(
    open_ledger: Opener, url: str, other_url: str, home: Path, clock: Clock, keyring
) -> None:
    """It names both keys; no database and no key is made."""
    plan(open_ledger().of("nordic"))
    file = back_up(url, keyring, home, clock())
    other = Keyring.generate()
    (home / "ledger.key").write_text(other)

    with pytest.raises(ConfigError) as caught:
        put_back(file, other_url, home, clock)
    (home / "ledger.key").unlink()
    with pytest.raises(ConfigError, match="and there is none: put it into"):
        put_back(file, other_url, home, clock)

    assert keyring.fingerprints[0] in str(caught.value)
    assert Keyring([other]).fingerprints[0] in str(caught.value)
    assert not (home / "ledger.key").exists()
    engine = open_engine(other_url)
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()


def test_an_older_key_that_is_kept_is_enough(
    open_ledger: Opener, url: str, other_url: str, home: Path, clock: Clock, keyring
) -> None:
    """After keys were changed, the old one stands after the new one."""
    plan(open_ledger().of("nordic"))
    file = back_up(url, keyring, home, clock())
    (home / "ledger.key").write_text(f"{Keyring.generate()},{KEY}")

    assert put_back(file, other_url, home, clock).connections == ("nordic",)


def test_a_ledger_that_is_not_empty_is_replaced_only_when_asked(
    open_ledger: Opener, url: str, home: Path, clock: Clock, keyring
) -> None:
    """Then it is set aside first, as a backup of its own, and who was erased stays so."""
    ledger = open_ledger()
    books = ledger.of("nordic")
    plan(books, ["1", "2"])
    file = back_up(url, keyring, home, clock())
    clock.advance(hours=1)
    take(books, start_run(books, "k2"), [entry("3")])
    books.erase_person("dtc-1", by="åsa")
    ledger.close()

    with pytest.raises(ConfigError, match="--replace"):
        put_back(file, url, home, clock)
    with open_ledger().of("nordic").read() as unit:
        assert unit.records.get("orders", "3") is not None
    done = put_back(file, url, home, clock, replace=True)

    assert done.set_aside is not None
    assert done.set_aside.parent == home / "set-aside"
    assert done.erased_again == 1
    with open_ledger().of("nordic").read() as unit:
        assert unit.records.get("orders", "3") is None
        first, second = (unit.records.get("orders", one) for one in ("1", "2"))
        assert first is not None
        assert second is not None
        assert (first.state, second.state) == ("left_out", "read")
        found = unit.verification.verify()
    assert (found.ok, found.erased) == (True, 2)


@pytest.mark.parametrize("before", ["planned", "held", "sending", "in_doubt"])
def test_what_was_not_confirmed_is_never_just_sent(
    open_ledger: Opener, url: str, home: Path, clock: Clock, keyring, before: str
) -> None:
    """What was planned is judged again; what was in the air is looked for at once."""
    books = open_ledger().of("nordic")
    plan(books)
    if before == "held":
        hold(books)
    if before in {"sending", "in_doubt"}:
        one = send(books)
    if before == "in_doubt":
        with books.begin() as unit:
            unit.intents.doubt(one, "lost", probe_at=clock.advance(days=1))
    with books.begin() as unit:
        unit.cursors.move("visma.sales_orders", "2026-03-01T08:00:00")
        unit.cursors.move("orders.updated_at", "2026-03-01T08:00:00")
        unit.cursors.move("visma.tenant_id", "t")
    file = back_up(url, keyring, home, clock())
    clock.advance(hours=1)  # who had claimed it has let go

    put_back(file, url, home, clock, replace=True)

    books = open_ledger().of("nordic")
    assert claim(books) == []
    with books.read() as unit:
        [row] = unit.intents.of_source("orders", "1")
        record = unit.records.get("orders", "1")
    assert record is not None
    if before in {"planned", "held"}:
        assert (row.state, record.state) == ("superseded", "read")
    else:
        assert (row.state, row.next_probe_at, row.probes) == ("in_doubt", clock(), 0)
    engine = open_engine(url)
    with engine.connect() as db:
        kept = set(db.execute(sa.select(watermarks.c.subject)).scalars())
    engine.dispose()
    assert kept == {"orders.updated_at", "visma.tenant_id"}


def test_a_backup_that_was_changed_is_refused(
    open_ledger: Opener, tmp_path: Path, home: Path, clock: Clock
) -> None:
    """The chain does not vouch for it; the ledger that is there stays."""
    keyring = Keyring([KEY])
    url = f"sqlite:///{tmp_path / 'mine.db'}"
    with Ledger.open(url, keyring, clock=clock, owner="w") as ledger:
        books = ledger.of("nordic")
        plan(books)
        confirm(books, send(books))
    engine = open_engine(url)
    with engine.begin() as db:
        db.execute(sa.update(intents).values(amount=Decimal("1.00")))
    engine.dispose()
    file = back_up(url, keyring, home, clock())

    with pytest.raises(AbortError, match=r"not as it was written \(nordic\)"):
        put_back(file, url, home, clock, replace=True)

    engine = open_engine(url)
    with engine.connect() as db:
        assert db.execute(sa.select(intents.c.state)).scalars().all() == ["confirmed"]
    engine.dispose()


def test_what_is_no_backup_is_refused(
    tmp_path: Path, home: Path, clock: Clock, keyring
) -> None:
    """Any other file, a tar without a manifest, and a folder that is not there."""
    plain, tar = tmp_path / "plain", tmp_path / "tar"
    plain.write_text("no")
    with tarfile.open(tar, "w") as made:
        made.add(plain, "something")
    url = f"sqlite:///{tmp_path / 'ledger.db'}"

    for file in (plain, tar, tmp_path / "gone"):
        with pytest.raises(ConfigError, match="no backup of a ledger"):
            put_back(file, url, home, clock)
    with pytest.raises(ConfigError, match="there is no folder"):
        back_up(url, keyring, tmp_path / "no" / "file", START)
    with pytest.raises(ConfigError, match="no ledger at"):
        back_up(url, keyring, tmp_path, START)
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


def test_a_backup_of_another_database_is_refused(
    request: pytest.FixtureRequest, tmp_path: Path, home: Path, clock: Clock, keyring
) -> None:
    """A SQLite file does not fit into PostgreSQL; nothing is touched."""
    url = f"sqlite:///{tmp_path / 'mine.db'}"
    Ledger.open(url, keyring, clock=clock, owner="w").close()
    file = back_up(url, keyring, home, clock())

    with pytest.raises(ConfigError, match="is a backup of sqlite"):
        restore(
            file,
            "postgresql://127.0.0.1:1/none",
            home=home,
            replace=True,
            by="åsa",
            clock=clock,
        )


def test_without_pg_dump_there_is_one_sentence(
    home: Path, monkeypatch: pytest.MonkeyPatch, keyring
) -> None:
    """It says what to install, and no file is left."""
    monkeypatch.setenv("PATH", "")

    with pytest.raises(ConfigError, match="pg_dump is not on PATH"):
        back_up("postgresql://127.0.0.1:1/none", keyring, home, START)

    assert [one.name for one in home.iterdir()] == ["ledger.key"]
