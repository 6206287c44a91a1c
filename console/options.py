"""What the commands share: their options, and how they print."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, tzinfo
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = [
    "Json",
    "Name",
    "a_day",
    "connection_having",
    "connection_named",
    "person_named",
    "say",
    "tell",
    "zone_of_all",
]

Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON object and nothing else.")
]
Name = Annotated[
    str | None,
    typer.Option(
        "--connection",
        "-c",
        envvar="CENTRA_VISMA_CONNECTION",
        help="Name of the connection file; not needed when there is only one.",
    ),
]


def connection_named(connection: str | None) -> str:
    """The connection meant: the named one, or the only one there is."""
    from settings.application import Application
    from settings.loader import find_connections

    if connection:
        return connection
    folder = Application().connections
    known = find_connections(folder)
    if len(known) == 1:
        return known[0]
    what = (
        f"choose one with --connection: {', '.join(known)}"
        if known
        else f"there is no connection file in '{folder}': copy "
        f"console/templates/nordhem.toml there and make it yours, or set "
        f"CENTRA_VISMA_CONNECTIONS to the folder that has one"
    )
    raise typer.BadParameter(what)


def connection_having(
    connection: str | None, what: str, has: Callable[[str], bool]
) -> str:
    """The connection meant: the named one, or the only one that has something.

    `what` names it for people. With one connection it is that one, as always.

    Raises:
        typer.BadParameter: There are several connections, and none has it, or two do.
    """
    from settings.application import Application
    from settings.loader import find_connections

    known = find_connections(Application().connections)
    if connection or len(known) < 2:  # noqa: PLR2004 - nothing to choose of
        return connection_named(connection)
    having = [name for name in known if has(name)]
    if len(having) == 1:
        return having[0]
    if not having:
        message = f"none of the connections {', '.join(known)} has {what}"
        raise typer.BadParameter(message)
    message = f"choose one with --connection: {', '.join(having)} have {what}"
    raise typer.BadParameter(message)


def a_day(text: str) -> datetime:
    """The day that an option names.

    Raises:
        typer.BadParameter: There is no such day.
    """
    try:
        return datetime.combine(date.fromisoformat(text), time())
    except ValueError:
        message = f"'{text}' is no day, such as 2026-03-01"
        raise typer.BadParameter(message) from None


def person_named(by: str) -> str:
    """The person who decides something: never nobody."""
    if not by.strip():
        message = "say who decides it: --by NAME"
        raise typer.BadParameter(message)
    return by.strip()


def say(what: str, *, quiet: bool) -> None:
    """Tell on standard error what is being done, before it takes its time."""
    if not quiet:
        typer.echo(what, err=True)


def tell(data: dict[str, Any], table: object, *, as_json: bool) -> None:
    """Print JSON and nothing else, or a sentence, or a table."""
    if as_json:
        typer.echo(json.dumps(data, ensure_ascii=False))
    elif isinstance(table, str):
        typer.echo(table)
    else:
        from console import shown

        shown.show(table)


def zone_of_all(folder: Path) -> tzinfo:
    """The time zone of the first connection: that of all, where all are shown.

    The ledger is not asked for it: `status` tells how things are without it, too.
    """
    from settings.loader import SettingsError, find_connections, load_connection

    for name in find_connections(folder)[:1]:
        try:
            return load_connection(folder, name).zone
        except SettingsError:
            break
    return UTC
