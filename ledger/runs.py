"""Runs: who is working, under which settings, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update

from connectors.errors import AbortError
from ledger.rows import RunRow
from ledger.schema import runs
from ledger.work import AnyRow, Section, Work

__all__ = ["Runs", "settings_version"]


def settings_version(work: Work, run_id: int) -> str:
    """The settings that a run works under.

    Raises:
        AbortError: this connection has no such run.
    """
    known = work.settings_versions.get(run_id)
    if known is None:
        known = work.db.execute(
            select(runs.c.settings_version).where(
                runs.c.id == run_id, runs.c.connection == work.connection
            )
        ).scalar()
        if known is None:
            message = f"Connection '{work.connection}' has no run {run_id}; start one."
            raise AbortError(message)
        work.settings_versions[run_id] = known
    return known


class Runs(Section):
    """The runs of a connection."""

    def start(
        self,
        direction: str,
        run_key: str,
        mode: str,
        settings_version: str,
        *,
        is_window: bool = False,
    ) -> int:
        """Begin a run, or its next attempt when the key is known; return its id."""
        statement = self._work.upsert(runs).values(
            connection=self._connection,
            direction=direction,
            run_key=run_key,
            mode=mode,
            settings_version=settings_version,
            attempt=1,
            state="running",
            counts={},
            is_window=is_window,
            started_at=self._work.now(),
        )
        again = statement.on_conflict_do_update(
            index_elements=["connection", "direction", "run_key"],
            set_={
                "attempt": runs.c.attempt + 1,
                "mode": mode,
                "settings_version": settings_version,
                "state": "running",
                "finished_at": None,
            },
        )
        run_id: int = self._db.execute(again.returning(runs.c.id)).scalar_one()
        self._work.settings_versions[run_id] = settings_version
        return run_id

    def finish(self, run_id: int, state: str, counts: Mapping[str, int]) -> None:
        """Note how a run ended and what it did."""
        self._db.execute(
            update(runs)
            .where(runs.c.id == run_id, runs.c.connection == self._connection)
            .values(state=state, counts=dict(counts), finished_at=self._work.now())
        )

    def get(self, run_id: int) -> RunRow:
        """One run by id.

        Raises:
            AbortError: this connection has no such run.
        """
        row = self._db.execute(self._query().where(runs.c.id == run_id)).first()
        if row is None:
            message = f"Connection '{self._connection}' has no run {run_id}."
            raise AbortError(message)
        return _run(row)

    def find(self, direction: str, run_key: str) -> RunRow | None:
        """The run of a key, or None if it was never begun."""
        query = self._query().where(
            runs.c.direction == direction, runs.c.run_key == run_key
        )
        row = self._db.execute(query).first()
        return None if row is None else _run(row)

    def last(self, direction: str) -> RunRow | None:
        """The run of a direction that was started last, windows of a backfill apart."""
        query = self._query().where(
            runs.c.direction == direction, runs.c.is_window.is_(False)
        )
        row = self._db.execute(
            query.order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(1)
        ).first()
        return None if row is None else _run(row)

    def last_good_end(self, direction: str) -> datetime | None:
        """When a run of a direction, no window, ended well for the last time."""
        return self._db.execute(
            select(func.max(runs.c.finished_at, type_=runs.c.finished_at.type)).where(
                runs.c.connection == self._connection,
                runs.c.direction == direction,
                runs.c.state.not_in(("running", "failed")),
                runs.c.is_window.is_(False),
            )
        ).scalar()

    def _query(self) -> Select[Any]:
        return select(
            runs.c.id,
            runs.c.direction,
            runs.c.run_key,
            runs.c.mode,
            runs.c.settings_version,
            runs.c.attempt,
            runs.c.state,
            runs.c.counts,
            runs.c.started_at,
            runs.c.finished_at,
            runs.c.is_window,
        ).where(runs.c.connection == self._connection)


def _run(row: AnyRow) -> RunRow:
    return RunRow(*row)
