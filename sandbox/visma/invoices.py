"""Customer invoices and credit notes of ERP v1, for reading."""

from collections.abc import Callable

from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.visma.company import Company
from sandbox.visma.document_views import Expanded, document_view
from sandbox.visma.door import Door, Handler, Visit
from sandbox.visma.erp import (
    changed_within,
    equal,
    not_found,
    page,
    scopes_for,
    show,
)
from sandbox.visma.ledger_records import Invoice
from sandbox.visma.wire import answer, etag_of

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
        wanted = _filters(visit)
        rows = [
            row
            for row in books(company).values()
            if row.visible_from <= now and all(passes(row) for passes in wanted)
        ]
        expanded = Expanded(
            taxes=_flag(visit, "expandTaxDetails"),
            applications=_flag(visit, "expandApplications"),
            address=_flag(visit, "expandInvoiceAddress"),
            attachments=_flag(visit, "expandAttachments"),
        )
        return page(
            visit,
            rows,
            lambda row: document_view(company, row, expanded),
            largest=_LARGEST_PAGE,
        )

    return handle


def _flag(visit: Visit, name: str) -> bool:
    return (visit.query(name) or "").casefold() == "true"


def _filters(visit: Visit) -> list[Callable[[Invoice], bool]]:
    """Return the filters that the query names; a parameter that is unknown filters nothing."""
    company = visit.company
    values: dict[str, Callable[[Invoice], object]] = {
        "externalReference": lambda row: row.external_reference,
        "customerRefNumber": lambda row: row.customer_ref_number,
        "paymentReference": lambda row: row.payment_reference,
        "customer": lambda row: row.customer,
        "status": lambda row: row.status,
        "documentType": lambda row: row.kind,
        "financialPeriod": lambda row: row.period,
        "branch": lambda row: row.branch,
        "released": lambda row: str(int(row.released)),
    }
    found: list[Callable[[Invoice], bool]] = []
    for name, value in values.items():
        wanted = visit.query(name)
        if wanted is not None:
            found.append(
                lambda row, wanted=wanted, value=value: equal(wanted, value(row))  # type: ignore[misc]
            )
    for name, at in (
        ("lastModifiedDateTime", lambda row: row.modified_at),
        ("createdDateTime", lambda row: row.created_at),
        ("documentDate", lambda row: company.midnight(row.on)),
        ("documentDueDate", lambda row: company.midnight(row.due_on)),
    ):
        if visit.query(name) is not None:
            found.append(changed_within(visit, name, at))
    return found


def _get(books: _Books, parameter: str, what: str) -> Handler:
    def handle(visit: Visit) -> Response:
        number = visit.path(parameter)
        document = books(visit.company).get(number)
        if document is None:
            raise not_found(what, number)
        return answer(
            show(document_view(visit.company, document, Expanded())),
            headers={"ETag": etag_of(document.version)},
        )

    return handle
