"""`up` on PostgreSQL: one setting for ledger and Prefect, and no password to be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from connectors.errors import ConfigError, RetryableError
from console.server_database import ready_database
from settings.application import Application
from tests.cluster import create, execute
from tests.effort import IS_FULL
from tests.room.house import ENDED, House, a_house, until

PASSWORD = "s3cret-of-the-database"


def an_application(tmp_path: Path, ledger: str) -> Application:
    """An installation with its ledger at an address."""
    return Application(home=tmp_path, ledger=SecretStr(ledger))


def test_the_database_of_the_server_is_made(
    tmp_path: Path, postgresql_server: str
) -> None:
    """With the extension that its schema needs; the second time it is there."""
    application = an_application(tmp_path, f"{postgresql_server}/made")

    ready_database(application)
    ready_database(application)

    with psycopg.connect(f"{postgresql_server}/made_prefect") as db:
        query = "SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'"
        assert db.execute(query).fetchone() == (1,)


def test_who_may_make_no_tables_is_told(tmp_path: Path, postgresql_server: str) -> None:
    """A database that an administrator made for somebody else; with the SQL to run."""
    create(postgresql_server, "given_prefect")
    execute(f"{postgresql_server}/postgres", "CREATE ROLE guest LOGIN")
    address = f"{postgresql_server}/given".replace("//ledger@", "//guest@")

    with pytest.raises(
        ConfigError, match='run ALTER DATABASE "given_prefect" OWNER TO "guest"'
    ):
        ready_database(an_application(tmp_path, address))


def test_nobody_answers(tmp_path: Path) -> None:
    """That is for later; nothing was started."""
    address = f"postgresql://me:{PASSWORD}@127.0.0.1:1/none"

    with pytest.raises(RetryableError) as caught:
        ready_database(an_application(tmp_path, address))
    assert PASSWORD not in str(caught.value)


def test_embedded_needs_nothing(tmp_path: Path) -> None:
    """Prefect's server makes its file itself."""
    ready_database(Application(home=tmp_path))

    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def house(
    tmp_path_factory: pytest.TempPathFactory, postgresql_server: str
) -> Iterator[House]:
    """An installation of which neither database was made before."""
    address = f"{postgresql_server}/house".replace("ledger@", f"ledger:{PASSWORD}@")
    with a_house(tmp_path_factory.mktemp("room"), ledger=address) as house:
        yield house


@pytest.mark.skipif(not IS_FULL, reason="a real server: EFFORT=full")
@pytest.mark.timeout(600)
def test_everything_works_there(
    house: House, tmp_path: Path, postgresql_server: str
) -> None:
    """Run, status, backup, restore, housekeeping; nobody can read the password."""
    house.up()
    placed = house.place(3)
    run = house.begin("orders")
    until(lambda: house.state(run) in ENDED, 180)
    assert " new, " in house.api(f"flow_runs/{run}")["state"]["message"]
    assert set(placed) <= set(house.references()) | house.parked()
    assert set(house.status(exit_code=0).values()) == {"running"}
    assert PASSWORD not in _seen_by_others()

    sizes = house.ask("housekeeping")
    assert sizes["prefect_bytes"] > 1_000_000
    assert sizes["ledger_bytes"] > 1_000_000
    night = house.api("deployments/name/housekeeping/centra-visma")
    kept = house.api(f"deployments/{night['id']}/create_flow_run", {})
    until(lambda: house.state(str(kept["id"])) in ENDED, 180)
    said = house.api(f"flow_runs/{kept['id']}")["state"]
    assert (said["name"], ", Prefect " in said["message"]) == ("Completed", True)

    file = house.ask("backup", str(tmp_path))["file"]
    house.down()
    again = house.ask("restore", file, "--replace")
    assert again["connections"] == ["nordhem"]
    house.up()
    before = house.sandbox.writes
    run = house.begin("orders")
    until(lambda: house.state(run) in ENDED, 180)
    assert house.sandbox.writes == before

    for left in [*(house.home / "run").iterdir(), *house.home.glob("logs/*")]:
        assert PASSWORD not in left.read_text(encoding="utf-8", errors="replace"), left
    with psycopg.connect(f"{postgresql_server}/house_prefect") as db:
        row = db.execute("SELECT count(*) FROM flow_run").fetchone()
    assert (row or (0,))[0] >= 3


def _seen_by_others() -> str:
    """Every command line of this machine."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(file.read_text(encoding="utf-8", errors="replace"))
        except OSError:
            continue
    return "\n".join(found)
