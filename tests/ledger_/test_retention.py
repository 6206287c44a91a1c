"""What leaves the ledger when its time is over, and what never does."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa

from ledger import ConnectionLedger, ErasedError, Ledger, Verified
from ledger.retention import AT_ONCE
from ledger.schema import batches, coverage, payloads, runs
from tests.ledger_.conftest import START, Clock
from tests.ledger_.given import (
    ORDERS,
    claim,
    confirm,
    draft,
    entry,
    hold,
    plan,
    send,
    start_run,
    take,
)

EIGHT_YEARS = START + timedelta(days=8 * 366)
SOON, LATE = START + timedelta(days=1), EIGHT_YEARS


def count(ledger: Ledger, table: sa.Table) -> int:
    """Rows of a table."""
    with ledger._transactions.read() as db:
        return int(
            db.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        )


def expire(
    books: ConnectionLedger,
    *,
    evidence: datetime = START - timedelta(days=1),
    other: datetime = START + timedelta(days=1),
) -> int:
    """Empty what is past these moments."""
    with books.begin() as unit:
        return unit.retention.expire(evidence_before=evidence, other_before=other)


def verified(books: ConnectionLedger) -> Verified:
    """What the verification finds."""
    with books.read() as unit:
        return unit.verification.verify()


def left_out(books: ConnectionLedger, run_id: int | None, source_id: str = "1") -> int:
    """A record that a rule left out, or a person when no run is named."""
    run = start_run(books)
    take(books, run, [entry(source_id)])
    with books.begin() as unit:
        unit.records.leave_out(
            ORDERS, source_id, "internal", run_id=run if run_id else None
        )
    return run


def test_evidence_is_kept_until_its_years_are_over(books: ConnectionLedger) -> None:
    """A confirmed document keeps both payloads; then they are emptied, and told."""
    plan(books)
    confirm(books, send(books))

    assert expire(books) == 0
    assert expire(books, evidence=SOON) == 2  # what was read, what was sent

    with books.read() as unit, pytest.raises(ErasedError, match="retention is over"):
        unit.intents.evidence(unit.intents.of_source(ORDERS, "1")[0].intent_id)
    found = verified(books)
    assert (found.ok, found.expired, found.payloads, found.documents) == (
        True,
        2,
        0,
        1,
    )


def test_a_payload_that_somebody_emptied_by_hand_is_found(
    books: ConnectionLedger, ledger: Ledger
) -> None:
    """Only what the chain tells of is past its retention."""
    plan(books)
    confirm(books, send(books))
    with ledger._transactions.write() as db:
        db.execute(sa.update(payloads).values(sealed=b"", expired_at=START))

    [fault] = verified(books).faults

    assert fault.what == "expiry"
    assert "2 payloads are emptied, but the audit chain tells of 0" in fault.message


def test_a_later_write_keeps_the_whole_record(
    books: ConnectionLedger, clock: Clock
) -> None:
    """An order that was changed last year is evidence of last year, all of it."""
    plan(books)
    confirm(books, send(books))
    clock.advance(days=400)
    run_id = start_run(books, "k2")
    batch = take(books, run_id, [entry(fingerprint="f2")])
    with books.begin() as unit:
        row = unit.records.get(ORDERS, "1")
        assert row is not None
        unit.records.put_draft(ORDERS, "1", row.revision, draft(body_hash="h-2"))
        unit.intents.plan(
            ORDERS,
            "1",
            f"update:{row.revision}",
            draft(body_hash="h-2"),
            revision=row.revision,
            run_id=run_id,
            batch_id=batch,
        )
    [one] = claim(books)
    with books.begin() as unit:
        one = unit.intents.mark_sending(one)
    with books.begin() as unit:
        unit.intents.confirm(one, target_kind="sales_order", target_id="SO1")

    between = START + timedelta(days=200)
    assert expire(books, evidence=between, other=between) == 2  # of the first intent

    with books.read() as unit:
        assert unit.records.body(ORDERS, "1") == b"body of 1"
        assert unit.intents.evidence(one.intent_id)[1] == b"draft of 1"


@pytest.mark.parametrize("state", ["planned", "held", "sending"])
def test_what_is_not_decided_is_never_emptied(
    books: ConnectionLedger, state: str
) -> None:
    """However old it is: it may still be sent, or looked for."""
    plan(books)
    if state == "held":
        hold(books)
    if state == "sending":
        send(books)

    assert expire(books, evidence=LATE, other=LATE) == 0


def test_what_was_left_out_goes_sooner_and_comes_back_when_read_again(
    books: ConnectionLedger, clock: Clock
) -> None:
    """It is no evidence; when the source shows it again, it is judged anew."""
    left_out(books, run_id=1)

    assert expire(books) == 1

    clock.advance(days=1)
    run_id = start_run(books, "k2")
    batch = take(books, run_id, [entry()])  # as it was before
    with books.read() as unit:
        [(row, body)] = list(unit.records.bodies(batch))
    assert (row.revision, body) == (2, b"body of 1")


def test_what_a_person_set_aside_is_kept(books: ConnectionLedger) -> None:
    """A person may take it up again at any time."""
    left_out(books, run_id=None)

    assert expire(books, evidence=LATE, other=LATE) == 0


def test_overtaken_versions_are_dropped(
    books: ConnectionLedger, ledger: Ledger, clock: Clock
) -> None:
    """A body that was replaced before anything was sent is referred to by nothing."""
    take(books, start_run(books), [entry()])
    clock.advance(days=1)
    take(books, start_run(books, "k2"), [entry(fingerprint="f2")])
    assert count(ledger, payloads) == 2

    with books.begin() as unit:
        assert unit.retention.drop_overtaken(START) == 0
    with books.begin() as unit:
        assert unit.retention.drop_overtaken(LATE) == 1

    assert count(ledger, payloads) == 1
    assert verified(books).ok


def test_idle_runs_go_and_those_that_wrote_stay(
    books: ConnectionLedger, ledger: Ledger, clock: Clock
) -> None:
    """With a run go its batches; the last run of each end is kept for its age."""
    plan(books)  # run k1 wrote an intent
    for number in range(3):
        clock.advance(minutes=1)
        run_id = start_run(books, f"idle-{number}")
        take(books, run_id, [])
        with books.begin() as unit:
            unit.runs.finish(run_id, "done", {})

    with books.begin() as unit:
        assert unit.retention.forget_batches(LATE) == 3
        assert unit.retention.forget_runs(LATE) == 2

    with books.read() as unit:
        last = unit.runs.last(ORDERS)
        assert last is not None
        assert last.run_key == "idle-2"
    assert (count(ledger, runs), count(ledger, batches)) == (2, 1)


def test_another_connection_keeps_its_own(
    books: ConnectionLedger, ledger: Ledger
) -> None:
    """Nothing of one connection is judged by the retention of another."""
    other = ledger.of("fjord")
    plan(other)
    confirm(other, send(other))
    take(other, start_run(other, "idle"), [])

    with books.begin() as unit:
        assert unit.retention.forget_batches(LATE) == 0
        assert unit.retention.forget_runs(LATE) == 0
        assert unit.retention.drop_overtaken(LATE) == 0
    assert expire(books, evidence=LATE, other=LATE) == 0
    assert verified(other).payloads == 2


def test_coverage_is_joined_and_proves_as_much(
    books: ConnectionLedger, ledger: Ledger, clock: Clock
) -> None:
    """Windows that meet become one row; a gap between them stays a gap."""
    run_id = start_run(books)
    steps = [START + timedelta(minutes=each) for each in range(2 * AT_ONCE + 10)]
    gap = AT_ONCE // 2
    with books.begin() as unit:
        for number, (start, end) in enumerate(pairwise(steps)):
            if number != gap:
                unit.cursors.cover("orders", start, end, 2, "", run_id)
    clock.advance(days=1)

    rounds = 0
    while True:
        with books.begin() as unit:
            if not unit.retention.join_coverage(clock.now):
                break
        rounds += 1

    assert rounds == 3
    assert count(ledger, coverage) == 2
    with books.read() as unit:
        assert unit.cursors.gaps("orders", steps[0], steps[-1]) == [
            (steps[gap], steps[gap + 1])
        ]
