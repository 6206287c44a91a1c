"""The connector's own memory: what makes 'never twice, never lost' true."""

from ledger.catalogue import CatalogueRow
from ledger.certificates import CertificateEntry, Signature
from ledger.errors import (
    ErasedError,
    KeyringError,
    LinkConflictError,
    StaleClaimError,
)
from ledger.keys import Keyring
from ledger.ledger import ConnectionLedger, Ledger, Unit
from ledger.rows import (
    AuditRow,
    Claim,
    ConfirmedRow,
    Draft,
    DraftRow,
    ExceptionRow,
    ExceptionStatus,
    IndexRow,
    IntentRow,
    IntentState,
    LinkRow,
    PlanItem,
    PlannedIntent,
    PlanRow,
    RecordRow,
    RecordState,
    RunRow,
    SourceEntry,
    TakenPage,
    VerifyResult,
    Wish,
)
from ledger.stock_levels import Level, Observed, Shelf, Started
from ledger.stock_moves import MoveRow, NetMove, TakenAt

__all__ = [
    "AuditRow",
    "CatalogueRow",
    "CertificateEntry",
    "Claim",
    "ConfirmedRow",
    "ConnectionLedger",
    "Draft",
    "DraftRow",
    "ErasedError",
    "ExceptionRow",
    "ExceptionStatus",
    "IndexRow",
    "IntentRow",
    "IntentState",
    "Keyring",
    "KeyringError",
    "Ledger",
    "Level",
    "LinkConflictError",
    "LinkRow",
    "MoveRow",
    "NetMove",
    "Observed",
    "PlanItem",
    "PlanRow",
    "PlannedIntent",
    "RecordRow",
    "RecordState",
    "RunRow",
    "Shelf",
    "Signature",
    "SourceEntry",
    "StaleClaimError",
    "Started",
    "TakenAt",
    "TakenPage",
    "Unit",
    "VerifyResult",
    "Wish",
]
