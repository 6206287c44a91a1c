"""What a size is to have by the time it is set, and what becomes of chunks and notes."""

from __future__ import annotations

import pytest

from connectors.errors import RecordError
from mapping.scope import LeftOut
from mapping.stock_chunks import (
    ChunkRow,
    StockChunk,
    StockNote,
    quantity_now,
    read_stock_record,
    stock_to_set,
)
from tests.mapping_.builders import a_connection

ROW = ChunkRow(size_id=31, item="A", sku="A", ean="", quantity=4)
CHUNK = StockChunk(
    slot="3/0", warehouse=3, name="Main", generation=1, rows=(ROW,), late_minutes=10
)
SOLD = {"warehouses": {"Main": ["1"]}, "ignore_warehouses": ["REPAIR"]}


@pytest.mark.parametrize(
    ("then", "now", "over", "expected"),
    [
        ({}, {}, {}, 7),
        ({"o1": (3, 0)}, {"o1": (3, 0)}, {}, 10),
        ({"o1": (3, 0)}, {"o1": (3, 2)}, {}, 8),
        ({"o1": (0, 0)}, {"o1": (3, 0)}, {}, 7),
        ({"o1": (3, 0)}, {"o1": (0, 0)}, {}, 7),
        ({}, {"o2": (2, 1)}, {}, 6),
        ({"o1": (3, 0)}, {}, {"o1": (3, 3)}, 7),
        ({"o1": (0, 0)}, {}, {"o1": (3, 3)}, 4),
        ({"o1": (3, 0)}, {}, {}, None),
        ({}, {"o1": (0, 9)}, {}, 0),
        ({"r1": (-2, 0)}, {"r1": (-2, -2)}, {}, 7),
    ],
    ids=[
        "nothing_taken",
        "as_it_was",
        "left_centra_since",
        "reached_visma_since",
        "gone_from_visma_since",
        "sold_since",
        "over_since",
        "over_since_and_not_in_the_figure",
        "disappeared",
        "more_than_there_is",
        "put_back_since",
    ],
)
def test_what_was_taken_since_the_figure_was_read(then, now, over, expected):
    """Visma.net's part counts as far as the figure holds it, Centra's as it is now."""
    assert quantity_now(7, then, now, over, 0) == expected


def test_the_buffer_is_kept_back():
    """And never makes less than nothing."""
    assert quantity_now(7, {}, {}, {}, 2) == 5
    assert quantity_now(1, {}, {}, {}, 2) == 0


def test_a_chunk_of_a_warehouse_that_is_sold_is_set():
    """What the ledger keeps of it is read back as it was."""
    connection = a_connection(stock=SOLD)
    record = read_stock_record(CHUNK.model_dump_json().encode())

    assert stock_to_set(record, connection) == CHUNK


@pytest.mark.parametrize(
    ("chunk", "code"),
    [
        (CHUNK.model_copy(update={"rows": ()}), "NOTHING_TO_SET"),
        (CHUNK.model_copy(update={"name": "Old"}), "WAREHOUSE_NOT_SOLD"),
    ],
)
def test_a_chunk_that_nobody_wants_any_more_is_left_out(chunk, code):
    """It is empty, or its warehouse is no longer named."""
    found = stock_to_set(chunk, a_connection(stock=SOLD))

    assert isinstance(found, LeftOut)
    assert found.code == code


def test_a_note_is_parked_until_all_is_well():
    """With its code, its sentence and what to do."""
    connection = a_connection(stock=SOLD)
    note = StockNote(record="item A", code="NEGATIVE_STOCK", message="-1", fix="Count")
    with pytest.raises(RecordError, match="-1") as parked:
        stock_to_set(note, connection)

    assert (parked.value.code, parked.value.fix) == ("NEGATIVE_STOCK", "Count")
    well = StockNote(record="item A")
    assert stock_to_set(well, connection) == well


@pytest.mark.parametrize("warehouse", ["1", "REPAIR"])
def test_a_warehouse_is_no_problem_once_the_settings_name_it(warehouse):
    """Whether it is sold or not."""
    note = StockNote(record="w", code="WAREHOUSE_NOT_MAPPED", warehouse=warehouse)

    assert stock_to_set(note, a_connection(stock=SOLD)) == note
    with pytest.raises(RecordError):
        stock_to_set(
            note.model_copy(update={"warehouse": "2"}), a_connection(stock=SOLD)
        )
