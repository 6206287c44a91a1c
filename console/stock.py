"""centra-visma stock: what is known of each size, how old it is, and what has no partner."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from console.exits import Exit, ends_well
from console.options import Json, Name, connection_named, tell

__all__ = ["stock"]


@ends_well
def stock(
    words: Annotated[
        list[str] | None, typer.Argument(help="SKUs, EANs or items; none is all.")
    ] = None,
    *,
    unknown: Annotated[
        bool,
        typer.Option(
            "--unknown", help="List what has no partner; both sides are read."
        ),
    ] = False,
    connection: Name = None,
    as_json: Json = False,
) -> None:
    """Tell what Visma.net has, what Centra was set to, when, and how old that is."""
    from console import stock_tables
    from tasks.environment import environment
    from tasks.stock_view import stock_of

    name, env = connection_named(connection), environment()
    if unknown:
        from tasks.stock_unknown import list_unknown

        listed = asyncio.run(list_unknown(env, name))
        data = {"unknown": [one.model_dump(mode="json") for one in listed]}
        tell(data, stock_tables.unknown_table(listed), as_json=as_json)
        return
    shown = stock_of(env, name, words or ())
    table = stock_tables.stock_table(
        shown, env.connection(name).zone, is_summary=not words
    )
    tell(shown.model_dump(mode="json"), table, as_json=as_json)
    raise SystemExit(int(Exit.PARKED if shown.missing else Exit.OK))
