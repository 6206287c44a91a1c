"""Clients over a played transport, with a clock, a sleep and stores of their own."""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from connectors.budget import Taken
from connectors.credentials import StoredToken
from connectors.transport import ApiClient
from connectors.waiting import Waiting
from settings.connection import CentraEnd, Connection, VismaEnd
from settings.posting import VatRule

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
Handler = Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]]


class Clock:
    """A clock that moves only when someone sleeps."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        """Answer."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Move the clock instead of waiting."""
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


class Script:
    """Answers requests in order; the last answer is given again and again."""

    def __init__(self, *answers: httpx.Response | Exception | Handler) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        self.requests.append(request)
        index = min(len(self.requests), len(self.answers)) - 1
        answer = self.answers[index]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return httpx.Response(
                answer.status_code, headers=answer.headers, content=answer.content
            )
        return answer(request)

    @property
    def bodies(self) -> list[Any]:
        """Return the JSON bodies that were sent."""
        return [json.loads(request.content) for request in self.requests]


def a_client(script: Handler, clock: Clock | None = None, **more: Any) -> ApiClient:
    """Return a client whose answers come from a script."""
    clock = clock or Clock()
    more.setdefault("waiting", Waiting(jitter=lambda: 0.0))
    return ApiClient(
        more.pop("name", "Centra"),
        more.pop("base_url", "https://shop.example/graphql"),
        setting=more.pop("setting", "centra.url"),
        clock=clock,
        sleep=clock.sleep,
        transport=httpx.MockTransport(script),
        **more,
    )


class MemoryBudgets:
    """A BudgetStore in memory, with fixed windows."""

    def __init__(self) -> None:
        self.used: dict[tuple[str, str], int] = {}
        self.ends: dict[tuple[str, str], datetime] = {}
        self.takes: list[tuple[str, int]] = []
        self.observed: list[tuple[str, int, int]] = []

    def take(
        self,
        api: str,
        *,
        window: str,
        limit: int,
        now: datetime,
        window_seconds: int,
        calls: int,
        ceiling: int,
    ) -> Taken:
        """Count calls in a fixed window."""
        key = (api, window)
        self.takes.append((window, calls))
        if key not in self.ends or self.ends[key] <= now:
            self.used[key] = 0
            self.ends[key] = now + timedelta(seconds=window_seconds)
        if self.used[key] + calls > ceiling:
            return Taken(granted=False, used=self.used[key], resets_at=self.ends[key])
        self.used[key] += calls
        return Taken(granted=True, used=self.used[key], resets_at=self.ends[key])

    def observe(
        self, api: str, *, window: str, limit: int, remaining: int, resets_at: datetime
    ) -> None:
        """Take over what an answer said."""
        self.observed.append((window, limit, remaining))
        self.used[api, window] = limit - remaining
        self.ends[api, window] = resets_at


class MemoryTokens:
    """A TokenStore in memory; `busy` plays another process that holds the lock."""

    def __init__(self, **tokens: StoredToken) -> None:
        self.tokens = dict(tokens)
        self.busy = 0
        self.while_busy: Callable[[], None] | None = None
        self.saves: list[str] = []

    def load(self, name: str) -> StoredToken | None:
        """Return a kept token."""
        return self.tokens.get(name)

    def save(self, name: str, token: StoredToken) -> None:
        """Keep a token, and note it."""
        self.saves.append(token.access_token.get_secret_value())
        self.tokens[name] = token

    @contextmanager
    def lock(self, name: str, seconds: float) -> Iterator[bool]:
        """Yield False while another process holds it."""
        if self.busy:
            self.busy -= 1
            if self.while_busy and not self.busy:
                self.while_busy()
            yield False
        else:
            yield True


def a_token(
    text: str, *, seconds: int = 3600, refresh: str | None = None
) -> StoredToken:
    """Return a token that is good for an hour."""
    return StoredToken(
        SecretStr(text),
        SecretStr(refresh) if refresh else None,
        NOW + timedelta(seconds=seconds),
        "scope",
    )


def a_connection(**more: Any) -> Connection:
    """Return settings whose addresses are on this machine."""
    visma = {
        "erp_url": "http://127.0.0.1:9/erp",
        "salesorder_url": "http://127.0.0.1:9/salesorder",
        "connect_url": "http://127.0.0.1:9/visma-connect",
        "tenant_id": "tenant-1",
        "requests_per_second": Decimal(1000),
        "page_size": 2,
    }
    centra = {"url": "http://127.0.0.1:9/graphql", "requests_per_10s": 60}
    return Connection(
        name="demo",
        prefix="N-",
        start_on="2026-01-01",
        currencies=("SEK",),
        centra=CentraEnd(**(centra | more.pop("centra", {}))),
        visma=VismaEnd(**(visma | more.pop("visma", {}))),
        stores={"*": {}},
        vat=(VatRule(rate=Decimal(25), category="25", zone="SE"),),
        **more,
    )


def apis_folder() -> Path:
    """The vendors' schema files; CI must have them, elsewhere they may be absent."""
    folder = os.environ.get("CENTRA_VISMA_APIS", "")
    if folder and Path(folder).is_dir():
        return Path(folder)
    reason = "CENTRA_VISMA_APIS does not name the folder with the vendors' schemas"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
