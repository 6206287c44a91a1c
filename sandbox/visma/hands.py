"""What people do inside Visma.net, for tests: ship, invoice, credit, pay, count, lock, block."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.visma.company import Company
from sandbox.visma.erp import ErpError
from sandbox.visma.hand_documents import (
    act_on_document,
    act_on_payment,
    make_document,
    make_journal,
    owe,
)
from sandbox.visma.hand_goods import (
    act_on_item,
    act_on_price,
    count_stock,
    make_item,
    make_price,
    make_sale,
    move_stock,
)
from sandbox.visma.hand_orders import act_on_order, act_on_shipment, ship_together
from sandbox.visma.problems import Problem
from sandbox.world import World

__all__ = ["hand_routes"]

_LOCKABLE = (
    "order",
    "shipment",
    "invoice",
    "creditnote",
    "payment",
    "journal",
    "adjustment",
    "issue",
    "receipt",
)
_Hand = Callable[[Company, dict[str, str], dict[str, Any]], dict[str, object]]


def hand_routes(world: World) -> list[BaseRoute]:
    """Return the routes under `/_sandbox/visma/{instance}`."""
    hands: dict[str, _Hand] = {
        "customers/{number}": _customer,
        "items": lambda company, _, body: make_item(company, body),
        "items/{number:path}": lambda company, path, body: act_on_item(
            company, path["number"], body
        ),
        "prices": lambda company, _, body: make_price(company, body),
        "prices/{number}": lambda company, path, body: act_on_price(
            company, path["number"], body
        ),
        "receipts": lambda company, _, body: move_stock(company, "Receipt", body),
        "issues": lambda company, _, body: move_stock(company, "Issue", body),
        "adjustments": lambda company, _, body: move_stock(company, "Adjustment", body),
        "counts": lambda company, _, body: count_stock(company, body),
        "sales": lambda company, _, body: make_sale(company, body),
        "locks": _lock,
        "orders/{type}/{number}": lambda company, path, body: act_on_order(
            company, (path["type"], path["number"]), body
        ),
        "shipments": lambda company, _, body: ship_together(company, body),
        "shipments/{number}": lambda company, path, body: act_on_shipment(
            company, path["number"], body
        ),
        "invoices": lambda company, _, body: make_document(company, "Invoice", body),
        "invoices/{number}": lambda company, path, body: act_on_document(
            company, "Invoice", path["number"], body
        ),
        "creditnotes": lambda company, _, body: make_document(
            company, "CreditNote", body
        ),
        "creditnotes/{number}": lambda company, path, body: act_on_document(
            company, "CreditNote", path["number"], body
        ),
        "journals": lambda company, _, body: make_journal(company, body),
        "payments/{number}": lambda company, path, body: act_on_payment(
            company, path["number"], body
        ),
    }
    return [
        Route(
            f"/_sandbox/visma/{{instance}}/{path}",
            _endpoint(world, hand),
            methods=["POST"],
        )
        for path, hand in hands.items()
    ]


def _endpoint(world: World, hand: _Hand) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        raw = await request.body()
        path = {name: str(value) for name, value in request.path_params.items()}
        company = world.visma.get(path["instance"])
        try:
            body = json.loads(raw, parse_float=Decimal) if raw else {}
            if company is None or not isinstance(body, dict):
                return _refused("there is no such company, or the body is no object")
            company.books.catch_up(company.clock.now())
            done = hand(company, path, body)
        except ErpError as error:
            return _refused(error.message)
        except Problem as error:
            return _refused(error.detail)
        except (KeyError, ValueError, TypeError, ArithmeticError) as error:
            return _refused(f"{type(error).__name__}: {error}")
        text = json.dumps(done, ensure_ascii=False, default=str)
        return Response(text, media_type="application/json")

    return endpoint


def _refused(text: str) -> Response:
    return JSONResponse({"error": text}, status_code=400)


def _customer(
    company: Company, path: dict[str, str], body: dict[str, Any]
) -> dict[str, object]:
    """Set status and credit limit; `overdue` leaves an invoice that should have been paid."""
    customer = company.customers.get(path["number"])
    if customer is None or (
        "status" in body
        and not company.set_customer_status(path["number"], str(body["status"]))
    ):
        message = "there is no such company, customer or status"
        raise ValueError(message)
    if "credit_limit" in body:
        customer.credit_limit = Decimal(body["credit_limit"])
        stamp = company.stamp()
        customer.modified_at, customer.version = stamp.at, stamp.version
    done: dict[str, object] = {"number": customer.number, **body}
    if "overdue" in body:
        done["invoice"] = owe(company, customer, body["overdue"])
    return done


def _lock(
    company: Company, path: dict[str, str], body: dict[str, Any]
) -> dict[str, object]:
    """Open a document as a user does, or close it; orders are named `SO 000100`."""
    del path
    kind, number = str(body["kind"]), str(body["number"])
    if kind not in _LOCKABLE:
        message = f"kind is one of {', '.join(_LOCKABLE)}"
        raise ValueError(message)
    locked = bool(body.get("locked", True))
    (company.books.locked.add if locked else company.books.locked.discard)(
        (kind, number)
    )
    return {"kind": kind, "number": number, "locked": locked}
