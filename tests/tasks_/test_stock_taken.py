"""What each side has taken, around the moment at which a figure was read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ledger import ConnectionLedger, TakenAt
from tasks.stock_taken import basis_of, moved_shelves, taken_before
from tests.tasks_.stand import NOW, a_stand

ORDER, SHELF = "order:1", (1, "A")


@pytest.fixture
def books(tmp_path: Path) -> Iterator[ConnectionLedger]:
    """An empty ledger."""
    with a_stand(tmp_path) as stand:
        yield stand.environment.books("nordhem")


def test_a_sale_that_is_settled_while_figures_are_read_still_counts(
    books: ConnectionLedger,
) -> None:
    """Centra had taken two, and Visma.net takes them meanwhile: perhaps after it told.

    If the sale just vanished, the two would be on sale again.
    """
    with books.begin() as unit:
        unit.moves.put(ORDER, {SHELF: (0, 2)})
        before = taken_before(unit, NOW)
        unit.moves.put(ORDER, {SHELF: (2, 2)}, is_settled=True)

        assert basis_of(unit, before, NOW) == {SHELF: {ORDER: (0, 2)}}


def test_a_sale_that_was_begun_and_over_meanwhile_counts(
    books: ConnectionLedger,
) -> None:
    """Nobody had heard of it when the look began, and the figure may be older than it."""
    with books.begin() as unit:
        before = taken_before(unit, NOW)
        unit.moves.put(ORDER, {SHELF: (2, 2)}, is_settled=True)

        assert before == {}
        assert basis_of(unit, before, NOW) == {SHELF: {ORDER: (0, 2)}}


def test_a_sale_that_was_settled_before_counts_no_more(books: ConnectionLedger) -> None:
    """The figure is read after both sides were done, so it alone is right.

    If it was over a moment ago it is still there, with equal numbers; later not even so.
    """
    with books.begin() as unit:
        unit.moves.put(ORDER, {SHELF: (0, 2)})
        unit.moves.put(ORDER, {SHELF: (2, 2)}, is_settled=True)
        later = NOW + timedelta(minutes=3)

        just_over = basis_of(unit, taken_before(unit, NOW), NOW)
        long_over = basis_of(unit, taken_before(unit, later), later)

        assert just_over == {SHELF: {ORDER: (2, 2)}}
        assert long_over == {}


def test_the_smaller_number_of_both_readings_counts(books: ConnectionLedger) -> None:
    """Of sales and of returns, which are negative; Centra's part is that of now."""
    with books.begin() as unit:
        unit.moves.put(ORDER, {SHELF: (1, 0)})
        unit.moves.put("return:1", {SHELF: (0, 0)})
        unit.moves.put("return:2", {SHELF: (-1, 0)})
        before = taken_before(unit, NOW)
        unit.moves.put(ORDER, {SHELF: (3, 1)})
        unit.moves.put("return:2", {SHELF: (-2, -1)})

        taken = basis_of(unit, before, NOW)[SHELF]

        assert (taken[ORDER], taken["return:2"]) == ((1, 1), (-2, -1))


def test_what_left_and_came_back_in_equal_number_has_moved() -> None:
    """Each sale by itself: two left for one, two came back of another, in sum nothing."""
    back = TakenAt("return:1", *SHELF)
    other = TakenAt(ORDER, 2, "A")
    before = {TakenAt(ORDER, *SHELF): 1, other: 5}

    assert moved_shelves(before, before) == frozenset()
    assert moved_shelves(before, {**before, other: 6}) == {(2, "A")}
    assert moved_shelves(
        before, {TakenAt(ORDER, *SHELF): 3, back: -2, other: 5}
    ) == frozenset({SHELF})
