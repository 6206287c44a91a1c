from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from connectors.errors import AbortError
from ledger import ConnectionLedger, StaleClaimError, Wish
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

AGAIN = {"target_kind": "sales_order", "target_id": "SO1"}


def _plan_again(books: ConnectionLedger, operation="create", revision=1, **changes):
    run_id = start_run(books, "again")
    with books.begin() as unit:
        batch = unit.records.open_batch(ORDERS, run_id)
        return unit.intents.plan(
            ORDERS,
            "1",
            operation,
            draft(**changes),
            revision=revision,
            run_id=run_id,
            batch_id=batch,
        )


def test_a_claim_carries_what_is_to_be_sent(books: ConnectionLedger) -> None:
    """Body, figures, needs and fence come with the claim."""
    run_id, batch = plan(books)
    (one,) = claim(books, batch_id=batch, kinds=["sales_order"])

    assert one.body == b"draft of 1"
    assert (one.amount, one.vat, one.currency) == (
        Decimal("125.00"),
        Decimal("25.00"),
        "SEK",
    )
    assert one.needs == (("customers", "dtc-1"),)
    assert (one.fence, one.run_id, one.label) == (1, run_id, "#1")
    assert one.lease_until == START + timedelta(seconds=300)


def test_filters_of_a_claim(books: ConnectionLedger) -> None:
    """By batch, by kind, by id, and never more than the limit."""
    _, batch = plan(books, ["1", "2", "3"])
    with books.read() as unit:
        ids = [row.intent_id for row in unit.intents.pending(ORDERS, batch_id=batch)]

    assert claim(books, batch_id=batch + 1) == []
    assert claim(books, kinds=["customer"]) == []
    assert claim(books, intent_ids=[]) == []
    assert [one.intent_id for one in claim(books, intent_ids=ids, limit=1)] == ids[:1]
    assert [one.intent_id for one in claim(books, intent_ids=ids[1:2])] == ids[1:2]
    assert [one.intent_id for one in claim(books)] == ids[2:]


def test_an_operation_is_planned_once(books: ConnectionLedger) -> None:
    """Planning the same again finds the same intent, and does not disturb its holder."""
    plan(books)
    (held,) = claim(books)
    planned = _plan_again(books)

    assert (planned.id, planned.new, planned.state) == (
        held.intent_id,
        False,
        "planned",
    )
    with books.begin() as unit:
        unit.intents.mark_sending(held)


def test_planning_another_body_voids_the_claim_on_the_old_one(
    books: ConnectionLedger,
) -> None:
    """An edit between claim and send goes out as it is now, not as it was."""
    plan(books)
    (held,) = claim(books)
    _plan_again(books, body=b"edited", body_hash="h2")

    with books.begin() as unit, pytest.raises(StaleClaimError):
        unit.intents.mark_sending(held)
    (fresh,) = claim(books)
    assert fresh.body == b"edited"


def test_an_older_wish_does_not_replace_a_newer_one(books: ConnectionLedger) -> None:
    """A slow run that mapped revision 1 plans after a run that mapped revision 2."""
    run_id, _ = plan(books)
    take(books, run_id, [entry("1", fingerprint="f2")])
    _plan_again(books, revision=2, body=b"new", body_hash="h2")
    _plan_again(books, revision=1, body=b"old", body_hash="h1")

    (one,) = claim(books)
    assert (one.body, one.revision) == (b"new", 2)


def test_an_intent_of_an_older_revision_waits_to_be_planned_again(
    books: ConnectionLedger,
) -> None:
    """What changed after planning is not sent as it was."""
    run_id, _ = plan(books)
    take(books, run_id, [entry("1", fingerprint="f2")])

    assert claim(books) == []
    with books.read() as unit:
        (row,) = unit.intents.pending(ORDERS)
    assert not row.is_current


def test_wishes_are_answered_in_their_order(books: ConnectionLedger) -> None:
    """Bulk planning keeps the order, makes bare records, and knows what is there."""
    run_id, batch = plan(books, ["2"])
    wishes = [Wish(each, "create", draft(each), 1) for each in ("3", "2", "1")]
    with books.begin() as unit:
        answers = unit.intents.plan_many(ORDERS, wishes, run_id=run_id, batch_id=batch)
        assert unit.intents.plan_many(ORDERS, [], run_id=run_id, batch_id=batch) == []

    assert [answer.new for answer in answers] == [True, False, True]
    assert [one.source_id for one in claim(books)] == ["2", "3", "1"]
    assert record_state(books, "3") == "mapped"


def test_a_newer_update_supersedes_the_unsent_one(books: ConnectionLedger) -> None:
    """Of several edits only the last is sent; a cancellation needs none of them."""
    plan(books)
    confirm(books, send(books))
    run_id = start_run(books, "edits")
    for revision in (2, 3):
        changed = entry("1", fingerprint=f"f{revision}")
        take(books, run_id, [changed])
        _plan_again(
            books, f"update:{revision}", revision=revision, body_hash=f"h{revision}"
        )
    with books.read() as unit:
        states = {r.operation: r.state for r in unit.intents.of_source(ORDERS, "1")}
    assert states == {
        "create": "confirmed",
        "update:2": "superseded",
        "update:3": "planned",
    }

    _plan_again(books, "cancel", revision=3)
    assert [one.operation for one in claim(books)] == ["cancel"]


def test_an_update_waits_for_its_create(books: ConnectionLedger) -> None:
    """One source, one thing at a time, in order, doubt included."""
    plan(books)
    _plan_again(books, "cancel")
    sent = send(books)
    assert claim(books) == []
    with books.begin() as unit:
        unit.intents.doubt(sent, "timeout")
    assert claim(books) == []
    confirm(books, sent)

    assert [one.operation for one in claim(books)] == ["cancel"]
    assert record_state(books) == "mapped"


def test_confirming_writes_everything_at_once(books: ConnectionLedger) -> None:
    """Intent, link, index entry, record, exception and audit line go together."""
    plan(books)
    sent = send(books)
    with books.begin() as unit:
        assert unit.intents.confirm(sent, **AGAIN, detail={"total": "125.00"})

    with books.read() as unit:
        link = unit.links.get(ORDERS, "1")
        (hit,) = unit.index.find("sales_order", "reference", ["N-1"])["N-1"]
        (line,) = unit.audit.trail("SO1")
        assert unit.intents.counts(ORDERS) == {"confirmed": 1}
        assert unit.intents.counts(ORDERS, sent.run_id + 1) == {}
    assert link is not None
    assert (link.target_id, link.body_hash, link.revision) == ("SO1", "h-1", 1)
    assert (hit.target_id, hit.detail) == ("SO1", {"total": "125.00"})
    assert (line.action, line.after_hash) == ("document.written", "h-1")
    assert (line.mapping_version, line.settings_version) == ("m1", "s1")
    assert record_state(books) == "settled"


def test_confirming_twice_is_once(books: ConnectionLedger) -> None:
    """A repeated answer changes nothing and adds no line."""
    plan(books)
    sent = send(books)
    assert confirm(books, sent)
    assert confirm(books, sent)

    with books.read() as unit:
        assert len(unit.audit.trail("SO1")) == 1


def test_an_update_carries_the_hash_before_and_after(books: ConnectionLedger) -> None:
    """The link knows what was sent last; the older figures are not read back."""
    run_id, _ = plan(books)
    confirm(books, send(books))
    take(books, run_id, [entry("1", fingerprint="f2")])
    _plan_again(books, "update:2", revision=2, body_hash="h2", amount=Decimal(99))
    confirm(books, send(books))

    with books.read() as unit:
        line = unit.audit.trail("SO1")[-1]
        (unread,) = unit.intents.unverified(ORDERS)
        link = unit.links.get(ORDERS, "1")
    assert (line.before_hash, line.after_hash) == ("h-1", "h2")
    assert unread.amount == Decimal(99)
    assert link is not None
    assert (link.body_hash, link.revision) == ("h2", 2)


def test_two_documents_of_one_order_are_shown_to_a_person(
    books: ConnectionLedger,
) -> None:
    """A second document of one source is never swallowed: it is parked, with both."""
    plan(books)
    sent = send(books)
    assert confirm(books, sent, "SO1")
    assert not confirm(books, sent, "SO2")

    with books.read() as unit:
        (row,) = unit.exceptions.list()
        assert unit.index.find("sales_order", "reference", ["N-1"])
    assert row.code == "DOUBLED_DOCUMENT"
    assert "SO2" in row.reason
    assert "SO1" in row.reason
    assert record_state(books) == "parked"
    assert state(books) == "confirmed"


def test_a_document_of_another_order_cannot_be_adopted(
    books: ConnectionLedger,
) -> None:
    """One document answers one source."""
    plan(books, ["1", "2"])
    one, two = claim(books)
    assert confirm(books, one, "SO1")
    assert not confirm(books, two, "SO1")

    with books.read() as unit:
        (row,) = unit.exceptions.list()
        assert [
            link.source_id for link in unit.links.by_target("sales_order", "SO1")
        ] == ["1"]
    assert row.source_id == "2"
    assert "source '1'" in row.reason
    assert state(books, "2") == "rejected"


def test_nothing_is_sent_with_a_stale_fence(
    books: ConnectionLedger, clock: Clock
) -> None:
    """A worker that slept through its lease may neither send nor decide."""
    plan(books)
    (slow,) = claim(books)
    clock.advance(seconds=301)
    (quick,) = claim(books)
    assert quick.fence > slow.fence

    refused = [
        lambda unit: unit.intents.mark_sending(slow),
        lambda unit: unit.intents.release(slow),
        lambda unit: unit.intents.doubt(slow, "timeout"),
        lambda unit: unit.intents.probed(slow, found=False, next_probe_at=None),
        lambda unit: unit.intents.resend(slow),
        lambda unit: unit.intents.reject(slow, code="C", reason="r", fix="f"),
    ]
    for act in refused:
        with books.begin() as unit, pytest.raises(StaleClaimError):
            act(unit)
    with books.begin() as unit:
        unit.intents.mark_sending(quick)


def test_a_killed_worker_leaves_doubt(books: ConnectionLedger, clock: Clock) -> None:
    """Sending and an ended lease: nobody knows, so it is never sent blindly."""
    plan(books)
    send(books)
    with books.begin() as unit:
        assert unit.intents.reap(clock.now) == 0
    now = clock.advance(seconds=301)
    with books.begin() as unit:
        assert unit.intents.reap(now) == 1

    assert claim(books) == []
    with books.read() as unit:
        (row,) = unit.intents.in_doubt(ORDERS)
        assert len(unit.intents.in_doubt()) == 1
    assert row.next_probe_at == START + timedelta(minutes=2)
    assert "ended without an answer" in (row.message or "")


def test_the_senders_late_answer_counts(books: ConnectionLedger, clock: Clock) -> None:
    """Reaped while the request was on its way: what the target said still holds."""
    plan(books, ["1", "2", "3"])
    claims = claim(books)
    with books.begin() as unit:
        sent = [unit.intents.mark_sending(each) for each in claims]
    now = clock.advance(seconds=301)
    with books.begin() as unit:
        assert unit.intents.reap(now) == 3
        assert unit.intents.confirm(sent[0], **AGAIN)
        unit.intents.reject(sent[1], code="C", reason="r", fix="f")
        unit.intents.release(sent[2])

    assert [state(books, each) for each in "123"] == [
        "confirmed",
        "rejected",
        "planned",
    ]


def test_a_late_answer_wins_over_a_probe(books: ConnectionLedger, clock: Clock) -> None:
    """The document exists, says its sender; the prober may not plan it again."""
    plan(books)
    sent = send(books)
    now = clock.advance(seconds=301)
    with books.begin() as unit:
        unit.intents.reap(now)
        (probe,) = unit.intents.due_probes(ORDERS, now, 9, 60)
    assert confirm(books, sent)

    with books.begin() as unit, pytest.raises(StaleClaimError):
        unit.intents.probed(probe, found=False, next_probe_at=now)
    assert state(books) == "confirmed"


def test_doubt_is_probed_before_it_is_sent_again(
    books: ConnectionLedger, clock: Clock
) -> None:
    """Two probes that find nothing, then it is planned; not one step earlier."""
    plan(books)
    sent = send(books)
    with books.begin() as unit:
        unit.intents.doubt(sent, "timeout", probe_at=clock.now + timedelta(minutes=2))
        assert unit.intents.due_probes(ORDERS, clock.now, 9, 60) == []
    now = clock.advance(minutes=2)
    with books.begin() as unit:
        (probe,) = unit.intents.due_probes(ORDERS, now, 9, 60)
        assert unit.intents.due_probes(ORDERS, now, 9, 60) == []
        with pytest.raises(AbortError, match="not looked for yet"):
            unit.intents.resend(probe)
        with pytest.raises(AbortError, match="not looked for yet"):
            unit.intents.reject(probe, code="C", reason="r", fix="f")
        later = now + timedelta(minutes=8)
        unit.intents.probed(probe, found=False, next_probe_at=later)
    now = clock.advance(minutes=8)
    with books.begin() as unit:
        (probe,) = unit.intents.due_probes(ORDERS, now, 9, 60)
        assert probe.probes == 1
        assert probe.sent_at == START
        unit.intents.resend(probe)

    again = send(books)
    assert (again.attempts, again.probes) == (2, 0)
    with books.read() as unit:
        actions = [line.action for line in unit.audit.trail("1")]
    assert actions == ["intent.in_doubt", "intent.resend"]


def test_a_probe_that_finds_the_document_adopts_it(
    books: ConnectionLedger, clock: Clock
) -> None:
    """The claim stays good for the confirmation that follows."""
    plan(books)
    sent = send(books)
    with books.begin() as unit:
        unit.intents.doubt(sent, "timeout")
    now = clock.advance(minutes=2)
    with books.begin() as unit:
        (probe,) = unit.intents.due_probes(ORDERS, now, 9, 60)
        unit.intents.probed(probe, found=True, next_probe_at=None)
        assert unit.intents.confirm(probe, **AGAIN, role="adopted")

    with books.read() as unit:
        link = unit.links.get(ORDERS, "1")
    assert link is not None
    assert link.role == "adopted"


def test_a_rejection_parks_the_record_until_it_is_retried(
    books: ConnectionLedger,
) -> None:
    """Rejected, listed, retried by a named person, planned and sent again."""
    plan(books)
    sent = send(books)
    with books.begin() as unit:
        assert unit.intents.reject(sent, code="VAT", reason="no", fix="map it")
    assert (state(books), record_state(books)) == ("rejected", "parked")
    with books.begin() as unit:
        (row,) = unit.exceptions.list()
        assert unit.exceptions.retry([row.id], by="Kim") == 1
    assert record_state(books) == "read"
    planned = _plan_again(books)

    assert planned.new
    assert send(books).attempts == 2


def test_released_claims_are_free_at_once(books: ConnectionLedger) -> None:
    """What surely never arrived is planned again."""
    plan(books)
    sent = send(books)
    with books.begin() as unit:
        unit.intents.release(sent)

    assert len(claim(books)) == 1


def test_reading_back(books: ConnectionLedger) -> None:
    """Confirmed documents are listed until their figures were seen."""
    run_id, _ = plan(books, ["1", "2"])
    for number, one in enumerate(claim(books)):
        confirm(books, one, f"SO{number}")
    with books.begin() as unit:
        first, second = unit.intents.unverified(ORDERS, run_id)
        assert unit.intents.unverified(ORDERS, run_id + 1) == []
        assert unit.intents.unverified(ORDERS, after_id=first.intent_id) == [second]
        unit.intents.verified(first.intent_id, ok=True, detail="125.00")
        assert unit.intents.unverified(ORDERS, limit=5) == [second]
    assert (second.reference, second.target_id, second.amount) == (
        "N-2",
        "SO1",
        Decimal("125.00"),
    )


def test_evidence_is_the_source_and_what_was_made_of_it(
    books: ConnectionLedger,
) -> None:
    """Any number can be explained from the payloads kept with the intent."""
    run_id, _ = plan(books)
    (one,) = claim(books)
    take(books, run_id, [entry("1", fingerprint="f2", body=b"later")])

    with books.begin() as unit:
        assert unit.intents.evidence(one.intent_id) == (b"body of 1", b"draft of 1")
        bare = unit.intents.plan(
            ORDERS,
            "bare",
            "create",
            draft("bare"),
            revision=1,
            run_id=run_id,
            batch_id=unit.records.open_batch(ORDERS, run_id),
        )
        assert unit.intents.evidence(bare.id) == (None, b"draft of bare")
        assert unit.intents.get(one.intent_id).operation == "create"
        for ask in (unit.intents.evidence, unit.intents.get):
            with pytest.raises(AbortError, match="no intent 99"):
                ask(99)


def test_pending_can_be_paged(books: ConnectionLedger) -> None:
    """By run, by batch, and page by page."""
    run_id, batch = plan(books, ["1", "2", "3"])
    with books.read() as unit:
        rows = unit.intents.pending(ORDERS, run_id=run_id, batch_id=batch)
        page = unit.intents.pending(ORDERS, after_id=rows[0].intent_id, limit=1)
        assert unit.intents.pending(ORDERS, run_id=run_id + 1) == []
    assert [row.source_id for row in rows] == ["1", "2", "3"]
    assert page == rows[1:2]
    assert rows[0].needs == (("customers", "dtc-1"),)
    assert rows[0].summary == {"lines": "2"}
