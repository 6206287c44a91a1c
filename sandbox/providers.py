"""Payment providers: what they settle of a store's payments, and the file that tells it.

A provider pays out what it has captured, less refunds, fees, chargebacks and what it
keeps back. Each entry of a payment history is settled once, unless asked for `again`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.centra.balances import TAKEN, authorised_as
from sandbox.provider_files import WRITERS, Kind, Settled, Settlement

if TYPE_CHECKING:
    from sandbox.centra.sales import Order, PaymentEntry
    from sandbox.centra.store import CentraInstance
    from sandbox.world import World

__all__ = ["provider_routes", "settle"]

_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class _Wish:
    """What is asked of a provider."""

    method: str
    currency: str
    payout: str
    layout: str
    percent: Decimal
    fixed: Decimal
    orders: frozenset[int]
    again: bool
    chargebacks: tuple[int, ...]
    reversals: tuple[int, ...]
    corrections: tuple[Decimal, ...]
    unknown: tuple[Decimal, ...]
    """Captures that no order of the store knows."""
    missing: Decimal
    """How much less than its lines the payout says, which is wrong."""


def settle(instance: "CentraInstance", body: dict[str, Any]) -> str:
    """Pay out what is open at a provider, and return its file.

    `method`, `currency` and `layout` (own, klarna, adyen); and if wanted `payout` (its
    id), `percent` and `fixed` (fees of a capture), `orders` (only these), `again`,
    `chargebacks` and `reversals` (orders), `corrections`, `unknown` (amounts of captures
    of nobody), `missing` (the payout says so much less than its lines).

    Raises:
        ValueError: There is nothing to settle, or no such layout.
    """
    wish = _wish(body)
    entries = list(_open_entries(instance, wish))
    lines = [line for entry in entries for line in _of_entry(entry, wish)]
    lines += _of_disputes(instance, wish)
    now = instance.clock.now()
    lines += [
        Settled(Kind.CORRECTION, amount, at=now, text="reserve")
        for amount in wish.corrections
    ]
    lines += [
        Settled(
            Kind.CAPTURE, amount, psp=f"stray-{place}", own=f"stray-{place}", at=now
        )
        for place, amount in enumerate(wish.unknown, 1)
    ]
    if not lines:
        message = f"{wish.method} has nothing to settle in {wish.currency}"
        raise ValueError(message)
    for entry in entries:
        entry.is_paid_out = True
    total = sum((line.amount - line.fee for line in lines), Decimal(0))
    settlement = Settlement(
        method=wish.method,
        merchant=f"{instance.name}-{wish.method}",
        payout=wish.payout,
        currency=wish.currency,
        at=now,
        lines=lines,
        paid=total - wish.missing,
    )
    return WRITERS[wish.layout](settlement)


def _wish(body: dict[str, Any]) -> _Wish:
    layout = str(body.get("layout", "own"))
    if layout not in WRITERS:
        message = f"layout is one of {', '.join(WRITERS)}"
        raise ValueError(message)

    def amounts(name: str) -> tuple[Decimal, ...]:
        return tuple(Decimal(str(one)) for one in body.get(name, ()))

    return _Wish(
        method=str(body["method"]),
        currency=str(body.get("currency", "SEK")),
        payout=str(body.get("payout", "1")),
        layout=layout,
        percent=Decimal(str(body.get("percent", "0"))),
        fixed=Decimal(str(body.get("fixed", "0"))),
        orders=frozenset(int(one) for one in body.get("orders", ())),
        again=bool(body.get("again")),
        chargebacks=tuple(int(one) for one in body.get("chargebacks", ())),
        reversals=tuple(int(one) for one in body.get("reversals", ())),
        corrections=amounts("corrections"),
        unknown=amounts("unknown"),
        missing=Decimal(str(body.get("missing", "0"))),
    )


def _open_entries(instance: "CentraInstance", wish: _Wish) -> Iterator["PaymentEntry"]:
    for order in instance.orders.values():
        if order.frame.currency.code != wish.currency:
            continue
        if wish.orders and order.number not in wish.orders:
            continue
        for entry in order.payments:
            if (
                entry.status == "SUCCESS"
                and entry.payment_method == wish.method
                and entry.entry_type in TAKEN | {"REFUND"}
                and (wish.again or not entry.is_paid_out)
            ):
                yield entry


def _of_entry(entry: "PaymentEntry", wish: _Wish) -> Iterator[Settled]:
    order, amount = entry.order, _money(entry.order, entry.amount)
    reference = entry.external_reference or ""
    if entry.entry_type == "REFUND":
        yield Settled(
            Kind.REFUND,
            -amount,
            psp=authorised_as(order),
            own=reference,
            order=str(order.number),
            at=entry.created_at,
        )
        return
    yield Settled(
        Kind.CAPTURE,
        amount,
        fee=_fee(amount, wish, order),
        psp=reference,
        own=f"cap-{entry.id}",
        order=str(order.number),
        at=entry.created_at,
    )


def _of_disputes(instance: "CentraInstance", wish: _Wish) -> Iterator[Settled]:
    for kind, numbers, sign in (
        (Kind.CHARGEBACK, wish.chargebacks, -1),
        (Kind.REVERSAL, wish.reversals, 1),
    ):
        for number in numbers:
            order = instance.orders[number]
            taken = sum(
                entry.amount
                for entry in order.payments
                if entry.status == "SUCCESS" and entry.entry_type in TAKEN
            )
            yield Settled(
                kind,
                sign * _money(order, taken),
                psp=authorised_as(order),
                own=f"dispute-{number}",
                order=str(number),
                at=instance.clock.now(),
            )


def _money(order: "Order", units: int) -> Decimal:
    return Decimal(units) / order.frame.currency.denominator


def _fee(amount: Decimal, wish: _Wish, order: "Order") -> Decimal:
    step = Decimal(1) / order.frame.currency.denominator
    fee = amount * wish.percent / _HUNDRED + wish.fixed
    return fee.quantize(step, rounding=ROUND_HALF_UP)


def provider_routes(world: "World") -> list[BaseRoute]:
    """Return the route by which a provider settles: it answers with the file."""

    async def endpoint(request: Request) -> Response:
        instance = world.centra.get(request.path_params["instance"])
        try:
            body = json.loads(await request.body() or b"{}", parse_float=Decimal)
            if instance is None or not isinstance(body, dict):
                message = "there is no such store, or the body is no object"
                raise ValueError(message)  # noqa: TRY301
            text = settle(instance, body)
        except (KeyError, ValueError, TypeError, ArithmeticError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)
        return Response(text, media_type="text/csv; charset=utf-8")

    path = "/_sandbox/centra/{instance}/settlements"
    return [Route(path, endpoint, methods=["POST"])]
