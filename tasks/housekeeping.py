"""Housekeeping: what is past its retention leaves, and what there is is counted.

Ledger of each connection: payloads and runs (`settings.retention`). Prefect's local
storage: results of runs that nobody can retry any more. Prefect's own runs and events
are its server's to forget (`console.control_room`).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from connectors.errors import ConfigError, ConnectorError
from ledger import ConnectionLedger, Unit
from ledger.database import open_engine
from ledger.upkeep import database_bytes
from mapping.counting import counted
from settings.application import Application
from settings.connection import Connection
from tasks.environment import Environment
from tasks.prefect_database import prefect_database
from tasks.result_files import Results

__all__ = [
    "HOUSEKEEPING",
    "House",
    "Kept",
    "as_markdown",
    "evidence_before",
    "measure",
    "megabytes",
    "prefect_bytes",
    "tidied",
    "tidy",
]

HOUSEKEEPING = "housekeeping"
"""The name of its runs in the ledger."""


class Kept(BaseModel):
    """What left the ledger of a connection, in rows."""

    connection: str
    runs: int = 0
    batches: int = 0
    windows: int = 0
    """Intervals proved read that became one with their neighbours."""
    overtaken: int = 0
    expired: int = 0
    problem: str | None = None
    """Why it could not be done, or not all of it."""


class House(BaseModel):
    """What was done, and how large everything is afterwards, in bytes."""

    connections: list[Kept]
    results: Results
    ledger_bytes: int
    ledger_given_back: bool
    ledger_rows: dict[str, int]
    prefect_bytes: int | None
    disk_free_bytes: int

    @property
    def problems(self) -> list[str]:
        """What could not be done, each with the connection."""
        return [
            f"{one.connection}: {one.problem}"
            for one in self.connections
            if one.problem
        ]

    @property
    def sentence(self) -> str:
        """All of it in one line."""
        gone = {
            "run": sum(one.runs for one in self.connections),
            "payload": sum(one.overtaken + one.expired for one in self.connections),
            "result file": self.results.removed,
        }
        went = ", ".join(counted(count, what) for what, count in gone.items() if count)
        prefect = "" if self.prefect_bytes is None else megabytes(self.prefect_bytes)
        sizes = [
            f"ledger {megabytes(self.ledger_bytes)}",
            *([f"Prefect {prefect}"] if prefect else []),
            f"results {megabytes(self.results.bytes)}",
        ]
        return (
            f"{went + ' let go' if went else 'nothing to let go'}; {', '.join(sizes)}"
        )


def megabytes(count: int) -> str:
    """A size for people."""
    return f"{count / 1_000_000:,.1f} MB"


def evidence_before(
    settings: Connection, versions: Iterable[str], now: datetime
) -> datetime:
    """The moment before which evidence may leave: the start of a calendar year.

    Args:
        settings: Of the connection.
        versions: Texts (JSON) of every version of its settings that was ever used.
        now: The time.
    """
    rules = settings.retention
    every = [settings.model_dump_json(), *versions]
    is_oss = any(
        row.get("scheme") == "oss" for one in every for row in json.loads(one)["vat"]
    )
    years = rules.oss_evidence_years if is_oss else rules.evidence_years
    today = now.astimezone(settings.zone)
    return datetime(today.year - years, 1, 1, tzinfo=settings.zone)


def tidy(env: Environment, name: str, run_key: str) -> Kept:
    """Let go of what is past its retention in one ledger, and note that it was done.

    Raises:
        ConfigError: The settings of the connection are wrong; nothing was done.
        RetryableError: The ledger is busy; what was done stays done.
    """
    settings, books, now = env.connection(name), env.books(name), env.clock()
    rules = settings.retention
    with books.begin() as unit:
        run_id = unit.runs.start(HOUSEKEEPING, run_key, "apply", settings.version)
    with books.read() as unit:
        versions = [one.body for one in unit.history.settings()]
    evidence = evidence_before(settings, versions, now)
    other, overtaken, old_runs = (
        now - timedelta(days=days)
        for days in (rules.other_days, rules.overtaken_days, rules.runs_days)
    )
    env.ledger.alerts(name).forget(old_runs)
    kept = Kept(
        connection=name,
        windows=_all(books, lambda unit: unit.retention.join_coverage(old_runs)),
        batches=_all(books, lambda unit: unit.retention.forget_batches(old_runs)),
        runs=_all(books, lambda unit: unit.retention.forget_runs(old_runs)),
        overtaken=_all(books, lambda unit: unit.retention.drop_overtaken(overtaken)),
        expired=_all(
            books,
            lambda unit: unit.retention.expire(
                evidence_before=evidence, other_before=other
            ),
        ),
    )
    counts = kept.model_dump(exclude={"connection", "problem"})
    with books.begin() as unit:
        unit.runs.finish(run_id, "done", counts)
    return kept


def tidied(env: Environment, name: str, run_key: str) -> Kept:
    """The same; what goes wrong with one connection stops no other."""
    try:
        return tidy(env, name, run_key)
    except ConnectorError as error:
        return Kept(connection=name, problem=str(error))


def measure(env: Environment, kept: list[Kept], results: Results) -> House:
    """Give room back to the disk where it pays, and measure everything."""
    given_back = env.ledger.upkeep.give_back()
    size = env.ledger.upkeep.size()
    return House(
        connections=kept,
        results=results,
        ledger_bytes=size.bytes,
        ledger_given_back=given_back,
        ledger_rows={name: rows for name, rows in size.rows.items() if rows},
        prefect_bytes=prefect_bytes(env.application),
        disk_free_bytes=shutil.disk_usage(env.application.home).free,
    )


def as_markdown(house: House) -> str:
    """The report as an artifact of the run."""
    rows = [
        ("ledger", house.ledger_bytes),
        ("results of Prefect", house.results.bytes),
        ("free on the disk", house.disk_free_bytes),
    ]
    if house.prefect_bytes is not None:
        rows.insert(1, ("database of Prefect", house.prefect_bytes))
    lines = [
        f"**{house.sentence}**",
        "",
        *_table(("what", "size"), ((name, megabytes(size)) for name, size in rows)),
        "",
        *_table(
            ("connection", "runs", "batches", "windows", "overtaken", "expired", ""),
            (
                (
                    one.connection,
                    one.runs,
                    one.batches,
                    one.windows,
                    one.overtaken,
                    one.expired,
                    one.problem or "",
                )
                for one in house.connections
            ),
        ),
        "",
        *_table(("table of the ledger", "rows"), _largest(house.ledger_rows)),
    ]
    if house.results.why:
        lines += ["", f"Result files were left alone: {house.results.why}."]
    return "\n".join(lines)


def _largest(rows: Mapping[str, int]) -> list[tuple[str, str]]:
    ordered = sorted(rows.items(), key=lambda one: (-one[1], one[0]))
    return [(name, f"{count:,}") for name, count in ordered[:12]]


def _table(head: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return [*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows)]


def _all(books: ConnectionLedger, step: Callable[[Unit], int]) -> int:
    """Do a step in short units until nothing is left; how much it was."""
    total = 0
    while True:
        with books.begin() as unit:
            done = step(unit)
        if not done:
            return total
        total += done


def prefect_bytes(application: Application) -> int | None:
    """The size of Prefect's database, where this machine can see it."""
    try:
        address = prefect_database(application)
        if address is None:
            return None
        engine = open_engine(address.render_as_string(hide_password=False))
    except (ConfigError, ValueError):
        return None
    try:
        return database_bytes(engine) or None
    except ConnectorError:
        return None
    finally:
        engine.dispose()
