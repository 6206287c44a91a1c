"""The faults, the call log, the clock and the control API, in process and over a socket."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn

from sandbox.__main__ import Closing
from sandbox.app import create_app
from sandbox.calls import CallLog
from sandbox.clock import Clock
from sandbox.faults import ConnectionCut, Faults
from sandbox.world import World
from tests.sandbox.visma_stand import (
    NOW,
    ORDERS,
    SERVICE,
    Stand,
    a_customer,
    a_stand,
    a_world,
    an_order,
)

POST_ORDER = "visma.POST /api/v3/SalesOrders"


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """Return a stand with a world of its own."""
    async with a_stand() as stand:
        yield stand


async def orders(stand: Stand) -> int:
    """Return how many orders a list shows."""
    return (await stand.get(ORDERS)).json()["totalCount"]


async def test_before_commit_does_nothing(stand: Stand) -> None:
    """The answer is a failure of the server, and no order was made."""
    stand.world.faults.add("before_commit", POST_ORDER)
    assert (await stand.order()).status_code in {500, 503}
    assert await orders(stand) == 0


async def test_after_commit_has_done_it(stand: Stand) -> None:
    """The answer is a failure of the server, and the order was made."""
    stand.world.faults.add("after_commit", POST_ORDER)
    assert (await stand.order()).status_code == 500
    assert await orders(stand) == 1


@pytest.mark.parametrize(("name", "made"), [("drop", 0), ("no_answer", 1), ("cut", 1)])
async def test_connection_ends(stand: Stand, name: str, made: int) -> None:
    """In process a connection that ends is raised, and says whether the work was done."""
    stand.world.faults.add(name, POST_ORDER)
    with pytest.raises(ConnectionCut) as cut:
        await stand.order()
    assert cut.value.committed is bool(made)
    assert await orders(stand) == made


async def test_wait_moves_a_frozen_clock(stand: Stand) -> None:
    """Faults that wait let the world's time pass instead of the test's."""
    stand.world.faults.add("slow", "visma.GET /v1/branch", seconds=90)
    assert (await stand.get("/erp/v1/branch")).status_code == 200
    assert (stand.world.clock.now() - NOW).total_seconds() == 90


@pytest.mark.parametrize("path", ["/erp/v1/customer", ORDERS])
@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("rate_limit", 429),
        ("expired_token", 401),
        ("missing_permission", 403),
        ("wrong_tenant", 401),
    ],
)
async def test_refusals(stand: Stand, path: str, name: str, status: int) -> None:
    """Each service words a played refusal as its own; the next call is served."""
    stand.world.faults.add(name, "visma.GET*")
    refused = await stand.get(path)
    assert refused.status_code == status
    assert ("retry-after" in refused.headers) is (status == 429)
    assert (await stand.get(path)).status_code == 200


async def test_answers_that_mislead(stand: Stand) -> None:
    """An empty list and an HTML page both come with 200."""
    stand.schemas = None
    stand.world.faults.add("empty_list")
    assert (await stand.get("/erp/v1/customer")).json() == []
    stand.world.faults.add("empty_list")
    assert (await stand.get(ORDERS)).json()["value"] == []
    stand.world.faults.add("not_json")
    page = await stand.get("/erp/v1/customer")
    assert (page.status_code, page.headers["content-type"][:9]) == (200, "text/html")


async def test_late_order_shows_by_number_but_not_in_lists(stand: Stand) -> None:
    """A late document is there, and no list, filter or delta finds it until its time."""
    stand.world.faults.add("late_visibility", POST_ORDER, seconds=120)
    order = await stand.ordered()
    assert (await stand.get(order)).status_code == 200
    for params in ({}, {"filter": "N-1"}, {"modifiedSince": "2026-03-10"}):
        assert (await stand.get(ORDERS, **params)).json()["totalCount"] == 0
    stand.world.clock.advance(121)
    assert await orders(stand) == 1


async def test_late_customer_is_missing_from_filters(stand: Stand) -> None:
    """A customer that was just created is late in the list too."""
    stand.world.faults.add("late_visibility", "visma.POST /v1/customer", seconds=60)
    body = a_customer(corporateId={"value": "77"})
    assert (await stand.call("POST", "/erp/v1/customer", json=body)).status_code == 201
    assert (await stand.get("/erp/v1/customer", corporateId="77")).json() == []
    stand.world.clock.advance(61)
    assert len((await stand.get("/erp/v1/customer", corporateId="77")).json()) == 1


def test_fault_is_played_as_often_as_it_says() -> None:
    """`skip` lets calls pass first, `times` counts, and another operation is left alone."""
    faults = Faults()
    faults.add("slow", "visma.GET *", times=2, skip=1)
    assert faults.take("slow", ["centra.query.orders"]) is None
    played = [
        faults.take("slow", ["visma.GET /v1/customer"]) is not None for _ in range(5)
    ]
    assert played == [False, True, True, False, False]
    assert faults.as_json() == []


def test_probability_is_seeded() -> None:
    """The same seed plays the same faults, and a probable fault stays armed."""

    def played(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.add("slow", probability=0.5)
        return [faults.take("slow", ["x"]) is not None for _ in range(40)]

    assert played(1) == played(1) != played(2)
    assert 5 < sum(played(1)) < 35


def test_unknown_fault_is_refused() -> None:
    """A misspelt name arms nothing."""
    with pytest.raises(ValueError, match="no fault named 'after_comit'"):
        Faults().add("after_comit")


def test_clock_can_be_set_moved_and_frozen() -> None:
    """A frozen clock moves only when told to; a running one goes on from where it was set."""
    clock = Clock(NOW, frozen=True)
    clock.advance(60)
    assert (clock.now() - NOW).total_seconds() == 60
    clock.frozen = False
    assert 60 <= (clock.now() - NOW).total_seconds() < 70
    with pytest.raises(ValueError, match="needs a time with a zone"):
        clock.set(NOW.replace(tzinfo=None))


def test_call_log_counts_and_forgets() -> None:
    """Requests are counted once in total and under each of their names."""
    log = CallLog(Clock(NOW, frozen=True))
    log.record(
        "centra.mutation.confirm", write=False, status=200, also=["centra.mutation.x"]
    )
    log.record(POST_ORDER, write=True, status=0)
    content = log.as_json()
    assert (content["total"], content["writes"]) == (2, 1)
    assert content["by_operation"] == {
        "centra.mutation.confirm": 1,
        "centra.mutation.x": 1,
        POST_ORDER: 1,
    }
    log.reset()
    assert log.as_json()["total"] == 0


async def test_control_api(stand: Stand) -> None:
    """Faults, clock, calls and state are handled over HTTP; logins are no writes."""
    client = stand.client
    fault = {"name": "after_commit", "operation": POST_ORDER}
    assert (await client.post("/_sandbox/faults", json=fault)).status_code == 201
    assert (await client.get("/_sandbox/faults")).json()[0]["name"] == "after_commit"
    await stand.order()
    await client.post("/_sandbox/faults", json=fault)
    assert (await client.delete("/_sandbox/faults")).json() == []
    moved = await client.post("/_sandbox/clock", json={"advance": 60})
    assert moved.json() == {"now": "2026-03-10T09:31:00+00:00", "frozen": True}
    calls = (await client.get("/_sandbox/calls")).json()
    assert (calls["total"], calls["writes"]) == (2, 1)
    assert calls["log"][-1]["op"] == POST_ORDER
    assert (await client.delete("/_sandbox/calls")).json()["total"] == 0
    state = (await client.get("/_sandbox/state", params={"full": "1"})).json()
    assert state["visma"]["nordhem"]["sales_orders"] == 1
    [order] = state["visma"]["nordhem"]["documents"]["sales_orders"]
    assert (order["customerOrder"], order["orderTotal"], len(order["lines"])) == (
        "N-1",
        "125.00",
        1,
    )
    for path, body in (
        ("faults", {"name": "x"}),
        ("faults", {"x": 1}),
        ("clock", {"set": "x"}),
    ):
        assert (await client.post(f"/_sandbox/{path}", json=body)).status_code == 400


async def test_control_of_customers_and_seed(stand: Stand) -> None:
    """A customer is blocked by hand, and a rebuilt world has forgotten everything."""
    path = "/_sandbox/visma/nordhem/customers/10001"
    assert (
        await stand.client.post(path, json={"status": "CreditHold"})
    ).status_code == 200
    assert (
        await stand.client.post(path, json={"status": "Nonsense"})
    ).status_code == 400
    assert (await stand.order()).status_code == 400
    await stand.client.post("/_sandbox/seed", json={"seed": 1})
    assert (await stand.order()).status_code == 201


@asynccontextmanager
async def served(world: World) -> AsyncIterator[str]:
    """Serve a world over a real socket."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    app = Closing(create_app(world))
    config = uvicorn.Config(
        app, log_level="critical", lifespan="off", proxy_headers=False
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


@pytest.mark.parametrize(("name", "made"), [("drop", 0), ("no_answer", 1), ("cut", 1)])
async def test_socket_is_closed(name: str, made: int) -> None:
    """Over a socket the client meets a real end of the connection, and can come back."""
    world = a_world()
    company = world.visma["nordhem"]
    form = {
        "grant_type": "client_credentials",
        "tenant_id": company.tenant_id,
        "scope": SERVICE,
    }
    async with served(world) as url, httpx.AsyncClient(base_url=url) as client:
        token = await client.post(
            "/visma-connect/connect/token",
            data=form,
            auth=("isv_sandbox", "sandbox-secret"),
        )
        client.headers["Authorization"] = f"Bearer {token.json()['access_token']}"
        world.faults.add(name, POST_ORDER)
        with pytest.raises(httpx.RemoteProtocolError):
            await client.post(ORDERS, json=an_order())
        assert len(company.orders) == made
        world.faults.add("cut", "visma.GET /v1/customer")
        with pytest.raises(httpx.RemoteProtocolError, match="complete message body"):
            await client.get("/erp/v1/customer")
        assert (await client.get("/erp/v1/customer")).status_code == 200
