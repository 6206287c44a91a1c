"""What is to be set is dealt out to chunks; what waits as it should is left alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ledger import Shelf
from mapping.stock_chunks import ChunkRow, StockChunk
from tasks.stock_places import Places
from tasks.stock_slots import ChunkRules, Wanted, deal_out

SHOP, OUTLET = 3, 4
NAMES = {SHOP: "Main", OUTLET: "Outlet"}
PLACES = Places({}, NAMES, {SHOP: 0, OUTLET: 2})


def row(size: int, quantity: int = 5) -> ChunkRow:
    """A row of a chunk."""
    return ChunkRow(
        size_id=size, item=f"I{size}", sku=f"S{size}", ean="", quantity=quantity
    )


def chunk(
    slot: str, *rows: ChunkRow, warehouse: int = SHOP, held: str = ""
) -> StockChunk:
    """A chunk that waits, of an earlier reading."""
    return StockChunk(
        slot=slot,
        warehouse=warehouse,
        name=NAMES[warehouse],
        generation=1,
        rows=rows,
        late_minutes=10,
        held=held,
    )


def dealt(
    wanted: Mapping[Shelf, ChunkRow],
    *waiting: StockChunk,
    looked_at: Collection[Shelf] = (),
    zeros: Collection[Shelf] = (),
    held: Mapping[int, str] | None = None,
    in_the_air: Collection[str] = (),
    size: int = 2,
) -> dict[str, dict[int, int]]:
    """The quantities of each chunk that is new or changed, by slot."""
    found = deal_out(
        Wanted(wanted, {*wanted, *looked_at}, zeros, held or {}),
        {one.slot: one for one in waiting},
        in_the_air,
        places=PLACES,
        rules=ChunkRules(size, late_minutes=10),
        generation=2,
    )
    assert all(one.generation == 2 for one in found)
    return {
        f"{one.slot}{' held' if one.held else ''}": {
            each.size_id: each.quantity for each in one.rows
        }
        for one in found
    }


def test_each_warehouse_has_chunks_of_its_own() -> None:
    """As few as the size of a chunk allows."""
    wanted = {Shelf(SHOP, n): row(n) for n in (1, 2, 3)}
    wanted |= {Shelf(OUTLET, n): row(n) for n in (1,)}

    assert dealt(wanted) == {"3/0": {1: 5, 2: 5}, "3/1": {3: 5}, "4/0": {1: 5}}


def test_slots_that_are_taken_are_not_used() -> None:
    """One waits and one is being sent: the new rows go elsewhere."""
    wanted = {Shelf(SHOP, 9): row(9)}

    assert dealt(wanted, chunk("3/0", row(1)), in_the_air=["3/1"]) == {"3/2": {9: 5}}


def test_what_waits_with_the_wanted_quantities_stays_as_it_is() -> None:
    """However often it is looked at."""
    wanted = {Shelf(SHOP, n): row(n) for n in (1, 2)}

    assert dealt(wanted, chunk("3/0", row(1), row(2))) == {}


def test_what_waits_follows_a_size_to_its_new_number() -> None:
    """By the old one, Centra would set another size, or none."""
    now = row(1).model_copy(update={"sku": "NEW"})
    [found] = deal_out(
        Wanted({Shelf(SHOP, 1): now}, {Shelf(SHOP, 1)}),
        {"3/0": chunk("3/0", row(1))},
        [],
        places=PLACES,
        rules=ChunkRules(2, late_minutes=10),
        generation=2,
    )

    assert (found.slot, found.rows) == ("3/0", (now,))


def test_what_was_not_looked_at_keeps_its_place() -> None:
    """Nothing new is known of it."""
    assert dealt({}, chunk("3/0", row(1), row(2))) == {}
    assert dealt({Shelf(SHOP, 1): row(1, 4)}, chunk("3/0", row(1), row(2))) == {
        "3/0": {1: 4, 2: 5}
    }


def test_a_row_that_is_as_it_should_be_leaves_its_chunk() -> None:
    """And a chunk without rows has nothing left to set."""
    waiting = chunk("3/0", row(1), row(2))

    assert dealt({}, waiting, looked_at=[Shelf(SHOP, 1)]) == {"3/0": {2: 5}}
    assert dealt({}, waiting, looked_at=[Shelf(SHOP, 1), Shelf(SHOP, 2)]) == {"3/0": {}}


def test_a_row_waits_in_one_chunk_only() -> None:
    """A second chunk that has it too gives it up."""
    wanted = {Shelf(SHOP, 1): row(1, 4)}
    found = dealt(wanted, chunk("3/0", row(1)), chunk("3/1", row(1), row(2)))

    assert found == {"3/0": {1: 4}, "3/1": {2: 5}}


def test_rows_that_wait_for_approval_are_by_themselves() -> None:
    """Those of the same warehouse that do not are sent."""
    wanted = {Shelf(SHOP, 1): row(1, 0), Shelf(SHOP, 2): row(2)}
    found = dealt(wanted, zeros=[Shelf(SHOP, 1)], held={SHOP: "1 of 1 to zero"})

    assert found == {"3/0": {2: 5}, "3/1 held": {1: 0}}


def test_what_waits_for_approval_is_not_planned_anew() -> None:
    """The same zeros again are the same plan."""
    wanted = {Shelf(SHOP, 1): row(1, 0)}
    waiting = chunk("3/1", row(1, 0), held="1 of 1 to zero")

    assert dealt(wanted, waiting, zeros=[*wanted], held={SHOP: "1 of 1"}) == {}


def test_stock_that_came_back_does_not_wait() -> None:
    """It leaves the chunk that is held, and is sent."""
    waiting = chunk("3/0", row(1, 0), row(2, 0), held="2 of 2 to zero")
    found = dealt({Shelf(SHOP, 1): row(1, 7)}, waiting, held={SHOP: "1 of 2"})

    assert found == {"3/0 held": {2: 0}, "3/1": {1: 7}}


def test_a_row_that_must_wait_leaves_a_chunk_that_does_not() -> None:
    """It was planned with stock, and now falls to zero with many others."""
    wanted = {Shelf(SHOP, 1): row(1, 0)}
    found = dealt(
        wanted,
        chunk("3/0", row(1), row(2)),
        zeros=[*wanted],
        held={SHOP: "all of it"},
    )

    assert found == {"3/0": {2: 5}, "3/1 held": {1: 0}}


def test_the_same_quantities_made_again_are_another_chunk() -> None:
    """A key made of quantities would swallow the correction that brings one back."""
    again = chunk("3/0", row(1)).model_copy(update={"generation": 2})

    assert again.hash != chunk("3/0", row(1)).hash
    assert chunk("3/0", row(1)).hash == chunk("3/0", row(1)).hash
