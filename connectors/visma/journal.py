"""What Visma.net booked in the general ledger for documents of the customer ledger."""

from __future__ import annotations

from decimal import Decimal

from connectors.transport import ApiClient
from connectors.visma.journal_models import JournalLine
from connectors.visma.journals import Journals
from connectors.wire import Incoming

__all__ = ["BookedDifference", "BookedDifferences"]

_CUSTOMER_LEDGER = "AR"


class BookedDifference(Incoming):
    """A gain (or, below zero, a loss) that was booked with a document, in base currency."""

    document: str
    batch: str
    account: str
    gain: Decimal


class BookedDifferences:
    """Reads what was booked on the accounts of exchange differences."""

    def __init__(self, erp: ApiClient, page_size: int) -> None:
        """Read through the ERP service."""
        self._journals = Journals(erp, page_size)

    async def of_period(
        self, period: str, accounts: frozenset[str]
    ) -> list[BookedDifference]:
        """Return what the customer ledger booked on these accounts in a period, `YYYYMM`."""
        return [
            BookedDifference(
                document=line.reference_number,
                batch=row.batch_number,
                account=line.account_number,
                gain=_gain(line),
            )
            for row in await self._journals.of_period(period, module=_CUSTOMER_LEDGER)
            for line in row.journal_transaction_lines
            if line.account_number in accounts and line.reference_number
        ]


def _gain(line: JournalLine) -> Decimal:
    """What the line says in base currency; a gain is credited.

    Such a line is nothing in the document's currency, so only one pair of its amounts
    is not zero, whichever of them is in base currency.
    """
    return -(line.amount or line.base)
