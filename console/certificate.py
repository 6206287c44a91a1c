"""centra-visma certificate: both systems read afresh, and every difference named."""

from __future__ import annotations

import asyncio
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.exits import Exit, ends_well
from console.options import (
    Json,
    Name,
    a_day,
    connection_having,
    connection_named,
    person_named,
    say,
    tell,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import RenderableType

    from tasks.certificate import Certified

__all__ = ["certificate_app", "certificate_table"]

_OF_A_TYPE = 10
"""Differences of a type that the screen shows; the rest it counts."""

certificate_app = typer.Typer(
    help="Prove that what happened in Centra stands in Visma.net, or say why not.",
    invoke_without_command=True,
)


@certificate_app.callback()
@ends_well
def certificate(
    context: typer.Context,
    *,
    from_: Annotated[
        datetime | None,
        typer.Option("--from", parser=a_day, metavar="DAY", help="Its first day."),
    ] = None,
    to: Annotated[
        datetime | None,
        typer.Option(parser=a_day, metavar="DAY", help="Its last day, included."),
    ] = None,
    connection: Name = None,
    csv: Annotated[
        Path | None, typer.Option(help="Folder for the differences and rows as CSV.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare both systems over a period: by default from start_on to today.

    Ends with 0 only if nothing is unexplained, and what is parked, in doubt, too old,
    or was changed or booked by people, was signed, one by one.
    """
    if context.invoked_subcommand is not None:
        context.obj = connection
        return
    from tasks.certificate import PeriodError, certify
    from tasks.certificate import as_json as written

    since, until = (one.date() if one else None for one in (from_, to))
    name = connection_named(connection)
    say("reading both systems and comparing them …", quiet=as_json)
    try:
        done = asyncio.run(certify(name, since, until))
    except PeriodError as error:
        raise typer.BadParameter(str(error)) from error
    if csv is not None:
        from tasks.certificate_report import write_csv

        write_csv(done, csv)
    data = written(done.certificate) | {
        "hash": done.entry.hash,
        "signed": {
            key: {"by": one.by, "note": one.note, "at": one.at.isoformat()}
            for key, one in done.signatures.items()
        },
        "must_be_signed": [one.id for one in done.unsigned],
    }
    tell(data, certificate_table(done, name), as_json=as_json)
    raise SystemExit(int(Exit.OK if done.is_clean else Exit.PARKED))


@certificate_app.command()
@ends_well
def sign(
    context: typer.Context,
    difference: Annotated[str, typer.Argument(help="Id of a difference, as printed.")],
    *,
    by: Annotated[
        str, typer.Option(help="Who accepts it.", envvar="USER", callback=person_named)
    ],
    note: Annotated[str, typer.Option(help="Why; it is kept with the name.")],
    connection: Name = None,
) -> None:
    """Accept one difference of the last certificate, in the name of a person."""
    from mapping.dates import moment_text
    from tasks.certificate import is_listed, sign_difference
    from tasks.environment import environment
    from tasks.telling import zone_of

    name = connection_having(
        connection or context.obj,
        f"difference '{difference}' in its last certificate",
        lambda one: is_listed(one, difference),
    )
    try:
        before = sign_difference(name, difference, by=by, note=note)
    except LookupError:
        message = f"the last certificate of '{name}' has no difference '{difference}'"
        raise typer.BadParameter(message) from None
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    told = f"{difference} is signed by {by}"
    if before is not None:
        zone = zone_of(environment(), name)
        told += (
            f"; this takes the place of what {before.by} signed on "
            f"{moment_text(before.at, zone)}: {before.note}"
        )
    typer.echo(told)


def certificate_table(done: Certified, connection: str = "") -> RenderableType:
    """Show the sums by cause, then each difference that a person must look at."""
    from rich.console import Group
    from rich.markup import escape

    from console.tables import Table
    from mapping.money import sum_text
    from tasks.certificate import as_json as written
    from tasks.commands import command

    told: dict[str, Any] = written(done.certificate)
    base = told["base_currency"]
    head = (
        f"{told['from']} to {told['to']}: {told['compared']} compared, "
        f"{told['matched']} matched, unexplained {sum_text(Decimal(told['unexplained']), base)}"
    )
    todo = Table("id", "type", "days", "what", "whose")
    todo.columns[2].justify = "right"
    for cells in _to_solve(told, {one.id for one in done.unsigned}):
        todo.add_row(*cells, end_section=True)
    parts: list[RenderableType] = [*_sums(told, head)]
    open_ = {one.id for one in done.unsigned}
    parts += [f"note: {escape(one)}" for one in told["notes"]]
    if todo.row_count:
        sign_one = command("certificate sign ID --by NAME --note TEXT", connection)
        todo.title = f"to be solved, or signed: {sign_one}"
        parts.append(todo)
    parts += _others(told, open_)
    if told["clearing"] and told["clearing"]["accounts"]:
        parts.append(clearing_table(told["clearing"]))
    return Group(*parts)


def _sums(told: Mapping[str, Any], head: str) -> Iterator[RenderableType]:
    """How many differ of each type, and what they come to: with those matched, all."""
    from console.tables import Table
    from mapping.money import amount_text

    differ, beside = told["differing"], told["beside"]
    base = told["base_currency"]
    table = Table(title=head)
    table.add_column("type")
    for name in ("differ", "besides", f"amount in {base}"):
        table.add_column(name, justify="right")
    amounts = {**told["explained"], **_unexplained(told)}
    for name in sorted({*differ, *beside, *amounts}):
        count, more = differ.get(name, 0), beside.get(name, 0)
        amount = amount_text(Decimal(amounts.get(name, 0)), base)
        cells = (str(count or ""), str(more or ""), amount)
        table.add_row(name.replace("_", " "), *cells)
    yield table
    yield (
        f"{told['compared']} compared = {told['matched']} matched + "
        f"{sum(differ.values())} that differ, each counted by its first type"
        + ("; besides: what waits, and was compared with nothing" if beside else "")
    )


def _unexplained(told: Mapping[str, Any]) -> dict[str, str]:
    return {"unexplained": told["unexplained"]} if told["unexplained"] else {}


def _others(told: Mapping[str, Any], unsigned: set[str]) -> Iterator[RenderableType]:
    """The differences that nobody must sign: some of each type, the rest counted."""
    from rich.markup import escape

    from console.tables import Table

    by_type: dict[str, list[Mapping[str, Any]]] = {}
    for one in told["differences"]:
        if one["id"] not in unsigned and one["type"] != "unexplained":
            by_type.setdefault(one["type"], []).append(one)
    if not by_type:
        return
    table = Table("type", "days", "what", "whose")
    table.columns[1].justify = "right"
    table.title = "differences that need no signature, or have one"
    for name, found in sorted(by_type.items()):
        label = name.replace("_", " ")
        for one in found[:_OF_A_TYPE]:
            age = str(one["age_days"])
            table.add_row(label, age, escape(one["sentence"]), one["owner"])
        more = len(found) - _OF_A_TYPE
        if more > 0:
            table.add_row(label, "", f"… and {more} more: see --json or --csv", "")
        table.add_section()
    yield table


def _to_solve(told: Mapping[str, Any], unsigned: set[str]) -> Iterator[list[str]]:
    """What nobody can explain or has signed yet: id, type, age in days, what, whose."""
    for one in told["differences"]:
        if one["id"] in unsigned or one["type"] == "unexplained":
            age = f"{one['age_days']}{'!' if one['over_age'] else ''}"
            yield [
                one["id"],
                one["type"].replace("_", " "),
                age,
                one["sentence"],
                one["owner"],
            ]
    for one in (told["clearing"] or {}).get("to_sign", ()):
        if one["id"] in unsigned:
            age = str(one["age_days"])
            yield [one["id"], "clearing", age, one["sentence"], "finance"]


def clearing_table(told: Mapping[str, Any]) -> RenderableType:
    """Show what is on each clearing account, how old it is, and what is there besides."""
    from console.tables import Table
    from mapping.money import amount_text

    table = Table(title=f"clearing accounts, as booked up to {told['on']}")
    for name in ("method", "account", "currency"):
        table.add_column(name)
    for name in ("paid in", "settled", "open", "days", "besides"):
        table.add_column(name, justify="right")
    if any(Decimal(one["difference"]) for one in told["accounts"]):
        table.caption = (
            "besides: what the general ledger has on the account that is no payment and "
            "no payout, so booked by others; 0 is right"
        )
        table.caption_justify = "left"
    for one in told["accounts"]:
        shown = {
            name: amount_text(Decimal(one[name]), one["currency"])
            for name in ("paid_in", "settled", "balance", "difference")
        }
        table.add_row(
            one["method"],
            one["account"],
            one["currency"],
            shown["paid_in"],
            shown["settled"],
            shown["balance"],
            str(one["age_days"]) if one["oldest"] else "",
            shown["difference"],
        )
    return table
