from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from connectors.errors import AbortError
from ledger import ConnectionLedger, TakenPage
from tests.ledger_.conftest import START, Clock
from tests.ledger_.given import (
    ORDERS,
    claim,
    confirm,
    draft,
    entry,
    plan,
    record_state,
    send,
    start_run,
    state,
    take,
)


def _page(books: ConnectionLedger, run_id: int, entries, **kwargs) -> TakenPage:
    with books.begin() as unit:
        batch = unit.records.open_batch(ORDERS, run_id)
        return unit.records.take_page(batch, entries, **kwargs)


def test_a_page_counts_new_changed_and_unchanged(books: ConnectionLedger) -> None:
    """Each entry is one of the three, and what is unfinished joins the batch."""
    run_id = start_run(books)
    first = _page(books, run_id, [entry("1"), entry("2"), entry("3")])
    with books.begin() as unit:
        unit.records.settle(ORDERS, "1", 1)
        unit.records.settle(ORDERS, "2", 1)
    again = [entry("1"), entry("2", fingerprint="f2"), entry("3"), entry("4")]
    second = _page(books, run_id, again)

    assert first == TakenPage(new=3, changed=0, unchanged=0, joined=3)
    assert second == TakenPage(new=1, changed=1, unchanged=2, joined=3)


def test_a_change_raises_the_revision_and_replaces_the_body(
    books: ConnectionLedger,
) -> None:
    """A record keeps its newest body; its state starts anew."""
    run_id = start_run(books)
    take(books, run_id, [entry("1")])
    with books.begin() as unit:
        unit.records.settle(ORDERS, "1", 1)
    changed = entry("1", fingerprint="f2", body=b"new", amount=Decimal("99.90"))
    take(books, run_id, [changed])

    with books.read() as unit:
        row = unit.records.get(ORDERS, "1")
        body = unit.records.body(ORDERS, "1")
    assert row is not None
    assert (row.revision, row.state, row.amount) == (2, "read", Decimal("99.90"))
    assert body == b"new"


def test_a_slow_readers_older_entry_changes_nothing(books: ConnectionLedger) -> None:
    """What was read before the stored state and arrives after it is dropped."""
    run_id = start_run(books)
    later = START + timedelta(minutes=5)
    take(books, run_id, [entry("1", fingerprint="f2", updated_at=later)])
    taken = _page(books, run_id, [entry("1", fingerprint="f1", updated_at=START)])

    assert taken.changed == 0
    with books.read() as unit:
        row = unit.records.get(ORDERS, "1")
    assert row is not None
    assert (row.fingerprint, row.revision) == ("f2", 1)


def test_an_unchanged_entry_raises_the_fence_against_slow_readers(
    books: ConnectionLedger,
) -> None:
    """There and back again: the entry in between is older than the last one seen."""
    run_id = start_run(books)
    take(books, run_id, [entry("1", updated_at=START)])
    take(books, run_id, [entry("1", updated_at=START + timedelta(minutes=9))])
    between = entry("1", fingerprint="f2", updated_at=START + timedelta(minutes=5))

    assert _page(books, run_id, [between]).changed == 0


def test_a_page_that_repeats_an_entry_takes_the_newest(
    books: ConnectionLedger,
) -> None:
    """Pages that shift while being read hold an object twice."""
    run_id = start_run(books)
    newer = entry("1", fingerprint="f2", updated_at=START + timedelta(minutes=1))
    older = entry("1", fingerprint="f1", updated_at=START)
    taken = _page(books, run_id, [newer, older])

    assert taken.new == 1
    with books.read() as unit:
        row = unit.records.get(ORDERS, "1")
    assert row is not None
    assert row.fingerprint == "f2"


def test_an_empty_page_is_nothing(books: ConnectionLedger) -> None:
    """A window without orders is a page, too."""
    assert _page(books, start_run(books), []) == TakenPage(0, 0, 0, 0)


def test_bodies_and_drafts_come_back_as_they_were(books: ConnectionLedger) -> None:
    """What the mapping wrote is read back exactly, in the order of the batch."""
    run_id = start_run(books)
    batch = take(books, run_id, [entry(str(n)) for n in range(450)])
    with books.begin() as unit:
        bodies = list(unit.records.bodies(batch))
        drafts = [
            (row.source_id, row.revision, draft(row.source_id)) for row, _ in bodies
        ]
        assert unit.records.put_drafts(ORDERS, drafts) == 450

    assert {row.source_id: body for row, body in bodies} == {
        str(n): f"body of {n}".encode() for n in range(450)
    }
    with books.read() as unit:
        rows = unit.records.drafts(batch)
        assert {row.source_id: row.draft for row in rows} == {
            str(n): draft(str(n)) for n in range(450)
        }
        assert len(unit.records.of_batch(batch, ["mapped"])) == 450
        assert unit.records.of_batch(batch, ["read"]) == []
        assert unit.records.counts(ORDERS) == {"mapped": 450}


def test_a_draft_of_an_older_revision_is_refused(books: ConnectionLedger) -> None:
    """The record moved on while it was being mapped."""
    run_id = start_run(books)
    take(books, run_id, [entry("1")])
    take(books, run_id, [entry("1", fingerprint="f2")])

    with books.begin() as unit:
        assert not unit.records.put_draft(ORDERS, "1", 1, draft())
        assert unit.records.put_draft(ORDERS, "1", 2, draft())
        assert not unit.records.put_draft(ORDERS, "unknown", 1, draft())


def test_unfinished_records_join_a_later_run(books: ConnectionLedger) -> None:
    """What a crash left behind is taken up once, by the next run, in small batches."""
    take(books, start_run(books, "crashed"), [entry(str(n)) for n in range(5)])
    next_run = start_run(books, "next")
    counts = []
    for _ in range(4):
        with books.begin() as unit:
            batch = unit.records.open_batch(ORDERS, next_run)
            counts.append(
                unit.records.add_unfinished(
                    batch, parked=False, settings_version="s1", limit=2
                )
            )

    assert counts == [2, 2, 1, 0]


def test_a_second_attempt_of_a_run_takes_its_records_again(
    books: ConnectionLedger,
) -> None:
    """Retry in Prefect's UI is the same run, and redoes what is not done."""
    run_id = start_run(books)
    take(books, run_id, [entry("1")])
    assert start_run(books) == run_id

    with books.begin() as unit:
        batch = unit.records.open_batch(ORDERS, run_id)
        added = unit.records.add_unfinished(
            batch, parked=True, settings_version="s1", limit=9
        )
    assert added == 1


def test_what_a_live_worker_claimed_is_not_taken_up(
    books: ConnectionLedger, clock: Clock
) -> None:
    """A claim keeps other runs away until its lease ends."""
    plan(books)
    claim(books)

    def add(key: str) -> int:
        run_id = start_run(books, key)
        with books.begin() as unit:
            batch = unit.records.open_batch(ORDERS, run_id)
            return unit.records.add_unfinished(
                batch, parked=False, settings_version=None, limit=9
            )

    assert add("while claimed") == 0
    clock.advance(seconds=301)
    assert add("after the lease") == 1


@pytest.mark.parametrize(
    ("parked", "settings", "added"),
    [(False, "s1", 0), (True, "s1", 1), (False, "s2", 1), (False, None, 0)],
    ids=["same settings", "asked for", "other settings", "settings unknown"],
)
def test_parked_records_come_back_for_a_reason(
    books: ConnectionLedger, parked: bool, settings: str | None, added: int
) -> None:
    """On request, or when the settings have changed since they were parked."""
    run_id = start_run(books)
    take(books, run_id, [entry("1")])
    with books.begin() as unit:
        unit.records.park(ORDERS, "1", code="C", reason="r", fix="f", run_id=run_id)
    next_run = start_run(books, "next", "s2")

    with books.begin() as unit:
        batch = unit.records.open_batch(ORDERS, next_run)
        found = unit.records.add_unfinished(
            batch, parked=parked, settings_version=settings, limit=9
        )

    assert found == added
    assert record_state(books) == ("read" if added else "parked")


def test_reading_a_parked_record_again_follows_the_same_rule(
    books: ConnectionLedger,
) -> None:
    """An unchanged parked or left-out record joins when asked, or under new settings."""
    run_id = start_run(books)
    take(books, run_id, [entry("1"), entry("2"), entry("3")])
    with books.begin() as unit:
        unit.records.park(ORDERS, "1", code="C", reason="r", fix="f", run_id=run_id)
        unit.records.leave_out(ORDERS, "2", "internal", run_id=run_id)
        unit.records.leave_out(ORDERS, "3", "by hand")
        unit.records.leave_out(ORDERS, "unknown", "nothing happens")
    page = [entry("1"), entry("2"), entry("3")]

    assert _page(books, run_id, page).joined == 0
    assert _page(books, run_id, page, again=True).joined == 2
    with books.begin() as unit:
        unit.records.park(ORDERS, "1", code="C", reason="r", fix="f", run_id=run_id)
        unit.records.leave_out(ORDERS, "2", "internal", run_id=run_id)
    assert _page(books, start_run(books, "k2", "s2"), page).joined == 2


def test_leaving_out_parking_and_settling_withdraw_what_was_planned(
    books: ConnectionLedger,
) -> None:
    """Nothing is sent for a record that is not to be carried over."""
    run_id, _ = plan(books, ["1", "2", "3"])
    with books.begin() as unit:
        unit.records.leave_out(ORDERS, "1", "internal", run_id=run_id)
        unit.records.park(ORDERS, "2", code="C", reason="r", fix="f", run_id=run_id)
        assert unit.records.settle(ORDERS, "3", 1)
        assert not unit.records.settle(ORDERS, "3", 7)

    assert claim(books) == []
    assert [state(books, each) for each in "123"] == ["superseded"] * 3
    assert [record_state(books, each) for each in "123"] == [
        "left_out",
        "parked",
        "settled",
    ]


def test_a_change_while_sending_leaves_the_record_unfinished(
    books: ConnectionLedger,
) -> None:
    """The confirmed create is of an older revision; an update is still to come."""
    run_id, _ = plan(books)
    sent = send(books)
    take(books, run_id, [entry("1", fingerprint="f2")])
    confirm(books, sent)

    assert record_state(books) == "read"


def test_what_is_not_there_is_said(books: ConnectionLedger) -> None:
    """Unknown runs, batches and records end the run with a sentence."""
    with books.begin() as unit:
        assert unit.records.get(ORDERS, "1") is None
        with pytest.raises(AbortError, match="no orders record '1'"):
            unit.records.body(ORDERS, "1")
        with pytest.raises(AbortError, match="no orders record '1' to park"):
            unit.records.park(
                ORDERS,
                "1",
                code="C",
                reason="r",
                fix="f",
                run_id=unit.runs.start(ORDERS, "now", "apply", "s1"),
            )
        with pytest.raises(AbortError, match="no run 99"):
            unit.records.open_batch(ORDERS, 99)
        with pytest.raises(AbortError, match="no run 99"):
            unit.runs.get(99)
        with pytest.raises(AbortError, match="no batch 99"):
            unit.records.take_page(99, [])


def test_runs_are_counted_by_attempt(books: ConnectionLedger, clock: Clock) -> None:
    """The same key is the same run, once more; the last one of a direction is known."""
    run_id = start_run(books)
    with books.begin() as unit:
        assert unit.runs.last("customers") is None
        unit.runs.finish(run_id, "failed", {"parked": 1})
    start_run(books)
    clock.advance(minutes=1)
    other = start_run(books, "k2")

    with books.begin() as unit:
        unit.runs.finish(other, "completed", {"created": 3})
        first, last = unit.runs.get(run_id), unit.runs.last(ORDERS)
    assert (first.attempt, first.state, first.counts) == (2, "running", {"parked": 1})
    assert last is not None
    assert (last.id, last.state, last.counts) == (other, "completed", {"created": 3})
    assert last.finished_at == clock.now
