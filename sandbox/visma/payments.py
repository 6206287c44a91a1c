"""Customer payments of ERP v1: list, read, create, change, release, void."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.visma.actions import run_action
from sandbox.visma.credit_applications import (
    add_applications,
    note_view,
    release_applications,
)
from sandbox.visma.door import Door, Visit
from sandbox.visma.erp import (
    ErpError,
    changed_within,
    equal,
    not_found,
    page,
    scopes_for,
    show,
)
from sandbox.visma.fields import Shape, check, unwrap
from sandbox.visma.ledger_records import Invoice, Payment
from sandbox.visma.payment_fields import PAYMENT_FIELDS, RELEASE_FIELDS
from sandbox.visma.payment_rules import (
    change_payment,
    create_payment,
    release_payment,
)
from sandbox.visma.payment_views import payment_view
from sandbox.visma.payment_void import void_payment
from sandbox.visma.shipments import check_lock
from sandbox.visma.wire import answer, etag_of, matches

__all__ = ["payment_routes"]

_LARGEST_PAGE = 500
_PAYMENTS = "/v1/customerPayment"
_PAYMENT = f"{_PAYMENTS}/{{paymentNumber}}"


def payment_routes(door: Door) -> list[BaseRoute]:
    """Return the routes of customer payments; the actions always answer 202."""
    read, create = scopes_for("read"), scopes_for("create")
    update = scopes_for("update")
    write = create | update
    return [
        door.route("GET", _PAYMENTS, _list, read),
        door.route("POST", _PAYMENTS, _create, create),
        door.route("GET", _PAYMENT, _get, read),
        door.route("PUT", _PAYMENT, _change, update),
        door.route(
            "POST", f"{_PAYMENT}/action/release", _release, write, accepted=True
        ),
        door.route("POST", f"{_PAYMENT}/action/void", _void, write, accepted=True),
    ]


def _list(visit: Visit) -> Response:
    """List payments; there is no filter on the payment reference, one is ignored."""
    company, now = visit.company, visit.company.clock.now()
    values: dict[str, Callable[[Payment], object]] = {
        "paymentNbr": lambda row: row.number,
        "paymentType": lambda row: row.type,
        "customer": lambda row: row.customer,
        "status": lambda row: row.status,
        "financialPeriod": lambda row: row.period,
        "branch": lambda row: row.branch,
    }
    wanted = {name: visit.query(name) for name in values if visit.query(name)}
    invoice = visit.query("invoiceRefNbr")
    changed = changed_within(visit, "lastModifiedDateTime", lambda row: row.modified_at)
    dated = changed_within(visit, "docDate", lambda row: company.midnight(row.on))
    rows = [
        row
        for row in company.books.payments.values()
        if row.visible_from <= now
        and all(equal(text, values[name](row)) for name, text in wanted.items())
        and (invoice is None or any(line.number == invoice for line in row.lines))
        and changed(row)
        and dated(row)
    ]
    return page(
        visit, rows, lambda row: payment_view(company, row), largest=_LARGEST_PAGE
    )


def _note(visit: Visit) -> Invoice | None:
    """Return the released credit note of the path: what it settles is a payment too."""
    note = visit.company.credit_notes.get(visit.path("paymentNumber"))
    return note if note is not None and note.released else None


def _get(visit: Visit) -> Response:
    note = _note(visit)
    if note is not None:
        return answer(
            show(note_view(visit.company, note)),
            headers={"ETag": etag_of(note.version)},
        )
    payment = _found(visit)
    return answer(
        show(payment_view(visit.company, payment)),
        headers={"ETag": etag_of(payment.version)},
    )


def _found(visit: Visit) -> Payment:
    number = visit.path("paymentNumber")
    payment = visit.company.books.payments.get(number)
    if payment is None:
        raise not_found("Payment", number)
    return payment


def _changeable(visit: Visit) -> Payment:
    payment = _found(visit)
    check_lock(visit, "payment", payment.number)
    condition = visit.request.headers.get("if-match")
    if condition is not None and not matches(condition, payment.version):
        raise ErpError("The record has been changed since it was read.", 412)
    return payment


def _body(visit: Visit, fields: Mapping[str, Shape]) -> dict[str, Any]:
    flat = unwrap(visit.json(), fields)
    troubles = check(flat, fields, "customerPayment")
    if troubles:
        raise ErpError(f"{troubles[0].path}: {troubles[0].message}")
    return flat


def _create(visit: Visit) -> Response:
    body = _body(visit, PAYMENT_FIELDS)
    payment = create_payment(visit.company, body, visit.visible_from)
    return answer(
        status=201,
        headers={
            "Location": f"{visit.base}/erp{_PAYMENTS}/{payment.number}",
            "ETag": etag_of(payment.version),
        },
    )


def _change(visit: Visit) -> Response:
    note = _note(visit)
    if note is not None:
        check_lock(visit, "creditnote", note.number)
        add_applications(visit.company, note, _body(visit, PAYMENT_FIELDS))
        return answer(status=204, headers={"ETag": etag_of(note.version)})
    payment = _changeable(visit)
    change_payment(visit.company, payment, _body(visit, PAYMENT_FIELDS))
    return answer(status=204, headers={"ETag": etag_of(payment.version)})


def _release(visit: Visit) -> Response:
    note = _note(visit)
    if note is not None and _body(visit, RELEASE_FIELDS).get("type") == "CreditNote":
        check_lock(visit, "creditnote", note.number)
        found = note
        return run_action(visit, lambda: release_applications(visit.company, found))
    payment = _changeable(visit)
    asked = _body(visit, RELEASE_FIELDS).get("type")
    _check_type(payment, asked)
    return run_action(visit, lambda: release_payment(visit.company, payment))


def _void(visit: Visit) -> Response:
    payment = _changeable(visit)
    body = visit.json()
    _check_type(payment, body.get("type") if isinstance(body, dict) else None)
    void_payment(visit.company, payment)
    return answer({})


def _check_type(payment: Payment, asked: object) -> None:
    if asked != payment.type:
        message = f"Error: Payment '{asked} {payment.number}' cannot be found."
        raise ErpError(message, 404)
