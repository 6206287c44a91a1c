"""One order or one return that cannot be read stops no stock of all others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.centra.sales import Order
from tests.tasks_.returning import a_returning_stand, give_back, sell
from tests.tasks_.stand import Stand
from tests.tasks_.stocking import in_centra, put_in_visma
from tests.tasks_.tally import CAP, SHIRT, STOCK, change_units, look, put
from tests.tasks_.test_stock_moves import SHIPS_VISMA, THREE, a_shop, buy

Retold = Callable[[httpx.Request, httpx.Response], httpx.Response]


@contextmanager
def retold(stand: Stand, how: Retold) -> Iterator[None]:
    """Change answers on their way."""
    plain = stand.wire.handle_async_request

    async def handle(request: httpx.Request) -> httpx.Response:
        return how(request, await plain(request))

    stand.wire.handle_async_request = handle
    yield
    stand.wire.handle_async_request = plain


def refused(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    """Visma.net does not give the lines of an order away."""
    if not (request.url.path.endswith("/lines") and request.method == "GET"):
        return answer
    said = {"message": "Order cannot be read"}
    return httpx.Response(400, json=said, request=request)


def without_price(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    """A line of a kind that nobody has thought of."""
    if not (request.url.path.endswith("/lines") and request.method == "GET"):
        return answer
    body = json.loads(answer.text)
    rows: list[dict[str, Any]] = body if isinstance(body, list) else body["value"]
    rows.append({**rows[0], "lineId": 99, "unitPrice": None, "inventory": {}})
    return httpx.Response(200, json=body, request=request)


async def edited(stand: Stand) -> Order:
    """An order that people have changed, and another item that has moved."""
    order = await buy(stand)
    await look(stand)
    change_units(stand, order, 2)
    put_in_visma(stand, CAP, 4)
    return order


@pytest.mark.parametrize("how", [refused, without_price])
async def test_a_sales_order_whose_lines_cannot_be_read(
    tmp_path: Path, how: Retold
) -> None:
    """It is parked with the reason, sells less until then, and all others are set."""
    with a_shop(tmp_path, **SHIPS_VISMA) as stand:
        order = await edited(stand)
        number = stand.sales_order(order).order_id
        with retold(stand, how):
            await stand.run("stock")
        assert in_centra(stand, CAP).physical == 4
        assert in_centra(stand, SHIRT).physical == 998
        name = f"sales order SO/{number}"
        assert stand.parked() == {name: "STOCK_ORDER_UNREADABLE"}

        stand.wait(minutes=24 * 60)
        await stand.run("stock", full=True)
        assert in_centra(stand, SHIRT).physical == 1000
        await stand.run("stock")
        assert stand.parked() == {}


async def test_what_is_not_to_be_read_any_more_is_off_the_list(tmp_path: Path) -> None:
    """Another quantity needs no lines, and nothing is held back because of them."""
    with a_shop(tmp_path, **SHIPS_VISMA) as stand:
        await edited(stand)
        with retold(stand, refused):
            await stand.run("stock")
        stand.change(**{**STOCK, "stock.quantity": "onHand", **SHIPS_VISMA})
        await stand.run("stock")
        stand.wait(minutes=24 * 60)
        await stand.run("stock", full=True)
        assert stand.parked() == {}


def without_order(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    """Returns of an order that Centra does not tell."""
    if b"StockReturns" not in request.content:
        return answer
    body = json.loads(answer.text)
    for one in body["data"]["returns"]:
        one["order"] = None
    return httpx.Response(200, json=body, request=request)


async def test_a_return_without_an_order(tmp_path: Path) -> None:
    """It is of no sale that Visma.net could know."""
    with a_returning_stand(tmp_path, "sales_order", **STOCK) as stand:
        put(stand, SHIRT, 1000)
        order = await sell(stand, lines=THREE)
        await stand.run("stock")
        give_back(stand, order, 2)
        put_in_visma(stand, CAP, 4)
        with retold(stand, without_order):
            await stand.run("stock")
        assert in_centra(stand, CAP).physical == 4
