"""What a line of the audit chain repeats of the row that it is about."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

__all__ = ["INTENT", "stamped", "vouched"]

INTENT = "intent"
"""The key of a line's detail that names the intent; lines of older ledgers lack it."""


def vouched(
    *,
    intent_id: int,
    sent: str | None,
    read: str | None,
    amount: Decimal | None,
    vat: Decimal | None,
    currency: str | None,
) -> dict[str, str]:
    """Return the part of a line's detail that the rows of an intent must agree with.

    `sent` and `read` are the digests of what was sent and of what the source said.
    """
    told = {
        INTENT: str(intent_id),
        "sent": sent,
        "read": read,
        "amount": None if amount is None else f"{amount:f}",
        "vat": None if vat is None else f"{vat:f}",
        "currency": currency,
    }
    return {name: value for name, value in told.items() if value is not None}


def stamped(row: Mapping[str, Any]) -> dict[str, str]:
    """Return what a line says of the exchange rate that a document got."""
    rate, on = row["rate"], row["rate_on"]
    told = {
        "currency": row["currency"],
        "source": row["source"],
        "rate": None if rate is None else f"{rate.normalize():f}",
        "on": None if on is None else on.isoformat(),
    }
    return {name: value for name, value in told.items() if value is not None}
