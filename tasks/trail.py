"""The story of one number: what it is, what became of it, and where each amount is from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from ledger import AuditRow, ConnectionLedger, RecordRow, Unit
from mapping.references import order_reference
from settings.connection import Connection
from tasks.lookup import Meant, Source, meant_by
from tasks.stock_view import shown_shelves
from tasks.told_documents import Telling, standing_of
from tasks.told_goods import Goods, find_goods

__all__ = ["story_of"]

_BY_VISMA = ("invoice", "credit_note")
_RECORD = (
    *("label", "source_id", "revision", "state", "reason"),
    *("occurred_on", "amount", "currency"),
)
_INTENT = (
    *("operation", "state", "kind", "reference", "amount", "vat", "currency"),
    *("target_id", "message", "run_id"),
)
_EXCEPTION = ("id", "code", "reason", "fix", "status", "by", "note")


def story_of(
    books: ConnectionLedger, settings: Connection, number: str
) -> dict[str, Any]:
    """All that the ledger knows of a source id, a reference, or a document's number.

    Nothing that was erased is in it, and no name or address.
    """
    with books.read() as unit:
        meant = meant_by(unit, settings, number)
        goods = find_goods(unit, number)
        sources = dict.fromkeys((*meant.sources, *goods.sources(unit, settings)))
        telling = Telling(unit, settings)
        story: dict[str, Any] = {
            "number": number,
            "found": bool(sources or goods.sizes),
            "orders": list(meant.orders),
        }
        parts = [_of_source(unit, *source) for source in sources]
        for name in ("records", "links", "intents", "exceptions"):
            story[name] = [one for part in parts for one in part[name]]
        story["documents"] = [
            one for source in sources for one in telling.documents(*source)
        ]
        story["others"] = list(
            _others(telling, unit, settings, meant, story["documents"])
        )
        story["prices"] = list(goods.prices(unit, settings, sources))
        story["stock"] = list(_stock(unit, settings, goods))
        story["audit"] = [_step(row) for row in _audit(unit, number, sources)]
    return story


def _of_source(unit: Unit, direction: str, source: str) -> dict[str, Any]:
    record = unit.records.get(direction, source)
    told = {
        "records": [_plain(record, _RECORD) | _lag_of(record)] if record else [],
        "links": [
            _plain(one, ("role", "target_kind", "target_id"))
            for one in unit.links.of_source(direction, source)
        ],
        "intents": [
            _plain(one, _INTENT) for one in unit.intents.of_source(direction, source)
        ],
        "exceptions": [
            _plain(row, _EXCEPTION)
            for row in unit.exceptions.list(direction, None)
            if row.source_id == source and row.status != "resolved"
        ],
    }
    return {
        name: [{"direction": direction, "record": source} | row for row in rows]
        for name, rows in told.items()
    }


def _lag_of(record: RecordRow) -> dict[str, Any]:
    """How many seconds its last change took to its effect; None where nobody knows."""
    seconds = None if record.lag is None else round(record.lag.total_seconds(), 1)
    return {"source_at": _moment(record.source_at), "lag_seconds": seconds}


def _others(
    telling: Telling,
    unit: Unit,
    settings: Connection,
    meant: Meant,
    told: Iterable[dict[str, Any]],
) -> Iterator[dict[str, Any]]:
    """Documents of an order that its records did not write themselves.

    Those that Visma.net made of its sales orders, and those that carry its reference,
    ours or that of an earlier connector.
    """
    seen = {(one["kind"], one["number"]) for one in told}
    orders = [number for kind, number in seen if kind == "sales_order"]
    found = [
        *_made(telling, unit, orders),
        *_carrying(unit, settings, meant.orders),
    ]
    for one in found:
        key = (one["kind"], one["number"])
        if key not in seen:
            seen.add(key)
            yield one


def _made(telling: Telling, unit: Unit, orders: list[str]) -> Iterator[dict[str, Any]]:
    """What Visma.net made of sales orders, each amount told back."""
    for kind in _BY_VISMA:
        hits = unit.index.find(kind, "sales_order", orders)
        for name, rows in sorted(hits.items()):
            for row in rows:
                why = f"Visma.net made it of sales order {name}"
                made = telling.made(kind, row.target_id)
                if made["shipments"]:
                    why += f", for shipment {' and '.join(made['shipments'])}"
                yield _other(unit, kind, row.target_id, why) | made


def _carrying(
    unit: Unit, settings: Connection, orders: Iterable[str]
) -> Iterator[dict[str, Any]]:
    """What carries the reference of an order."""
    for number in orders:
        patterns = [one.format(number=number) for one in settings.adopt_references]
        own = order_reference(settings.prefix, int(number))
        for kind in ("sales_order", *_BY_VISMA):
            hits = unit.index.find(kind, "reference", [own, *patterns])
            for name, rows in hits.items():
                for row in rows:
                    why = f"it carries the reference {name}; another program made it"
                    yield _other(unit, kind, row.target_id, why)


def _other(unit: Unit, kind: str, number: str, why: str) -> dict[str, Any]:
    stands = standing_of(unit, kind, number)
    return {"kind": kind, "number": number, "why": why, "stands": stands}


def _stock(unit: Unit, settings: Connection, goods: Goods) -> Iterator[dict[str, Any]]:
    """What Centra was told of single sizes, and what the figure is made of."""
    sizes = () if goods.is_whole else goods.sizes
    levels = unit.levels.of_sizes(sorted({row.size_id for row in sizes}))
    for shelf in shown_shelves(unit, settings, levels):
        told = shelf.model_dump(exclude={"age_seconds", "watched_until"})
        times = {name: _moment(told[name]) for name in ("read_at", "set_at")}
        yield told | times


def _moment(at: Any) -> str | None:  # noqa: ANN401 - a time, or None
    return None if at is None else at.isoformat(timespec="seconds")


def _audit(unit: Unit, number: str, sources: Iterable[Source]) -> list[AuditRow]:
    lines = {row.seq: row for row in unit.audit.trail(number)}
    for direction, source in sources:
        lines |= {
            row.seq: row
            for row in unit.audit.trail(source)
            if row.direction in (direction, None)
        }
    return [lines[seq] for seq in sorted(lines)]


def _step(row: AuditRow) -> dict[str, Any]:
    return {
        "line": row.seq,
        "at": row.at.isoformat(timespec="seconds"),
        "action": row.action,
        "by": row.actor,
        "document": row.document,
        "before": (row.before_hash or "")[:12],
        "after": (row.after_hash or "")[:12],
        "mapping": row.mapping_version,
        "settings": row.settings_version,
        "detail": ", ".join(
            f"{name} {value}"
            for name, value in row.detail.items()
            if name not in _PROOFS
        ),
    }


_PROOFS = frozenset({"sent", "read", "intent", "role", "fell", "usual", "steps"})
"""What only programs have a use for, and what the action says already."""


def _plain(row: Any, names: Iterable[str]) -> dict[str, Any]:  # noqa: ANN401 - a row
    values = asdict(row)
    return {
        name: values[name]
        if isinstance(values[name], int | None)
        else str(values[name])
        for name in names
    }
