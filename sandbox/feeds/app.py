"""The routes of both feeds, and the hand that lets them publish something else."""

import json
from datetime import date
from decimal import Decimal
from typing import get_args

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.feeds.ecb import ecb_routes
from sandbox.feeds.market import Source
from sandbox.feeds.riksbank import riksbank_routes
from sandbox.world import World

__all__ = ["feed_routes"]


def feed_routes(world: World) -> list[BaseRoute]:
    """Return the routes of the ECB, the Riksbank, and `/_sandbox/rates`."""

    async def set_rate(request: Request) -> Response:
        """Publish another rate: euro in a currency at the ECB, kronor for it at the Riksbank."""
        try:
            source, currency, on, rate = _wish(await request.body())
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            text = f"{type(error).__name__}: {error}"
            return JSONResponse({"error": text}, status_code=400)
        world.market.set(source, on, currency, rate)
        return JSONResponse(
            {
                "source": source,
                "on": str(on),
                "currency": currency,
                "rate": None if rate is None else str(rate),
            }
        )

    return [
        *ecb_routes(world),
        *riksbank_routes(world),
        Route("/_sandbox/rates", set_rate, methods=["POST"]),
    ]


def _wish(raw: bytes) -> tuple[Source, str, date, Decimal | None]:
    body = json.loads(raw, parse_float=Decimal)
    source, rate = body["source"], body["rate"]
    if source not in get_args(Source):
        message = f"source is one of {', '.join(get_args(Source))}"
        raise ValueError(message)
    number = None if rate is None else Decimal(str(rate))
    return source, str(body["currency"]), date.fromisoformat(str(body["on"])), number
