"""The exchange rate that documents got: as stamped, else as Visma.net booked them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ledger import StampRow
from mapping.rounding import ZERO

__all__ = ["rate_of"]

_FINEST = Decimal("0.0001")
"""Finer than this the rounding of the amounts would show, not the rate."""


def rate_of(rows: Sequence[StampRow]) -> Decimal | None:
    """The rate of documents that share one: as stamped, else as Visma.net booked them.

    Where it tells none, it is what their amounts came to; None while one is not booked.
    """
    first = rows[0]
    if first.stamp.rate is not None:
        return first.stamp.rate
    if len(rows) == 1 and first.booked is not None and first.booked.rate is not None:
        return first.booked.rate
    amount = sum((row.stamp.amount or ZERO for row in rows), ZERO)
    booked = [row.booked.amount for row in rows if row.booked is not None]
    if len(booked) < len(rows) or not amount:
        return None
    return (sum(booked, ZERO) / amount).quantize(_FINEST)
