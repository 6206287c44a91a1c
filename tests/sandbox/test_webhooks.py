"""The sandbox calls as the pages of both systems say, with the faults that can be armed."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
import respx

from sandbox.app import build_world, create_app
from sandbox.clock import Clock
from sandbox.world import World

_URL = "http://hooks.example.com/centra"
_SECRET = "whsec"


@dataclass
class Stage:
    """A world that tells two addresses."""

    world: World
    client: httpx.AsyncClient
    calls: list[httpx.Request] = field(default_factory=list)

    async def ask(self, path: str, body: Any = None, method: str = "POST") -> Any:
        """Ask the control API, and let what follows be told."""
        data = None if body is None else json.dumps(body)
        answer = await self.client.request(method, f"/_sandbox/{path}", content=data)
        assert answer.status_code < 300, answer.text
        await asyncio.sleep(0.4)
        return answer.json()


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """Both sides of nordhem tell what changes."""
    world = build_world(orders=12, clock=Clock(frozen=True))
    transport = httpx.ASGITransport(create_app(world))
    async with httpx.AsyncClient(transport=transport, base_url="http://s") as client:
        stage = Stage(world, client)

        def hear(request: httpx.Request) -> httpx.Response:
            stage.calls.append(request)
            return httpx.Response(200)

        with respx.mock(assert_all_called=False) as mock:
            mock.route(host="hooks.example.com").mock(side_effect=hear)
            mock.route(host="s").pass_through()
            for system in ("centra", "visma"):
                where = {"url": f"http://hooks.example.com/{system}", "secret": _SECRET}
                await stage.ask(f"{system}/nordhem/webhook", where)
            yield stage


def _events(request: httpx.Request) -> list[dict[str, Any]]:
    (payload,) = parse_qs(request.content.decode(), strict_parsing=True)["payload"]
    return list(json.loads(payload)["events"])


async def test_an_order_is_told_with_its_number_and_a_signature(stage: Stage) -> None:
    """Form-encoded; v1 is of time, dot and body as it was sent."""
    placed = await stage.ask("centra/nordhem/orders", {"count": 1})
    [call] = stage.calls
    orders = [one for one in _events(call) if one["type"] == "order"]
    assert {one["id"] for one in orders} == set(placed["numbers"])
    assert orders[0]["action"] == "create"
    t = int(stage.world.clock.now().timestamp())
    signed = f"{t}.".encode() + call.content
    v1 = hmac.new(_SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert call.headers["X-Centra-Signature"] == f"t={t},v1={v1}"
    assert call.headers["Content-Type"] == "application/x-www-form-urlencoded"
    told = await stage.ask("centra/nordhem/webhook", method="GET")
    assert [one["status"] for one in told["deliveries"]] == [200]


async def test_a_call_has_at_most_a_hundred_events(stage: Stage) -> None:
    """More of them come in further calls, in their order, or in another one."""
    await stage.ask("centra/nordhem/orders", {"count": 120})
    sizes = [len(_events(one)) for one in stage.calls]
    assert sizes[0] == 100
    assert len(sizes) > 1
    assert max(sizes) == 100

    stage.calls.clear()
    await stage.ask("faults", {"name": "reordered_webhook"})
    await stage.ask("centra/nordhem/orders", {"count": 120})
    first, second = (len(_events(one)) for one in stage.calls)
    assert first < second == 100


async def test_a_call_may_come_twice_or_never(stage: Stage) -> None:
    """The same one, signature and all; and the next one is as usual."""
    await stage.ask("faults", {"name": "duplicate_webhook", "operation": "centra.*"})
    await stage.ask("centra/nordhem/orders", {"count": 1})
    first, second = stage.calls
    assert (first.content, first.headers) == (second.content, second.headers)

    stage.calls.clear()
    await stage.ask("faults", {"name": "lost_webhook"})
    await stage.ask("centra/nordhem/orders", {"count": 1})
    assert stage.calls == []
    await stage.ask("centra/nordhem/orders", {"count": 1})
    assert len(stage.calls) == 1


async def test_what_is_done_by_hand_in_visma_net_is_told(stage: Stage) -> None:
    """JSON, signed in base64 in the header that was asked for."""
    await stage.ask("visma/nordhem/items/NH1104NAVM", {"on_hand": 3})
    [call] = stage.calls
    told = json.loads(call.content)
    assert (told["event"], told["resourceId"]) == (
        "Inventory Item Changed",
        "NH1104NAVM",
    )
    made = hmac.new(_SECRET.encode(), call.content, hashlib.sha256).digest()
    assert call.headers["X-Visma-Signature"] == base64.b64encode(made).decode()


async def test_nobody_is_told_where_no_address_was_given(stage: Stage) -> None:
    """The other instance is quiet; and so is one whose address was taken back."""
    await stage.ask("centra/fjord/orders", {"count": 1})
    await stage.ask("centra/nordhem/webhook", method="DELETE")
    await stage.ask("centra/nordhem/orders", {"count": 1})
    assert stage.calls == []


async def test_a_world_that_is_planted_anew_goes_on_telling(stage: Stage) -> None:
    """Addresses belong to the process, and not to the world."""
    await stage.ask("seed", {"seed": 3, "orders": 12})
    stage.calls.clear()
    await stage.ask("centra/nordhem/orders", {"count": 1})
    assert len(stage.calls) == 1
