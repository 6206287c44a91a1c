"""What Visma.net booked in the general ledger for documents of the customer ledger.

Source: GET /v2/journaltransaction of the ERP specification. A period or a time of
change must be named; pages count *lines*, so that a page may end within a
transaction.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

from connectors.paging import Page, iter_pages
from connectors.transport import ApiClient
from connectors.visma.lists import get_list
from connectors.visma.paging import rows_of
from connectors.wire import Incoming

__all__ = ["BookedDifference", "BookedDifferences"]

_PATH = "/v2/journaltransaction"
_MODULES = frozenset({"AR", "ModuleAR"})


class _Line(Incoming):
    line_number: int | None = None
    account_number: str | None = None
    reference_number: str | None = None
    debit_amount: Decimal = Decimal(0)
    credit_amount: Decimal = Decimal(0)
    debit_amount_in_currency: Decimal = Decimal(0)
    credit_amount_in_currency: Decimal = Decimal(0)

    @property
    def gain(self) -> Decimal:
        """What the line says in base currency; a gain is credited.

        Such a line is nothing in the document's currency, so only one pair of its
        amounts is not zero, whichever of them is in base currency.
        """
        plain = self.credit_amount - self.debit_amount
        return plain or self.credit_amount_in_currency - self.debit_amount_in_currency


class _Transaction(Incoming):
    module: str = ""
    batch_number: str
    financial_period: str | None = None
    journal_transaction_lines: tuple[_Line, ...] = ()


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
        self._erp = erp
        self._size = page_size

    async def of_period(
        self, period: str, accounts: frozenset[str]
    ) -> list[BookedDifference]:
        """Return what the customer ledger booked on these accounts in a period, `YYYYMM`."""
        found: dict[tuple[str, int | None], BookedDifference] = {}
        async for rows in self._pages(period):
            for row in rows:
                if row.module not in _MODULES or row.financial_period not in {
                    None,
                    period,
                }:
                    continue  # an unknown filter is ignored by the ERP
                for line in row.journal_transaction_lines:
                    if line.account_number in accounts and line.reference_number:
                        found[row.batch_number, line.line_number] = BookedDifference(
                            document=line.reference_number,
                            batch=row.batch_number,
                            account=line.account_number or "",
                            gain=line.gain,
                        )
        return list(found.values())

    async def _pages(self, period: str) -> AsyncIterator[list[_Transaction]]:
        async def fetch(number: int) -> Page[_Transaction]:
            params: dict[str, str | int | list[str] | list[int]] = {
                "periodId": period,
                "module": "AR",
                "pageNumber": number,
                "pageSize": self._size,
            }
            answer = await get_list(self._erp, _PATH, params)
            rows = rows_of(answer.body, self._erp.peer)
            # how many transactions a page holds nobody states: the last one is empty
            return Page([_Transaction.model_validate(row) for row in rows], not rows)

        def key(row: _Transaction) -> tuple[object, ...]:
            lines = row.journal_transaction_lines
            return (row.batch_number, *(line.line_number for line in lines))

        pages = iter_pages(fetch, first=1, key=key, what="the list of the journal")
        async for page in pages:
            yield list(page.rows)
