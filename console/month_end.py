"""centra-visma month-end: the pack of a month, for those who sign it."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.exits import Exit, ends_well
from console.options import Json, Name, connection_named, say, tell

if TYPE_CHECKING:
    from rich.console import RenderableType

    from mapping.month_tables import Pack
    from tasks.month_files import PackFiles

__all__ = ["month_end"]


@ends_well
def month_end(
    month: Annotated[
        str | None,
        typer.Argument(help="Like 2026-03; the last one that is over, if left out."),
    ] = None,
    *,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the workbook and the page.")
    ] = None,
    connection: Name = None,
    as_json: Json = False,
) -> None:
    """Write the pack of a month: certificate, VAT and OSS, tie-out, what is open, history.

    Ends with 0 only if nothing stands between the month and a signature.
    """
    from tasks.month_end import make_pack, month_named
    from tasks.month_files import write_pack
    from tasks.month_overview import as_json as written

    name = connection_named(connection)
    try:
        wanted = month_named(name, month)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    say("reading both systems and making the pack of the month …", quiet=as_json)
    pack = asyncio.run(make_pack(name, wanted))
    files = write_pack(pack, out)
    data = written(pack) | {"files": [str(files.workbook), str(files.page)]}
    tell(data, _shown(pack, files), as_json=as_json)
    raise SystemExit(int(Exit.OK if pack.is_clean else Exit.PARKED))


def _shown(pack: Pack, files: PackFiles) -> RenderableType:
    """The overview, what must be looked at, and where the files are."""
    from rich.console import Group
    from rich.text import Text

    from console.tables import Table
    from mapping.money import sum_text

    one = pack.table("overview")
    table = Table("what", title=f"month {pack.month}")
    for name in ("count", "amount"):
        table.add_column(name, justify="right")
    for what, count, amount, currency in one.rows:
        table.add_row(
            str(what),
            "" if count is None else f"{count:,}",
            sum_text(amount, str(currency)) if isinstance(amount, Decimal) else "",
        )
    notes = [Text(f"{one.table}: {one.sentence}") for one in pack.findings]
    if pack.is_provisional:
        notes.insert(0, Text("provisional: the month is not over"))
    return Group(table, *notes, Text(f"{files.workbook}\n{files.page}"))
