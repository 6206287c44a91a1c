"""What each side has taken, by source and shelf, on both databases."""

from __future__ import annotations

from ledger import ConnectionLedger, Ledger, MoveRow, NetMove, TakenAt

ORDER = "order:10001"


def test_moves_of_a_source_are_stored_in_place_of_what_was_known(
    books: ConnectionLedger,
) -> None:
    """The answer names what changed, with what Centra has taken since."""
    with books.begin() as unit:
        first = unit.moves.put(ORDER, {(1, "A"): (3, 0), (2, "A"): (1, 1)})
        same = unit.moves.put(ORDER, {(1, "A"): (3, 0), (2, "A"): (1, 1)})
        then = unit.moves.put(ORDER, {(1, "A"): (3, 2)})
        rows = unit.moves.rows([ORDER, "order:2"])

    assert first == {(1, "A"): 0, (2, "A"): 1}
    assert same == {}
    assert then == {(1, "A"): 2, (2, "A"): -1}
    assert rows == [
        MoveRow(ORDER, "A", 1, 3, 2, is_settled=False),
        MoveRow(ORDER, "A", 2, 0, 0, is_settled=True),
    ]


def test_what_is_settled_counts_no_more(books: ConnectionLedger) -> None:
    """It keeps its last numbers until it is forgotten; told later it changes nothing."""
    with books.begin() as unit:
        unit.moves.put(ORDER, {(1, "A"): (3, 1)})
        unit.moves.put("order:2", {(1, "A"): (1, 0)})
        assert unit.moves.net() == [NetMove(1, "A", 4, 1)]
        settled = unit.moves.put(ORDER, {(1, "A"): (3, 3)}, is_settled=True)
        never_known = unit.moves.put(
            "order:3", {(1, "A"): (9, 9)}, is_settled=True, is_history=True
        )

        assert settled == {(1, "A"): 2}
        assert never_known == {}
        assert unit.moves.net() == [NetMove(1, "A", 1, 0)]
        assert unit.moves.open_sources() == ["order:2"]
        assert unit.moves.rows([ORDER]) == [MoveRow(ORDER, "A", 1, 3, 3, True)]
        assert unit.moves.rows(["order:3"]) == []


def test_what_was_begun_and_over_between_two_looks_has_moved(
    books: ConnectionLedger,
) -> None:
    """Nobody saw it open, and Centra has taken its units all the same."""
    with books.begin() as unit:
        told = unit.moves.put(ORDER, {(1, "A"): (2, 2)}, is_settled=True)

        assert told == {(1, "A"): 2}
        assert unit.moves.rows([ORDER]) == [MoveRow(ORDER, "A", 1, 2, 2, True)]
        assert unit.moves.net() == []


def test_what_was_settled_since_a_look_is_still_known(
    books: ConnectionLedger, clock
) -> None:
    """What was open then, and what was settled since; nothing that was settled before."""
    with books.begin() as unit:
        unit.moves.put("order:3", {(1, "A"): (1, 1)}, is_settled=True)
    moment = clock.advance(minutes=1)
    with books.begin() as unit:
        unit.moves.put(ORDER, {(1, "A"): (0, 3)})
        unit.moves.put("order:2", {(1, "A"): (2, 0)})
        before = unit.moves.taken_at_visma(moment)
        assert before == {TakenAt(ORDER, 1, "A"): 0, TakenAt("order:2", 1, "A"): 2}

        unit.moves.put(ORDER, {(1, "A"): (3, 3)}, is_settled=True)
        unit.moves.put("order:4", {(1, "A"): (1, 0)})

        unit.moves.put("order:5", {(1, "A"): (0, 1)}, is_settled=True)

        rows = unit.moves.known_since(before, moment)
        assert {(row.source, row.is_settled) for row in rows} == {
            (ORDER, True),
            ("order:2", False),
            ("order:4", False),
            ("order:5", True),
        }
        now = unit.moves.taken_at_visma(moment)
        assert now[TakenAt(ORDER, 1, "A")] is None
        assert now[TakenAt("order:5", 1, "A")] is None
        assert TakenAt("order:3", 1, "A") not in now


def test_what_changed_is_told_to_whoever_asks_later(
    books: ConnectionLedger, clock
) -> None:
    """Settled and vanished shelves too, until they are forgotten."""
    with books.begin() as unit:
        unit.moves.put(ORDER, {(1, "A"): (3, 0), (1, "B"): (1, 0)})
        unit.moves.put("order:2", {(1, "C"): (1, 0)})
    moment = clock.advance(minutes=1)
    with books.begin() as unit:
        unit.moves.put(ORDER, {(1, "A"): (3, 3)}, is_settled=True)
        unit.moves.put("order:2", {(1, "C"): (1, 0)})
        assert unit.moves.touched_since(moment) == {(1, "A"), (1, "B")}
        assert unit.moves.idle_since(moment) == ["order:2"]
        assert unit.moves.forget_settled(moment) == 0
    later = clock.advance(minutes=1)
    with books.begin() as unit:
        assert unit.moves.forget_settled(later) == 2
        assert unit.moves.rows([ORDER]) == []


def test_a_source_can_be_settled_as_it_is(books: ConnectionLedger, clock) -> None:
    """Somebody has decided that it counts no more."""
    with books.begin() as unit:
        unit.moves.put(ORDER, {(1, "A"): (0, 3)})
    moment = clock.advance(minutes=1)
    with books.begin() as unit:
        unit.moves.settle([ORDER])
        assert unit.moves.net() == []
        assert unit.moves.touched_since(moment) == {(1, "A")}


def test_another_connection_has_its_own(ledger: Ledger) -> None:
    """The same source of another store is another order."""
    with ledger.of("nordic").begin() as unit:
        unit.moves.put(ORDER, {(1, "A"): (3, 0)})
    with ledger.of("fjord").begin() as unit:
        assert unit.moves.net() == []
        unit.moves.put(ORDER, {}, is_settled=True)
    with ledger.of("nordic").read() as unit:
        assert unit.moves.net() == [NetMove(1, "A", 3, 0)]
