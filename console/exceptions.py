"""centra-visma exceptions: what was parked, and what a person decides about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from console.exits import Exit, ends_well
from console.options import (
    Json,
    Name,
    connection_having,
    connection_named,
    person_named,
    tell,
)

__all__ = ["exceptions_app"]

exceptions_app = typer.Typer(help="What was parked, and what to do about it.")


@exceptions_app.command("list")
@ends_well
def exceptions_list(
    *,
    set_aside: Annotated[
        bool, typer.Option("--set-aside", help="What people left out in their name.")
    ] = False,
    connection: Name = None,
    as_json: Json = False,
) -> None:
    """Show what is parked, what is in doubt, and what is held until you approve it."""
    from console import books, shown
    from tasks.environment import environment
    from tasks.telling import zone_of

    name = connection_named(connection)
    if set_aside:
        aside = books.set_aside(name)
        found = {"set_aside": [row.model_dump(mode="json") for row in aside]}
        tell(found, shown.aside_table(aside, name), as_json=as_json)
        return
    rows, doubts = books.open_exceptions(name), books.in_doubt(name)
    held = books.held(name)
    data = {
        "exceptions": [row.model_dump(mode="json") for row in rows],
        "in_doubt": [row.model_dump(mode="json") for row in doubts],
        "held": [row.model_dump(mode="json") for row in held],
    }
    zone = zone_of(environment(), name)
    table = shown.exceptions_table(rows, doubts, held, name, zone)
    tell(data, table, as_json=as_json)


@exceptions_app.command("retry")
@ends_well
def exceptions_retry(
    numbers: Annotated[
        list[int] | None, typer.Argument(help="Ids; none is all.")
    ] = None,
    *,
    connection: Name = None,
    by: Annotated[
        str, typer.Option(help="Who decides.", envvar="USER", callback=person_named)
    ] = "unknown",
    as_json: Json = False,
) -> None:
    """Take parked records up again with the next run."""
    from console import books

    name = (
        _having(connection, numbers, aside=True)
        if numbers
        else connection_named(connection)
    )
    unknown = books.unknown(name, numbers or (), aside=True)
    count = books.retry(name, numbers or None, by=by)
    _decided(
        name,
        "retrying",
        count,
        "taken up with the next run",
        unknown,
        as_json=as_json,
    )


@exceptions_app.command("ignore")
@ends_well
def exceptions_ignore(
    numbers: Annotated[list[int], typer.Argument(help="Ids of the exceptions.")],
    *,
    note: Annotated[str, typer.Option(help="Why; it is kept with the name.")],
    by: Annotated[
        str, typer.Option(help="Who decides.", envvar="USER", callback=person_named)
    ],
    connection: Name = None,
    as_json: Json = False,
) -> None:
    """Set parked records aside, in the name of a person."""
    from console import books

    name = _having(connection, numbers, aside=False)
    unknown = books.unknown(name, numbers)
    count = books.ignore(name, numbers, by=by, note=note)
    _decided(name, "ignored", count, "set aside", unknown, as_json=as_json)


def _having(connection: str | None, numbers: Sequence[int], *, aside: bool) -> str:
    """The connection of the exceptions: an id is one connection's alone."""
    from console import books

    ids = ", ".join(map(str, numbers))
    return connection_having(
        connection,
        f"all of the exceptions {ids}" if len(numbers) > 1 else f"exception {ids}",
        lambda name: not books.unknown(name, numbers, aside=aside),
    )


def _decided(
    connection: str,
    name: str,
    count: int,
    what: str,
    unknown: Sequence[int],
    *,
    as_json: bool,
) -> None:
    """Tell how many records a person's decision was about, and which are not there."""
    from tasks.commands import command

    text = f"{count} {what}"
    if unknown:
        ids = ", ".join(map(str, unknown))
        listed = command("exceptions list", connection)
        text += f"; nothing is parked under {ids}: see {listed}"
    data = {name: count, **({"unknown": list(unknown)} if unknown else {})}
    tell(data, text, as_json=as_json)
    raise SystemExit(int(Exit.PARKED if unknown else Exit.OK))
