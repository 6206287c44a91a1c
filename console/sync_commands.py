"""The commands that run directions: `sync`, `plan`, `apply` and `settle`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.exits import Exit, ends_well
from console.options import Json, Name, connection_having, connection_named, tell

if TYPE_CHECKING:
    from rich.console import RenderableType

    from console.syncing import Wanted
    from tasks.request import Summary

__all__ = ["add_sync_commands"]

Since = Annotated[
    datetime | None, typer.Option(help="What changed since; UTC without an offset.")
]
Until = Annotated[
    datetime | None, typer.Option(help="What changed before; UTC without an offset.")
]
Ids = Annotated[str, typer.Option(help="Only these numbers, comma separated.")]
Full = Annotated[
    bool,
    typer.Option(
        "--full",
        help="Read all again: orders and what follows since start_on, goods and stock whole.",
    ),
]
Backfill = Annotated[
    bool, typer.Option("--backfill", help="Also write what is older than start_on.")
]


def add_sync_commands(app: typer.Typer) -> None:
    """Add them to the command line."""
    app.command("sync")(sync)
    app.command("plan")(plan)
    app.command("apply")(apply_command)
    app.command("settle")(settle)


@ends_well
def sync(
    direction: Annotated[
        str, typer.Argument(help="A direction, such as orders, or all.")
    ],
    *,
    connection: Name = None,
    since: Since = None,
    until: Until = None,
    ids: Ids = "",
    full: Full = False,
    backfill: Backfill = False,
    as_json: Json = False,
) -> None:
    """Run a direction now: what is new, a window, or the given ids."""
    from console.syncing import Wanted

    wanted = Wanted(
        since=since, until=until, ids=_ids(ids), full=full, backfill=backfill
    )
    _run(direction, connection_named(connection), wanted, as_json=as_json)


@ends_well
def plan(
    direction: Annotated[
        str, typer.Argument(help="A direction, such as orders, or all.")
    ],
    *,
    connection: Name = None,
    since: Since = None,
    until: Until = None,
    ids: Ids = "",
    full: Full = False,
    backfill: Backfill = False,
    as_json: Json = False,
) -> None:
    """Show what a run would do, under one hash; nothing is sent."""
    from console.syncing import Wanted

    wanted = Wanted(
        since=since,
        until=until,
        ids=_ids(ids),
        full=full,
        backfill=backfill,
        plan_only=True,
    )
    _run(direction, connection_named(connection), wanted, as_json=as_json)


@ends_well
def apply_command(
    plan_hash: Annotated[str, typer.Argument(help="Hash that `plan` printed.")],
    *,
    connection: Name = None,
    as_json: Json = False,
) -> None:
    """Approve a plan and send exactly that; refuse what changed underneath."""
    from console.books import direction_of, has_plan
    from console.syncing import Wanted

    name = connection_having(
        connection, f"plan '{plan_hash}'", lambda one: has_plan(one, plan_hash)
    )
    direction = direction_of(name, plan_hash)
    _run(direction, name, Wanted(plan=plan_hash), as_json=as_json)


@ends_well
def settle(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, help="Settlement file of a provider."
        ),
    ],
    *,
    method: Annotated[str, typer.Option(help="Payment method, as in the settings.")],
    apply: Annotated[
        bool, typer.Option("--apply", help="Send at once what is shown.")
    ] = False,
    connection: Name = None,
    as_json: Json = False,
) -> None:
    """Read a settlement file and show what it books; nothing is booked twice."""
    from console.settling import booked_before, journal_tables, settle_file

    name = connection_named(connection)
    done = settle_file(name, file, method, apply=apply, quiet=as_json)
    _tell(
        name,
        [done.summary],
        as_json=as_json,
        more={"journals": done.journals},
        tables=[*journal_tables(done.journals), *booked_before(done)],
    )


def _run(direction: str, name: str, wanted: Wanted, *, as_json: bool) -> None:
    from console import syncing

    _tell(name, syncing.sync(direction, name, wanted, quiet=as_json), as_json=as_json)


def _tell(
    connection: str,
    results: Sequence[Summary],
    *,
    as_json: bool,
    more: Mapping[str, Any] | None = None,
    tables: Sequence[RenderableType] = (),
) -> None:
    """Print how runs ended; what is new on the exceptions list decides the exit code.

    `more` is told beside them as JSON, `tables` before them to people.
    """
    from rich.console import Group

    from console import shown
    from console.plan_rows import rows_of, summary_json

    rows = rows_of(connection, results)
    data = {
        "directions": {one.direction: summary_json(one, rows) for one in results},
        **(more or {}),
    }
    seen = Group(*tables, shown.summary_table(results, rows, connection))
    tell(data, seen, as_json=as_json)
    incomplete = any(
        one.counts.newly_parked or one.counts.refused or one.counts.not_found
        for one in results
    )
    raise SystemExit(int(Exit.PARKED if incomplete else Exit.OK))


def _ids(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
