"""How rows of the intents table become claims and what people see."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func

from ledger.record_rows import UNSENT, needs_of
from ledger.rows import Claim, ConfirmedRow, IntentRow, IntentState
from ledger.schema import intents, records
from ledger.work import AnyRow

__all__ = [
    "CLAIMED",
    "FREE",
    "NAMED",
    "SHOWN",
    "UNDECIDED",
    "UNVERIFIED",
    "claim_of",
    "confirmed_row",
    "intent_row",
]

FREE: dict[str, Any] = {"owner": None, "lease_until": None}

UNDECIDED: tuple[IntentState, ...] = (*UNSENT, "sending", "in_doubt")

NAMED = (
    intents.c.id,
    intents.c.record_id,
    intents.c.direction,
    intents.c.source_id,
    intents.c.operation,
    intents.c.reference,
    intents.c.run_id,
)

SHOWN = (
    intents.c.id.label("intent_id"),
    intents.c.direction,
    intents.c.source_id,
    records.c.label,
    intents.c.operation,
    intents.c.kind,
    intents.c.reference,
    intents.c.state,
    intents.c.revision,
    intents.c.body_hash,
    intents.c.amount,
    intents.c.vat,
    intents.c.currency,
    intents.c.needs,
    intents.c.summary,
    intents.c.run_id,
    intents.c.attempts,
    intents.c.probes,
    intents.c.sent_at,
    intents.c.next_probe_at,
    intents.c.target_kind,
    intents.c.target_id,
    intents.c.message,
    (func.coalesce(intents.c.approved_hash, "") == intents.c.body_hash).label(
        "approved"
    ),
    (intents.c.revision == records.c.revision).label("is_current"),
)

CLAIMED = (
    intents.c.id.label("intent_id"),
    intents.c.direction,
    intents.c.source_id,
    records.c.label,
    intents.c.operation,
    intents.c.kind,
    intents.c.reference,
    intents.c.revision,
    intents.c.fence,
    intents.c.lease_until,
    intents.c.body_hash,
    intents.c.amount,
    intents.c.vat,
    intents.c.currency,
    intents.c.probes,
    intents.c.attempts,
    intents.c.sent_at,
    intents.c.needs,
    intents.c.run_id,
    intents.c.payload_id,
)

UNVERIFIED = (
    intents.c.id.label("intent_id"),
    intents.c.source_id,
    records.c.label,
    intents.c.target_kind,
    intents.c.target_id,
    intents.c.reference,
    intents.c.amount,
    intents.c.vat,
    intents.c.currency,
)


def intent_row(row: AnyRow) -> IntentRow:
    """An intent as a person or a plan sees it."""
    values = dict(row._mapping)  # noqa: SLF001 - the documented name of this accessor
    values["needs"] = needs_of(values["needs"])
    return IntentRow(**values)


def claim_of(row: AnyRow, body: bytes, lease_seconds: int) -> Claim:
    """A claim with its body."""
    values = dict(row._mapping)  # noqa: SLF001 - the documented name of this accessor
    values["needs"] = needs_of(values["needs"])
    return Claim(**values, body=body, lease_seconds=lease_seconds)


def confirmed_row(row: AnyRow) -> ConfirmedRow:
    """A confirmed document to be read back."""
    return ConfirmedRow(*row)
