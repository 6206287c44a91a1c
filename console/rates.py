"""centra-visma rates: which rates are known, read them, and what was settled at which."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from console.exits import Exit, ends_well
from console.options import Json, Name, a_day, connection_named, tell

if TYPE_CHECKING:
    from console.tables import Table
    from tasks.foreign_settled import ForeignSettled

__all__ = ["rates_app", "settled_table"]

rates_app = typer.Typer(
    help="Exchange rates: known, read, stamped on documents, and what they made.",
    no_args_is_help=True,
)

_FINEST = Decimal("0.00000001")
From = Annotated[
    datetime | None,
    typer.Option("--from", parser=a_day, metavar="DAY", help="The first day."),
]
To = Annotated[
    datetime | None,
    typer.Option(parser=a_day, metavar="DAY", help="The last day, included."),
]


@rates_app.command()
@ends_well
def show(
    *,
    on: Annotated[
        datetime | None,
        typer.Option(parser=a_day, metavar="DAY", help="For documents of this day."),
    ] = None,
    connection: Name = None,
    as_json: Json = False,
) -> None:
    """Show the rate that a document of a day would get in each currency; reads nothing."""
    from tasks.rate_views import known_rates

    name = connection_named(connection)
    rows = known_rates(name, on.date() if on else None)
    data = {"rates": [row.model_dump(mode="json") for row in rows]}
    tell(data, _table("", [row.told() for row in rows]), as_json=as_json)


@rates_app.command()
@ends_well
def fetch(
    *,
    from_: From = None,
    connection: Name = None,
    as_json: Json = False,
) -> None:
    """Read every source of the settings now, for documents since a day."""
    from tasks.rate_views import fetch_rates

    name = connection_named(connection)
    found = asyncio.run(fetch_rates(name, from_.date() if from_ else None))
    rows = [
        {"source": one.source, "quotes": str(one.quotes), "trouble": one.trouble or ""}
        for one in found
    ]
    data = {"sources": [one.model_dump(mode="json") for one in found]}
    tell(data, _table("", rows), as_json=as_json)
    failed = any(one.trouble for one in found)
    raise SystemExit(int(Exit.LATER if failed else Exit.OK))


@rates_app.command()
@ends_well
def settled(
    *,
    from_: From = None,
    to: To = None,
    connection: Name = None,
    as_json: Json = False,
) -> None:
    """List what was settled in foreign currencies, with both rates and the gain or loss.

    By default the days of this month.
    """
    from tasks.environment import environment
    from tasks.foreign_settled import read_foreign_settled

    name = connection_named(connection)
    settings = environment().connection(name)
    today = environment().clock().astimezone(settings.zone).date()
    since = from_.date() if from_ else today.replace(day=1)
    until = to.date() if to else max(today, since)
    rows = asyncio.run(read_foreign_settled(name, since, until))
    base = settings.base_currency
    data = {
        "from": since.isoformat(),
        "to": until.isoformat(),
        "base_currency": base,
        "gain": str(sum((row.gain for row in rows), start=Decimal(0))),
        "settled": [row.model_dump(mode="json") for row in rows],
    }
    tell(data, settled_table(rows, base, since, until), as_json=as_json)


def settled_table(
    rows: list[ForeignSettled], base: str, since: date, until: date
) -> Table:
    """One row a document that settles others."""
    from mapping.money import amount_text, sum_text

    told = [
        {
            "day": f"{row.on}",
            "settled by": f"{row.by} {row.number}",
            "rate": _rate(row.rate, as_booked=row.as_booked),
            "documents": ", ".join(
                f"{one.number}: {amount_text(one.amount, row.currency)} at {_rate(one.rate, as_booked=one.as_booked)}"
                for one in row.shares
            ),
            "currency": row.currency,
            "by the rates": "?"
            if row.expected is None
            else sum_text(row.expected, base),
            f"booked, {base}": _signed(row.gain, base),
        }
        for row in rows
    ]
    return _table(f"settled from {since} to {until}", told)


def _signed(gain: Decimal, base: str) -> str:
    from mapping.money import amount_text

    return f"{'+' if gain > 0 else ''}{amount_text(gain, base)}"


def _rate(value: Decimal | None, *, as_booked: bool = False) -> str:
    """A rate with at most eight digits after the point, as it is published."""
    if value is None:
        return "?"
    told = f"{value.quantize(_FINEST).normalize():,f}"
    return f"{told} as booked" if as_booked else told


def _table(title: str, rows: list[dict[str, str]]) -> Table:
    from console.tables import Table

    table = Table(title=title or None)
    for name in rows[0] if rows else ("nothing",):
        table.add_column(name)
    for row in rows:
        table.add_row(*row.values())
    return table
