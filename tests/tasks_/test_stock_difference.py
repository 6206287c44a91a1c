"""The difference between Visma.net's figures and Centra's shelves, as plain tables."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.stock import LARGEST
from tasks.stock_difference import (
    Difference,
    catalogue_frame,
    difference,
    figures_frame,
    levels_frame,
    moves_frame,
)

SHOP, OUTLET = 3, 4
PLACES = {"MAIN": SHOP, "FAR": SHOP, "OUT": OUTLET}
CATALOGUE = [("A", 11, "A", "735-1"), ("B", 12, "B", None)]


def compare(
    figures: list[tuple[str, str, str]],
    *,
    catalogue: list[tuple[str, int, str | None, str | None]] = CATALOGUE,
    levels: Sequence[tuple[int, int, int | None]] = (),
    moves: Sequence[tuple[int, str, int, int]] = (),
    buffer: int = 0,
) -> Difference:
    """The difference of tables written as rows."""
    return difference(
        figures_frame([(i, w, Decimal(q)) for i, w, q in figures], PLACES),
        catalogue_frame(catalogue),
        levels_frame([(*level, None) for level in levels]),
        moves_frame(moves),
        {SHOP: buffer},
    )


def shown(frame: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    """Rows of a frame with plain values."""
    return [
        tuple(None if pd.isna(value) else value for value in row)
        for row in frame[list(columns)].itertuples(index=False)
    ]


def test_only_what_differs_is_changed() -> None:
    """A size that has what it should is left alone; one that was never set is set."""
    found = compare(
        [("A", "MAIN", "7"), ("B", "MAIN", "2"), ("A", "OUT", "0")],
        levels=[(SHOP, 11, 7), (SHOP, 12, 5)],
    )

    assert shown(found.changed, "warehouse", "size_id", "wanted", "physical") == [
        (SHOP, 12, 2, 5),
        (OUTLET, 11, 0, None),
    ]
    assert len(found.rows) == 3


def test_several_warehouses_of_visma_are_one_of_centra() -> None:
    """Their figures are added up; two halves in two places are no unit to sell."""
    found = compare([("A", "MAIN", "1.5"), ("A", "FAR", "2.5"), ("A", "OUT", "9")])

    assert shown(found.rows, "warehouse", "wanted", "is_fractional") == [
        (SHOP, 3, True),
        (OUTLET, 9, False),
    ]


def test_less_than_nothing_in_one_of_several_warehouses_is_told() -> None:
    """The others make up for it, and somebody must look at it all the same."""
    found = compare([("A", "MAIN", "-3"), ("A", "FAR", "5")])
    assert shown(found.rows, "wanted", "is_negative") == [(2, True)]

    covered = compare(
        [("A", "MAIN", "-3"), ("A", "FAR", "5")], moves=[(SHOP, "A", 3, 0)]
    )
    assert shown(covered.rows, "wanted", "is_negative") == [(5, False)]


@pytest.mark.parametrize(
    ("quantity", "told"),
    [
        ("2147483648", "2147483648 in MAIN"),
        ("1E+13", "10000000000000 in MAIN"),
        ("-1E+19", "-10000000000000000000 in MAIN"),
        (None, "no number in MAIN"),
    ],
)
def test_what_centra_cannot_hold_is_set_apart(quantity: str | None, told: str) -> None:
    """It never becomes another number: the size is left alone, and the others are set."""
    found = difference(
        figures_frame(
            [
                ("A", "MAIN", None if quantity is None else Decimal(quantity)),
                ("A", "FAR", Decimal(4)),
                ("B", "MAIN", Decimal(LARGEST)),
            ],
            PLACES,
        ),
        catalogue_frame(CATALOGUE),
        levels_frame([]),
        moves_frame([]),
        {},
    )

    assert shown(found.changed, "item", "wanted") == [("B", LARGEST)]
    assert shown(found.odd, "warehouse", "item", "size_id", "told") == [
        (SHOP, "A", 11, told)
    ]


def test_a_sum_that_centra_cannot_hold_is_set_apart() -> None:
    """Each of its parts could be carried, together they are too many."""
    found = compare([("A", "MAIN", str(LARGEST)), ("A", "FAR", "1")])

    assert found.rows.empty
    assert shown(found.odd, "item", "told") == [("A", "2147483648")]


def test_what_is_not_in_an_answer_is_not_zero() -> None:
    """B has stock in Centra and no figure: nothing is said of it."""
    found = compare([("A", "MAIN", "1")], levels=[(SHOP, 12, 40)])

    assert shown(found.changed, "size_id") == [(11,)]


def test_a_warehouse_that_is_not_mapped_counts_nowhere() -> None:
    """Its figures do not leak into another one's."""
    assert len(compare([("A", "ELSEWHERE", "5")]).rows) == 0


def test_what_each_side_took_is_put_right() -> None:
    """10 on hand, 3 sold in both, 1 in Centra alone: 7 + 3 = 10, Centra then shows 6."""
    found = compare([("A", "MAIN", "7")], moves=[(SHOP, "A", 3, 0), (SHOP, "A", 0, 0)])

    assert shown(found.rows, "figure", "at_visma", "at_centra", "wanted") == [
        (7, 3, 0, 10)
    ]
    assert shown(
        compare([("A", "MAIN", "7")], moves=[(SHOP, "A", 3, 2)]).rows, "wanted"
    ) == [(8,)]
    assert shown(
        compare([("A", "MAIN", "7")], moves=[(OUTLET, "A", 3, 0)]).rows, "wanted"
    ) == [(7,)]


@pytest.mark.parametrize(
    ("figure", "buffer", "wanted", "is_negative", "is_fractional"),
    [
        ("-2", 0, 0, True, False),
        ("2", 5, 0, False, False),
        ("6", 5, 1, False, False),
        ("2.9", 0, 2, False, True),
        ("-0.5", 0, 0, True, True),
        ("0.000001", 0, 0, False, True),
    ],
)
def test_less_than_nothing_is_nothing_and_parts_are_rounded_down(
    figure: str, buffer: int, wanted: int, is_negative: bool, is_fractional: bool
) -> None:
    """Both are marked, to be listed; a buffer that eats all is as it should be."""
    found = compare([("A", "MAIN", figure)], buffer=buffer)

    assert shown(found.rows, "wanted", "is_negative", "is_fractional") == [
        (wanted, is_negative, is_fractional)
    ]


def test_items_without_a_size_are_listed() -> None:
    """With their figure, by warehouse of Centra."""
    found = compare([("A", "MAIN", "1"), ("Z", "MAIN", "3"), ("Z", "OUT", "4")])

    assert shown(found.unknown, "warehouse", "item", "figure") == [
        (SHOP, "Z", 3),
        (OUTLET, "Z", 4),
    ]
    assert shown(found.rows, "item") == [("A",)]


def test_what_is_not_unique_is_not_guessed() -> None:
    """One item on two sizes, and two items on one size: neither is set."""
    catalogue = [
        ("A", 11, "A", None),
        ("A", 21, "A", None),
        ("B", 12, "B", None),
        ("C", 12, "B", None),
        ("D", 14, "D", None),
    ]
    found = compare(
        [(item, "MAIN", "1") for item in "ABCD"], catalogue=[*catalogue, catalogue[-1]]
    )

    assert shown(found.rows, "item") == [("D",)]
    assert list(found.not_unique.itertuples(index=False, name=None)) == [
        ("A", [11, 21]),
        ("B", [12]),
        ("C", [12]),
    ]
    assert len(found.unknown) == 0


def test_an_item_is_not_unique_though_its_rival_has_no_figure_now() -> None:
    """A delta holds one of two items with one size: it still is nobody's to set."""
    catalogue = [("B", 12, "B", None), ("C", 12, "B", None)]
    found = compare([("B", "MAIN", "1")], catalogue=catalogue)

    assert (len(found.rows), shown(found.not_unique, "item")) == (0, [("B",)])


def test_zeros_are_what_would_disappear_from_the_shop() -> None:
    """What nobody knows counts by the figure before; what is at zero does not."""
    catalogue = [(item, n, item, None) for n, item in enumerate("ABCDE")]
    found = difference(
        figures_frame([(item, "MAIN", Decimal(0)) for item in "ABCDE"], PLACES),
        catalogue_frame(catalogue),
        levels_frame(
            [(SHOP, 0, 4, 4), (SHOP, 1, 0, 9), (SHOP, 2, None, 2), (SHOP, 3, None, 0)]
        ),
        moves_frame([]),
        {},
    )

    assert shown(found.zeros, "item") == [("A",), ("C",)]
    assert shown(found.changed, "item") == [("A",), ("C",), ("D",), ("E",)]


def test_zeros_of_a_warehouse_that_nobody_has_seen_may_fall() -> None:
    """A size that is new has nothing; a warehouse that is new may have anything."""
    figures = [("A", "MAIN", "0"), ("A", "OUT", "0"), ("B", "OUT", "3")]
    found = compare(figures, levels=[(SHOP, 12, 4)])

    assert shown(found.zeros, "warehouse", "item") == [(OUTLET, "A")]


def test_nothing_read_is_nothing_changed() -> None:
    """Empty tables are tables, too."""
    found = compare([], levels=[(SHOP, 11, 4)])

    assert (len(found.rows), len(found.unknown), len(found.not_unique)) == (0, 0, 0)


QUANTITY = st.integers(-5, 40)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.tuples(QUANTITY, QUANTITY, QUANTITY), min_size=1, max_size=20),
    st.integers(0, 3),
)
def test_setting_what_is_wanted_leaves_nothing_to_do(
    sizes: list[tuple[int, int, int]], buffer: int
) -> None:
    """The second run finds no difference, whatever the first one found."""
    names = [f"I{n}" for n in range(len(sizes))]
    figures = [
        (name, "MAIN", str(figure))
        for name, (figure, _, _) in zip(names, sizes, strict=True)
    ]
    catalogue = [(name, n, name, None) for n, name in enumerate(names)]
    moves = [
        (SHOP, name, at_visma, at_centra)
        for name, (_, at_visma, at_centra) in zip(names, sizes, strict=True)
    ]
    first = compare(figures, catalogue=catalogue, moves=moves, buffer=buffer)
    levels = [
        (SHOP, int(row.size_id), int(row.wanted)) for row in first.rows.itertuples()
    ]
    again = compare(
        figures, catalogue=catalogue, moves=moves, levels=levels, buffer=buffer
    )

    assert len(first.changed) == len(sizes)
    assert len(again.changed) == 0
    assert all(quantity >= 0 for _, _, quantity in levels)
