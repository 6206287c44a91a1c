"""What goes into the ledger and comes out of it: small frozen values."""

from __future__ import annotations

from ledger.rows.intents import (
    Claim,
    ConfirmedRow,
    Draft,
    DraftRow,
    IndexRow,
    IntentRow,
    IntentState,
    LinkRow,
    PlannedIntent,
    Wish,
)
from ledger.rows.running import AuditRow, PlanItem, PlanRow, RunRow, VerifyResult
from ledger.rows.sources import (
    ExceptionRow,
    ExceptionStatus,
    RecordRow,
    RecordState,
    SourceEntry,
    TakenPage,
)

__all__ = [
    "AuditRow",
    "Claim",
    "ConfirmedRow",
    "Draft",
    "DraftRow",
    "ExceptionRow",
    "ExceptionStatus",
    "IndexRow",
    "IntentRow",
    "IntentState",
    "LinkRow",
    "PlanItem",
    "PlanRow",
    "PlannedIntent",
    "RecordRow",
    "RecordState",
    "RunRow",
    "SourceEntry",
    "TakenPage",
    "VerifyResult",
    "Wish",
]
