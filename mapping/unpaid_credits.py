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


def judge_unpaid(raw: bytes) -> LeftOut:
    """Say that a credit is settled by now.

    Raises:
        RecordError: It is not, and Centra knows no refund that would settle it.
    """
    credit = UnpaidCredit.model_validate_json(raw)
    if not credit.is_open:
        return LeftOut("REFUND_BOOKED", f"credit note {credit.note} is settled")
    raise RecordError(
        f"credit note {credit.note} of return {credit.return_id} (order {credit.order}) "
        f"is open since {credit.since} with {credit.balance} {credit.currency}, and "
        "Centra has no refund that would settle it",
        code="REFUND_MISSING",
        fix="Refund the return in Centra; if it was paid at the provider already, book "
        "the refund on the credit note in Visma.net.",
        record_id=f"{UNPAID}{credit.return_id}",
    )
