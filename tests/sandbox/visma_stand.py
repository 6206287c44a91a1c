"""A stand for the Visma.net tests: a hand-made world, a client, and every answer validated."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
from starlette.applications import Starlette

from sandbox.clock import Clock
from sandbox.control import Plan, control_routes
from sandbox.visma.app import visma_routes
from sandbox.visma.company import Company
from sandbox.visma.setup import demo_companies
from sandbox.world import Quotas, World
from tests.sandbox.visma_schemas import Schemas

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
SERVICE = " ".join(
    [
        *(
            f"vismanet_erp_service_api:{verb}"
            for verb in ("read", "create", "update", "delete")
        ),
        "visma.net.erp.salesorder:read",
        "visma.net.erp.salesorder:write",
    ]
)
ORDERS = "/salesorder/api/v3/SalesOrders"


@dataclass
class Stand:
    """One world with a client that holds a service token of the company nordhem."""

    world: World
    client: httpx.AsyncClient
    company: Company
    schemas: Schemas | None = field(default_factory=Schemas.from_environment)
    token: str = ""

    async def connect(self, **form: str) -> httpx.Response:
        """Ask the token endpoint."""
        asked = {
            "client_id": "isv_sandbox",
            "client_secret": "sandbox-secret",
            "grant_type": "client_credentials",
            **form,
        }
        return await self.client.post("/visma-connect/connect/token", data=asked)

    async def call(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> httpx.Response:
        """Call an API with the stand's token; a 2xx answer must fit the vendor's schema."""
        bearer = {"Authorization": f"Bearer {self.token}"}
        response = await self.client.request(
            method, path, headers={**bearer, **(headers or {})}, **more
        )
        if self.schemas is not None:
            self.schemas.check(response)
        return response

    async def get(self, path: str, **params: Any) -> httpx.Response:
        """Read something."""
        return await self.call("GET", path, params=params)

    async def order(self, **changes: Any) -> httpx.Response:
        """Create a sales order from a valid body with changes; returns the answer to the POST."""
        return await self.call("POST", ORDERS, json=an_order(**changes))

    async def ordered(self, **changes: Any) -> str:
        """Create a sales order that must be accepted; returns its path."""
        response = await self.order(**changes)
        assert response.status_code == 201, response.text
        return httpx.URL(response.headers["location"]).path


def a_line(**changes: Any) -> dict[str, Any]:
    """Return a valid line, with manual price and discount."""
    line = {
        "inventoryId": "JACKET-M",
        "quantity": 1,
        "unitPrice": 100,
        "hasManualPrice": True,
        "hasManualDiscount": True,
    }
    return line | changes


def an_order(**changes: Any) -> dict[str, Any]:
    """Return a valid sales order of the Swedish house customer."""
    order: dict[str, Any] = {
        "type": "SO",
        "customer": {"id": "10001", "order": "N-1"},
        "orderLines": [a_line()],
    }
    return order | changes


def a_customer(**changes: Any) -> dict[str, Any]:
    """Return a valid body of a new customer."""
    customer: dict[str, Any] = {
        "name": {"value": "Bøker & Blad AS"},
        "customerClassId": {"value": "B2B"},
        "overrideWithClassValues": True,
        "mainAddress": {
            "value": {
                "addressLine1": {"value": "Storgata 1"},
                "postalCode": {"value": "0155"},
                "countryId": {"value": "NO"},
            }
        },
    }
    return customer | changes


def a_world(*, quotas: Quotas = "unlimited", calls_per_hour: int = 15_000) -> World:
    """Return a world with both companies, two items and a clock that stands still."""
    clock = Clock(NOW, frozen=True)
    world = World(clock=clock, quotas=quotas, visma_calls_per_hour=calls_per_hour)
    world.visma.update(demo_companies(world))
    for company in world.visma.values():
        company.add_item(
            "JACKET-M",
            "Jacket M",
            stock=True,
            ean="7310000000017",
            default_price=Decimal(799),
        )
        company.add_item(
            "SOCKS/1+2", "Socks", stock=True, default_price=Decimal("49.50")
        )
    return world


@asynccontextmanager
async def a_stand(
    *, quotas: Quotas = "unlimited", calls_per_hour: int = 15_000
) -> AsyncIterator[Stand]:
    """Serve a hand-made world in process."""
    world = a_world(quotas=quotas, calls_per_hour=calls_per_hour)

    def rebuild(plan: Plan) -> None:
        world.become(a_world())

    app = Starlette(routes=[*visma_routes(world), *control_routes(world, rebuild)])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://sandbox"
    ) as client:
        stand = Stand(world, client, world.visma["nordhem"])
        answer = await stand.connect(tenant_id=stand.company.tenant_id, scope=SERVICE)
        stand.token = answer.json()["access_token"]
        yield stand


async def version_of(stand: Stand, order: str) -> dict[str, str]:
    """Return the If-Match header for an order."""
    return {"If-Match": (await stand.get(order)).headers["etag"]}


async def patch(
    stand: Stand, order: str, body: dict[str, Any], path: str = ""
) -> httpx.Response:
    """PATCH an order, or its lines, with its current version."""
    headers = await version_of(stand, order)
    return await stand.call("PATCH", f"{order}{path}", headers=headers, json=body)


async def listed(stand: Stand, **params: Any) -> list[str]:
    """Return the customer orders of a list."""
    response = await stand.get(ORDERS, **params)
    assert response.status_code == 200, response.text
    return [row["customerOrder"] for row in response.json()["value"]]
