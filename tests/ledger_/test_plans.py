from __future__ import annotations

import pytest

from connectors.errors import AbortError
from ledger import ConnectionLedger
from tests.ledger_.conftest import START
from tests.ledger_.given import (
    ORDERS,
    claim,
    confirm,
    entry,
    plan,
    take,
)


def _save(books: ConnectionLedger, run_id: int) -> list[int]:
    with books.begin() as unit:
        ids = [row.intent_id for row in unit.intents.pending(ORDERS)]
        saved = unit.plans.save(ORDERS, run_id, ids, "abc", {"orders": "3"})
    assert list(saved.intent_ids) == ids
    return ids


def test_a_plan_is_approved_by_name(books: ConnectionLedger) -> None:
    """Kept with its intents, approved once, noted in the chain."""
    run_id, _ = plan(books, ["1", "2", "3"])
    ids = _save(books, run_id)
    with books.begin() as unit:
        approved = unit.plans.approve("abc", by="Kim")
        (line,) = unit.audit.trail("abc")
        assert unit.plans.get("other") is None
        with pytest.raises(AbortError, match="no plan other"):
            unit.plans.approve("other", by="Kim")
    assert (approved.approved_by, approved.approved_at) == ("Kim", START)
    assert approved.summary == {"orders": "3"}
    assert (line.actor, line.detail["intents"]) == ("Kim", "3")
    assert [item.intent_id for item in approved.items] == ids


def test_who_approved_what_was_sent_stays(books: ConnectionLedger) -> None:
    """A later approval lets nothing go, unless something is left to send."""
    run_id, _ = plan(books, ["1", "2"])
    _save(books, run_id)
    first, second = claim(books, limit=2)
    with books.begin() as unit:
        unit.plans.approve("abc", by="Kim")
    confirm(books, first)
    with books.begin() as unit:
        assert unit.plans.approve("abc", by="Åsa").approved_by == "Åsa"
    confirm(books, second, "SO2")
    with books.begin() as unit:
        assert unit.plans.approve("abc", by="Lo").approved_by == "Åsa"
        assert [row.actor for row in unit.audit.trail("abc")] == ["Kim", "Åsa", "Lo"]
        with pytest.raises(AbortError, match="give a name"):
            unit.plans.approve("abc", by="  ")


def test_saving_a_plan_again_keeps_one(books: ConnectionLedger) -> None:
    """The same hash is the same plan, with the intents of now."""
    run_id, _ = plan(books)
    _save(books, run_id)
    _save(books, run_id)
    with books.read() as unit:
        saved = unit.plans.get("abc")
    assert saved is not None
    assert len(saved.items) == 1


def test_what_changed_underneath_is_named(books: ConnectionLedger) -> None:
    """Sent already, or changed at the source: apply must refuse these."""
    run_id, _ = plan(books, ["1", "2", "3"])
    ids = _save(books, run_id)
    with books.read() as unit:
        assert unit.plans.changed("abc") == []
    confirm(books, claim(books, limit=1)[0])
    take(books, run_id, [entry("3", fingerprint="f2")])

    with books.read() as unit:
        assert unit.plans.changed("abc") == [ids[0], ids[2]]


def test_a_direction_goes_live_once(books: ConnectionLedger) -> None:
    """By a named person with the plan they saw; later calls change nothing."""
    with books.begin() as unit:
        assert not unit.plans.is_live(ORDERS)
        unit.plans.go_live(ORDERS, by="Kim", hash="abc")
        unit.plans.go_live(ORDERS, by="Ola", hash="def")
        assert unit.plans.is_live(ORDERS)
        assert not unit.plans.is_live("customers")
        (line,) = unit.audit.trail("abc")
        assert unit.audit.trail("def") == []
    assert line.actor == "Kim"
