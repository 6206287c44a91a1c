"""What customers owed when a span of periods began and ended.

Source: GET /v2/customer/balance of the ERP specification. No resource gives balances
of accounts: what an account moved is the sum of its lines in the journal.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.paging import Page, iter_pages
from connectors.transport import ApiClient
from connectors.visma.lists import get_list
from connectors.visma.paging import rows_of
from connectors.wire import Incoming

__all__ = ["PeriodBalance", "PeriodBalances"]

_PATH = "/v2/customer/balance"


class PeriodBalance(Incoming):
    """What one customer owed when it began and ended, in the company's currency."""

    begin_balance: Decimal = Decimal(0)
    year_to_date_balance: Decimal = Decimal(0)


class PeriodBalances:
    """Reads the balances; they cannot be written."""

    def __init__(self, erp: ApiClient, page_size: int) -> None:
        """Read through the ERP service."""
        self._erp = erp
        self._size = page_size

    async def of_period(self, period: str) -> list[PeriodBalance]:
        """Return what each customer owed at the begin and the end of a period, `YYYYMM`."""

        async def fetch(number: int) -> Page[Mapping[str, Any]]:
            params: dict[str, str | int | list[str] | list[int]] = {
                "fromFinPeriod": period,
                "toFinPeriod": period,
                "pageNumber": number,
                "pageSize": self._size,
            }
            answer = await get_list(self._erp, _PATH, params)
            rows = rows_of(answer.body, self._erp.peer)
            # the list says nowhere how large its pages are: the last one is empty
            return Page(rows, not rows)

        found: dict[tuple[object, object], PeriodBalance] = {}
        pages = iter_pages(fetch, first=1, key=_key, what=f"the list of {_PATH}")
        async for page in pages:
            for row in page.rows:
                found[_key(row)] = PeriodBalance.model_validate(row)
        return list(found.values())


def _key(row: Mapping[str, Any]) -> tuple[object, object]:
    customer, branch = row.get("customer") or {}, row.get("branchNumber") or {}
    return (customer.get("number"), branch.get("number"))
