"""Hands on a running shop: place orders, edit and cancel them, add tokens. For tests and demos."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.centra.allocating import allocate
from sandbox.centra.balances import PaymentError
from sandbox.centra.edits import (
    EditError,
    cancel_line,
    cancel_order,
    confirm,
    hold,
)
from sandbox.centra.goods_hands import edit_goods
from sandbox.centra.hands import ACTIONS
from sandbox.centra.permissions import EVERYTHING
from sandbox.centra.sales import Order, OrderLine
from sandbox.centra.stock_hands import change_by_hand
from sandbox.centra.store import CentraInstance
from sandbox.centra.tokens import Token
from sandbox.seed.life import live
from sandbox.seed.more import place_like, place_more

if TYPE_CHECKING:
    from sandbox.world import World

__all__ = ["edit_order", "place_orders", "play_routes"]


def place_orders(
    world: "World", instance: CentraInstance, wish: dict[str, Any]
) -> list[Order]:
    """Place `count` ordinary orders, or the one that `order` describes (see `place_like`).

    Raises:
        EditError: something in the description does not exist.
    """
    late = world.faults.take("late_visibility", ("centra.orders",))
    before = set(instance.orders)
    try:
        if "order" in wish:
            orders = [place_like(instance, wish["order"])]
        else:
            orders = place_more(world, instance, int(wish.get("count", 1)))
    except (KeyError, TypeError, ValueError, LookupError) as error:
        message = f"the order cannot be placed: {error}"
        raise EditError(message) from error
    if late is not None:
        until = instance.clock.now() + timedelta(seconds=late.seconds or 60)
        instance.hide(set(instance.orders) - before, until)
    return orders


def edit_order(instance: CentraInstance, order: Order, wish: dict[str, Any]) -> None:
    """Do to an order what `action` says.

    `cancel`, `hold`, `release`, `confirm`, `pay` (no longer waits for payment), `touch` (an update
    that changes nothing), `allocate` (what waits for goods), `cancel_line` {line or sku, quantity}, `change_quantity` {line or sku,
    quantity}, `change_price` {line or sku, unit_price}, `change_address` {fields}, and what comes
    after the order (`sandbox.centra.hands`): `ship` {lines, capture, tracking, carrier}, `settle`
    {success, entry}, `return` {shipment, lines, return_cost, shipping, complete, refund, force},
    `complete_return`, `uncomplete_return`, `delete_return`, `refund_return` {return, amount,
    refund}, `goodwill` {amount, refund}, `issue_gift_card` {amount, return}, `prepay` {amount,
    method, reference}, `mark_paid` {shipment, paid}.

    Raises:
        EditError: there is no such action, line or quantity, or it cannot be done.
        PaymentError: the payment provider says no.
    """
    now = instance.clock.now()
    actions: dict[str, Callable[[], None]] = {
        "cancel": lambda: cancel_order(
            instance, order, now, void=bool(wish.get("void"))
        ),
        "hold": lambda: hold(instance, order, on_hold=True),
        "release": lambda: hold(instance, order, on_hold=False),
        "confirm": lambda: confirm(instance, order),
        "pay": lambda: _pay(instance, order),
        "touch": lambda: instance.order_changed(order),
        "allocate": lambda: _allocate(instance, order),
        "cancel_line": lambda: _cancel_line(instance, order, wish),
        "change_quantity": lambda: _change_quantity(instance, order, wish),
        "change_price": lambda: _change_price(instance, order, wish),
        "change_address": lambda: _change_address(instance, order, wish),
    }
    name = str(wish.get("action"))
    if name in ACTIONS:
        ACTIONS[name](instance, order, wish, now.replace(microsecond=0))
        return
    action = actions.get(name)
    if action is None:
        known = ", ".join([*actions, *ACTIONS])
        message = f"there is no action {name!r}; known are {known}"
        raise EditError(message)
    action()


def _line(order: Order, wish: dict[str, Any]) -> OrderLine:
    for line in order.lines:
        sku = line.product_size.sku if line.product_size else None
        if wish.get("line") == line.id or ("sku" in wish and wish["sku"] == sku):
            return line
    if "line" not in wish and "sku" not in wish and order.lines:
        return order.lines[0]
    message = f"order {order.number} has no such line"
    raise EditError(message)


def _pay(instance: CentraInstance, order: Order) -> None:
    order.is_waiting_for_payment = False
    for entry in order.payments:
        if entry.status == "PENDING" and not entry.waits:
            entry.status = "SUCCESS"
            entry.entry_type = entry.entry_type.removesuffix("_PENDING")
    instance.order_changed(order)


def _allocate(instance: CentraInstance, order: Order) -> None:
    if allocate(instance, order):
        instance.order_changed(order)


def _cancel_line(instance: CentraInstance, order: Order, wish: dict[str, Any]) -> None:
    line = _line(order, wish)
    cancel_line(instance, order, line, int(wish.get("quantity", line.quantity)))


def _change_quantity(
    instance: CentraInstance, order: Order, wish: dict[str, Any]
) -> None:
    line, wanted = _line(order, wish), int(wish["quantity"])
    if wanted < line.quantity:
        cancel_line(instance, order, line, line.quantity - wanted)
        return
    line.quantity = wanted
    allocate(instance, order)
    instance.order_changed(order)


def _change_price(instance: CentraInstance, order: Order, wish: dict[str, Any]) -> None:
    price = Decimal(str(wish["unit_price"])) * order.frame.currency.denominator
    _line(order, wish).unit_price = int(price)
    instance.order_changed(order)


def _change_address(
    instance: CentraInstance, order: Order, wish: dict[str, Any]
) -> None:
    for name, value in wish.items():
        if name != "action" and name in type(order.shipping_address).__slots__:
            setattr(order.shipping_address, name, value)
    instance.order_changed(order)


def play_routes(world: "World") -> list[BaseRoute]:
    """Return the control routes of the shops."""
    play = _Play(world)
    base = "/_sandbox/centra/{instance}"
    return [
        Route(f"{base}/orders", play.place, methods=["POST"]),
        Route(f"{base}/orders/{{number:int}}", play.edit, methods=["POST"]),
        Route(f"{base}/goods/{{key:path}}", play.goods, methods=["POST"]),
        Route(f"{base}/stock", play.stock, methods=["POST"]),
        Route(f"{base}/life", play.life, methods=["POST"]),
        Route(f"{base}/tokens", play.token, methods=["POST"]),
    ]


class _Play:
    def __init__(self, world: "World") -> None:
        self._world = world

    async def place(self, request: HttpRequest) -> Response:
        try:
            instance = self._instance(request)
            orders = place_orders(self._world, instance, await _body(request))
        except EditError as error:
            return JSONResponse({"error": str(error)}, 400)
        numbers = [order.number for order in orders]
        return JSONResponse({"numbers": numbers}, 201)

    async def edit(self, request: HttpRequest) -> Response:
        try:
            instance = self._instance(request)
            order = instance.orders.get(request.path_params["number"])
            if order is None:
                message = f"there is no order {request.path_params['number']}"
                raise EditError(message)  # noqa: TRY301
            edit_order(instance, order, await _body(request))
        except (EditError, PaymentError, KeyError, TypeError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({"number": order.number, "status": order.status})

    async def goods(self, request: HttpRequest) -> Response:
        try:
            instance, wish = self._instance(request), await _body(request)
            key, now = request.path_params["key"], instance.clock.now()
            product = edit_goods(instance, key, wish, now)
        except (EditError, KeyError, TypeError, ValueError, ArithmeticError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse(
            {"product": product.product_number, "status": product.status}
        )

    async def stock(self, request: HttpRequest) -> Response:
        """Count, correct, deliver, move or allocate (see `change_by_hand`)."""
        try:
            instance = self._instance(request)
            done = change_by_hand(instance, await _body(request))
        except (EditError, TypeError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse(done)

    async def life(self, request: HttpRequest) -> Response:
        """Play some steps of what happens after an order: {steps}."""
        try:
            instance, body = self._instance(request), await _body(request)
            steps = int(body.get("steps", 1))
        except (EditError, TypeError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({"happened": live(self._world, instance, steps)})

    async def token(self, request: HttpRequest) -> Response:
        """Add a token, or change one: {token, integration, permissions, without, stores, expires_at}."""
        try:
            instance, body = self._instance(request), await _body(request)
        except EditError as error:
            return JSONResponse({"error": str(error)}, 400)
        expires = body.get("expires_at")
        token = Token(
            value=str(body["token"]),
            integration=str(body.get("integration", "connector")),
            permissions=frozenset(body.get("permissions", EVERYTHING))
            - frozenset(body.get("without", ())),
            store_ids=frozenset(body.get("stores", ())),
            expires_at=datetime.fromisoformat(expires) if expires else None,
        )
        instance.add_token(token)
        return JSONResponse({"token": token.value}, 201)

    def _instance(self, request: HttpRequest) -> CentraInstance:
        instance = self._world.centra.get(request.path_params["instance"])
        if instance is None:
            message = f"there is no instance {request.path_params['instance']!r}"
            raise EditError(message)
        return instance


async def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        parsed = json.loads(await request.body() or b"{}")
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        message = "the body must be a JSON object"
        raise EditError(message)
    return parsed
