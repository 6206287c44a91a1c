"""Actions of Visma.net that fail, or go on, behind a good status."""

from __future__ import annotations

from connectors.errors import RecordError
from connectors.visma.shipment_models import ActionResult
from ledger import Claim

__all__ = ["refuse_failed"]


def refuse_failed(claim: Claim, result: ActionResult, what: str) -> None:
    """Turn a failure that came with a good status into a refusal.

    Raises:
        RecordError: Visma.net did not do it.
    """
    if not result.has_failed:
        return
    message = f"{claim.label}: Visma.net could not {what}: {result.error_info or '-'}"
    raise RecordError(
        message,
        code="ACTION_FAILED",
        fix="Correct what the message names in Visma.net, then retry.",
        record_id=claim.label,
    )
