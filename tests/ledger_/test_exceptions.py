from __future__ import annotations

from decimal import Decimal

from ledger import ConnectionLedger
from tests.ledger_.conftest import Clock
from tests.ledger_.given import ORDERS, entry, record_state, start_run, take


def _park(books: ConnectionLedger, run_id: int, source_id="1", code="VAT") -> bool:
    with books.begin() as unit:
        return unit.records.park(
            ORDERS, source_id, code=code, reason="no map", fix="map it", run_id=run_id
        )


def test_a_record_is_new_on_the_list_once(
    books: ConnectionLedger, clock: Clock
) -> None:
    """The run that parks it is red, its retry too; a later run is not."""
    first = start_run(books, "first")
    take(books, first, [entry("1")])
    later = start_run(books, "later")

    assert _park(books, first)
    assert _park(books, first)
    clock.advance(hours=1)
    assert not _park(books, later)
    assert _park(books, later, code="CLOSED")
    with books.read() as unit:
        (row,) = unit.exceptions.list(ORDERS)
    assert (row.code, row.attempts, row.label) == ("CLOSED", 4, "#1")
    assert (row.last_at - row.first_at).total_seconds() == 3600


def test_a_retry_that_fails_again_is_new(books: ConnectionLedger) -> None:
    """A person asked for it, so a person is told."""
    first = start_run(books, "first")
    take(books, first, [entry("1")])
    _park(books, first)
    with books.begin() as unit:
        assert unit.exceptions.retry("all", by="Kim") == 1
        assert unit.exceptions.list() == []
        (row,) = unit.exceptions.list(status="retrying")
    assert (row.by, record_state(books)) == ("Kim", "read")

    assert _park(books, start_run(books, "later"))


def test_what_went_through_is_resolved_and_may_come_back(
    books: ConnectionLedger,
) -> None:
    """A settled record leaves the list; the next trouble starts a new count."""
    run_id = start_run(books)
    take(books, run_id, [entry("1")])
    _park(books, run_id)
    with books.begin() as unit:
        unit.records.settle(ORDERS, "1", 1)
        assert unit.exceptions.list() == []
        assert unit.exceptions.amounts() == {}
    assert _park(books, start_run(books, "later"))
    with books.read() as unit:
        (row,) = unit.exceptions.list()
    assert row.attempts == 1


def test_what_is_at_stake_by_currency(books: ConnectionLedger) -> None:
    """Exact sums; the same direction only, when asked."""
    run_id = start_run(books)
    entries = [
        entry("1", amount=Decimal("0.10")),
        entry("2", amount=Decimal("0.20")),
        entry("3", currency="JPY", amount=Decimal(3000)),
        entry("4", currency=None, amount=None),
    ]
    take(books, run_id, entries)
    for each in entries:
        _park(books, run_id, each.source_id)
    with books.read() as unit:
        assert unit.exceptions.amounts(ORDERS) == {
            "SEK": Decimal("0.30"),
            "JPY": Decimal(3000),
        }
        assert unit.exceptions.amounts("refunds") == {}


def test_an_ignored_record_stays_out_by_a_persons_name(
    books: ConnectionLedger,
) -> None:
    """Left out with the name and the note, in the audit chain, until it changes."""
    run_id = start_run(books)
    take(books, run_id, [entry("1"), entry("2")])
    _park(books, run_id, "1")
    _park(books, run_id, "2")
    with books.begin() as unit:
        one = unit.exceptions.list()[0]
        assert unit.exceptions.ignore([one.id], by="Kim", note="test order") == 1
        assert unit.exceptions.ignore([one.id, 99], by="Kim", note="again") == 0
        assert unit.exceptions.retry([], by="Kim") == 0
    with books.read() as unit:
        row = unit.records.get(ORDERS, "1")
        (line,) = unit.audit.trail("1")
        assert len(unit.exceptions.list(status=None)) == 2
    assert row is not None
    assert (row.state, row.reason) == ("left_out", "ignored by Kim: test order")
    assert (line.action, line.actor) == ("exception.ignored", "Kim")
    take(books, start_run(books, "k2", "s2"), [entry("1")])
    assert record_state(books) == "left_out"
    take(books, run_id, [entry("1", fingerprint="f2")])
    assert record_state(books) == "read"


def test_retry_all_can_be_of_one_direction(books: ConnectionLedger) -> None:
    """Another direction's exceptions stay as they are."""
    run_id = start_run(books)
    take(books, run_id, [entry("1")])
    _park(books, run_id)
    with books.begin() as unit:
        assert unit.exceptions.retry("all", by="Kim", direction="refunds") == 0
        assert unit.exceptions.retry("all", by="Kim", direction=ORDERS) == 1
