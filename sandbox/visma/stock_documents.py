"""Stock documents of ERP v1: adjustments, issues and receipts, with their release."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.visma.actions import run_action
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
from sandbox.visma.fields import (
    Boolean,
    Listed,
    Nested,
    Number,
    Plain,
    Shape,
    Text,
    Time,
    Whole,
    check,
    unwrap,
)
from sandbox.visma.goods_records import StockDocument, StockKind
from sandbox.visma.shipments import check_lock
from sandbox.visma.stock_rules import (
    LINES,
    change_stock_document,
    create_stock_document,
    release_stock_document,
)
from sandbox.visma.stock_views import stock_document_view
from sandbox.visma.wire import answer, etag_of

__all__ = ["stock_document_routes"]

_LARGEST_PAGE = 500
_Work = Callable[[Visit], Response]
_LINE = Nested(
    {
        "operation": Plain(),
        "lineNumber": Whole(),
        "inventoryNumber": Text(30),
        "warehouseId": Text(30),
        "locationId": Text(30),
        "quantity": Number(),
        "uom": Text(6),
        "unitCost": Number(least=0),
        "extCost": Number(),
        "unitPrice": Number(),
        "extPrice": Number(),
        "reasonCode": Text(20),
        "receiptNumber": Text(15),
        "tranType": Text(),
        "projectId": Text(30),
        "projectTaskId": Text(30),
        "description": Text(256),
        "branchNumber": Text(30),
        "lotSerialNumber": Text(100),
        "expirationDate": Time(),
        "allocations": Listed(),
        "costCode": Text(30),
    }
)


@dataclass(frozen=True)
class _Kind:
    """One of the three kinds, as their routes differ."""

    kind: StockKind
    path: str
    number: str
    released_by: str

    @property
    def fields(self) -> Mapping[str, Shape]:
        """What may stand in a body."""
        return {
            LINES[self.kind]: Listed(_LINE),
            "referenceNumber": Text(15),
            "hold": Boolean(),
            "date": Time(),
            "postPeriod": Text(6),
            "externalReference": Text(40),
            "description": Text(256),
            "controlQuantity": Number(),
            "controlCost": Number(),
            "controlAmount": Number(),
            "branchNumber": Text(30),
        }


_KINDS: Final = (
    _Kind(
        "Adjustment", "inventoryadjustment", "inventoryAdjustmentNumber", "adjRefNumber"
    ),
    _Kind("Issue", "inventoryissue", "inventoryIssueNumber", "invoiceNumber"),
    _Kind("Receipt", "inventoryReceipt", "inventoryReceiptNumber", "invoiceNumber"),
)


def stock_document_routes(door: Door) -> list[BaseRoute]:
    """Return the routes of the three kinds; none of them looks at `If-Match`."""
    read, create = scopes_for("read"), scopes_for("create")
    update = scopes_for("update")
    routes: list[BaseRoute] = []
    for one in _KINDS:
        path = f"/v1/{one.path}"
        single = f"{path}/{{{one.number}}}"
        release = f"{path}/{{{one.released_by}}}/action/release"
        routes += [
            door.route("GET", path, _list(one), read),
            door.route("POST", path, _create(one), create),
            door.route("GET", single, _get(one), read),
            door.route("PUT", single, _change(one), update),
            door.route("POST", release, _release(one), update | create),
        ]
    return routes


def _list(one: _Kind) -> _Work:
    def handle(visit: Visit) -> Response:
        company, now = visit.company, visit.company.clock.now()
        changed = changed_within(
            visit, "lastModifiedDateTime", lambda row: row.modified_at
        )
        dated = changed_within(visit, "date", lambda row: company.midnight(row.on))
        status = visit.query("status")
        rows = [
            row
            for row in company.goods.documents[one.kind].values()
            if row.visible_from <= now
            and equal(status, row.status)
            and changed(row)
            and dated(row)
        ]
        return page(
            visit,
            rows,
            lambda row: stock_document_view(company, row),
            largest=_LARGEST_PAGE,
        )

    return handle


def _get(one: _Kind) -> _Work:
    def handle(visit: Visit) -> Response:
        document = _found(visit, one, one.number)
        return answer(
            show(stock_document_view(visit.company, document)),
            headers={"ETag": etag_of(document.version)},
        )

    return handle


def _found(visit: Visit, one: _Kind, parameter: str) -> StockDocument:
    number = visit.path(parameter)
    document = visit.company.goods.documents[one.kind].get(number)
    if document is None:
        raise not_found(one.kind, number)
    return document


def _body(visit: Visit, one: _Kind) -> dict[str, Any]:
    flat = unwrap(visit.json(), one.fields)
    troubles = check(flat, one.fields, one.path)
    if troubles:
        raise ErpError(f"{troubles[0].path}: {troubles[0].message}")
    return flat


def _create(one: _Kind) -> _Work:
    def handle(visit: Visit) -> Response:
        document = create_stock_document(
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
        document = _found(visit, one, one.number)
        check_lock(visit, one.kind.lower(), document.number)
        change_stock_document(visit.company, document, _body(visit, one))
        return answer(status=204, headers={"ETag": etag_of(document.version)})

    return handle


def _release(one: _Kind) -> _Work:
    def handle(visit: Visit) -> Response:
        document = _found(visit, one, one.released_by)
        check_lock(visit, one.kind.lower(), document.number)
        if document.status == "Released":
            raise ErpError(
                f"Error: {one.kind} '{document.number}' is released already."
            )
        return run_action(
            visit, lambda: release_stock_document(visit.company, document)
        )

    return handle
