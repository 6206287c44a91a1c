"""`centra-visma move-database`: both databases to PostgreSQL, in one go or not at all.

Nothing runs meanwhile, and nobody can write into the source, which stays as it is. What
was copied is read again and compared before it is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from prefect.settings import PREFECT_HOME, temporary_settings
from pydantic import SecretStr
from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import OperationalError

from connectors.errors import ConfigError
from console.prefect_moving import (
    demand_all_known,
    demand_no_runs,
    make_tables,
    mark,
    move_prefect,
    open_file,
)
from console.processes import Processes
from console.server_database import is_marked, ready_database
from ledger import Keyring
from ledger.addresses import is_postgresql, read_address, shown
from ledger.copying import Copied
from ledger.database import open_engine
from ledger.moving import (
    MovedLedger,
    demand_at_rest,
    demand_there,
    demand_unused,
    held_still,
    move_ledger,
)
from ledger.postgres_databases import make_database
from ledger.transactions import translated
from settings.application import Application
from tasks.environment import utc_now
from tasks.prefect_database import has_its_own, prefect_database, server_variables

__all__ = ["Moved", "move_databases"]

Say = Callable[[str], None]


@dataclass(frozen=True)
class Moved:
    """What was moved, and from where to where, as people are shown it."""

    source: str
    target: str
    ledger: MovedLedger
    prefect: tuple[Copied, ...] | None
    """None where this machine has no database of Prefect."""

    def as_json(self) -> dict[str, object]:
        """The object that `--json` prints; each table with its rows and its digest."""
        return {
            "from": self.source,
            "to": self.target,
            "ledger": [asdict(one) for one in self.ledger.tables],
            "audit_lines": self.ledger.lines,
            "faults": self.ledger.faults,
            "prefect": None
            if self.prefect is None
            else [asdict(one) for one in self.prefect],
        }

    @property
    def sentence(self) -> str:
        """What was done, and what to set now."""
        before = f", but for {self.ledger.faults} faults that they had before"
        chains = f"the audit chains of {len(self.ledger.lines)} connections hold"
        lines = [f"ledger   {_count(self.ledger.tables)}; {chains}"]
        if self.ledger.faults:
            lines[0] += before
        if self.prefect is not None:
            lines.append(f"Prefect  {_count(self.prefect)}")
        lines.append(
            f"Each table was compared. Set CENTRA_VISMA_LEDGER to {self.target}, with "
            "the login, wherever commands and workers run, and run 'centra-visma up'."
        )
        lines.append(
            f"{self.source} is as it was, and Prefect's database, too: remove them when "
            "you no longer need them."
        )
        return "\n".join(lines)


def move_databases(application: Application, to: SecretStr, say: Say) -> Moved:
    """Copy ledger and Prefect's database into databases that are empty, or made.

    Raises:
        ConfigError: Something runs, the target is not empty, or there is nothing to
            move; nothing was changed.
        AbortError: The target would not hold the same; nothing was kept in it.
        RetryableError: A database is busy, or out of reach.
    """
    home = application.home.resolve()
    source, address = (
        read_address(application.ledger_url),
        read_address(to.get_secret_value()),
    )
    _demand_another(source, address)
    target = application.model_copy(update={"home": home, "ledger": to})
    processes = Processes(home)
    with processes.one_at_a_time():
        if running := [one.name for one in processes.known().values() if one.is_alive]:
            message = (
                f"{', '.join(running)} runs and would go on with the old databases: "
                "end it with 'centra-visma down' first"
            )
            raise ConfigError(message)
        with _opened(open_engine(_plain(source))) as there:
            demand_there(there)
            with _opened(open_engine(_plain(address))) as here:
                return _move(application, target, there, here, say)


def _move(
    application: Application, target: Application, there: Engine, here: Engine, say: Say
) -> Moved:
    """Both in transactions that end together, the ledger's first: the mark goes last.

    Cut between the two, the mark says that the ledger's copy is ours: it is made anew.
    """
    keyring = Keyring.load(application.home)
    with held_still(there) as source:
        demand_at_rest(source, utc_now())
        with translated():
            make_database(here)
            is_again = _was_broken_off(target)
            with here.connect() as db:
                demand_unused(db, source if is_again else None)
        with _rooms(application, target, say) as rooms:
            prefect = None
            if rooms is not None:
                say("copying Prefect's database …")
                prefect = tuple(move_prefect(*rooms, say))
            say("copying the ledger …")
            with translated(), here.begin() as db:
                ledger = move_ledger(
                    source, db, keyring, utc_now, say, is_again=is_again
                )
    return Moved(shown(there.url), shown(here.url), ledger, prefect)


@contextmanager
def _rooms(
    application: Application, target: Application, say: Say
) -> Iterator[tuple[Connection, Connection] | None]:
    """Prefect's database here, held still, and in the target, with its tables.

    None where this machine has none, or Prefect was given one of its own, which stays.
    """
    old = _prefect_here(application)
    if old is None:
        yield None
        return
    with _opened(old) as there, held_still(there) as source:
        demand_no_runs(source)
        demand_all_known(source)
        address = prefect_database(target)
        if address is None:  # pragma: no cover - it is beside the target's ledger
            yield None
            return
        with _opened(open_engine(_plain(address))) as here, translated():
            make_database(here)
            mark(here)
            ready_database(target, is_moving=True)
            say("making Prefect's tables …")
            make_tables(server_variables(target), target.home)
            with here.begin() as db:
                yield source, db


def _was_broken_off(target: Application) -> bool:
    """Whether Prefect's database of the target is there, and marked."""
    address = prefect_database(target)
    if address is None or not is_postgresql(address):
        return False
    with _opened(open_engine(_plain(address))) as engine:
        try:
            with engine.connect() as db:
                return is_marked(db)
        except OperationalError:
            return False  # it is not there yet


def _prefect_here(application: Application) -> Engine | None:
    """Prefect's database of this installation, where there is one to be moved."""
    if has_its_own():
        return None
    with temporary_settings({PREFECT_HOME: application.home.resolve() / "prefect"}):
        address = prefect_database(application)
    if address is None:
        return None
    if is_postgresql(address):
        return open_engine(_plain(address))
    file = Path(str(address.database))
    return open_file(file) if file.exists() else None


def _demand_another(source: URL, target: URL) -> None:
    """See that the target is a PostgreSQL, and not the source itself.

    Raises:
        ConfigError: It is not.
    """
    if not is_postgresql(target):
        message = (
            "ledger and Prefect move to PostgreSQL: write 'postgresql://host/name'"
        )
        raise ConfigError(message)
    if shown(source) == shown(target):
        message = f"the ledger is in {shown(source)} already"
        raise ConfigError(message)


@contextmanager
def _opened(engine: Engine) -> Iterator[Engine]:
    try:
        yield engine
    finally:
        engine.dispose()


def _plain(address: URL) -> str:
    return address.render_as_string(hide_password=False)


def _count(tables: Sequence[Copied]) -> str:
    return f"{len(tables)} tables, {sum(one.rows for one in tables):,} rows"
