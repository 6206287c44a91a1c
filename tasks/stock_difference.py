"""What Visma.net's figures ask of Centra's shelves: the difference, taken with pandas.

A pure function over frames: no network, no ledger, no clock. Everything is whole
units: a part of a unit is left out before warehouses are added up, as half a unit here
and half a unit there are none that could be sold. A figure that is no number, or more
than Centra can hold, never gets into a column of numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from mapping.stock import LARGEST, physical, whole_units

__all__ = [
    "Difference",
    "catalogue_frame",
    "difference",
    "figures_frame",
    "levels_frame",
    "moves_frame",
    "plain_rows",
]

_PLACE = ["warehouse", "item"]
_SHELF = ["warehouse", "size_id"]


@dataclass(frozen=True)
class Difference:
    """What is to be set, and what cannot be; one row a size (or item) and warehouse.

    `rows` are all pairs that both sides know, with the columns warehouse (Centra's id),
    item, size_id, sku, ean, figure (whole units of Visma.net), lowest (that of the
    warehouse that has least, where several are added up), at_visma, at_centra,
    wanted (PHYSICAL, 0 or more), physical (what Centra is believed to have, NA where
    unknown), before (the figure that was read before this one, NA if none), is_unseen
    (nobody knows what Centra has anywhere in the warehouse), is_changed, is_negative and
    is_fractional. `unknown` (warehouse, item,
    figure) has no size in Centra; `not_unique` (item, sizes) has several, or shares one
    with another item; `odd` (warehouse, item, size_id, told) has a figure that cannot
    be carried, as told.
    """

    rows: pd.DataFrame
    unknown: pd.DataFrame
    not_unique: pd.DataFrame
    odd: pd.DataFrame

    @property
    def changed(self) -> pd.DataFrame:
        """The rows to set."""
        return self.rows[self.rows["is_changed"]]

    @property
    def zeros(self) -> pd.DataFrame:
        """The rows to set to zero that Centra has above it, or may have."""
        changed = self.changed
        had = changed["physical"].fillna(changed["before"]).fillna(0)
        may_fall = (had > 0) | (changed["physical"].isna() & changed["is_unseen"])
        return changed[(changed["wanted"] == 0) & may_fall]


def difference(
    figures: pd.DataFrame,
    catalogue: pd.DataFrame,
    levels: pd.DataFrame,
    moves: pd.DataFrame,
    buffers: Mapping[int, int],
) -> Difference:
    """Compare figures with what Centra is believed to have.

    Takes the frames of the functions below, and what each warehouse keeps back. A size without a figure is in none of the
    results: what an answer does not hold is not zero.
    """
    sizes, unknown_items, not_unique = _sizes_of(figures["item"], catalogue)
    figures, odd = _without_odd(figures)
    summed = figures.groupby(_PLACE, as_index=False, sort=False).agg(
        figure=("units", "sum"),
        lowest=("units", "min"),
        is_fractional=("is_fractional", "max"),
    )
    known = summed.merge(sizes, on="item", how="inner", validate="many_to_one")
    unknown = summed[summed["item"].isin(unknown_items)]
    by_item = moves.groupby(_PLACE, as_index=False, sort=False)[
        ["at_visma", "at_centra"]
    ].sum()
    rows = known.merge(by_item, on=_PLACE, how="left", validate="one_to_one")
    rows = rows.merge(levels, on=_SHELF, how="left", validate="one_to_one")
    seen = levels[levels["physical"].notna()]["warehouse"]
    rows["is_unseen"] = ~rows["warehouse"].isin(seen)
    for name in ("at_visma", "at_centra"):
        rows[name] = rows[name].fillna(0).astype("int64")
    buffer = rows["warehouse"].map(buffers).fillna(0).astype("int64")
    exact = physical(rows["figure"], rows["at_visma"], rows["at_centra"], buffer)
    # A buffer larger than what there is makes 0 of it, and nothing to look at. Less
    # than nothing in one of several warehouses is odd, though the others make up for it.
    lowest = rows[["figure", "lowest"]].min(axis=1)
    rows["is_negative"] = lowest + rows["at_visma"] - rows["at_centra"] < 0
    rows["wanted"] = exact.clip(lower=0)
    same = rows["physical"].eq(rows["wanted"]).fillna(value=False).astype(bool)
    rows["is_changed"] = ~same
    too_large = (exact > LARGEST) | (rows["figure"].abs() > LARGEST)
    larger = rows[too_large].assign(told=exact[too_large].map(str))
    return Difference(
        rows[~too_large].reset_index(drop=True),
        unknown[[*_PLACE, "figure"]].reset_index(drop=True),
        not_unique,
        pd.concat(
            [
                part[[*_PLACE, "size_id", "told"]].astype(object)
                for part in (odd.merge(sizes, on="item", how="inner"), larger)
            ],
            ignore_index=True,
        ),
    )


def figures_frame(
    rows: Iterable[tuple[str, str, Decimal | None]], places: Mapping[str, int]
) -> pd.DataFrame:
    """Figures by item and Centra's warehouse, of (item, warehouse, quantity).

    `places` says which warehouse of Visma.net is which of Centra; others are left out.
    What cannot be carried, as it is no number or too large a one, is `told` in words.
    """
    kept = [
        (item, places[warehouse], *_units(warehouse, quantity))
        for item, warehouse, quantity in rows
        if warehouse in places
    ]
    columns = ["item", "warehouse", "units", "is_fractional", "told"]
    return pd.DataFrame(kept, columns=columns).astype(
        {
            "item": "string",
            "warehouse": "int64",
            "units": "int64",
            "is_fractional": "bool",
            "told": "string",
        }
    )


def _units(warehouse: str, quantity: Decimal | None) -> tuple[int, bool, str]:
    if quantity is None:
        return 0, False, f"no number in {warehouse}"
    if abs(quantity) > LARGEST:
        return 0, False, f"{quantity:f} in {warehouse}"
    units = whole_units(quantity)
    return units, units != quantity, ""


def _without_odd(figures: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The figures of places of which all can be carried, and what is odd of the others."""
    odd = figures[figures["told"] != ""].drop_duplicates(_PLACE)
    if odd.empty:
        return figures, odd
    shelves = pd.MultiIndex.from_frame(odd[_PLACE])
    is_odd = pd.MultiIndex.from_frame(figures[_PLACE]).isin(shelves)
    return figures[~is_odd], odd


def catalogue_frame(
    rows: Iterable[tuple[str, int, str | None, str | None]],
) -> pd.DataFrame:
    """Centra's sizes by the item that answers them: (item, size id, SKU, EAN)."""
    frame = pd.DataFrame(list(rows), columns=["item", "size_id", "sku", "ean"])
    return frame.astype(
        {"item": "string", "size_id": "int64", "sku": "string", "ean": "string"}
    )


def levels_frame(
    rows: Iterable[tuple[int, int, int | None, int | None]],
) -> pd.DataFrame:
    """What Centra is believed to have: (warehouse, size id, PHYSICAL, last figure)."""
    frame = pd.DataFrame(list(rows), columns=[*_SHELF, "physical", "before"])
    return frame.astype(
        {
            "warehouse": "int64",
            "size_id": "int64",
            "physical": "Int64",
            "before": "Int64",
        }
    )


def moves_frame(rows: Iterable[tuple[int, str, int, int]]) -> pd.DataFrame:
    """What each side has taken: (warehouse, item, at Visma.net, at Centra)."""
    frame = pd.DataFrame(list(rows), columns=[*_PLACE, "at_visma", "at_centra"])
    return frame.astype(
        {
            "warehouse": "int64",
            "item": "string",
            "at_visma": "int64",
            "at_centra": "int64",
        }
    )


def plain_rows(frame: pd.DataFrame, *columns: str) -> Iterator[tuple[Any, ...]]:
    """Rows of some columns as plain values; what is NA is None."""
    given = (frame[name].astype(object) for name in columns)
    lists = (column.where(column.notna(), None).tolist() for column in given)
    return zip(*lists, strict=True)


def _sizes_of(
    items: pd.Series[str], catalogue: pd.DataFrame
) -> tuple[pd.DataFrame, pd.Series[str], pd.DataFrame]:
    """The one size of each item; the items without one; those that are not unique."""
    read = items.drop_duplicates()
    pairs = catalogue.drop_duplicates(["item", "size_id"])
    many_sizes = pairs["item"].duplicated(keep=False)
    many_items = pairs["size_id"].duplicated(keep=False)
    doubled = pairs[(many_sizes | many_items) & pairs["item"].isin(read)]
    not_unique = doubled.groupby("item", as_index=False, sort=True).agg(
        sizes=("size_id", list)
    )
    unique = pairs[~(many_sizes | many_items)]
    unknown = read[~read.isin(pairs["item"])]
    return unique, unknown, not_unique
