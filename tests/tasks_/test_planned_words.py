"""What a plan says of a write beside its amounts."""

from __future__ import annotations

import pytest

from tasks.planned_rows import said_of


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"is_active": "True"}, "active"),
        ({"is_active": "False", "lines": "2"}, "not active, lines 2"),
        ({"date": "2026-11-13T00:00:00"}, "date 2026-11-13"),
        ({"date": "2026-11-13T10:00:00"}, "date 2026-11-13T10:00:00"),
        ({"price": "7", "name": ""}, ""),
    ],
)
def test_it_is_told_in_words(said: dict[str, str], told: str) -> None:
    """A yes or no as what it means, a day as a day, and nothing that has a column."""
    assert said_of(said) == told
