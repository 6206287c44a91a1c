"""How chunks and notes of stock are kept as records, drafts and intents."""

from __future__ import annotations

from collections.abc import Sequence

from ledger import Draft, DraftRow, SourceEntry, Unit
from mapping.counting import counted
from mapping.scope import LeftOut
from mapping.stock_chunks import (
    StockChunk,
    StockNote,
    StockRecord,
    read_stock_record,
    stock_to_set,
)
from mapping.version import MAPPING_VERSION
from settings.connection import Connection
from tasks.centra_sales import fingerprint
from tasks.direction import Decision, MapContext

__all__ = [
    "STOCK_CHUNK",
    "decide_stock",
    "items_of_slots",
    "map_stock",
    "stock_entry",
]

STOCK_CHUNK = "stock"
_NOTE = "stock_note"


def stock_entry(record: StockRecord) -> SourceEntry:
    """A chunk or a note as something that was read."""
    match record:
        case StockChunk():
            name, mark = record.slot, fingerprint(record.hash, record.held)
            sizes = counted(len(record.rows), "size")
            label = f"{name}, {sizes} of {record.name}"
        case StockNote():
            name, mark = record.record, record.hash
            label = name
    return SourceEntry(
        source_id=name,
        label=label,
        fingerprint=mark,
        body=record.model_dump_json().encode(),
    )


def map_stock(
    body: bytes, settings: Connection, context: MapContext
) -> Draft | LeftOut:
    """Make of a record what is to be set.

    Raises:
        RecordError: It is a note that somebody must look at.
    """
    del context
    record = stock_to_set(read_stock_record(body), settings)
    match record:
        case LeftOut():
            return record
        case StockChunk():
            zeros = sum(row.quantity == 0 for row in record.rows)
            summary = {
                "warehouse": record.name,
                "sizes": str(len(record.rows)),
                "to zero": str(zeros),
                **({"held": record.held} if record.held else {}),
            }
            return Draft(
                kind=STOCK_CHUNK,
                body=record.model_dump_json().encode(),
                body_hash=record.hash,
                reference=record.slot,
                summary=summary,
                mapping_version=MAPPING_VERSION,
            )
        case StockNote():
            return Draft(
                kind=_NOTE,
                body=record.model_dump_json().encode(),
                body_hash=record.hash,
                reference=record.record,
                mapping_version=MAPPING_VERSION,
            )


def decide_stock(unit: Unit, settings: Connection, row: DraftRow) -> Decision:
    """Set a chunk unless just this one was set; a note without a code needs nothing."""
    del settings
    if row.draft.kind == _NOTE:
        return Decision()
    link = unit.links.get("stock", row.source_id)
    if link is not None and link.body_hash == row.draft.body_hash:
        return Decision()
    return Decision(f"update:{row.revision}")


def items_of_slots(unit: Unit, ids: Sequence[str]) -> list[str]:
    """The items by which chunks are read again, before a plan of them is applied."""
    items: dict[str, None] = {}
    for slot in ids:
        record = read_stock_record(unit.records.body("stock", slot))
        if isinstance(record, StockChunk):
            items |= {row.item: None for row in record.rows}
    return list(items)
