"""The story of a number as the terminal tells it: short lines, whatever its width."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from console.options import connection_named, tell
from mapping.counting import lasting
from mapping.dates import moment_text
from mapping.money import amount_text
from tasks.environment import environment
from tasks.trail import story_of

__all__ = ["explain_number", "story_text"]

_NAMES = {
    "orders": "order",
    "fulfilment": "shipment",
    "refunds": "return",
    "payments": "payment",
    "customers": "customer",
    "products": "product",
    "invoices": "invoices shown on order",
    "credit_notes": "credit notes shown on order",
    "stock_adjustments": "adjustment",
    "payouts": "payout",
}
_ROLES = {
    "created": "",
    "adopted": "adopted: it was there already",
    "undone": "undone",
    "undoes": "undoes the one before",
}

_TIMES = ("at", "read_at", "set_at")

Row = Mapping[str, Any]


def explain_number(connection: str | None, number: str, *, as_json: bool) -> bool:
    """Print the story of a number; answer whether the ledger knows it."""
    name, env = connection_named(connection), environment()
    story = story_of(env.books(name), env.connection(name), number)
    here = _local(story, env.connection(name).zone)
    tell(story, story_text(here), as_json=as_json)
    return bool(story["found"])


def _local(told: Any, zone: tzinfo) -> Any:  # noqa: ANN401 - JSON
    """The same, with times as people of the connection read them."""
    if isinstance(told, Mapping):
        return {
            key: moment_text(datetime.fromisoformat(value), zone, seconds=True)
            if key in _TIMES and isinstance(value, str)
            else _local(value, zone)
            for key, value in told.items()
        }
    if isinstance(told, list):
        return [_local(one, zone) for one in told]
    return told


def story_text(story: Row) -> Group | str:
    """The story: each record, its documents with their amounts, then each step."""
    if not story["found"]:
        return f"the ledger knows nothing of '{story['number']}'"
    asked = [one for one in story["others"] if _is_asked(one, story)]
    others = [one for one in story["others"] if one not in asked]
    parts: list[RenderableType] = [*_asked(story)]
    parts += [line for one in asked for line in _other(one)]
    for record in story["records"]:
        parts += _record(record, story)
    if others:
        parts.append(Text("also in Visma.net", style="bold"))
        parts += [line for one in others for line in _other(one)]
    if story["stock"]:
        parts.append(Text("stock told to Centra", style="bold"))
        parts += [line for one in story["stock"] for line in _shelf(one)]
    if story["audit"]:
        parts.append(Text("audit", style="bold"))
        parts += [line for row in story["audit"] for line in _step(row)]
    return Group(*parts)


def _asked(story: Row) -> Iterator[RenderableType]:
    """Which document was asked for, where it is not the order itself."""
    for one in (*story["documents"], *story["others"]):
        if _is_asked(one, story):
            orders = ", ".join(story["orders"])
            name = _words(one["kind"], one["number"])
            yield Text(f"{name} belongs to order {orders}", style="bold")


def _is_asked(one: Row, story: Row) -> bool:
    """Whether a document is the one that was asked for, by its number."""
    number, orders = story["number"], story["orders"]
    named = number in {one["number"], one["number"].rpartition("/")[2]}
    return named and bool(orders) and number not in orders


def _headline(record: Row) -> Text:
    what = _NAMES.get(record["direction"], record["direction"].replace("_", " "))
    state = record["state"].replace("_", " ")
    parts = [f"{state} ({record['reason']})" if record["reason"] else state]
    if record["occurred_on"]:
        parts.append(record["occurred_on"])
    if record["amount"]:
        parts.append(_money(record["amount"], record["currency"]))
    if record["lag_seconds"] is not None:
        parts.append(
            f"carried over {lasting(record['lag_seconds'])} after it was changed"
        )
    label = record["label"].removeprefix(f"{what} ")
    return Text(f"{what} {label}: {', '.join(parts)}", style="bold")


def _record(record: Row, story: Row) -> Iterator[RenderableType]:
    yield _headline(record)

    def own(name: str) -> list[Row]:
        return [one for one in story[name] if _key(one) == _key(record)]

    for row in own("exceptions"):
        yield from _exception(row)
    for document in own("documents"):
        yield from _document(document)
    for intent in own("intents"):
        if intent["state"] not in {"confirmed", "superseded"}:
            how = intent["state"].replace("_", " ")
            yield _line(2, f"{intent['operation']} {intent['reference']}: {how}")
            if intent["message"]:
                yield _line(4, intent["message"])
    for link in own("links"):
        if link["role"] not in _ROLES:
            name = _words(link["target_kind"], link["target_id"])
            yield _line(2, f"{name} ({link['role']})")


def _key(row: Row) -> tuple[str, str]:
    return row["direction"], row.get("record") or row["source_id"]


def _exception(row: Row) -> Iterator[RenderableType]:
    who = f" by {row['by']}" if row["by"] else ""
    yield _line(2, f"exception {row['id']} ({row['status']}{who}): {row['code']}")
    yield _line(4, row["reason"])
    yield _line(4, row["fix"])
    if row["note"]:
        yield _line(4, f"note: {row['note']}")


# -- documents


def _document(one: Row) -> Iterator[RenderableType]:
    is_return = (one["direction"], one["kind"]) == ("refunds", "sales_order")
    kind = "return_order" if is_return else one["kind"]
    parts = [_words(kind, one["number"])]
    if one.get("reference"):
        parts.append(str(one["reference"]))
    if one.get("amount"):
        vat = f" with {_number(one['vat'])} VAT" if one["vat"] else ""
        parts.append(f"{_money(one['amount'], one['currency'])}{vat}")
    if one.get("date"):
        parts.append(f"dated {one['date']}")
    parts.append(_ROLES[one["role"]])
    yield _line(2, ", ".join(filter(None, parts)), "cyan")
    if one["stands"]:
        yield _line(4, f"in Visma.net: {_standing(one['stands'])}")
    if "run" not in one:
        return
    yield from _amounts(one["amounts"])
    if one["rate"]:
        yield _line(4, _rate(one["rate"]))
    yield _line(4, _settings(one))
    yield _line(4, _run(one["run"]))
    for before in one["before"]:
        worth = f" {_number(before['amount'])}" if before["amount"] else ""
        yield _line(4, f"before: {before['operation']}{worth}, in run {before['run']}")


def _amounts(told: Row) -> Iterator[RenderableType]:
    if told.get("sum_of"):
        values = [one["value"] for one in told["sum_of"]]
        names = ", ".join(one["field"] for one in told["sum_of"])
        total = f" = {_number(told['total'])}" if len(values) > 1 else ""
        yield _line(4, f"{_sum(values)}{total}: {names}")
    for line in told.get("lines", ()):
        yield _line(4, _sent(line))
        for said in line.get("centra", ()):
            yield _line(
                8, f"Centra: {said['field']} {_number(said['value'])}", style="dim"
            )
        for rule in line.get("rules", ()):
            yield _line(8, rule, "dim")
    for line in told.get("journal", ()):
        side = "debit" if line["debit"] else "credit"
        what = ", ".join(filter(None, (line["what"], line["reference"])))
        amount = _number(line[side])
        yield _line(4, f"account {line['account']}: {side} {amount}, {what}")
    for tax in told.get("vat_by_rate", ()):
        said = f"(Centra: {_number(tax['centra'])}), " if tax["centra"] else ""
        yield _line(
            4,
            f"VAT {tax['rate']} % on {_number(tax['base'])}: {_number(tax['vat'])} "
            f"{said}{tax['rule']}",
        )
    for note in told.get("notes", ()):
        yield _line(4, note)
    if told.get("note"):
        yield _line(4, told["note"])


def _sent(line: Row) -> str:
    parts = [f"{_plain(line['quantity'])} x {line['what']}"]
    if line.get("item") and line["item"] != line["what"]:
        parts[0] += f" as item {line['item']}"
    if line.get("amount"):
        side = {"gross": " with VAT", "net": " without VAT"}.get(line["prices"], "")
        parts.append(f"{_number(line['amount'])}{side}")
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
        booked = f"; booked as {_money(rate['booked'], rate['to'])}{at}"
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
    vat = f" with {_number(stands['vat'])} VAT" if Decimal(stands["vat"] or 0) else ""
    told = f"{stands['status']}, {_money(stands['total'], stands['currency'])}{vat}"
    if stands["open"] is not None:
        told += f", open {_number(stands['open'])}"
    if stands["settles"]:
        told += f", settles {', '.join(stands['settles'])}"
    return told


def _other(one: Row) -> Iterator[RenderableType]:
    yield _line(2, _words(one["kind"], one["number"]), "cyan")
    yield _line(4, one["why"])
    if one["stands"]:
        yield _line(4, _standing(one["stands"]))
    yield from _amounts(one.get("amounts", {}))


def _shelf(one: Row) -> Iterator[RenderableType]:
    yield _line(2, f"{one['sku']} in warehouse {one['warehouse']} of Centra")
    yield _line(4, f"Visma.net: {one['figure']}, read {one['read_at']}")
    for sale, taken in one["taken"].items():
        yield _line(
            4, f"{sale}: + {taken['visma']} taken there, - {taken['centra']} here"
        )
    yield _line(4, f"set: {one['physical']}, {one['set_at'] or 'never'}")


def _step(row: Row) -> Iterator[RenderableType]:
    """When, what and which document; who and how stand below."""
    yield _line(2, f"{row['at']}  {row['action']}  {row['document'] or ''}".rstrip())
    hashes = " to ".join(filter(None, (row["before"], row["after"])))
    parts = (
        f"by {row['by']}",
        f"settings {row['settings']}" if row["settings"] else "",
        f"mapping {row['mapping']}" if row["mapping"] else "",
        f"hash {hashes}" if hashes else "",
        row["detail"],
    )
    yield _line(4, "; ".join(filter(None, parts)), "dim")


# -- words and figures


def _line(indent: int, text: str, style: str = "") -> RenderableType:
    """A line that keeps its indent where it is wrapped."""
    return Padding(Text(text, style=style), (0, 0, 0, indent), expand=False)


def _words(kind: str, number: str) -> str:
    return f"{kind.replace('_', ' ')} {number}"


def _money(amount: str, currency: str | None) -> str:
    """An amount with the digits of its currency, unless it is finer."""
    if not currency:
        return _number(amount)
    return f"{amount_text(Decimal(amount), currency)} {currency}"


def _number(value: str) -> str:
    return f"{Decimal(value):,f}"


def _plain(value: str) -> str:
    return f"{Decimal(value).normalize():f}"


def _sum(values: Sequence[str]) -> str:
    """Write a sum in figures: '500.00 + 49.00 - 60.00'."""
    text = ""
    for value in map(Decimal, values):
        sign = "-" if value < 0 else "+"
        if text:
            text += f" {sign} {abs(value):,f}"
        else:
            text = f"{'-' if value < 0 else ''}{abs(value):,f}"
    return text
