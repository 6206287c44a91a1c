"""The story of one number: record, links, intents, exceptions and audit trail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from ledger import ConnectionLedger, Unit

__all__ = ["story_of"]

_KINDS = (
    "sales_order",
    "customer",
    "invoice",
    "credit_note",
    "payment",
    "centra_shipment",
    "visma_shipment",
    "account_credit",
    "centra_product",
    "centra_variant",
    "centra_size",
)
"""What a number may be at the side that is written to."""


def story_of(books: ConnectionLedger, number: str) -> dict[str, Any]:
    """All that the ledger knows of a source id, or of a document of the target."""
    with books.read() as unit:
        sources = _sources(unit, number)
        rows = [_of_source(unit, direction, source) for direction, source in sources]
        audit = unit.audit.trail(number)
        for direction, source in sources:
            audit += [
                row
                for row in unit.audit.trail(source)
                if row not in audit and row.direction in (direction, None)
            ]
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
    """The sources that a number means: itself, its parts, or what a document was made of."""
    # asked of the ledger: to explain a number no flow needs to be loaded
    found = [(direction, number) for direction in unit.records.directions_of(number)]
    found += unit.records.named(number)
    names = {number, f"SO/{number}"}
    targets = [(kind, name) for kind in _KINDS for name in sorted(names)]
    targets += [("sales_order", name) for name in _sales_orders(unit, number)]
    for kind, name in targets:
        for link in unit.links.by_target(kind, name):
            found.append((link.direction, link.source_id))
            if link.direction == "orders" and unit.records.get(
                "invoices", link.source_id
            ):
                found.append(("invoices", link.source_id))
    return list(dict.fromkeys(found))


def _sales_orders(unit: Unit, number: str) -> list[str]:
    """The sales orders that an invoice or credit note with this number was made of."""
    return [
        name
        for kind in ("invoice", "credit_note")
        for row in unit.index.find(kind, "number", [number]).get(number, [])
        for name in row.detail.get("orders", "").split("\n")
        if name
    ]


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
    told: dict[str, Any] = {
        "records": [
            _plain(
                record,
                (
                    "label",
                    "source_id",
                    "revision",
                    "state",
                    "occurred_on",
                    "amount",
                    "currency",
                ),
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
    return {
        name: [{"direction": direction} | row for row in rows]
        for name, rows in told.items()
    }


def _plain(row: Any, names: Iterable[str]) -> dict[str, Any]:  # noqa: ANN401 - a row
    values = asdict(row)
    return {
        name: values[name]
        if isinstance(values[name], int | None)
        else str(values[name])
        for name in names
    }
