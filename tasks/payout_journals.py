"""Which journals of the general ledger are those of payouts, and not made by people."""

from __future__ import annotations

import re

from connectors.visma.journal_models import JournalRow
from ledger import Unit
from mapping.references import is_payout_reference, payout_reference
from settings.connection import Connection
from tasks.payouts import DIRECTION

__all__ = ["PayoutJournals"]

_DESCRIBED = re.compile(r"(?P<method>.+) payout (?P<id>.+) (?P<currency>[A-Z]{3})")


class PayoutJournals:
    """Knows the journals of payouts: by the ledger, else by what they say of themselves."""

    def __init__(self, unit: Unit, settings: Connection) -> None:
        """Know what every payout was booked as."""
        self._prefix = settings.prefix
        self._numbers: dict[str, str] = {}
        for made in unit.evidence.made(DIRECTION):
            parts = made.source_id.split("/", 2)
            self._numbers[payout_reference(self._prefix, *parts)] = made.target_id

    def is_ours(self, journal: JournalRow, reference: str | None) -> bool:
        """Whether a line with a reference is of a payout.

        Of a payout that the ledger knows, just the journal that it was booked as is: a
        reversal, or a copy, was made by people. Of another one, reference and description
        must belong together.
        """
        if not is_payout_reference(self._prefix, reference):
            return False
        known = self._numbers.get(str(reference))
        if known is not None:
            return journal.batch_number == known
        told = _DESCRIBED.fullmatch(journal.description or "")
        return told is not None and reference == payout_reference(
            self._prefix, told["method"], told["currency"], told["id"]
        )
