"""How long a change took is known from the source's own time and the confirmed write."""

from __future__ import annotations

from datetime import timedelta

from ledger import ConnectionLedger, Lag
from tests.ledger_.conftest import START, Clock
from tests.ledger_.given import ORDERS, confirm, entry, plan, send, start_run, take


def _go_live(books: ConnectionLedger) -> None:
    with books.begin() as unit:
        run_id = unit.runs.start(ORDERS, "live", "apply", "s1")
        unit.plans.save(ORDERS, run_id, [], "h", {})
        unit.plans.approve("h", by="ann")
        unit.plans.go_live(ORDERS, by="ann", hash="h")


def _carry(
    books: ConnectionLedger, clock: Clock, source_id: str, seconds: float
) -> None:
    """A change that took so many seconds."""
    changed_at = clock.now
    plan(books, [source_id], run_key=source_id, updated_at=changed_at)
    clock.advance(seconds=seconds)
    confirm(books, send(books), target_id=f"SO{source_id}")


def _lag(books: ConnectionLedger, since=START) -> Lag | None:
    with books.read() as unit:
        return unit.lags.of(ORDERS, since)


def test_a_record_keeps_how_long_its_last_change_took(
    books: ConnectionLedger, clock: Clock
) -> None:
    """From the source's time to the moment in which the target had it; a new change ends that."""
    _carry(books, clock, "1", 7.5)
    with books.read() as unit:
        row = unit.records.get(ORDERS, "1")
    assert row is not None
    assert row.source_at == START
    assert row.lag == timedelta(seconds=7.5)

    later = clock.advance(hours=1)
    take(books, start_run(books, "k2"), [entry(fingerprint="f2", updated_at=later)])
    with books.read() as unit:
        row = unit.records.get(ORDERS, "1")
    assert row is not None
    assert (row.source_at, row.effect_at, row.lag) == (later, None, None)


def test_a_touch_without_a_change_does_not_shorten_it(
    books: ConnectionLedger, clock: Clock
) -> None:
    """The time of change is that of what is carried, not of the last touch."""
    plan(books, updated_at=START)
    touched = clock.advance(seconds=60)
    take(books, start_run(books, "k2"), [entry(updated_at=touched)])
    confirm(books, send(books))
    with books.read() as unit:
        row = unit.records.get(ORDERS, "1")
    assert row is not None
    assert row.lag == timedelta(seconds=60)


def test_percentiles_are_of_what_changed_since_the_direction_is_live(
    books: ConnectionLedger, clock: Clock
) -> None:
    """What the first plan carried was not late; what was confirmed earlier does not count."""
    _carry(books, clock, "old", 9_000)
    assert _lag(books) is None
    _go_live(books)
    assert _lag(books) is None
    for number in range(1, 21):
        _carry(books, clock, str(number), number)
    assert _lag(books) == Lag(ORDERS, 20, timedelta(seconds=10), timedelta(seconds=19))
    assert _lag(books, clock.now + timedelta(seconds=1)) is None


def test_clocks_that_differ_make_no_time_negative(
    books: ConnectionLedger, clock: Clock
) -> None:
    """What seems to have had its effect before it happened took no time."""
    _go_live(books)
    clock.advance(seconds=10)
    _carry(books, clock, "1", -3)
    assert _lag(books) == Lag(ORDERS, 1, timedelta(), timedelta())
