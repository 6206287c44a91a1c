"""Opens the published feeds of exchange rates; nothing is asked before it is needed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import httpx

from connectors.rates.ecb import Ecb
from connectors.rates.riksbank import Riksbank
from connectors.transport import ApiClient
from connectors.waiting import Waiting
from settings.rates import RateRules

__all__ = ["Feeds", "open_feeds"]

_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_ATTEMPTS, _SECONDS = 2, 10
"""A feed that is down holds no run up: another source may have the rate."""


@dataclass(frozen=True)
class Feeds:
    """The feeds that need no login."""

    ecb: Ecb
    riksbank: Riksbank


@asynccontextmanager
async def open_feeds(
    rules: RateRules,
    *,
    clock: Callable[[], datetime],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncIterator[Feeds]:
    """Open both feeds at the addresses of the settings.

    Raises:
        ConfigError: An address cannot be right.
    """

    def client(name: str, setting: str, url: str, accept: str) -> ApiClient:
        return ApiClient(
            name,
            url,
            setting=setting,
            clock=clock,
            sleep=sleep,
            transport=transport,
            timeout=_TIMEOUT,
            at_once=1,
            waiting=Waiting(attempts=_ATTEMPTS, total_seconds=_SECONDS),
            accept=accept,
        )

    ecb = client("The ECB", "rates.ecb_url", str(rules.ecb_url), "application/xml")
    riksbank = client(
        "The Riksbank",
        "rates.riksbank_url",
        str(rules.riksbank_url),
        "application/json",
    )
    async with AsyncExitStack() as stack:
        yield Feeds(
            Ecb(await stack.enter_async_context(ecb)),
            Riksbank(await stack.enter_async_context(riksbank)),
        )
