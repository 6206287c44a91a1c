"""A hint waits until a run that began after it has ended well; no call counts twice."""

from __future__ import annotations

from datetime import timedelta

from ledger import Call, ConnectionLedger
from tests.ledger_.conftest import START

_KEEP = timedelta(minutes=15)


def _call(digest: str, *directions: str, minutes: float = 0, system: str = "centra"):
    at = START + timedelta(minutes=minutes)
    return Call(system, digest, directions or ("orders",), at)


def _receive(books: ConnectionLedger, *calls: Call) -> set[str]:
    with books.begin() as unit:
        return unit.hints.receive(calls, keep=_KEEP)


def _begin(books: ConnectionLedger, key: str) -> int:
    with books.begin() as unit:
        run_id = unit.runs.start("orders", key, "auto", "s1")
        unit.hints.take("orders", run_id)
    return run_id


def _waiting(books: ConnectionLedger) -> dict[str, int]:
    with books.read() as unit:
        rows = unit.hints.unanswered()
    return {row.direction: row.calls for row in rows if row.taken_by is None}


def _kept(books: ConnectionLedger) -> list[tuple[int, str | None]]:
    with books.read() as unit:
        return [(row.calls, row.taken_state) for row in unit.hints.unanswered()]


def test_calls_add_up_to_one_row_a_direction(books: ConnectionLedger) -> None:
    """However many come, each direction has one row: from the first to the last of them."""
    assert _receive(books, _call("a"), _call("b", "orders", "payments")) == {"a", "b"}
    assert _receive(books, _call("c", minutes=1)) == {"c"}

    assert _waiting(books) == {"orders": 3, "payments": 1}
    with books.read() as unit:
        row = unit.hints.unanswered()[0]
    assert (row.first_at, row.last_at) == (START, START + timedelta(minutes=1))


def test_a_call_that_was_stored_has_no_effect_again(books: ConnectionLedger) -> None:
    """In the same group and in a later one; of the other system it is another call."""
    assert _receive(books, _call("a"), _call("a")) == {"a"}
    assert _receive(books, _call("a", minutes=1)) == set()
    assert _waiting(books) == {"orders": 1}
    assert _receive(books, _call("a", minutes=1, system="visma")) == {"a"}
    assert _waiting(books) == {"orders": 2}


def test_calls_are_forgotten_when_they_could_no_longer_be_made(
    books: ConnectionLedger,
) -> None:
    """What is older than three windows is no longer remembered."""
    _receive(books, _call("a"))
    assert _receive(books, _call("b", minutes=15)) == {"b"}
    assert _receive(books, _call("a", minutes=15)) == set()
    assert _receive(books, _call("c", minutes=15.1)) == {"c"}
    assert _receive(books, _call("a", minutes=15.1)) == {"a"}


def test_a_run_answers_what_was_there_when_it_began(books: ConnectionLedger) -> None:
    """What comes while it reads waits for the next one."""
    _receive(books, _call("a"), _call("b"))
    run_id = _begin(books, "k1")
    assert _waiting(books) == {}
    assert _kept(books) == [(2, "running")]

    _receive(books, _call("c"))
    with books.begin() as unit:
        assert unit.hints.answer("orders", run_id) == 2
    assert _waiting(books) == {"orders": 1}
    assert _kept(books) == [(1, None)]


def test_a_run_that_fails_answers_nothing(books: ConnectionLedger) -> None:
    """The next one takes over what it had taken."""
    _receive(books, _call("a"))
    failed = _begin(books, "k1")
    with books.begin() as unit:
        unit.runs.finish(failed, "failed", {})
    assert _kept(books) == [(1, "failed")]

    _receive(books, _call("b"))
    other = _begin(books, "k2")
    with books.begin() as unit:
        assert unit.hints.answer("orders", failed) == 0
        assert unit.hints.answer("orders", other) == 2
    assert _kept(books) == []


def test_hints_of_another_direction_are_not_taken(books: ConnectionLedger) -> None:
    """A run of orders answers nothing that payments wait for."""
    _receive(books, _call("a", "payments"))
    run_id = _begin(books, "k1")
    with books.begin() as unit:
        assert unit.hints.answer("orders", run_id) == 0
    assert _waiting(books) == {"payments": 1}


def test_hints_of_two_connections_are_kept_apart(
    books: ConnectionLedger, open_ledger
) -> None:
    """The same call for another connection is another call, and wakes only that one."""
    other = open_ledger("worker-2").of("baltic")
    assert _receive(books, _call("a")) == {"a"}
    assert _receive(other, _call("a")) == {"a"}
    with other.begin() as unit:
        run_id = unit.runs.start("orders", "k", "auto", "s1")
        unit.hints.take("orders", run_id)
        unit.hints.answer("orders", run_id)
    assert _kept(other) == []
    assert _waiting(books) == {"orders": 1}
    with other.read() as unit:
        assert unit.hints.last_call("centra") == START
        assert unit.hints.last_call("visma") is None
