"""What a line of the audit chain repeats of the intent that it is about."""

from __future__ import annotations

from decimal import Decimal

__all__ = ["INTENT", "vouched"]

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
