"""Customer invoices and credit notes of Visma.net ERP: read, created, released."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Generic, TypeVar

from connectors.answers import Call
from connectors.paging import Page, iter_pages
from connectors.transport import ApiClient
from connectors.visma.ledger_models import InvoiceRow, ReleaseResult
from connectors.visma.ledger_writes import NewCreditNote, NewInvoice, NewLedgerDocument
from connectors.visma.paging import created_id, if_match, numbered_page, path_id
from connectors.visma.wrapping import wrap

__all__ = ["CreditNotes", "Invoices", "LedgerDocuments"]

Write = TypeVar("Write", bound=NewLedgerDocument)


class LedgerDocuments(Generic[Write]):
    """One kind of document of the customer ledger; POST is v2, the rest v1."""

    resource: str
    document_type: str

    def __init__(self, erp: ApiClient, page_size: int) -> None:
        """Work through the ERP service."""
        self._erp = erp
        self._size = page_size

    def iter_pages(
        self, modified_since: str | None = None
    ) -> AsyncIterator[tuple[InvoiceRow, ...]]:
        """Read documents page by page; `modified_since` has no offset."""
        if modified_since is None:
            return self._pages({})
        condition = {
            "lastModifiedDateTime": modified_since,
            "lastModifiedDateTimeCondition": ">=",
        }
        return self._pages(condition)

    async def find(self, external_reference: str) -> list[InvoiceRow]:
        """Return the documents with exactly this reference, VAT details included.

        An unknown filter is ignored by the ERP, so each row is checked again.
        """
        rows = await self._like({"externalReference": external_reference})
        return [one for one in rows if one.external_reference == external_reference]

    async def find_by_order(self, customer_ref_number: str) -> list[InvoiceRow]:
        """Return the documents with exactly this customer reference, as `find` does."""
        rows = await self._like({"customerRefNumber": customer_ref_number})
        return [one for one in rows if one.customer_ref_number == customer_ref_number]

    async def find_by_day(self, customer: str, day: str) -> list[InvoiceRow]:
        """Return a customer's documents of a day (yyyy-mm-dd), as `find` does."""
        rows = await self._like({"customer": customer, "documentDate": day})
        return [one for one in rows if (one.document_date or "")[:10] == day]

    async def _like(self, filters: Mapping[str, str]) -> list[InvoiceRow]:
        found: dict[str, InvoiceRow] = {}
        async for rows in self._pages(filters):
            for row in rows:
                if row.document_type == self.document_type:
                    found[row.reference_number] = row
        return list(found.values())

    async def get(self, number: str) -> InvoiceRow:
        """Return one document, with the ETag that guards a change of it.

        Raises:
            RecordError: There is no document with that number.
        """
        answer = await self._erp.request(
            "GET",
            self._path(number),
            repeatable=True,
            operation=f"GET {self.resource}/{{number}}",
        )
        row = InvoiceRow.model_validate(answer.body)
        etag = answer.headers.get("ETag") or row.time_stamp
        return row.model_copy(update={"etag": etag})

    async def create(self, document: Write) -> str:
        """Create a document and return its number.

        Raises:
            RecordError: Visma.net refuses what was sent.
            InDoubtError: It was sent and its end is not known.
        """
        call = Call(f"POST {self.resource}", repeatable=False, write=True)
        answer = await self._erp.request(
            "POST",
            f"/v2/{self.resource}",
            json=_body(document),
            repeatable=call.repeatable,
            operation=call.operation,
        )
        return created_id(answer, call, self._erp.peer)

    async def update(self, number: str, document: Write, etag: str) -> None:
        """Change the fields that are given; only what is not released can be changed.

        Raises:
            RecordError: Refused; CHANGED_MEANWHILE and LOCKED ask for a fresh read.
            InDoubtError: It was sent and its end is not known.
        """
        await self._erp.request(
            "PUT",
            self._path(number),
            json=_body(document),
            headers=if_match(etag),
            repeatable=False,
            operation=f"PUT {self.resource}/{{number}}",
        )

    async def delete(self, number: str) -> None:
        """Delete a document that was never released; raises like `update`."""
        await self._erp.request(
            "DELETE",
            self._path(number),
            repeatable=False,
            operation=f"DELETE {self.resource}/{{number}}",
        )

    async def release(self, number: str, etag: str) -> ReleaseResult:
        """Put a document into the books; raises like `update`.

        An answer of 200 may still hold a failure, and the work may go on behind
        it: look at the result, and at the document's status afterwards.
        """
        answer = await self._erp.request(
            "POST",
            f"{self._path(number)}/action/release",
            headers=if_match(etag),
            repeatable=False,
            operation=f"POST {self.resource}/{{number}}/action/release",
        )
        body = answer.body if isinstance(answer.body, Mapping) else {}
        return ReleaseResult.model_validate(body)

    async def _pages(
        self, filters: Mapping[str, str]
    ) -> AsyncIterator[tuple[InvoiceRow, ...]]:
        params: dict[str, str | int] = {
            "pageSize": self._size,
            "expandTaxDetails": "true",
            **filters,
        }

        async def fetch(number: int) -> Page[Mapping[str, Any]]:
            answer = await self._erp.request(
                "GET",
                f"/v1/{self.resource}",
                params={**params, "pageNumber": number},
                repeatable=True,
                operation=f"GET {self.resource}",
            )
            return numbered_page(answer, self._size, self._erp.peer)

        pages = iter_pages(
            fetch,
            first=1,
            key=lambda row: (row.get("documentType"), row["referenceNumber"]),
            what=f"Visma.net's list of {self.resource}",
        )
        async for page in pages:
            yield tuple(InvoiceRow.model_validate(row) for row in page.rows)

    def _path(self, number: str) -> str:
        return f"/v1/{self.resource}/{path_id(number)}"


class Invoices(LedgerDocuments[NewInvoice]):
    """Customer invoices."""

    resource = "customerinvoice"
    document_type = "Invoice"


class CreditNotes(LedgerDocuments[NewCreditNote]):
    """Customer credit notes."""

    resource = "customerCreditNote"
    document_type = "CreditNote"


def _body(document: NewLedgerDocument) -> dict[str, Any]:
    return wrap(document.model_dump(by_alias=True, exclude_none=True))
