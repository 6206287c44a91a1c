"""What is an alert, in words: one sentence a cause, and no news beside its explanation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mapping.alert_facts import Facts, Held, Waiting, watching_on
from mapping.alert_words import message, sentence
from mapping.alerts import Cause, causes_of, large_databases, still_meant
from settings.alerts import AlertRules

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
STOCKHOLM = ZoneInfo("Europe/Stockholm")
MINUTE = timedelta(minutes=1)


def a_cause(key: str, *explained_by: str) -> Cause:
    """A cause that others may explain."""
    return Cause(key, f"{key} is wrong", NOW, "look", explained_by=explained_by)


def test_a_sentence_says_what_since_when_and_what_to_do() -> None:
    """In the company's time, summer and winter; a link only where there is one."""
    cause = a_cause("stock")
    linked = Cause("k", "it is wrong", NOW + timedelta(days=30), "press", "http://ui")

    assert (
        sentence(cause, STOCKHOLM) == "stock is wrong, since 2026-03-10 10:30 CET: look"
    )
    assert sentence(linked, STOCKHOLM) == (
        "it is wrong, since 2026-04-09 11:30 CEST: press http://ui"
    )


def test_a_message_stays_short() -> None:
    """Twenty lines, and how many more there are; what is solved says only what it was."""
    many = [a_cause(f"c{number}") for number in range(23)]

    lines = message(many, UTC).splitlines()

    assert (len(lines), lines[-1]) == (21, "and 3 more: centra-visma alerts")
    assert len(message(many[:20], UTC).splitlines()) == 20
    assert message(many[:1], UTC, solved=True) == "solved: c0 is wrong"


def test_what_is_explained_is_no_news() -> None:
    """Unless it was told before its explanation came: then it lasts, and is not told anew."""
    failed, silent = a_cause("failed"), a_cause("silent", "failed", "late")

    assert still_meant([silent], []) == [silent]
    assert still_meant([failed, silent], []) == [failed]
    assert still_meant([silent], ["failed"]) == []
    assert still_meant([failed, silent], ["silent"]) == [failed, silent]


@pytest.mark.parametrize(
    ("every", "silent_after", "words"),
    [
        (timedelta(seconds=30), 15, "every 30 seconds"),
        (2 * MINUTE, 15, "every 2 minutes"),
        (5 * MINUTE, 25, "every 5 minutes"),
        (60 * MINUTE, 300, "every hour"),
    ],
)
def test_a_direction_is_silent_after_five_of_its_intervals(
    every: timedelta, silent_after: int, words: str
) -> None:
    """At least fifteen minutes; not a moment before."""
    waiting = [Waiting("orders", every, NOW)]

    def found(minutes: float) -> list[Cause]:
        now = NOW + minutes * MINUTE
        return causes_of("n", Facts(waiting), AlertRules(), NOW - MINUTE, now)

    assert found(silent_after) == []
    [cause] = found(silent_after + 0.1)
    assert (cause.key, cause.since) == ("silent:orders", NOW)
    assert cause.what.endswith(words)


def test_a_plan_that_waits_is_told_with_its_command() -> None:
    """It is no silence: the direction ends well, and waits for a person."""
    waiting = [Waiting("stock", MINUTE, NOW, plan_since=NOW - MINUTE)]

    [cause] = causes_of("n", Facts(waiting), AlertRules(), NOW, NOW)

    assert (cause.key, cause.since) == ("plan:stock", NOW - MINUTE)
    assert "centra-visma plan stock" in cause.to_do


def test_what_a_guard_holds_is_told_with_its_command() -> None:
    """All else goes on, so nobody would see that a shop sells what is not there."""
    held = Held(writes=2, since=NOW - MINUTE, plan="78984e78811e")
    waiting = [Waiting("stock", MINUTE, NOW, held=held)]

    [cause] = causes_of("n", Facts(waiting), AlertRules(), NOW, NOW)

    assert (cause.key, cause.since) == ("held:stock", NOW - MINUTE)
    assert cause.what.startswith("2 writes of stock of n wait for an approval")
    assert "centra-visma apply 78984e78811e -c n" in cause.to_do


def test_only_a_long_pause_begins_the_watch_anew() -> None:
    """Twenty minutes are four looks that may be late."""
    first = watching_on(None, NOW)
    later = watching_on(first, NOW + 20 * MINUTE)
    anew = watching_on(later, NOW + 41 * MINUTE)

    assert (first.since, later.since) == (NOW, NOW)
    assert (anew.since, anew.last) == (NOW + 41 * MINUTE, NOW + 41 * MINUTE)


def test_a_database_may_be_as_large_as_its_limit() -> None:
    """Each by itself; sizes are told in megabytes."""
    sizes = {"the ledger": 5_000_000, "Prefect": 5_000_001}

    [cause] = large_databases(sizes, 5, NOW)

    assert cause.key == "size:Prefect"
    assert cause.what == "the database of Prefect takes 5 MB, more than 5"


def test_figures_that_are_told_no_more_are_an_alert_of_their_own() -> None:
    """As soon as they are older than stock may be, though all others are fresh."""
    rules = AlertRules(stock_minutes=30)
    facts = Facts(
        stock_read=NOW,
        stock_unread=[NOW - 90 * MINUTE, NOW - 31 * MINUTE, NOW - 30 * MINUTE],
    )
    since = NOW - 120 * MINUTE

    [cause] = causes_of("nordhem", facts, rules, since, NOW)

    assert (cause.key, cause.since) == ("stock:unread", NOW - 90 * MINUTE)
    assert "the stock of 2 sizes that Centra sells" in cause.what
    assert causes_of("nordhem", Facts(stock_read=NOW), rules, since, NOW) == []
