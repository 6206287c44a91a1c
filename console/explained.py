"""The story of a number as the terminal tells it: short lines, whatever its width."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from console.explained_documents import ROLES, document_lines, other_lines
from console.explained_words import kind_text, money_text, number_text, text_line
from console.options import connection_named, tell
from mapping.counting import lasting
from mapping.dates import moment_text
from mapping.prices import parse_price_source
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
    parts += [line for one in asked for line in other_lines(one)]
    for record in story["records"]:
        parts += _record(record, story)
    if others:
        parts.append(Text("also in Visma.net", style="bold"))
        parts += [line for one in others for line in other_lines(one)]
    if story["prices"]:
        parts.append(Text("prices of Visma.net for Centra", style="bold"))
        parts += [line for one in story["prices"] for line in _price(one)]
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
            name = kind_text(one["kind"], one["number"])
            yield Text(f"{name} belongs to order {orders}", style="bold")


def _is_asked(one: Row, story: Row) -> bool:
    """Whether a document is the one that was asked for, by its number."""
    number, orders = story["number"], story["orders"]
    named = number in {one["number"], one["number"].rpartition("/")[2]}
    return named and bool(orders) and number not in orders


def _headline(record: Row) -> Text:
    what = _NAMES.get(record["direction"], record["direction"].replace("_", " "))
    if parse_price_source(record["source_id"]):
        what = "price"
    state = record["state"].replace("_", " ")
    parts = [f"{state} ({record['reason']})" if record["reason"] else state]
    if record["occurred_on"]:
        parts.append(record["occurred_on"])
    if record["amount"]:
        parts.append(money_text(record["amount"], record["currency"]))
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
        yield from document_lines(document)
    for intent in own("intents"):
        if intent["state"] not in {"confirmed", "superseded"}:
            how = intent["state"].replace("_", " ")
            yield text_line(2, f"{intent['operation']} {intent['reference']}: {how}")
            if intent["message"]:
                yield text_line(4, intent["message"])
    for link in own("links"):
        if link["role"] not in ROLES:
            name = kind_text(link["target_kind"], link["target_id"])
            yield text_line(2, f"{name} ({link['role']})")


def _key(row: Row) -> tuple[str, str]:
    return row["direction"], row.get("record") or row["source_id"]


def _exception(row: Row) -> Iterator[RenderableType]:
    who = f" by {row['by']}" if row["by"] else ""
    yield text_line(2, f"exception {row['id']} ({row['status']}{who}): {row['code']}")
    yield text_line(4, row["reason"])
    yield text_line(4, row["fix"])
    if row["note"]:
        yield text_line(4, f"note: {row['note']}")


def _price(one: Row) -> Iterator[RenderableType]:
    for variant in one["variants"]:
        name = f"{one['product']}/{variant['variant']}"
        currency = variant["currency"]
        sums = [variant["price"], variant["sent"]]
        price, sent = (money_text(each, currency) if each else "none" for each in sums)
        yield text_line(2, f"{name} on {one['pricelist']}: {price}", "cyan")
        for origin in variant["origins"]:
            items = ", ".join(origin["items"])
            said = (
                f"{number_text(origin['price'])}, {origin['field']}: "
                if origin["price"]
                else ""
            )
            yield text_line(4, f"{said}{items}")
            for rule in origin["rules"]:
                yield text_line(8, rule, "dim")
        if sent not in {price, "none"}:
            yield text_line(4, f"set last: {sent}")


def _shelf(one: Row) -> Iterator[RenderableType]:
    name = one["sku"] or one["ean"] or one["item"]
    yield text_line(2, f"{name} in {one['warehouse']}: {one['state']}")
    read = f"{one['figure']}, read {one['read_at']}"
    yield text_line(4, f"Visma.net: {'no figure' if one['figure'] is None else read}")
    for sale in one["taken"]:
        kind, _, number = sale["source"].partition(":")
        of = f"{_SALES.get(kind, kind)} {number}"
        yield text_line(
            4, f"{of}: Visma.net took {sale['at_visma']}, Centra {sale['at_centra']}"
        )
    if one["buffer"]:
        yield text_line(4, f"buffer: {one['buffer']}")
    if one["set_to"] is None:
        yield text_line(4, "what Centra has is not known")
    else:
        how = f"set {one['set_at']}" if one["set_at"] else "as it was found"
        yield text_line(4, f"Centra has {one['set_to']}, {how}")


_SALES = {"adjustment": "stock change"}
"""What sources of the tally are called, where that is not their own word."""


def _step(row: Row) -> Iterator[RenderableType]:
    """When, what and which document; who and how stand below."""
    yield text_line(
        2, f"{row['at']}  {row['action']}  {row['document'] or ''}".rstrip()
    )
    hashes = " to ".join(filter(None, (row["before"], row["after"])))
    parts = (
        f"by {row['by']}",
        f"settings {row['settings']}" if row["settings"] else "",
        f"mapping {row['mapping']}" if row["mapping"] else "",
        f"hash {hashes}" if hashes else "",
        row["detail"],
    )
    yield text_line(4, "; ".join(filter(None, parts)), "dim")
