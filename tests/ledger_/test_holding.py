"""Held: written down, claimed by nobody, sent when a person has approved just that."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from ledger import ConnectionLedger, StaleClaimError
from tests.ledger_.given import (
    ORDERS,
    claim,
    confirm,
    draft,
    entry,
    hold,
    plan,
    record_state,
    send,
    state,
    take,
)


def _save(books: ConnectionLedger, run_id: int, ids: list[int]) -> None:
    with books.begin() as unit:
        unit.plans.save(ORDERS, run_id, ids, "abc", {}, is_of_held=True)


def _release(books: ConnectionLedger) -> list[int]:
    with books.begin() as unit:
        return unit.plans.release("abc")


def test_what_is_held_is_not_claimed(books: ConnectionLedger) -> None:
    """Neither by its batch nor by its id; the reason stands with it."""
    _, batch = plan(books, ["1"])
    ids = hold(books, "a price of zero")

    assert claim(books) == []
    assert claim(books, batch_id=batch) == []
    assert claim(books, intent_ids=ids) == []
    with books.read() as unit:
        (row,) = unit.intents.held()
        assert unit.intents.pending(ORDERS) == []
        (line,) = unit.audit.trail("1")
    assert (row.state, row.message) == ("held", "a price of zero")
    assert (line.action, line.detail["why"]) == ("intent.held", "a price of zero")


def test_holding_again_is_noted_once(books: ConnectionLedger) -> None:
    """Each run judges anew; the chain tells when it began, the row the latest reason."""
    plan(books, ["1"])
    hold(books)
    with books.begin() as unit:
        (row,) = unit.intents.held()
        assert unit.intents.hold_back(row, "still wrong")

    with books.read() as unit:
        assert [one.message for one in unit.intents.held()] == ["still wrong"]
        assert len(unit.audit.trail("1")) == 1


def test_holding_voids_a_claim(books: ConnectionLedger) -> None:
    """A worker that had claimed it before can no longer send it."""
    plan(books)
    (claimed,) = claim(books)
    hold(books)

    with pytest.raises(StaleClaimError), books.begin() as unit:
        unit.intents.mark_sending(claimed)
    assert state(books) == "held"


def test_what_is_being_sent_is_not_held(books: ConnectionLedger) -> None:
    """Its request may have left: it ends as it ends."""
    plan(books)
    with books.read() as unit:
        (row,) = unit.intents.pending(ORDERS)
    one = send(books)
    with books.begin() as unit:
        assert not unit.intents.hold_back(row, "too late")

    assert confirm(books, one)
    assert state(books) == "confirmed"


def test_a_held_intent_that_was_judged_with_another_body_is_judged_again(
    books: ConnectionLedger,
) -> None:
    """The guard saw an older body: it neither holds nor frees the new one."""
    run_id, batch = plan(books)
    hold(books)
    with books.read() as unit:
        (old,) = unit.intents.held()
    take(books, run_id, [entry("1", fingerprint="f2")])
    with books.begin() as unit:
        unit.intents.plan(
            ORDERS,
            "1",
            "create",
            draft("1", body_hash="new"),
            revision=2,
            run_id=run_id,
            batch_id=batch,
        )
        (new,) = unit.intents.pending(ORDERS)
        assert unit.intents.hold_back(new, "as bad")
        assert not unit.intents.let_go(old)
        assert not unit.intents.hold_back(old, "older")
        assert [one.message for one in unit.intents.held()] == ["as bad"]


def test_planning_the_same_again_leaves_it_held(books: ConnectionLedger) -> None:
    """The next run plans it again, unchanged: it moves to that batch and stays held."""
    plan(books)
    (held,) = hold(books)
    _, batch = plan(books, run_key="k2")

    assert state(books) == "held"
    with books.read() as unit:
        found = unit.intents.pending(ORDERS, batch_id=batch, states=("held",))
    assert [one.intent_id for one in found] == [held]


def test_a_held_update_is_superseded_by_a_newer_one(books: ConnectionLedger) -> None:
    """What the record says now is planned, and the old one can never be sent."""
    run_id, batch = plan(books, operation="update:1")
    ids = hold(books)
    _save(books, run_id, ids)
    take(books, run_id, [entry("1", fingerprint="f2")])
    with books.begin() as unit:
        unit.intents.plan(
            ORDERS,
            "1",
            "update:2",
            draft("1", body_hash="new"),
            revision=2,
            run_id=run_id,
            batch_id=batch,
        )

    with books.read() as unit:
        states = [one.state for one in unit.intents.of_source(ORDERS, "1")]
        assert unit.plans.changed("abc") == ids
    assert states == ["superseded", "planned"]
    assert _release(books) == []
    assert [one.operation for one in claim(books)] == ["update:2"]


def test_a_record_that_needs_nothing_withdraws_what_is_held(
    books: ConnectionLedger,
) -> None:
    """The target agrees after all, or the record is parked: nothing waits any more."""
    run_id, _ = plan(books, ["1", "2"])
    hold(books)
    with books.begin() as unit:
        assert unit.records.settle(ORDERS, "1", 1)
        unit.records.park(ORDERS, "2", code="C", reason="r", fix="f", run_id=run_id)
        assert unit.intents.held() == []
    assert (state(books, "1"), state(books, "2")) == ("superseded", "superseded")


def test_an_approved_plan_lets_go_of_exactly_what_it_showed(
    books: ConnectionLedger,
) -> None:
    """One has changed since; the other can be claimed, and is not asked about again."""
    run_id, _ = plan(books, ["1", "2"])
    first, second = hold(books)
    _save(books, run_id, [first, second])
    take(books, run_id, [entry("2", fingerprint="f2")])

    with books.read() as unit:
        assert unit.plans.holding(first) == "abc"
    assert _release(books) == [first]
    assert [one.intent_id for one in claim(books)] == [first]
    with books.read() as unit:
        rows = {
            one.intent_id: one
            for each in ("1", "2")
            for one in unit.intents.of_source(ORDERS, each)
        }
    assert rows[first].approved
    assert (rows[second].approved, rows[second].state) == (False, "held")


def test_an_approval_ends_with_the_body_that_was_approved(
    books: ConnectionLedger,
) -> None:
    """Planned with another body before it was sent, it is to be judged again."""
    run_id, batch = plan(books)
    _save(books, run_id, hold(books))
    _release(books)
    take(books, run_id, [entry("1", fingerprint="f2")])
    with books.begin() as unit:
        unit.intents.plan(
            ORDERS,
            "1",
            "create",
            draft("1", body_hash="new"),
            revision=2,
            run_id=run_id,
            batch_id=batch,
        )
        (row,) = unit.intents.pending(ORDERS)
    assert not row.approved


def test_a_plan_of_what_is_held_is_no_beginning(books: ConnectionLedger) -> None:
    """Something of it was written, and the direction still is not live by that."""
    run_id, _ = plan(books)
    _save(books, run_id, hold(books))
    with books.begin() as unit:
        unit.plans.approve("abc", by="Kim")
    _release(books)
    confirm(books, send(books))

    with books.read() as unit:
        assert unit.plans.begun(ORDERS) is None


def test_a_claim_is_withdrawn_when_it_was_overtaken(books: ConnectionLedger) -> None:
    """Nothing was sent; the record is settled, and nobody claims it again."""
    plan(books)
    (one,) = claim(books)
    with books.begin() as unit:
        unit.intents.withdraw(one)

    assert (state(books), record_state(books)) == ("superseded", "settled")
    assert claim(books) == []
    with pytest.raises(StaleClaimError), books.begin() as unit:
        unit.intents.withdraw(one)


def test_of_a_holder_and_a_sender_one_wins(open_ledger) -> None:
    """Four at once on each of many intents: held and never sent, or sent and not held."""
    planner = open_ledger("planner").of("nordic")
    plan(planner, [str(n) for n in range(20)])
    with planner.read() as unit:
        rows = unit.intents.pending(ORDERS)
    claims = {one.intent_id: one for one in claim(planner, limit=20)}
    workers = [open_ledger(f"worker-{n}").of("nordic") for n in range(4)]
    barrier = Barrier(4)

    def work(number: int) -> set[int]:
        barrier.wait()
        won: set[int] = set()
        for row in rows if number < 2 else reversed(rows):
            try:
                with workers[number].begin() as unit:
                    if number % 2:
                        unit.intents.mark_sending(claims[row.intent_id])
                        won.add(row.intent_id)
                    elif unit.intents.hold_back(row, "why"):
                        won.add(row.intent_id)
            except StaleClaimError:
                continue
        return won

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(work, range(4)))
    held, sent = done[0] | done[2], done[1] | done[3]
    assert held | sent == {row.intent_id for row in rows}
    assert not held & sent
    with planner.read() as unit:
        counts = unit.intents.counts(ORDERS)
    assert counts.get("held", 0) == len(held)
    assert counts.get("sending", 0) == len(sent)


def test_the_plan_that_a_run_made_last_is_the_one_to_approve(
    books: ConnectionLedger,
) -> None:
    """Of two plans that hold a write the list names that of the newest run, saved anew."""
    run_id, _ = plan(books, ["1"])
    ids = hold(books)
    with books.begin() as unit:
        later = unit.runs.start(ORDERS, "later", mode="auto", settings_version="1")
        unit.plans.save(ORDERS, run_id, ids, "first", {}, is_of_held=True)
        unit.plans.save(ORDERS, run_id, ids, "second", {}, is_of_held=True)
        unit.plans.save(ORDERS, later, ids, "first", {}, is_of_held=True)

    with books.read() as unit:
        assert unit.plans.holding(ids[0]) == "first"
