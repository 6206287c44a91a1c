from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from pydantic import SecretStr
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import InternalError

from connectors.errors import AbortError, RetryableError
from ledger import ConnectionLedger, IndexRow, Ledger
from ledger.columns import Amount, Moment
from tests.ledger_.conftest import START, Clock
from tests.ledger_.given import (
    ORDERS,
    claim,
    confirm,
    entry,
    plan,
    send,
    start_run,
    state,
    take,
)


def test_two_connections_never_see_each_others_rows(
    ledger: Ledger, clock: Clock
) -> None:
    """The same ids in two connections are two different things, everywhere."""
    nordic, other = ledger.of("nordic"), ledger.of("other")
    run_id, batch = plan(nordic, ["1", "2", "3"])
    one, two, three = claim(nordic)
    confirm(nordic, one)
    with nordic.begin() as unit:
        unit.intents.reject(two, code="C", reason="r", fix="f")
        unit.intents.mark_sending(three)
        unit.intents.doubt(three, "timeout", probe_at=clock.now)
        unit.index.put("customer", [IndexRow("customer", "email", "a@x.se", "7")])
        unit.cursors.move("orders", "2026")
        unit.cursors.cover("orders", START, clock.advance(hours=1), 1, "c", run_id)
        unit.cursors.wake("Order", [1], START)
        unit.plans.save(ORDERS, run_id, [one.intent_id], "abc", {})
        unit.plans.go_live(ORDERS, by="Kim", hash="abc")
    ledger.secrets("nordic").put("centra", SecretStr("hush"))

    now = clock.now
    with other.begin() as unit:
        assert unit.records.get(ORDERS, "1") is None
        assert unit.records.of_batch(batch) == []
        assert list(unit.records.bodies(batch)) == []
        assert unit.records.drafts(batch) == []
        assert unit.records.counts(ORDERS) == {}
        assert unit.intents.of_source(ORDERS, "1") == []
        assert unit.intents.pending(ORDERS) == []
        assert unit.intents.in_doubt() == []
        assert unit.intents.counts(ORDERS) == {}
        assert unit.intents.unverified(ORDERS) == []
        assert unit.intents.due_probes(ORDERS, now, 9, 60) == []
        assert unit.intents.reap(now + timedelta(days=1)) == 0
        assert (
            unit.intents.claim(ORDERS, batch_id=batch, limit=9, lease_seconds=9) == []
        )
        assert unit.links.get(ORDERS, "1") is None
        assert unit.links.by_target("sales_order", "SO1") == []
        assert unit.index.is_empty("customer")
        assert unit.index.find("customer", "email", ["a@x.se"]) == {}
        assert unit.cursors.get("orders") is None
        assert unit.cursors.gaps("orders", START, now) == [(START, now)]
        assert unit.cursors.woken("Order") == []
        assert unit.exceptions.list(status=None) == []
        assert unit.exceptions.retry("all", by="Kim") == 0
        assert unit.audit.trail("SO1") == []
        assert unit.audit.verify().rows == 0
        assert unit.plans.get("abc") is None
        assert unit.plans.changed("abc") == []
        assert not unit.plans.is_live(ORDERS)
        assert unit.runs.last(ORDERS) is None
        for ask in (
            lambda: unit.records.take_page(batch, [entry("1")]),
            lambda: unit.records.open_batch(ORDERS, run_id),
            lambda: unit.runs.get(run_id),
            lambda: unit.intents.get(one.intent_id),
            lambda: unit.intents.confirm(
                three, target_kind="sales_order", target_id="SO9"
            ),
        ):
            with pytest.raises(AbortError):
                ask()
    assert ledger.secrets("other").get("centra") is None
    assert other.erase_person("dtc-1", by="Kim") == 0


def test_the_same_ids_live_side_by_side(ledger: Ledger) -> None:
    """Both connections take, plan, send and confirm order 1 as order SO1."""
    for name in ("nordic", "other"):
        books = ledger.of(name)
        plan(books)
        assert confirm(books, send(books))
        assert state(books) == "confirmed"
    with ledger.of("other").read() as unit:
        assert unit.audit.verify().rows == 1


def test_times_are_stored_as_utc_and_sort(ledger: Ledger) -> None:
    """An hour is the same hour in whatever zone it was written."""
    books = ledger.of("nordic")
    stockholm = datetime.fromisoformat("2026-03-01T10:30:00.123456+02:00")
    take(books, start_run(books), [entry("1", updated_at=stockholm)])
    with books.read() as unit:
        row = unit.records.get(ORDERS, "1")
    assert row is not None
    assert row.updated_at == stockholm
    assert row.updated_at.tzinfo is UTC


def test_amounts_keep_every_digit(ledger: Ledger) -> None:
    """No float comes near: trailing zeros and long fractions come back."""
    books = ledger.of("nordic")
    amounts = [
        Decimal("0.10"),
        Decimal("-1234567890123456789.123456789"),
        Decimal("1E+3"),
    ]
    entries = [entry(str(n), amount=amount) for n, amount in enumerate(amounts)]
    take(books, start_run(books), entries)
    with books.read() as unit:
        rows = [unit.records.get(ORDERS, str(n)) for n in range(3)]
    assert [str(row.amount) for row in rows if row] == [
        "0.10",
        "-1234567890123456789.123456789",
        "1000",
    ]


@pytest.mark.parametrize("bad", [1.5, Decimal("NaN"), Decimal("Infinity")])
def test_an_inexact_amount_is_refused(bad: object) -> None:
    """A float, or what is no number, never reaches the database."""
    with pytest.raises(TypeError, match="no exact amount"):
        Amount().process_bind_param(bad, sqlite.dialect())  # type: ignore[arg-type]


def test_a_time_without_a_zone_is_refused() -> None:
    """It could be any hour."""
    naive = datetime(2026, 3, 1)  # noqa: DTZ001
    for dialect in (sqlite.dialect(), postgresql.dialect()):
        with pytest.raises(ValueError, match="no time zone"):
            Moment().process_bind_param(naive, dialect)


def test_a_unit_that_reads_writes_nothing(
    books: ConnectionLedger, clock: Clock
) -> None:
    """On both databases alike, so that what is written on one works on the other."""
    with pytest.raises((RetryableError, InternalError)), books.read() as unit:
        unit.cursors.wake("Order", [1], at=clock())

    with books.begin() as unit:
        assert unit.cursors.woken("Order") == []
