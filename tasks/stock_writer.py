"""Sets stock in Centra, one chunk a call, and notes what it is believed to have then.

What leaves may be too late in two ways. It may be older than what was sent before:
the fence of `ledger.stock_levels` lets no such row pass. And Centra may take units by
itself while the request is on its way, so that the figure it sets is too high: what
each side has taken is read right before, and once more right after; what has moved
in between is set again at once. Also what moved there and back: goods that left before
the request arrived and others that came back after it are no zero, as the first are
overwritten and the others are not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from connectors.centra.problems import RefusedError
from connectors.centra.stock import StockAnswer, StockRow, refused_rows
from connectors.errors import ConnectorError, InDoubtError, RecordError
from ledger import Claim, Level, Shelf, Started, Unit
from mapping.references import own_stock_change
from mapping.stock_chunks import ChunkRow, StockChunk, quantity_now, read_stock_record
from tasks.direction import Ends, OvertakenError, Sent
from tasks.stock_look import take_from_levels
from tasks.stock_moves import read_centra_moves
from tasks.stock_places import Places, known_places
from tasks.stock_records import STOCK_CHUNK, stock_entry
from tasks.stock_slots import single_slot
from tasks.stock_taken import moves_since
from tasks.stock_waiting import place_names
from tasks.without_total import SetAgain

__all__ = ["StockWriter"]

_ROUNDS = 8
"""How often what has moved meanwhile is set again before the next run looks at it."""


class _Sending(BaseModel):
    """A chunk of which some rows passed the fence, as it is handed to `send`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    chunk: StockChunk
    started: tuple[Started, ...]


@dataclass(frozen=True)
class _Wish:
    """What a row is to have, and what Centra had taken by then, by sale."""

    quantity: int
    taken: Mapping[str, int]


@dataclass(frozen=True)
class _Row:
    """A row that is being sent, and what its quantity is worked out from."""

    row: ChunkRow
    started: Started
    level: Level


class StockWriter(SetAgain):
    """Sets one chunk of sizes of one warehouse; each run looks at all of them anew."""

    def prepare(self, claim: Claim, unit: Unit) -> bytes:
        """Let the rows pass the fence, and note that they are being sent.

        Raises:
            OvertakenError: Each of them was sent since, or is wanted otherwise now.
        """
        chunk = _chunk_of(claim)
        rows = {Shelf(chunk.warehouse, row.size_id): row for row in chunk.rows}

        def is_wanted(level: Level) -> bool:
            now = quantity_now(
                level.quantity or 0, level.basis, level.basis, {}, chunk.buffer
            )
            return level.quantity is not None and now == rows[level.shelf].quantity

        started = unit.levels.start(
            rows,
            late_for=timedelta(minutes=chunk.late_minutes),
            is_wanted=is_wanted,
        )
        if not started:
            raise OvertakenError
        if chunk.held:  # it was approved
            unit.shelves.forgive(chunk.warehouse)
        else:
            unit.shelves.fell([one.shelf for one in started if rows[one.shelf].falls])
        return _Sending(chunk=chunk, started=tuple(started)).model_dump_json().encode()

    async def send(self, claim: Claim, ends: Ends) -> Sent:
        """Set the rows, and again those of which Centra took something meanwhile.

        Raises:
            RecordError: Centra refuses the chunk as a whole, and nothing was set.
            InDoubtError: It was sent and its end is not known; the rows stay watched.
        """
        sending = _Sending.model_validate_json(claim.body)
        setting = _Setting(ends, claim, sending)
        await setting.run()
        return Sent(
            STOCK_CHUNK,
            sending.chunk.slot,
            {
                "warehouse": sending.chunk.name,
                "sizes": str(setting.set_count),
                "changes": ",".join(map(str, setting.change_ids)),
            },
            problems=tuple(setting.problems),
        )


class _Setting:
    """One chunk on its way: set, looked at, and set again where something moved."""

    def __init__(self, ends: Ends, claim: Claim, sending: _Sending) -> None:
        self._ends = ends
        self._claim = claim
        self._chunk = sending.chunk
        self._description = (
            f"{own_stock_change(ends.settings.prefix)}{sending.chunk.slot} "
            f"{sending.chunk.generation}"
        )
        self._started = {one.shelf: one for one in sending.started}
        self.set_count = 0
        self.change_ids: list[int] = []
        self.problems: list[str] = []

    async def run(self) -> None:
        """Set all rows that were started; what is left over is looked at again."""
        left = self._rows()
        try:
            places = self._places()
            for _ in range(_ROUNDS):
                if not left:
                    return
                left = await self._round(places, left)
        except InDoubtError:
            raise  # the rows stay unknown, and under watch, until nothing can arrive
        except ConnectorError:
            self._undo(left)
            raise
        self._undo(left)

    def _places(self) -> Places:
        """Where the warehouses are: the run that dealt the chunk out has found them."""
        rules = self._ends.settings.stock
        with self._ends.books.read() as unit:
            return known_places(rules, place_names(unit, rules))

    def _rows(self) -> list[_Row]:
        wanted = {
            Shelf(self._chunk.warehouse, row.size_id): row for row in self._chunk.rows
        }
        with self._ends.books.read() as unit:
            levels = unit.levels.of_sizes([shelf.size_id for shelf in self._started])
        return [
            _Row(wanted[level.shelf], self._started[level.shelf], level)
            for level in levels
            if level.shelf in self._started
        ]

    async def _round(self, places: Places, rows: Sequence[_Row]) -> list[_Row]:
        """Set rows once; answer those of which something moved in the meantime."""
        await read_centra_moves(self._ends, places, take_from_levels, again=True)
        wishes = self._wishes(rows)
        unclear = [one for one in rows if one.started.shelf not in wishes]
        self._undo(unclear)
        rows = [one for one in rows if one.started.shelf in wishes]
        if not rows:
            return []
        try:
            answer = await self._set(rows, wishes)
        except RefusedError as error:
            bad = refused_rows(error.complaints)
            if not bad or self._is_alone:
                raise
            self._park(rows, bad)
            return [one for place, one in enumerate(rows) if place not in bad]
        if answer.skipped and self._is_alone:
            raise self._refusal(rows[0], answer.skipped[0])
        self._park(rows, answer.skipped)
        self.change_ids += answer.change_ids
        rows = [one for place, one in enumerate(rows) if place not in answer.skipped]
        if answer.unclear:
            set_to = [(one.started, wishes[one.started.shelf].quantity) for one in rows]
            with self._ends.books.begin() as unit:
                unit.levels.done(set_to, look_again=True)
            return []
        return await self._settle(places, rows, wishes)

    async def _set(
        self, rows: Sequence[_Row], wishes: Mapping[Shelf, _Wish]
    ) -> StockAnswer:
        by_ean = self._ends.settings.orders.item_number == "ean"
        return await self._ends.centra.set_stock(
            self._chunk.warehouse,
            [
                _wire(one.row, wishes[one.started.shelf].quantity, by_ean)
                for one in rows
            ],
            self._description,
        )

    async def _settle(
        self, places: Places, rows: Sequence[_Row], wishes: Mapping[Shelf, _Wish]
    ) -> list[_Row]:
        """Note what was set for good; answer what has moved while it was set."""
        try:
            await read_centra_moves(self._ends, places, take_from_levels, again=True)
        except ConnectorError:
            self._undo(rows)  # it was set; whether something moved is not known
            return []
        now = self._wishes(rows)
        done = [
            one
            for one in rows
            if now.get(one.started.shelf) == wishes[one.started.shelf]
        ]
        with self._ends.books.begin() as unit:
            unit.levels.done(
                [(one.started, wishes[one.started.shelf].quantity) for one in done]
            )
        self.set_count += len(done)
        return [one for one in rows if one not in done]

    def _wishes(self, rows: Sequence[_Row]) -> dict[Shelf, _Wish]:
        """What each row is to have by now; a row of which nobody knows is left out."""
        with self._ends.books.read() as unit:
            moves = moves_since(unit, [one.level for one in rows])
        found: dict[Shelf, _Wish] = {}
        for one in rows:
            level = one.level
            now, over = moves[level.warehouse, level.sku]
            quantity = quantity_now(
                level.quantity or 0, level.basis, now, over, self._chunk.buffer
            )
            if quantity is not None:
                known = {**over, **now}
                taken = {source: each[1] for source, each in known.items() if each[1]}
                found[level.shelf] = _Wish(quantity, taken)
        return found

    def _undo(self, rows: Sequence[_Row]) -> None:
        with self._ends.books.begin() as unit:
            unit.levels.undone([one.started for one in rows])

    def _park(self, rows: Sequence[_Row], reasons: Mapping[int, str]) -> None:
        """Park what Centra refused, each row by itself, so that it stops no other."""
        for place, reason in sorted(reasons.items()):
            if place < len(rows):
                self._park_one(rows[place], reason)

    @property
    def _is_alone(self) -> bool:
        """Whether the chunk is a row that was refused before, and is tried by itself."""
        row = self._chunk.rows[0]
        return self._chunk.slot == single_slot(self._chunk.warehouse, row.size_id)

    def _park_one(self, one: _Row, reason: str) -> None:
        slot = single_slot(self._chunk.warehouse, one.row.size_id)
        error = self._refusal(one, reason)
        alone = self._chunk.model_copy(
            update={"slot": slot, "rows": (one.row,), "held": ""}
        )
        run_id = self._claim.run_id
        with self._ends.books.begin() as unit:
            unit.levels.undone([one.started])
            batch = unit.records.open_batch(self._claim.direction, run_id)
            unit.records.take_page(batch, [stock_entry(alone)])
            is_new = unit.records.park(
                self._claim.direction,
                slot,
                code=error.code,
                reason=str(error),
                fix=error.fix,
                run_id=run_id,
            )
        if is_new:
            self.problems.append(str(error))

    def _refusal(self, one: _Row, reason: str) -> RecordError:
        return RecordError(
            f"Centra does not set the stock of {one.row.label} in {self._chunk.name}: "
            f"{reason}",
            code="CENTRA_REFUSED",
            fix="Correct what the message names in Centra, then retry.",
            record_id=one.row.label,
        )


def _chunk_of(claim: Claim) -> StockChunk:
    record = read_stock_record(claim.body)
    if not isinstance(record, StockChunk):
        message = f"{claim.label} holds nothing to set"
        raise TypeError(message)
    return record


def _wire(row: ChunkRow, quantity: int, by_ean: bool) -> StockRow:  # noqa: FBT001 - of a setting
    if row.ean and (by_ean or not row.sku):
        return StockRow("EAN", row.ean, quantity)
    return StockRow("SKU", row.sku, quantity)
