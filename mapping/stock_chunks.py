"""What the direction `stock` keeps and sends: chunks of sizes to set, and notes on what is odd.

A chunk is some sizes of one warehouse of Centra, set in one call. A note is about
an item or a warehouse that somebody must look at; nothing is sent for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from connectors.errors import RecordError
from mapping.drafts import digest
from mapping.scope import LeftOut
from mapping.stock import LARGEST, physical
from settings.connection import Connection

__all__ = [
    "ChunkRow",
    "StockChunk",
    "StockNote",
    "StockRecord",
    "Taken",
    "quantity_now",
    "read_stock_record",
    "stock_to_set",
]


Taken = Mapping[str, tuple[int, int]]
"""Units that each side has taken of a shelf, (at Visma.net, at Centra), by sale."""


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ChunkRow(_Kept):
    """One size, and how many units it is to have; `item` is that of Visma.net.

    `falls` means that it was above zero, is to be zero, and counts for the guard.
    """

    size_id: int
    item: str
    sku: str
    ean: str
    quantity: int = Field(ge=0, le=LARGEST)
    falls: bool = False

    @property
    def label(self) -> str:
        """How the size is named in messages."""
        return self.sku or self.ean


class StockChunk(_Kept):
    """Sizes of one warehouse that one call sets.

    `generation` is the observation that the chunk was made in: the same quantities
    made again later are another chunk, as something may have changed in between.
    `buffer` are units that the warehouse keeps back of each size, `late_minutes` how
    long a request may take to arrive. `held` says why a person must approve it.
    """

    kind: Literal["chunk"] = "chunk"
    slot: str
    warehouse: int
    name: str
    generation: int
    rows: tuple[ChunkRow, ...]
    buffer: int = 0
    late_minutes: int
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


def quantity_now(
    figure: int, then: Taken, now: Taken, over: Taken, buffer: int
) -> int | None:
    """What a size is to have, in units, given a figure that was read a while ago.

    `then` is what each side had taken when the figure was read, `now` what it has by
    now, and `over` what it has taken of sales that were settled since. What Visma.net
    has taken since is not in the figure, so it counts only as far as it had then; what
    Centra has taken counts as it is now. None when a sale has disappeared: then nobody
    knows by how much the figure is off. None, too, when it is more than Centra can hold.
    """
    known = {**over, **now}
    if set(then) - set(known):
        return None
    at_visma = sum(
        min(then.get(source, (0, 0))[0], taken[0]) for source, taken in known.items()
    )
    at_centra = sum(taken[1] for taken in known.values())
    exact: int = physical(figure, at_visma, at_centra, buffer)
    return max(0, exact) if exact <= LARGEST else None
