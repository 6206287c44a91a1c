"""The way into the ledger: open it, bind it to a connection, work in units."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Self

from sqlalchemy import Connection

from ledger.alerts import Alerts, alerted_in
from ledger.audit import Audit
from ledger.budgets import Budgets
from ledger.catalogue import Catalogue
from ledger.certificates import Certificates
from ledger.credentials import Secrets, Tokens
from ledger.cursors import Cursors
from ledger.database import open_engine
from ledger.erasure import withdraw_erased
from ledger.evidence import Evidence
from ledger.exceptions import Exceptions
from ledger.hints import Hints
from ledger.history import History
from ledger.intents import Intents
from ledger.keys import Keyring
from ledger.lags import Lags
from ledger.links import Links
from ledger.migrations import migrate as migrate_engine
from ledger.migrations import require_current
from ledger.plans import Plans
from ledger.postgres_databases import make_database
from ledger.rates import LedgerRates
from ledger.records import Records
from ledger.restoring import Restoring
from ledger.retention import Retention
from ledger.run_outcomes import RunOutcomes
from ledger.runs import Runs
from ledger.shelves import Shelves
from ledger.stock_levels import StockLevels
from ledger.stock_moves import StockMoves
from ledger.target_index import TargetIndex
from ledger.transactions import Transactions, translated
from ledger.undoing import Undoing
from ledger.upkeep import Upkeep, connections_in
from ledger.vault import Vault
from ledger.verification import Verification
from ledger.work import Work

__all__ = ["ConnectionLedger", "Ledger", "Unit"]


class Unit:
    """One transaction of one connection; what it wrote is kept when it ends well."""

    def __init__(self, work: Work) -> None:
        self.connection = work.connection
        self.audit = Audit(work)
        self.runs = Runs(work)
        self.records = Records(work)
        self.links = Links(work)
        self.index = TargetIndex(work)
        self.catalogue = Catalogue(work)
        self.levels = StockLevels(work)
        self.shelves = Shelves(work)
        self.moves = StockMoves(work)
        self.cursors = Cursors(work)
        self.rates = LedgerRates(work, self.audit)
        self.exceptions = Exceptions(work, self.audit)
        self.plans = Plans(work, self.audit)
        self.certificates = Certificates(work, self.audit)
        self.evidence = Evidence(work)
        self.history = History(work)
        self.hints = Hints(work)
        self.lags = Lags(work)
        self.outcomes = RunOutcomes(work)
        self.undoing = Undoing(work, self.audit, self.links)
        self.verification = Verification(work, self.audit)
        self.retention = Retention(work, self.audit)
        self.restoring = Restoring(work, self.audit)
        self.intents = Intents(
            work, audit=self.audit, links=self.links, index=self.index
        )


class ConnectionLedger:
    """The ledger of one connection: no query behind it sees another one's rows."""

    def __init__(self, transactions: Transactions, connection: str, owner: str) -> None:
        self.connection = connection
        self._transactions = transactions
        self._owner = owner

    @contextmanager
    def begin(self, *, repeatable: bool = False) -> Iterator[Unit]:
        """Open a unit that writes. Keep it short: no network call, no second unit.

        `repeatable` is what a next run would do again after a power cut, and after
        which nothing is asked of a vendor that counts on it: it waits for no disk.

        Raises:
            RetryableError: the database is busy or out of reach.
        """
        with self._transactions.write(repeatable=repeatable) as db:
            unit = Unit(self._work(db))
            yield unit
            unit.audit.flush()

    @contextmanager
    def read(self) -> Iterator[Unit]:
        """Open a unit that only reads, on one snapshot, and blocks nobody.

        Raises:
            RetryableError: the database is busy or out of reach.
        """
        with self._transactions.read() as db:
            yield Unit(self._work(db))

    def erase_person(self, person: str, *, by: str) -> int:
        """Destroy the key of a person's payloads; return how many keys there were.

        Unsent work on the person's records is withdrawn. The audit chain holds no
        personal data and stays whole.
        """
        with self._transactions.write() as db:
            work = self._work(db)
            keys = work.vault.erase(db, self.connection, person, work.now())
            withdraw_erased(work, keys)
            audit = Audit(work)
            audit.append("person.erased", actor=by, detail={"keys": str(len(keys))})
            audit.flush()
        self._transactions.forget_deleted()
        return len(keys)

    def _work(self, db: Connection) -> Work:
        return Work(
            db=db,
            connection=self.connection,
            clock=self._transactions.clock,
            owner=self._owner,
            vault=self._transactions.vault,
        )


class Ledger:
    """The connector's memory in one database, for any number of connections."""

    def __init__(self, transactions: Transactions, owner: str) -> None:
        self._transactions = transactions
        self._owner = owner

    @classmethod
    def open(
        cls,
        url: str,
        keyring: Keyring,
        *,
        clock: Callable[[], datetime],
        owner: str,
        migrate: bool = True,
        durable: bool = True,
    ) -> Self:
        """Open the ledger of a URL, made or brought up to date if need be.

        `owner` names this worker in claims and in the audit chain. `durable=False`
        gives up SQLite's fsync, for simulations. With `migrate` a database that is
        missing is made, too.

        Raises:
            ConfigError: the URL, the master key or the schema does not fit.
            RetryableError: the database is out of reach.
        """
        engine = open_engine(url, durable=durable)
        transactions = Transactions(engine, Vault(keyring), clock)
        try:
            with translated():
                if migrate:
                    make_database(engine)
                    migrate_engine(engine)
                else:
                    require_current(engine)
            with transactions.write() as db:
                transactions.vault.check(db)
        except BaseException:
            engine.dispose()
            raise
        return cls(transactions, owner)

    def of(self, connection: str) -> ConnectionLedger:
        """The ledger of one connection."""
        self._transactions.prepare(connection)
        return ConnectionLedger(self._transactions, connection, self._owner)

    def tokens(self, connection: str) -> Tokens:
        """Where the clients of a connection keep their tokens."""
        return Tokens(self._transactions, connection)

    def budgets(self, connection: str) -> Budgets:
        """Where the clients of a connection count their calls."""
        return Budgets(self._transactions, connection)

    def secrets(self, connection: str) -> Secrets:
        """The named secrets of a connection."""
        return Secrets(self._transactions, connection)

    def alerts(self, connection: str) -> Alerts:
        """The alerts of a connection, or of the installation (`INSTALLATION`)."""
        return Alerts(self._transactions, connection)

    def alerted(self) -> list[str]:
        """Every connection of which somebody was to be told something, sorted."""
        with self._transactions.read() as db:
            return alerted_in(db)

    def connections(self) -> list[str]:
        """Every connection of which something is kept here, sorted."""
        with self._transactions.read() as db:
            return connections_in(db)

    @property
    def upkeep(self) -> Upkeep:
        """The database itself."""
        return Upkeep(self._transactions)

    def rotate_keys(self) -> int:
        """Wrap every key and secret with the newest master key; return how many.

        Afterwards the older master keys open nothing and can be dropped.
        """
        with self._transactions.write() as db:
            rotated = self._transactions.vault.rewrap_secrets(db)
        after, found = 0, 1
        while found:
            with self._transactions.write() as db:
                found, after = self._transactions.vault.rewrap(db, after)
            rotated += found
        return rotated

    def close(self) -> None:
        """Close every database connection of this process."""
        self._transactions.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
