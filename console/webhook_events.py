"""What a webhook is about, and which directions look for it: one table for each side.

A webhook is a hint and nothing more: its type says which directions read what is new.
Ids are not taken from it. Centra's own queue of events names the same ones, for good
and until confirmed, and every run asks it; what neither the queue nor the lists show
yet when a run looks is found by the next one on the schedule.
Sources: Centra, "Centra Webhook plugin" (types, form); Visma Developer Portal,
"Webhooks" (publishers and events; the form of a call is not published).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

__all__ = [
    "CENTRA",
    "VISMA",
    "Said",
    "UnreadableCallError",
    "read_centra",
    "read_visma",
]

CENTRA: Mapping[str, tuple[str, ...]] = {
    "order": ("orders", "payments"),
    "shipment": ("fulfilment", "payments"),
    "return": ("refunds",),
    "customer": ("customers",),
    "account": ("customers",),
}
"""Payments read the histories of orders; a capture comes with a shipment."""

VISMA: Mapping[str, tuple[str, ...]] = {
    "arinvoice": ("invoices", "credit_notes"),
    "customerinvoice": ("invoices", "credit_notes"),
    "shipment": ("fulfilment", "stock"),
    "inventoryitem": ("products",),
    "inventory": ("products",),
    "customer": ("credit_status",),
    # known, and nothing to look for: orders go the other way, and our own writes
    # would wake us; stock, which depends on them, is polled each half minute
    "salesorder": (),
    "backgroundapioperation": (),
}
"""Names as they are compared: letters only, small. The longest that fits counts."""

_TELLING = re.compile(
    r"(event|message|resource|entity|object)?(type|name|uri|url)|event|resource|entity"
    r"|topic|subject"
)
"""How fields are called that may say what a call is about, compared in the same way."""
_LETTERS = re.compile(r"[^a-z]")
_DEEPEST = 6
_MOST_EVENTS = 1_000


class UnreadableCallError(Exception):
    """A call that is signed and cannot be read; nothing is stored of it."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one call said: how many events, for which directions, of which unknown types."""

    events: int
    directions: tuple[str, ...]
    unknown: tuple[str, ...]


def read_centra(body: bytes) -> Said:
    """Read a call of Centra: `payload=<json>`, the JSON with a list of `events`.

    Raises:
        UnreadableCallError: It is not form-encoded, or what it holds is no such JSON.
    """
    try:
        form = parse_qs(
            body.decode("ascii"),
            strict_parsing=True,
            max_num_fields=10,
            encoding="utf-8",
            errors="strict",
        )
        (payload,) = form["payload"]
    except (ValueError, KeyError) as error:
        message = "the body is not a form with one field 'payload'"
        raise UnreadableCallError(message) from error
    parsed = _parsed(payload)
    events = parsed.get("events") if isinstance(parsed, dict) else None
    if not isinstance(events, list) or len(events) > _MOST_EVENTS:
        message = "the payload has no list of events"
        raise UnreadableCallError(message)
    types = [one.get("type") if isinstance(one, dict) else None for one in events]
    return _said(types, CENTRA)


def read_visma(body: bytes) -> Said:
    """Read a call of Visma.net: JSON of any form, in which one resource is named.

    Raises:
        UnreadableCallError: It is no JSON.
    """
    try:
        parsed = _parsed(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        message = "the body is no text"
        raise UnreadableCallError(message) from error
    calls = parsed if isinstance(parsed, list) else [parsed]
    return _said([_resource(one) for one in calls[:_MOST_EVENTS]], VISMA)


def _said(types: list[Any], table: Mapping[str, tuple[str, ...]]) -> Said:
    known = [one for one in types if isinstance(one, str) and one in table]
    unknown = {
        _printable(one) for one in types if not (isinstance(one, str) and one in table)
    }
    directions = {direction for one in known for direction in table[one]}
    return Said(len(types), tuple(sorted(directions)), tuple(sorted(unknown)))


def _resource(call: object) -> str | None:
    """The name of the resource that any telling field of a call holds, or what it says."""
    told = list(_told(call, _DEEPEST))
    for text in told:
        letters = _LETTERS.sub("", text.lower())
        if fitting := [one for one in VISMA if one in letters]:
            return max(fitting, key=len)
    return told[0] if told else None


def _told(value: object, depth: int) -> Iterator[str]:
    """The texts of fields that tell what a call is about, the outer ones first."""
    if depth == 0:
        return
    inner: list[object] = []
    if isinstance(value, dict):
        for key, one in value.items():
            key_letters = _LETTERS.sub("", str(key).lower())
            if isinstance(one, str) and _TELLING.fullmatch(key_letters):
                yield one
            inner.append(one)
    elif isinstance(value, list):
        inner = value[:10]
    for one in inner:
        yield from _told(one, depth - 1)


def _printable(value: object) -> str:
    """An unknown type for the log: short, of plain characters, or none of it."""
    text = value if isinstance(value, str) else "none"
    return re.sub(r"[^A-Za-z0-9_.:-]", "?", text)[:40] or "none"


def _parsed(text: str) -> object:
    try:
        parsed: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = "the payload is no JSON"
        raise UnreadableCallError(message) from error
    return parsed
