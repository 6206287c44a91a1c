"""The connector's own memory: what makes 'never twice, never lost' true."""

from ledger.alerts import INSTALLATION, AlertRow, Alerts
from ledger.catalogue import CatalogueRow
from ledger.certificates import CertificateEntry, Signature
from ledger.errors import (
    ErasedError,
    KeyringError,
    LinkConflictError,
    StaleClaimError,
)
from ledger.hints import Call, HintRow
from ledger.history import RunsRow, SettingsRow, VersionRow
from ledger.keys import Keyring, read_key_file
from ledger.lags import Lag
from ledger.ledger import ConnectionLedger, Ledger, Unit
from ledger.rate_rows import BookedDocument, Stamp, StampRow
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
from ledger.rows.stock import Level, Looked, Observed, Shelf, Started
from ledger.run_outcomes import Day, DoneRow
from ledger.stock_moves import MoveRow, NetMove, TakenAt
from ledger.undoing import UNDO, UNDONE
from ledger.verification import Fault, Verified

__all__ = [
    "INSTALLATION",
    "UNDO",
    "UNDONE",
    "AlertRow",
    "Alerts",
    "AuditRow",
    "BookedDocument",
    "Call",
    "CatalogueRow",
    "CertificateEntry",
    "Claim",
    "ConfirmedRow",
    "ConnectionLedger",
    "Day",
    "DoneRow",
    "Draft",
    "DraftRow",
    "ErasedError",
    "ExceptionRow",
    "ExceptionStatus",
    "Fault",
    "HintRow",
    "IndexRow",
    "IntentRow",
    "IntentState",
    "Keyring",
    "KeyringError",
    "Lag",
    "Ledger",
    "Level",
    "LinkConflictError",
    "LinkRow",
    "Looked",
    "MoveRow",
    "NetMove",
    "Observed",
    "PlanItem",
    "PlanRow",
    "PlannedIntent",
    "RecordRow",
    "RecordState",
    "RunRow",
    "RunsRow",
    "SettingsRow",
    "Shelf",
    "Signature",
    "SourceEntry",
    "StaleClaimError",
    "Stamp",
    "StampRow",
    "Started",
    "TakenAt",
    "TakenPage",
    "Unit",
    "Verified",
    "VerifyResult",
    "VersionRow",
    "Wish",
    "read_key_file",
]
