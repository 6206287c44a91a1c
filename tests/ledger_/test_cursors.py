from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from ledger import ConnectionLedger
from tests.ledger_.conftest import START


def _hour(number: float):
    return START + timedelta(hours=number)


def test_a_watermark_is_what_was_last_moved_to(books: ConnectionLedger) -> None:
    """Forwards, and backwards when a person says so."""
    with books.begin() as unit:
        assert unit.cursors.get("orders") is None
        for value in ("2026-03-01", "2026-02-01"):
            unit.cursors.move("orders", value)
            assert unit.cursors.get("orders") == value
        assert unit.cursors.get("customers") is None


@pytest.mark.parametrize(
    ("seen", "kept"),
    [
        (_hour(-1), _hour(-1)),
        (_hour(0), _hour(0)),
        (_hour(30), _hour(0)),
        (_hour(2).replace(tzinfo=None), _hour(2).replace(tzinfo=None)),
        (_hour(30).replace(tzinfo=None), _hour(14).replace(tzinfo=None)),
    ],
)
def test_what_is_dated_ahead_moves_no_watermark_past_the_present(
    books: ConnectionLedger, seen: datetime, kept: datetime
) -> None:
    """Else nothing that changes until then would be seen; without a zone it may be any."""
    with books.begin() as unit:
        assert unit.cursors.advance("orders", seen) == kept
        assert unit.cursors.get("orders") == kept.isoformat()


@pytest.mark.parametrize(
    ("covered", "gaps"),
    [
        ([], [(0, 10)]),
        ([(0, 10)], []),
        ([(0, 4), (4, 10)], []),
        ([(0, 4), (6, 10)], [(4, 6)]),
        ([(2, 3), (5, 7)], [(0, 2), (3, 5), (7, 10)]),
        ([(0, 9), (1, 2)], [(9, 10)]),
        ([(-5, 1), (9, 15)], [(1, 9)]),
    ],
)
def test_what_nothing_proves_read_is_a_gap(
    books: ConnectionLedger, covered: list, gaps: list
) -> None:
    """Half-open windows add up; what they leave is visible."""
    with books.begin() as unit:
        for start, end in covered:
            unit.cursors.cover("orders", _hour(start), _hour(end), 1, "c", None)
        found = unit.cursors.gaps("orders", _hour(0), _hour(10))
    assert found == [(_hour(start), _hour(end)) for start, end in gaps]


def test_a_wake_up_is_kept_until_it_was_looked_after(books: ConnectionLedger) -> None:
    """Longest waiting first, once each, and forgotten by who took them."""
    with books.begin() as unit:
        unit.cursors.wake("Order", [3, 1, 3], _hour(1))
        unit.cursors.wake("Order", [2], _hour(0))
        unit.cursors.wake("Order", [], _hour(0))
        unit.cursors.wake("Customer", [9], _hour(0))
    with books.begin() as unit:
        assert unit.cursors.woken("Order") == [2, 1, 3]
        unit.cursors.slept("Order", [2, 1])
        assert unit.cursors.woken("Order") == [3]
        assert unit.cursors.woken("Customer") == [9]


def test_what_woke_again_meanwhile_is_not_forgotten(books: ConnectionLedger) -> None:
    """An event that comes while the object is being read is looked after again."""
    with books.begin() as unit:
        unit.cursors.wake("Order", [1, 2], _hour(0))
        assert unit.cursors.woken("Order") == [1, 2]
        unit.cursors.wake("Order", [2], _hour(1))
        unit.cursors.slept("Order", [1, 2])
        assert unit.cursors.woken("Order") == [2]


def test_what_another_worker_took_over_is_not_forgotten(
    books: ConnectionLedger, open_ledger
) -> None:
    """Only the last who took a wake-up can say that it was looked after."""
    with books.begin() as unit:
        unit.cursors.wake("Order", [1], _hour(0))
        unit.cursors.woken("Order")
    other = open_ledger("worker-2").of("nordic")
    with other.begin() as unit:
        unit.cursors.woken("Order")
    with books.begin() as unit:
        unit.cursors.slept("Order", [1])
    with other.begin() as unit:
        assert unit.cursors.woken("Order") == [1]
