"""Which journals of the general ledger are those of payouts, and not made by people."""

from __future__ import annotations

import re
from collections.abc import Collection

from connectors.answers import NOT_FOUND
from connectors.errors import RecordError
from connectors.visma.journal_models import JournalRow
from ledger import Unit
from mapping.clearing_rows import GonePayout
from mapping.money import minor_units
from mapping.references import is_payout_reference, payout_reference
from mapping.rounding import ZERO
from settings.connection import Connection
from tasks.direction import Ends
from tasks.payouts import DIRECTION

__all__ = ["PayoutJournals"]

_DESCRIBED = re.compile(r"(?P<method>.+) payout (?P<id>.+) (?P<currency>[A-Z]{3})")


class PayoutJournals:
    """Knows the journals of payouts: by the ledger, else by what they say of themselves."""

    def __init__(self, unit: Unit, settings: Connection) -> None:
        """Know what every payout was booked as."""
        self._prefix = settings.prefix
        self._numbers: dict[str, str] = {}
        self._booked: list[GonePayout] = []
        booked = unit.evidence.made(DIRECTION)
        records = unit.records.rows(DIRECTION, [one.source_id for one in booked])
        for made in booked:
            method, currency, id_ = made.source_id.split("/", 2)
            reference = payout_reference(self._prefix, method, currency, id_)
            self._numbers[reference] = made.target_id
            record = records.get(made.source_id)
            own = settings.payment_methods.get(method)
            account = None if own is None else own.cash_account_in(currency)
            if record is not None and record.occurred_on and account:
                paid = minor_units(made.amount or ZERO, currency)
                self._booked.append(
                    GonePayout(
                        payout=f"{method} payout {id_}",
                        journal=made.target_id,
                        account=account,
                        currency=currency,
                        day=record.occurred_on,
                        amount=paid,
                    )
                )

    async def gone(self, seen: Collection[str], ends: Ends) -> list[GonePayout]:
        """The payouts whose journal Visma.net has no more; those of `seen` it has."""
        return [
            one
            for one in self._booked
            if one.journal not in seen and await _is_gone(one.journal, ends)
        ]

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


async def _is_gone(number: str, ends: Ends) -> bool:
    try:
        await ends.visma.get_journal(number)
    except RecordError as error:
        if error.code != NOT_FOUND:
            raise
        return True
    return False
