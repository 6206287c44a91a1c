"""The control API under `/_sandbox`: state, calls, faults, clock, seed, and hands on both sides."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.centra.stock_hands import stock_state
from sandbox.centra.telling import sales_state
from sandbox.providers import provider_routes
from sandbox.shelf import shelf_routes
from sandbox.visma.documents import state_of
from sandbox.visma.hands import hand_routes
from sandbox.world import StockExcludes, World

__all__ = ["Plan", "control_routes"]


@dataclass(frozen=True)
class Plan:
    """What a rebuilt world is planted with."""

    seed: int
    orders: int
    orders_from: Path | None
    life: bool
    stock_excludes: StockExcludes
    sizes: int


class _Control:
    def __init__(self, world: World, rebuild: Callable[[Plan], None]) -> None:
        self._world = world
        self._rebuild = rebuild

    def state(self, request: Request) -> Response:
        world = self._world
        full = request.query_params.get("full") == "1"
        stock = full or request.query_params.get("stock") == "1"
        return _json(
            {
                "seed": world.seed,
                "life": world.life,
                "now": world.clock.now().isoformat(),
                "centra": {
                    name: sales_state(instance, full=full)
                    | {"stock": stock_state(instance, by_size=stock)}
                    for name, instance in world.centra.items()
                },
                "visma": {
                    name: state_of(company, full=full)
                    for name, company in world.visma.items()
                },
                "planted": [planted.as_json() for planted in world.planted],
                "planted_items": [vars(planted) for planted in world.planted_items],
            }
        )

    def calls(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._world.calls.reset()
        return _json(self._world.calls.as_json())

    async def faults(self, request: Request) -> Response:
        faults = self._world.faults
        if request.method == "DELETE":
            faults.clear()
        if request.method == "POST":
            body = await _body(request)
            try:
                fault = faults.add(**body)
            except (TypeError, ValueError) as error:
                return _refused(error)
            return _json(fault.as_json(), status=201)
        return _json(faults.as_json())

    async def clock(self, request: Request) -> Response:
        clock = self._world.clock
        body = await _body(request)
        try:
            if "set" in body:
                clock.set(datetime.fromisoformat(body["set"]))
            if "advance" in body:
                clock.advance(float(body["advance"]))
            if "freeze" in body:
                clock.frozen = bool(body["freeze"])
        except (TypeError, ValueError) as error:
            return _refused(error)
        return _json({"now": clock.now().isoformat(), "frozen": clock.frozen})

    async def seed(self, request: Request) -> Response:
        body = await _body(request)
        source = body.get("orders_from")
        excludes = body.get("stock_excludes", self._world.stock_excludes)
        if excludes not in get_args(StockExcludes):
            return _refused(ValueError("stock_excludes is orders or shipments"))
        self._rebuild(
            Plan(
                seed=int(body.get("seed", self._world.seed)),
                orders=int(body.get("orders", 120)),
                orders_from=Path(source) if source else None,
                life=bool(body.get("life", self._world.life)),
                stock_excludes=excludes,
                sizes=int(body.get("sizes", 0)),
            )
        )
        return self.state(request)

    async def period(self, request: Request) -> Response:
        company = self._world.visma.get(request.path_params["instance"])
        if company is None:
            return _refused(LookupError("there is no such company"))
        closed = bool((await _body(request)).get("closed", True))
        company.close_period(request.path_params["period"], closed=closed)
        return _json({"period": request.path_params["period"], "closed": closed})


def control_routes(world: World, rebuild: Callable[[Plan], None]) -> list[BaseRoute]:
    """Return the routes of the control API; `rebuild` plants the world anew."""
    control = _Control(world, rebuild)
    return [
        Route("/_sandbox/state", control.state, methods=["GET"]),
        Route("/_sandbox/calls", control.calls, methods=["GET", "DELETE"]),
        Route("/_sandbox/faults", control.faults, methods=["GET", "POST", "DELETE"]),
        Route("/_sandbox/clock", control.clock, methods=["POST"]),
        Route("/_sandbox/seed", control.seed, methods=["POST"]),
        Route(
            "/_sandbox/visma/{instance}/periods/{period}",
            control.period,
            methods=["PUT"],
        ),
        *shelf_routes(world),
        *provider_routes(world),
        *hand_routes(world),
    ]


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    parsed = json.loads(raw) if raw else {}
    return parsed if isinstance(parsed, dict) else {}


def _json(content: object, status: int = 200) -> Response:
    """Answer in JSON; amounts are decimal strings."""
    text = json.dumps(content, ensure_ascii=False, default=str)
    return Response(text, status_code=status, media_type="application/json")


def _refused(error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, status_code=400)
