"""Writes of invoices and credit notes: create, change, delete, release, reverse; prepareInvoice."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.visma.actions import run_action
from sandbox.visma.billing import prepare_invoices, undo_billing
from sandbox.visma.company import Company
from sandbox.visma.document_fields import CREDIT_NOTE_FIELDS, INVOICE_FIELDS
from sandbox.visma.document_rules import change_document, create_document
from sandbox.visma.door import Door, Visit
from sandbox.visma.erp import ErpError, not_found, scopes_for
from sandbox.visma.fields import Shape, check, unwrap
from sandbox.visma.ledger_records import Application, Invoice
from sandbox.visma.release import release_document
from sandbox.visma.shipments import check_lock
from sandbox.visma.wire import answer, etag_of, matches

__all__ = ["document_routes", "reversed_by"]

_Work = Callable[[Visit], Response]


@dataclass(frozen=True)
class _Kind:
    """One of the two kinds of documents, as their routes differ."""

    kind: Literal["Invoice", "CreditNote"]
    path: str
    parameter: str
    fields: dict[str, Shape]
    title: str
    lock: str


_INVOICE = _Kind(
    "Invoice",
    "customerinvoice",
    "invoiceNumber",
    dict(INVOICE_FIELDS),
    "Invoice",
    "invoice",
)
_NOTE = _Kind(
    "CreditNote",
    "customerCreditNote",
    "creditNoteNumber",
    dict(CREDIT_NOTE_FIELDS),
    "Credit note",
    "creditnote",
)


def document_routes(door: Door) -> list[BaseRoute]:
    """Return the routes that write documents."""
    update, delete = scopes_for("update"), scopes_for("delete")
    create = scopes_for("create")
    write = create | update
    routes: list[BaseRoute] = []
    for one in (_INVOICE, _NOTE):
        path = f"/v1/{one.path}/{{{one.parameter}}}"
        routes += [
            door.route("POST", f"/v2/{one.path}", _create(one), create),
            door.route("PUT", path, _change(one), update),
            door.route("DELETE", path, _delete(one), delete),
            door.route("POST", f"{path}/action/release", _release(one), write),
        ]
    action = "/v1/customerinvoice/{invoiceNumber}/action"
    return [
        *routes,
        door.route("POST", f"{action}/reverse", _reverse, write, accepted=True),
        door.route(
            "POST", f"{action}/reverseandapplytonote", _reverse_and_apply, write
        ),
        door.route(
            "POST",
            "/v2/salesorder/{orderType}/{orderNumber}/action/prepareInvoice",
            _prepare,
            write,
        ),
    ]


def _body(visit: Visit, one: _Kind) -> dict[str, Any]:
    flat = unwrap(visit.json(), one.fields)
    troubles = check(flat, one.fields, one.path)
    if troubles:
        raise ErpError(f"{troubles[0].path}: {troubles[0].message}")
    return flat


def _found(visit: Visit, one: _Kind) -> Invoice:
    """Return the document of the path, to be written to.

    Raises:
        ErpError: there is none, a user has it open, or it has been changed (412).
    """
    number = visit.path(one.parameter)
    document = visit.company.books.of_kind(one.kind).get(number)
    if document is None:
        raise not_found(one.title, number)
    check_lock(visit, one.lock, number)
    condition = visit.request.headers.get("if-match")
    if condition is not None and not matches(condition, document.version):
        raise ErpError("The record has been changed since it was read.", 412)
    return document


def _draft(visit: Visit, one: _Kind) -> Invoice:
    document = _found(visit, one)
    if document.status not in {"Hold", "Balanced"}:
        raise ErpError(
            f"Error: {one.title} '{document.number}' has the status '{document.status}' and "
            "cannot be changed or deleted."
        )
    return document


def _create(one: _Kind) -> _Work:
    def handle(visit: Visit) -> Response:
        document = create_document(
            visit.company, one.kind, _body(visit, one), visible_from=visit.visible_from
        )
        return answer(
            status=201,
            headers={
                "Location": f"{visit.base}/erp/v1/{one.path}/{document.number}",
                "ETag": etag_of(document.version),
            },
        )

    return handle


def _change(one: _Kind) -> _Work:
    def handle(visit: Visit) -> Response:
        document = _draft(visit, one)
        change_document(visit.company, document, _body(visit, one))
        return answer(status=204, headers={"ETag": etag_of(document.version)})

    return handle


def _delete(one: _Kind) -> _Work:
    def handle(visit: Visit) -> Response:
        document = _draft(visit, one)
        undo_billing(visit.company, document)
        visit.company.books.remove_document(document)
        return answer(status=204)

    return handle


def _release(one: _Kind) -> _Work:
    def handle(visit: Visit) -> Response:
        document = _found(visit, one)
        if document.status not in {"Hold", "Balanced"}:
            raise ErpError(
                f"Error: {one.title} '{document.number}' is released already: status "
                f"'{document.status}'."
            )
        return run_action(visit, lambda: release_document(visit.company, document))

    return handle


def _reverse(visit: Visit) -> Response:
    note = reversed_by(visit.company, _released(visit))
    return answer({"referenceNumber": note.number, "actionResult": "Done"})


def _reverse_and_apply(visit: Visit) -> Response:
    invoice = _released(visit)
    note = reversed_by(visit.company, invoice)
    if invoice.balance:
        note.applications = [
            Application(kind="Invoice", number=invoice.number, amount=invoice.balance)
        ]
    release_document(visit.company, note)
    return answer({})


def _released(visit: Visit) -> Invoice:
    invoice = _found(visit, _INVOICE)
    if not invoice.released:
        raise ErpError(f"Error: Invoice '{invoice.number}' is not released.")
    return invoice


def reversed_by(company: Company, invoice: Invoice) -> Invoice:
    """Make the draft of a credit note over a whole invoice, dated today."""
    stamp = company.stamp()
    note = deepcopy(invoice)
    note.kind, note.status = "CreditNote", "Balanced"
    note.number = company.books.next_number("document")
    note.on = note.due_on = company.local_date(stamp.at)
    note.period = f"{note.on.year}{note.on.month:02d}"
    note.balance, note.base_balance = note.gross, note.gross * 0
    note.applications, note.applied_by = [], []
    for line in note.lines:
        line.order = line.order_line = line.shipment = None
    note.created_at = note.modified_at = note.visible_from = stamp.at
    note.version = stamp.version
    company.books.add_document(note)
    return note


def _prepare(visit: Visit) -> Response:
    """Bill an order; the answer is 204, which has no body, as that of createShipment."""
    key = (visit.path("orderType"), visit.path("orderNumber"))
    order = visit.company.orders.find(*key)
    if order is None:
        raise not_found("Sales order", f"{key[0]} {key[1]}")
    check_lock(visit, "order", f"{key[0]} {key[1]}")
    prepare_invoices(visit.company, order, visit.visible_from)
    return answer(status=204)
