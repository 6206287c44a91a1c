"""Numbers as people read them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mapping.counting import counted, lasting


@pytest.mark.parametrize(
    ("count", "words", "shown"),
    [
        (0, ("write",), "0 writes"),
        (1, ("write",), "1 write"),
        (1200, ("write",), "1,200 writes"),
        (1, ("entry", "entries"), "1 entry"),
        (2, ("entry", "entries"), "2 entries"),
    ],
)
def test_one_is_not_many(count: int, words: tuple[str, ...], shown: str) -> None:
    """A word is in the singular for one, and only for one."""
    assert counted(count, *words) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 seconds"),
        (0.4, "0 seconds"),
        (41.6, "42 seconds"),
        (1, "1 second"),
        (60, "1 minute"),
        (61, "1 minute 1 second"),
        (3_600, "1 hour"),
        (3_659, "1 hour"),
        (1_790_134, "20 days 17 hours"),
        (timedelta(minutes=90), "1 hour 30 minutes"),
    ],
)
def test_a_duration_has_its_largest_units(
    seconds: float | timedelta, shown: str
) -> None:
    """Nobody divides seconds by 86,400 in the head."""
    assert lasting(seconds) == shown
