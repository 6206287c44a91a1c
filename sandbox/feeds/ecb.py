"""The ECB's files: the last day, 90 days, and everything since 1999, in its XML."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.feeds.market import ECB_CURRENCIES, FIRST_DAY, Market
from sandbox.serving import Call, serve
from sandbox.world import World

__all__ = ["ecb_routes"]

_FILES = ("eurofxref-daily.xml", "eurofxref-hist-90d.xml", "eurofxref-hist.xml")
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
\t<gesmes:subject>Reference rates</gesmes:subject>
\t<gesmes:Sender>
\t\t<gesmes:name>European Central Bank</gesmes:name>
\t</gesmes:Sender>
\t<Cube>
"""
_TAIL = "\t</Cube>\n</gesmes:Envelope>"


def ecb_routes(world: World) -> list[BaseRoute]:
    """Return the routes of the files, under the folder that the setting names."""

    async def endpoint(request: Request) -> Response:
        name = str(request.path_params["file"])
        call = Call((f"ecb.GET {name}",), write=False)

        async def work() -> Response:
            if name not in _FILES:
                return HTMLResponse("<h1>Page not found</h1>", status_code=404)
            return _xml(_file(world.market, name))

        return await serve(world, call, work, _Wording())

    return [Route("/ecb/stats/eurofxref/{file}", endpoint, methods=["GET"])]


def _file(market: Market, name: str) -> str:
    last = market.last_day("ecb")
    first = FIRST_DAY if name == _FILES[2] else last - timedelta(days=90)
    days = list(market.days("ecb", first, last))
    days = days[-1:] if name == _FILES[0] else days
    pieces = [_HEAD]
    for on in reversed(days):
        pieces.append(f"\t\t<Cube time='{on}'>\n")
        for currency in ECB_CURRENCIES:
            rate = market.euro(currency, on)
            if rate is not None:
                pieces.append(f"\t\t\t<Cube currency='{currency}' rate='{rate:f}'/>\n")
        pieces.append("\t\t</Cube>\n")
    return "".join([*pieces, _TAIL])


def _xml(text: str, status: int = 200) -> Response:
    return Response(text, status, media_type="text/xml")


class _Wording:
    """How a web server of files answers; it knows neither tokens nor limits."""

    def unavailable(self, status: int) -> Response:
        return HTMLResponse("<h1>Service Unavailable</h1>", status_code=status)

    def rate_limited(self, seconds: float | None) -> Response:
        del seconds
        return HTMLResponse("<h1>Too Many Requests</h1>", status_code=429)

    def unauthorized(self) -> Response:
        return HTMLResponse("<h1>Unauthorized</h1>", status_code=401)

    def forbidden(self) -> Response:
        return HTMLResponse("<h1>Access Denied</h1>", status_code=403)

    def wrong_tenant(self) -> Response:
        return self.forbidden()

    def empty(self) -> Response:
        return _xml(f"{_HEAD}{_TAIL}")
