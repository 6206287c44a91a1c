"""Customer invoices and credit notes of ERP v1, for reading."""

from collections.abc import Callable
from datetime import UTC, datetime, time

from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.visma.company import Company
from sandbox.visma.door import Door, Handler, Visit
from sandbox.visma.erp import (
    changed_within,
    equal,
    not_found,
    page,
    scopes_for,
    show,
    times,
)
from sandbox.visma.records import Invoice
from sandbox.visma.wire import answer, etag_of, version_text

__all__ = ["invoice_routes"]

_LARGEST_PAGE = 500
_Books = Callable[[Company], dict[str, Invoice]]


def invoice_routes(door: Door) -> list[BaseRoute]:
    """Return the routes of both kinds of documents."""
    read = scopes_for("read")
    invoices, notes = _invoices, _credit_notes
    return [
        door.route("GET", "/v1/customerinvoice", _list(invoices), read),
        door.route(
            "GET",
            "/v1/customerinvoice/{invoiceNumber}",
            _get(invoices, "invoiceNumber", "Invoice"),
            read,
        ),
        door.route("GET", "/v1/customerCreditNote", _list(notes), read),
        door.route(
            "GET",
            "/v1/customerCreditNote/{creditNoteNumber}",
            _get(notes, "creditNoteNumber", "Credit note"),
            read,
        ),
    ]


def _invoices(company: Company) -> dict[str, Invoice]:
    return company.invoices


def _credit_notes(company: Company) -> dict[str, Invoice]:
    return company.credit_notes


def _list(books: _Books) -> Handler:
    def handle(visit: Visit) -> Response:
        company, now = visit.company, visit.company.clock.now()
        changed = changed_within(
            visit, "lastModifiedDateTime", lambda row: row.modified_at
        )
        created = changed_within(visit, "createdDateTime", lambda row: row.created_at)
        dated = changed_within(
            visit,
            "documentDate",
            lambda row: datetime.combine(row.on, time(), company.zone).astimezone(UTC),
        )
        external, reference = (
            visit.query("externalReference"),
            visit.query("customerRefNumber"),
        )
        customer, status = visit.query("customer"), visit.query("status")
        rows = [
            row
            for row in books(company).values()
            if row.visible_from <= now
            and equal(external, row.external_reference)
            and equal(reference, row.customer_ref_number)
            and equal(customer, row.customer)
            and equal(status, row.status)
            and changed(row)
            and created(row)
            and dated(row)
        ]
        return page(visit, rows, lambda row: _view(company, row), largest=_LARGEST_PAGE)

    return handle


def _get(books: _Books, parameter: str, what: str) -> Handler:
    def handle(visit: Visit) -> Response:
        number = visit.path(parameter)
        document = books(visit.company).get(number)
        if document is None:
            raise not_found(what, number)
        return answer(
            show(_view(visit.company, document)),
            headers={"ETag": etag_of(document.version)},
        )

    return handle


def _view(company: Company, document: Invoice) -> dict[str, object]:
    """Return a document; on reads the plain fields are document currency, `InCurrency` is base."""
    customer = company.customers.get(document.customer)
    amounts = {
        "amount": document.gross,
        "balance": document.balance,
        "vatTotal": document.vat,
        "detailTotal": document.gross - document.vat,
        "vatTaxableTotal": document.gross - document.vat,
    }
    lines = "invoiceLines" if document.kind == "Invoice" else "lines"
    return {
        "documentType": document.kind,
        "referenceNumber": document.number,
        "status": document.status,
        "hold": document.status == "Hold",
        "customer": {
            "number": document.customer,
            "name": customer.name if customer else None,
        },
        "currencyId": document.currency,
        "documentDate": f"{document.on.isoformat()}T00:00:00",
        "documentDueDate": f"{document.due_on.isoformat()}T00:00:00",
        "financialPeriod": company.period_of(document.on),
        "customerRefNumber": document.customer_ref_number,
        "externalReference": document.external_reference,
        **amounts,
        **{
            f"{name}InCurrency": company.to_base(amount, document.currency)
            for name, amount in amounts.items()
        },
        lines: list(document.lines),
        **times(company, document),
        "timeStamp": version_text(document.version),
    }
