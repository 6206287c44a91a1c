"""What the direction `stock` keeps and sends: chunks of sizes to set, and notes on what is odd.

A chunk is some sizes of one warehouse of Centra, set in one call. A note is about
an item or a warehouse that somebody must look at; nothing is sent for it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from connectors.errors import RecordError
from mapping.drafts import digest
from mapping.scope import LeftOut
from settings.connection import Connection

__all__ = ["ChunkRow", "StockChunk", "StockNote", "read_stock_record", "stock_to_set"]


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ChunkRow(_Kept):
    """One size: what it is to have, and how that was worked out. All are units.

    `moves` is what each side had taken for each sale: (at Visma.net, at Centra), by
    source. `observation` numbers the reading that the figure is from.
    """

    size_id: int
    item: str
    sku: str
    ean: str
    quantity: int = Field(ge=0)
    figure: int
    moves: dict[str, tuple[int, int]] = {}
    observation: int
    before: int | None = None

    @property
    def label(self) -> str:
        """How the size is named in messages."""
        return self.sku or self.ean


class StockChunk(_Kept):
    """Sizes of one warehouse that one call sets.

    `generation` is the observation that the chunk was made in: the same quantities
    made again later are another chunk, as something may have changed in between.
    `held` says why a person must approve it.
    """

    kind: Literal["chunk"] = "chunk"
    slot: str
    warehouse: int
    name: str
    generation: int
    rows: tuple[ChunkRow, ...]
    held: str = ""

    @property
    def hash(self) -> str:
        """The same for the same quantities of one generation."""
        rows = sorted((row.size_id, row.quantity) for row in self.rows)
        return digest([self.warehouse, self.generation, rows])


class StockNote(_Kept):
    """Something odd about an item or a warehouse; without a code all is well again.

    `warehouse` is the one of Visma.net that the note is about, if it is about one.
    """

    kind: Literal["note"] = "note"
    record: str
    warehouse: str = ""
    code: str = ""
    message: str = ""
    fix: str = ""

    @property
    def hash(self) -> str:
        """The same for the same thing to say."""
        return digest([self.code, self.message])


StockRecord = StockChunk | StockNote
_RECORD: TypeAdapter[StockRecord] = TypeAdapter(
    Annotated[StockRecord, Field(discriminator="kind")]
)


def read_stock_record(body: bytes) -> StockRecord:
    """Read what the ledger keeps of a record of this direction."""
    return _RECORD.validate_json(body)


def stock_to_set(record: StockRecord, connection: Connection) -> StockRecord | LeftOut:
    """Return what is to be set, or that nothing is.

    Raises:
        RecordError: It is a note that somebody must look at.
    """
    rules = connection.stock
    if isinstance(record, StockChunk):
        if not record.rows:
            return LeftOut("NOTHING_TO_SET", "its sizes are as they should be")
        if record.name not in rules.warehouses:
            return LeftOut(
                "WAREHOUSE_NOT_SOLD", f"stock.warehouses no longer names {record.name}"
            )
        return record
    is_placed = record.warehouse and (
        record.warehouse in rules.ignore_warehouses
        or rules.centra_name_of(record.warehouse)
    )
    if record.code and not is_placed:
        raise RecordError(
            record.message, code=record.code, fix=record.fix, record_id=record.record
        )
    return record
