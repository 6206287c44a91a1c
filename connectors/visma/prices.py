"""Sales prices of Visma.net ERP: read in full or by delta, one price list at a time.

Source: ERP API reference, CustomerSalesPrice. A row that was deleted is gone without a
trace, so a delta is not enough for long. Nothing in a row says whether VAT is in it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from pydantic import Field, field_validator

from connectors.paging import Page, iter_pages
from connectors.transport import ApiClient
from connectors.visma.paging import numbered_page
from connectors.wire import Incoming

__all__ = ["PriceTable", "SalesPrice", "SalesPrices"]

_SIZE = 1_000


class PriceTable(NamedTuple):
    """Which prices: those for everybody, or those of a customer price class."""

    kind: Literal["Base", "CustomerPriceClass"]
    code: str = ""

    def __str__(self) -> str:
        """As people call it."""
        return f"price class {self.code}" if self.code else "the base prices"


class SalesPrice(Incoming):
    """A row of the sales prices; without dates it holds always, the last day counts."""

    record_id: int
    price_type: str = ""
    price_code: str = ""
    inventory_id: str = ""
    unit: str = Field("", alias="uoM")
    promotion: bool = False
    break_qty: Decimal = Decimal(0)
    price: Decimal
    currency: str = ""
    effective_date: date | None = None
    expiration_date: date | None = None
    warehouse: str = ""
    last_modified_date_time: str | None = None

    @field_validator("price_code", "inventory_id", "unit", "currency", "warehouse")
    @classmethod
    def _without_blanks(cls, value: str) -> str:
        return value.strip()

    @field_validator("effective_date", "expiration_date", mode="before")
    @classmethod
    def _day(cls, value: Any) -> Any:  # noqa: ANN401 - any wire value
        # A day is written as its midnight, in no zone.
        return value[:10] if isinstance(value, str) else value


class SalesPrices:
    """GET of /v1/customerSalesPrice."""

    def __init__(self, erp: ApiClient) -> None:
        """Read from the ERP service."""
        self._erp = erp

    async def iter_pages(
        self, source: PriceTable, modified_since: str | None = None
    ) -> AsyncIterator[tuple[SalesPrice, ...]]:
        """Read the rows of one price list, all or those that changed.

        `modified_since` has no offset. An unknown filter is ignored by the ERP, so each
        row is checked again.
        """
        params: dict[str, str | int] = {"pageSize": _SIZE, "priceType": source.kind}
        if source.code:
            params["priceCode"] = source.code
        if modified_since is not None:
            params |= {
                "lastModifiedDateTime": modified_since,
                "lastModifiedDateTimeCondition": ">=",
            }

        async def fetch(number: int) -> Page[Mapping[str, Any]]:
            answer = await self._erp.request(
                "GET",
                "/v1/customerSalesPrice",
                params={**params, "pageNumber": number},
                repeatable=True,
                operation="GET customerSalesPrice",
            )
            return numbered_page(answer, _SIZE, self._erp.peer)

        pages = iter_pages(
            fetch,
            first=1,
            key=lambda row: row["recordId"],
            what="Visma.net's list of sales prices",
        )
        async for page in pages:
            rows = [SalesPrice.model_validate(row) for row in page.rows]
            yield tuple(row for row in rows if _is_of(row, source))


def _is_of(row: SalesPrice, source: PriceTable) -> bool:
    code = row.price_code if source.kind == "CustomerPriceClass" else ""
    return row.price_type == source.kind and code.casefold() == source.code.casefold()
