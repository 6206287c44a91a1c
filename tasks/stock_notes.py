"""What somebody must look at: items whose figure is odd, and warehouses nobody has named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

from mapping.stock import LARGEST
from mapping.stock_chunks import StockNote
from tasks.stock_difference import Difference, plain_rows
from tasks.stock_figures import Figures

__all__ = [
    "ITEM",
    "TIMES",
    "WAREHOUSE",
    "notes_on",
    "spelling_notes",
    "units_notes",
    "unreadable_notes",
]

ITEM, WAREHOUSE, TIMES, ORDER = "item ", "warehouse ", "times", "sales order "
"""How the records of notes are named."""


def notes_on(
    found: Difference,
    figures: Figures,
    others: Iterable[StockNote],
    open_notes: Collection[str],
    names: Mapping[int, str],
    *,
    is_sweep: bool,
    is_full: bool,
) -> list[StockNote]:
    """Say what is odd about what was looked at, and what is so no more.

    `others` are those of the functions below, `open_notes` the records
    that somebody was told of. `is_sweep` is whether everything that has changed was
    read, `is_full` whether everything was: then what an item is not told of again is
    so no more, also if the item is gone.
    """
    notes = {note.record: note for note in (*_on_items(found, names), *others)}
    looked_at = {f"{ITEM}{item}" for item in found.rows["item"].unique()}
    if is_full:
        looked_at |= {one for one in open_notes if one.startswith(ITEM)}
    looked_at |= {one for one in open_notes if one.startswith(ORDER)}
    for record in looked_at & set(open_notes) - set(notes):
        notes[record] = StockNote(record=record)
    if figures.ahead is None:
        if TIMES in open_notes and is_sweep:
            notes[TIMES] = StockNote(record=TIMES)
    elif TIMES not in open_notes:  # told once: the items may be others in each reading
        notes[TIMES] = _on_times(*figures.ahead)
    for warehouse in sorted(figures.elsewhere):
        note = _on_warehouse(warehouse)
        notes[note.record] = note
    return list(notes.values())


def units_notes(
    units: Mapping[str, tuple[str, str]], known: Iterable[str]
) -> list[StockNote]:
    """Say which items are sold by another unit than they are counted in.

    `known` are the items that have a size in Centra; nobody sells the others.
    """
    return [
        StockNote(
            record=f"{ITEM}{item}",
            code="STOCK_UNIT",
            message=f"Item {item} is counted in {units[item][0]} and sold by "
            f"{units[item][1]}: its stock is not carried, and Centra keeps what it has",
            fix="Sell the item in Centra by the unit it is counted in, and make that its "
            "sales unit in Visma.net; it is looked at again every night.",
        )
        for item in sorted(set(known) & set(units))
    ]


def unreadable_notes(orders: Mapping[str, str]) -> list[StockNote]:
    """Say which sales orders cannot be read; each with the reason."""
    return [
        StockNote(
            record=f"{ORDER}{order}",
            code="STOCK_ORDER_UNREADABLE",
            message=f"The lines of sales order {order} cannot be read, so what it books is "
            f"not sold in Centra either, as if it were twice on order: {why}",
            fix="Open the sales order in Visma.net and correct what is wrong with it; it "
            "is read again when it has changed, and every night.",
        )
        for order, why in sorted(orders.items())
    ]


def spelling_notes(spelled: Mapping[str, str]) -> list[StockNote]:
    """Say which items are a size of Centra but for how their number is written.

    Takes the items of Visma.net, each with its number as Centra has it.
    """
    return [
        StockNote(
            record=f"{ITEM}{item}",
            code="NUMBER_SPELLED_OTHERWISE",
            message=f"Item {item} is {there} in Centra, which is the same number written "
            "otherwise: its stock is not carried, and Centra keeps what it has",
            fix=f"Write it in one way on both sides: {item} in Centra (or under "
            f"[orders.items]), or {there} in Visma.net; it is looked at again every night.",
        )
        for item, there in sorted(spelled.items())
    ]


def _on_items(found: Difference, names: Mapping[int, str]) -> Iterator[StockNote]:
    odd = found.rows[found.rows["is_negative"] | found.rows["is_fractional"]]
    negative: defaultdict[str, list[str]] = defaultdict(list)
    fractional: defaultdict[str, list[str]] = defaultdict(list)
    for item, warehouse, is_negative, figure, lowest in plain_rows(
        odd, "item", "warehouse", "is_negative", "figure", "lowest"
    ):
        told = f"{names[warehouse]} (Visma.net has {min(figure, lowest)})"
        if is_negative:
            negative[item].append(told)
        else:
            fractional[item].append(f"{names[warehouse]} (rounded down to {figure})")
    for item, places in fractional.items():
        yield StockNote(
            record=f"{ITEM}{item}",
            code="FRACTIONAL_STOCK",
            message=f"Item {item} has a part of a unit in {', '.join(places)}",
            fix="Correct the quantity or the unit of the item in Visma.net.",
        )
    for item, places in negative.items():
        yield StockNote(
            record=f"{ITEM}{item}",
            code="NEGATIVE_STOCK",
            message=f"Item {item} comes to less than nothing in {', '.join(places)}, or "
            "in one of the warehouses that are added up there: it is taken off the "
            "others, and is set to 0 where nothing is left",
            fix="Count it, and correct its stock in Visma.net.",
        )
    unsold: defaultdict[str, list[str]] = defaultdict(list)
    for item, warehouse, told in plain_rows(found.odd, "item", "warehouse", "told"):
        unsold[item].append(f"{names[warehouse]} ({told})")
    for item, places in unsold.items():
        yield StockNote(
            record=f"{ITEM}{item}",
            code="STOCK_IMPOSSIBLE",
            message=f"Item {item} has a quantity that cannot be carried in "
            f"{', '.join(places)}: Centra keeps what it has, and takes no more than "
            f"{LARGEST}",
            fix="Correct the quantity in Visma.net; it is carried when it has changed.",
        )
    for item, sizes in plain_rows(found.not_unique, "item", "sizes"):
        what = (
            f"{len(sizes)} sizes" if len(sizes) > 1 else "a size of other items, too,"
        )
        yield StockNote(
            record=f"{ITEM}{item}",
            code="SIZE_NOT_UNIQUE",
            message=f"Item {item} is {what} in Centra (size "
            f"{', '.join(map(str, sizes))}): none of them is set",
            fix="Give each size a SKU or EAN of its own in Centra; it is looked at "
            "again every night, and by 'sync stock --ids'.",
        )


def _on_times(item: str, at: datetime) -> StockNote:
    return StockNote(
        record=TIMES,
        code="STOCK_TIME_AHEAD",
        message=f"Visma.net dates a change of the stock of item {item} to {at.isoformat()}, "
        "which its own clock has not reached: its figure is carried, and read again in "
        "each run until then",
        fix="Book any movement of the item, which dates it anew. If new ones show up all "
        "the time, Visma.net's times are not UTC: nothing is missed, but more is read.",
    )


def _on_warehouse(warehouse: str) -> StockNote:
    return StockNote(
        record=f"{WAREHOUSE}{warehouse}",
        warehouse=warehouse,
        code="WAREHOUSE_NOT_MAPPED",
        message=f"Warehouse {warehouse} of Visma.net has stock, and the settings do not "
        "say whether it is sold",
        fix="Name it in [stock.warehouses], or in stock.ignore_warehouses.",
    )
