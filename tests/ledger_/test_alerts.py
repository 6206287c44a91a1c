"""Alerts on both databases: a cause is one row, and is told by one process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from ledger import Ledger
from ledger.alerts import INSTALLATION
from mapping.alerts import Cause
from tests.ledger_.conftest import START, Clock, Opener


def a_cause(
    key: str = "late", what: str = "a run is late", since: datetime = START
) -> Cause:
    """Something that somebody should know of."""
    return Cause(key=key, what=what, to_do="look at it", link="http://x", since=since)


def test_a_cause_that_lasts_is_one_row(ledger: Ledger, clock: Clock) -> None:
    """It keeps its beginning and takes the newest words; only the first time it is new."""
    alerts = ledger.alerts("nordic")

    [begun] = alerts.see([a_cause()])
    clock.advance(minutes=5)
    again = alerts.see([a_cause(what="two runs are late", since=clock.now)])

    assert again == []
    [open_one] = alerts.open()
    assert (open_one.id, open_one.what) == (begun.id, "two runs are late")
    assert (open_one.since, open_one.begun_at) == (START, START)
    assert open_one.seen_at == clock.now


def test_what_is_gone_may_come_again(ledger: Ledger, clock: Clock) -> None:
    """As a row of its own, beside the one that was solved."""
    alerts = ledger.alerts("nordic")
    [first] = alerts.see([a_cause()])
    alerts.solve([first.id])
    clock.advance(hours=1)

    [second] = alerts.see([a_cause()])

    assert second.id != first.id
    assert [one.id for one in alerts.open()] == [second.id]
    assert [one.id for one in alerts.solved_since(START)] == [first.id]


def test_connections_do_not_see_each_others_alerts(ledger: Ledger) -> None:
    """Nor does the installation, which has alerts of its own."""
    ledger.alerts("nordic").see([a_cause()])

    assert ledger.alerts("other").open() == []
    assert ledger.alerts(INSTALLATION).open() == []


def test_one_process_tells_at_a_time(open_ledger: Opener, clock: Clock) -> None:
    """What one has taken no other gets, until two minutes have passed without a word."""
    one, two = (open_ledger(name).alerts("nordic") for name in ("one", "two"))
    one.see([a_cause()])

    [taken] = one.take_begun(None)
    assert two.take_begun(None) == []
    clock.advance(minutes=3)
    assert [row.id for row in two.take_begun(None)] == [taken.id]
    two.told([taken.id])

    assert one.take_begun(None) == []
    clock.advance(hours=2)
    assert [row.id for row in one.take_begun(timedelta(hours=1))] == [taken.id]


def test_its_end_is_told_once_and_only_if_its_beginning_was(ledger: Ledger) -> None:
    """Nobody hears of the end of what he was never told of."""
    alerts = ledger.alerts("nordic")
    told, untold = alerts.see([a_cause("a"), a_cause("b")])
    alerts.told([told.id])
    alerts.solve([told.id, untold.id])

    assert [row.id for row in alerts.take_solved()] == [told.id]


def test_many_see_the_same_at_once(open_ledger: Opener) -> None:
    """Eight processes that look at the same moment make one row, and one takes it."""
    many = [open_ledger(f"worker-{number}").alerts("nordic") for number in range(8)]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: one.see([a_cause(), a_cause("other")]), many))
        taken = [
            row
            for rows in pool.map(lambda one: one.take_begun(None), many)
            for row in rows
        ]

    assert len(many[0].open()) == 2
    assert sorted(row.cause for row in taken) == ["late", "other"]


def test_what_is_long_gone_is_forgotten(ledger: Ledger, clock: Clock) -> None:
    """What lasts stays, however old it is."""
    alerts = ledger.alerts("nordic")
    old, lasting = alerts.see([a_cause("a"), a_cause("b")])
    alerts.solve([old.id])
    clock.advance(days=200)

    alerts.forget(clock.now - timedelta(days=100))

    assert alerts.solved_since(START) == []
    assert [row.id for row in alerts.open()] == [lasting.id]
