"""Customer invoices and credit notes of Visma.net ERP, as lists."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from connectors.paging import Page, iter_pages
from connectors.transport import ApiClient
from connectors.visma.ledger_models import InvoiceRow
from connectors.visma.paging import numbered_page

__all__ = ["Invoices"]


class Invoices:
    """GET of /v1/customerinvoice and /v1/customerCreditNote."""

    def __init__(self, erp: ApiClient, page_size: int) -> None:
        """Read from the ERP service."""
        self._erp = erp
        self._size = page_size

    def iter_invoices(
        self, modified_since: str | None = None
    ) -> AsyncIterator[tuple[InvoiceRow, ...]]:
        """Read invoices page by page; `modified_since` has no offset."""
        return self._pages("customerinvoice", modified_since)

    def iter_credit_notes(
        self, modified_since: str | None = None
    ) -> AsyncIterator[tuple[InvoiceRow, ...]]:
        """Read credit notes page by page; `modified_since` has no offset."""
        return self._pages("customerCreditNote", modified_since)

    async def _pages(
        self, name: str, modified_since: str | None
    ) -> AsyncIterator[tuple[InvoiceRow, ...]]:
        params: dict[str, str | int] = {
            "pageSize": self._size,
            "expandTaxDetails": "true",
        }
        if modified_since is not None:
            params |= {
                "lastModifiedDateTime": modified_since,
                "lastModifiedDateTimeCondition": ">=",
            }

        async def fetch(number: int) -> Page[Mapping[str, Any]]:
            answer = await self._erp.request(
                "GET",
                f"/v1/{name}",
                params={**params, "pageNumber": number},
                repeatable=True,
                operation=f"GET {name}",
            )
            return numbered_page(answer, self._size, self._erp.peer)

        pages = iter_pages(
            fetch,
            first=1,
            key=lambda row: (row.get("documentType"), row["referenceNumber"]),
            what=f"Visma.net's list of {name}",
        )
        async for page in pages:
            yield tuple(InvoiceRow.model_validate(row) for row in page.rows)
