"""The Riksbank's SWEA API: observations of one series, or of the group of currencies."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.feeds.market import ECB_CURRENCIES, Market
from sandbox.serving import Call, serve
from sandbox.world import World

__all__ = ["riksbank_routes"]

_ROOT = "/riksbank/swea/v1/Observations"
_GROUP = "130"
_YEAR = timedelta(days=366)
_KRONA = "SEKETT"
"""A series of the group that is no rate: one krona is one krona."""
_SERIES = {
    _KRONA: "SEK",
    "SEKEURPMI": "EUR",
    **{f"SEK{one}PMI": one for one in ECB_CURRENCIES if one != "SEK"},
}
_CALLS, _SECONDS = 5, 60
"""How often somebody without a key may ask, where limits are played."""


def riksbank_routes(world: World) -> list[BaseRoute]:
    """Return the routes of the observations."""
    group, series = f"{_ROOT}/ByGroup/{{group}}", f"{_ROOT}/{{series}}"
    return [
        _route(world, f"{group}/{{from}}/{{to}}"),
        _route(world, f"{group}/{{from}}"),
        _route(world, f"{series}/{{from}}/{{to}}"),
        _route(world, f"{series}/{{from}}"),
    ]


def _route(world: World, template: str) -> Route:
    name = template.removeprefix("/riksbank/swea/v1/")
    call = Call((f"riksbank.GET {name}",), write=False)

    async def endpoint(request: Request) -> Response:
        async def work() -> Response:
            return _limited(world) or _observations(world.market, request)

        return await serve(world, call, work, _Wording())

    return Route(template, endpoint, methods=["GET"])


def _limited(world: World) -> Response | None:
    if world.quotas != "vendor":
        return None
    now, asked = world.clock.now(), world.market.asked_at
    asked[:] = [at for at in asked if now - at < timedelta(seconds=_SECONDS)]
    if len(asked) >= _CALLS:
        left = _SECONDS - int((now - asked[0]).total_seconds())
        return _Wording().rate_limited(left)
    asked.append(now)
    return None


def _observations(market: Market, request: Request) -> Response:
    given = request.path_params
    try:
        first = date.fromisoformat(str(given["from"]))
        last = date.fromisoformat(str(given.get("to") or market.last_day("riksbank")))
    except ValueError:
        return _refused(400, "Invalid date")
    if "group" in given:
        if given["group"] != _GROUP:
            return _refused(404, f"Group {given['group']} not found")
        if last - first > _YEAR:
            return _refused(400, "The interval may not be longer than one year")
        rows = [
            {"seriesId": one, "date": str(on), "value": value}
            for one in _SERIES
            for on, value in _values(market, one, first, last)
        ]
    elif given["series"] not in _SERIES:
        return _refused(404, f"Series {given['series']} not found")
    else:
        name = str(given["series"])
        rows = [
            {"date": str(on), "value": value}
            for on, value in _values(market, name, first, last)
        ]
    return _json(rows) if rows else Response(status_code=204)


def _values(
    market: Market, series: str, first: date, last: date
) -> Iterator[tuple[date, Decimal]]:
    for on in market.days("riksbank", first, last):
        is_krona = series == _KRONA
        value = Decimal(1) if is_krona else market.kronor(_SERIES[series], on)
        if value is not None:
            yield on, value


def _json(rows: list[dict[str, object]]) -> Response:
    """Write numbers as they are, without float dust."""
    text = json.dumps([one | {"value": f"\0{one['value']:f}\0"} for one in rows])
    return Response(
        text.replace('"\\u0000', "").replace('\\u0000"', ""),
        media_type="application/json",
    )


def _refused(status: int, message: str) -> Response:
    return JSONResponse({"statusCode": status, "message": message}, status_code=status)


class _Wording:
    """How the gateway before the API words its refusals."""

    def unavailable(self, status: int) -> Response:
        return _refused(status, "Internal server error")

    def rate_limited(self, seconds: float | None) -> Response:
        wait = int(seconds or _SECONDS)
        text = f"Rate limit is exceeded. Try again in {wait} seconds."
        response = _refused(429, text)
        response.headers["Retry-After"] = str(wait)
        return response

    def unauthorized(self) -> Response:
        return _refused(401, "Access denied due to missing subscription key.")

    def forbidden(self) -> Response:
        return _refused(403, "Forbidden")

    def wrong_tenant(self) -> Response:
        return self.forbidden()

    def empty(self) -> Response:
        return _json([])
