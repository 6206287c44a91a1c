"""The documents of a story: what each ended on, and where its amounts come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from rich.console import RenderableType

from console.explained_words import (
    kind_text,
    money_text,
    number_text,
    plain_number,
    sum_text,
    text_line,
)

__all__ = ["ROLES", "document_lines", "other_lines"]

ROLES = {
    "created": "",
    "adopted": "adopted: it was there already",
    "undone": "undone",
    "undoes": "undoes the one before",
}
"""What a document is to its record; other links are no documents."""

Row = Mapping[str, Any]


def document_lines(one: Row) -> Iterator[RenderableType]:
    """A document of a record: its totals, each amount, settings, rate and run."""
    is_return = (one["direction"], one["kind"]) == ("refunds", "sales_order")
    kind = "return_order" if is_return else one["kind"]
    parts = [kind_text(kind, one["number"])]
    if one.get("reference", one["number"]) not in {None, one["number"]}:
        parts.append(str(one["reference"]))
    if one.get("amount"):
        vat = f" with {number_text(one['vat'])} VAT" if one["vat"] else ""
        parts.append(f"{money_text(one['amount'], one['currency'])}{vat}")
    if one.get("date"):
        parts.append(f"dated {one['date']}")
    parts.append(ROLES[one["role"]])
    yield text_line(2, ", ".join(filter(None, parts)), "cyan")
    if one["stands"]:
        yield text_line(4, f"in Visma.net: {_standing(one['stands'])}")
    if "run" not in one:
        return
    yield from _amounts(one["amounts"])
    if one["rate"]:
        yield text_line(4, _rate(one["rate"]))
    yield text_line(4, _settings(one))
    yield text_line(4, _run(one["run"]))
    for before in one["before"]:
        worth = f" {number_text(before['amount'])}" if before["amount"] else ""
        yield text_line(
            4, f"before: {before['operation']}{worth}, in run {before['run']}"
        )


def _amounts(told: Row) -> Iterator[RenderableType]:
    if told.get("sum_of"):
        values = [one["value"] for one in told["sum_of"]]
        names = ", ".join(one["field"] for one in told["sum_of"])
        total = f" = {number_text(told['total'])}" if len(values) > 1 else ""
        yield text_line(4, f"{sum_text(values)}{total}: {names}")
    for line in told.get("lines", ()):
        yield text_line(4, _sent(line))
        for said in line.get("centra", ()):
            yield text_line(
                8, f"Centra: {said['field']} {number_text(said['value'])}", style="dim"
            )
        for rule in line.get("rules", ()):
            yield text_line(8, rule, "dim")
    for line in told.get("journal", ()):
        side = "debit" if line["debit"] else "credit"
        what = ", ".join(filter(None, (line["what"], line["reference"])))
        amount = number_text(line[side])
        yield text_line(4, f"account {line['account']}: {side} {amount}, {what}")
    for tax in told.get("vat_by_rate", ()):
        said = f"(Centra: {number_text(tax['centra'])}), " if tax["centra"] else ""
        yield text_line(
            4,
            f"VAT {tax['rate']} % on {number_text(tax['base'])}: {number_text(tax['vat'])} "
            f"{said}{tax['rule']}",
        )
    for note in told.get("notes", ()):
        yield text_line(4, note)
    if told.get("note"):
        yield text_line(4, told["note"])


def _sent(line: Row) -> str:
    parts = [f"{plain_number(line['quantity'])} x {line['what']}"]
    if line.get("item") and line["item"] != line["what"]:
        parts[0] += f" as item {line['item']}"
    if line.get("amount"):
        side = {"gross": " with VAT", "net": " without VAT"}.get(line["prices"], "")
        parts.append(f"{number_text(line['amount'])}{side}")
    if line.get("vat_category"):
        parts.append(f"VAT {line['vat_rate']} % ({line['vat_category']})")
    if line.get("account"):
        parts.append(f"account {line['account']}")
    return ", ".join(parts)


def _rate(rate: Row) -> str:
    if rate["rate"] is None:
        return (
            f"rate: Visma.net takes its own from {rate['currency']} to {rate['to']}, and "
            "it is read back once the document is booked"
        )
    pair = f"1 {rate['currency']} = {rate['rate']} {rate['to']}"
    source = f"{rate['source']}, {rate['how'].replace('_', ' ')}"
    if rate["as_booked"]:
        source += ", as booked"
    day = f" of {rate['date']}" if rate["date"] else ""
    booked = ""
    if rate["booked"]:
        at = f" at {rate['booked_rate']}" if rate["booked_rate"] else ""
        booked = f"; booked as {money_text(rate['booked'], rate['to'])}{at}"
    return f"rate: {pair}{day} ({source}){booked}"


def _settings(one: Row) -> str:
    settings = one["settings"]
    mapping = one["run"]["mapping"]
    told = f"settings {settings['version']}"
    if settings["is_current"]:
        told += ", not changed since"
    elif settings.get("changed_since"):
        told += f", changed since: {', '.join(settings['changed_since'])}"
    else:
        told += ", changed since"
    return f"{told}; mapping {mapping}" if mapping else told


def _run(run: Row) -> str:
    told = f"run {run['id']} of {run['direction']}, {run['at']}, {run['started_from']}"
    if run["by"]:
        told += f", for {run['by']}"
    if run["approved_by"]:
        told += f"; approved by {run['approved_by']} (plan {run['plan']})"
    return told


def _standing(stands: Row) -> str:
    vat = (
        f" with {number_text(stands['vat'])} VAT" if Decimal(stands["vat"] or 0) else ""
    )
    told = f"{stands['status']}, {money_text(stands['total'], stands['currency'])}{vat}"
    if stands["open"] is not None:
        told += f", open {number_text(stands['open'])}"
    if stands["settles"]:
        told += f", settles {', '.join(stands['settles'])}"
    return told


def other_lines(one: Row) -> Iterator[RenderableType]:
    """A document that no record wrote itself, and why it is told."""
    yield text_line(2, kind_text(one["kind"], one["number"]), "cyan")
    yield text_line(4, one["why"])
    if one["stands"]:
        yield text_line(4, _standing(one["stands"]))
    yield from _amounts(one.get("amounts", {}))
