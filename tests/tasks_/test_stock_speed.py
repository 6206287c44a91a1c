"""A hundred thousand sizes and warehouses are compared in seconds of our own time."""

from __future__ import annotations

import time
from decimal import Decimal

from tasks.stock_difference import (
    catalogue_frame,
    difference,
    figures_frame,
    levels_frame,
    moves_frame,
)

ITEMS = 50_000
PLACES = {"MAIN": 1, "RETAIL": 2}
SECONDS = 20


def test_a_large_catalogue_is_compared_in_seconds() -> None:
    """From plain rows to what is to be set; `make bench` measures the whole run."""
    names = [f"NX{number:05}" for number in range(ITEMS)]
    began = time.process_time()
    found = difference(
        figures_frame(
            (
                (name, place, Decimal(number % 90))
                for place in PLACES
                for number, name in enumerate(names)
            ),
            PLACES,
        ),
        catalogue_frame(
            (name, number, name, None) for number, name in enumerate(names)
        ),
        levels_frame(
            (place, number, number % 90 if number % 1000 else 95, 1)
            for place in PLACES.values()
            for number in range(ITEMS)
        ),
        moves_frame((1, name, 1, 1) for name in names[:5_000]),
        {},
    )

    assert time.process_time() - began < SECONDS
    assert len(found.rows) == 2 * ITEMS
    assert len(found.changed) == 2 * ITEMS // 1000
