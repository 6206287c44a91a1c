"""Credits that nobody has paid out: known by an open credit note, not by an entry."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from connectors.errors import RecordError
from mapping.scope import LeftOut

__all__ = ["UNPAID", "UnpaidCredit", "judge_unpaid"]

UNPAID = "U"
"""Before the id of a return: its credit note, and not an entry, is looked at."""


class UnpaidCredit(BaseModel):
    """The credit note of a return that has been open for long, or was until now."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    return_id: int
    order: int
    note: str
    balance: Decimal
    currency: str
    since: date
    is_open: bool
    asked_on: date | None = None
    """When Centra asked the payment provider for its refund, which has no answer yet."""


def judge_unpaid(raw: bytes) -> LeftOut:
    """Say that a credit is settled by now.

    Raises:
        RecordError: It is not, and Centra knows no refund that would settle it.
    """
    credit = UnpaidCredit.model_validate_json(raw)
    if not credit.is_open:
        return LeftOut("REFUND_BOOKED", f"credit note {credit.note} is settled")
    why = "Centra has no refund that would settle it"
    fix = (
        "Refund the return in Centra; if it was paid at the provider already, book "
        "the refund on the credit note in Visma.net."
    )
    if credit.asked_on:
        why = f"the refund that Centra asked for on {credit.asked_on} has no answer"
        fix = (
            "Do not refund it again before you looked at the payment provider: if it "
            "was paid there, book the refund on the credit note in Visma.net; if it "
            "failed, refund the return in Centra."
        )
    raise RecordError(
        f"credit note {credit.note} of return {credit.return_id} (order {credit.order}) "
        f"is open since {credit.since} with {credit.balance} {credit.currency}, and "
        f"{why}",
        code="REFUND_MISSING",
        fix=fix,
        record_id=f"{UNPAID}{credit.return_id}",
    )
