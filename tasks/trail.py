"""The story of one number: record, links, intents, exceptions and audit trail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from ledger import ConnectionLedger, Unit

__all__ = ["story_of"]

_DIRECTIONS = ("orders", "customers")


def story_of(books: ConnectionLedger, number: str) -> dict[str, Any]:
    """All that the ledger knows of a source id, or of a document of the target."""
    with books.read() as unit:
        sources = _sources(unit, number)
        rows = [_of_source(unit, direction, source) for direction, source in sources]
        audit = unit.audit.trail(number)
        for _, source in sources:
            audit += [row for row in unit.audit.trail(source) if row not in audit]
    story: dict[str, Any] = {"number": number, "found": bool(sources)}
    for name in ("records", "links", "intents", "exceptions"):
        story[name] = [one for of_source in rows for one in of_source[name]]
    story["audit"] = [
        {
            "at": row.at.isoformat(timespec="seconds"),
            "action": row.action,
            "by": row.actor,
            "document": row.document,
            "before": (row.before_hash or "")[:12],
            "after": (row.after_hash or "")[:12],
            "mapping": row.mapping_version,
            "settings": row.settings_version,
            "detail": ", ".join(f"{k} {v}" for k, v in row.detail.items()),
        }
        for row in sorted(audit, key=lambda row: row.seq)
    ]
    return story


def _sources(unit: Unit, number: str) -> list[tuple[str, str]]:
    """The sources that a number means: itself, or what a document was made of."""
    found = [
        (direction, number)
        for direction in _DIRECTIONS
        if unit.records.get(direction, number)
    ]
    kinds = ("sales_order", "customer", "invoice")
    names = {number, f"SO/{number}"}
    found += [
        (link.direction, link.source_id)
        for kind in kinds
        for name in sorted(names)
        for link in unit.links.by_target(kind, name)
    ]
    return list(dict.fromkeys(found))


def _of_source(unit: Unit, direction: str, source: str) -> dict[str, Any]:
    record = unit.records.get(direction, source)
    exceptions = [
        row for row in unit.exceptions.list(direction) if row.source_id == source
    ]
    links = [
        link
        for role in ("created", "matched")
        if (link := unit.links.get(direction, source, role))
    ]
    return {
        "records": [
            _plain(
                record,
                ("source_id", "revision", "state", "occurred_on", "amount", "currency"),
            )
        ]
        if record
        else [],
        "links": [_plain(one, ("role", "target_kind", "target_id")) for one in links],
        "intents": [
            _plain(
                one,
                (
                    "operation",
                    "state",
                    "kind",
                    "reference",
                    "amount",
                    "vat",
                    "currency",
                    "target_id",
                    "message",
                ),
            )
            for one in unit.intents.of_source(direction, source)
        ],
        "exceptions": [
            _plain(one, ("id", "code", "reason", "fix")) for one in exceptions
        ],
    }


def _plain(row: Any, names: Iterable[str]) -> dict[str, Any]:  # noqa: ANN401 - a row
    values = asdict(row)
    return {
        name: values[name]
        if isinstance(values[name], int | None)
        else str(values[name])
        for name in names
    }
