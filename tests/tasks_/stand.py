"""A stand for whole runs: a world, a ledger of its own, and a clock that stands still.

Both systems are served in process. The connection is the demo's, with changes by key:
`a_stand(**{"limits.max_writes": 5})`.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

import flows
from ledger import ExceptionRow, Keyring, Ledger
from sandbox.app import build_world, create_app
from sandbox.centra.play import edit_order, place_orders
from sandbox.centra.sales import Order
from sandbox.centra.store import CentraInstance
from sandbox.clock import Clock
from sandbox.faults import ConnectionCut
from sandbox.visma.company import Company
from sandbox.visma.records import SalesOrder
from sandbox.world import World
from settings.application import Application, Secrets
from settings.connection import Connection
from tasks.direction import Window
from tasks.environment import Environment, use_environment
from tasks.request import Mode, Summary, SyncRequest
from tasks.run import PLAIN, run_direction
from tests.cluster import ledger_address

__all__ = ["NOW", "TEMPLATE", "Stand", "Wire", "a_connection", "a_stand"]

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
START_ON = date(2025, 12, 1)
"""The demo's is that of the real orders, fifteen years of periods before `NOW`."""
TEMPLATE = Path(__file__).parents[2] / "console" / "templates" / "nordhem.toml"
ADDRESS = "http://127.0.0.1"
KEY = Keyring.generate()


def a_connection(name: str = "nordhem", **changes: Any) -> Connection:
    """The demo's connection, with changes by dotted key; prices only where a test sets them."""
    text = TEMPLATE.read_text(encoding="utf-8").replace("@SANDBOX@", ADDRESS)
    values: dict[str, Any] = {**tomllib.loads(text), "name": name, "prices": {}}
    values["start_on"] = START_ON
    for key, value in changes.items():
        *path, last = key.split(".")
        place = values
        for part in path:
            place = place.setdefault(part, {})
        place[last] = value
    return Connection.model_validate(values)


CREATED = "visma.POST /api/v3/SalesOrders"
PATCHED = "visma.PATCH /api/v3/SalesOrders/{type}/{orderId}"
LINES_PATCHED = f"{PATCHED}/lines"
LINES_ADDED = "visma.POST /api/v3/SalesOrders/{type}/{orderId}/lines"
LINES_DELETED = "visma.DELETE /api/v3/SalesOrders/{type}/{orderId}/lines"
CUSTOMER_CREATED = "visma.POST /v1/customer"
CUSTOMER_UPDATED = "visma.PUT /v1/customer/{customerCd}"

INDIVIDUAL: dict[str, Any] = {
    "stores": {"*": {"post_as": "sales_order", "dtc_customers": "individual"}}
}
"""Each consumer has a customer of their own."""


class Wire(httpx.AsyncBaseTransport):
    """The sandbox in process; keeps every exchange, and cuts as a socket would."""

    def __init__(self, world: World) -> None:
        self._inner = httpx.ASGITransport(create_app(world))
        self.exchanges: list[tuple[httpx.Request, httpx.Response | None]] = []
        self.before: Callable[[str, str], None] = lambda method, path: None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer from the sandbox, or fail as a lost connection does."""
        self.before(request.method, request.url.path)
        try:
            response = await self._inner.handle_async_request(request)
            await response.aread()
        except ConnectionCut as cut:
            self.exchanges.append((request, None))
            message = "the connection was closed before the answer was complete"
            raise httpx.ReadError(message, request=request) from cut
        response.request = request
        self.exchanges.append((request, response))
        return response


class Stand:
    """A world of one or more stores and companies, and an installation that syncs it."""

    def __init__(self, world: World, ledger: Ledger, home: Path) -> None:
        self.world = world
        self.wire = Wire(world)
        application = Application(home=home, connections=home / "connections")
        self.environment = Environment(
            application,
            ledger,
            clock=world.clock.now,
            sleep=self._sleep,
            transport=self.wire,
        )
        self._runs = 0

    # -- the world --------------------------------------------------------------------

    @property
    def shop(self) -> CentraInstance:
        """The Centra store."""
        return self.world.centra["nordhem"]

    @property
    def company(self) -> Company:
        """The Visma.net company."""
        return self.world.visma["nordhem"]

    def place(self, **order: Any) -> Order:
        """Place one order; a single T-shirt of a Swedish consumer unless told else."""
        self.world.clock.advance(1)
        return place_orders(self.world, self.shop, {"order": order})[0]

    def edit(self, order: Order, action: str, **wish: Any) -> None:
        """Do something to an order in Centra."""
        self.world.clock.advance(1)
        edit_order(self.shop, order, {"action": action, **wish})

    def sales_order(self, order: Order, prefix: str = "N-") -> SalesOrder:
        """The one sales order that carries an order's reference."""
        [found] = self.sales_orders(order, prefix)
        return found

    def sales_orders(self, order: Order, prefix: str = "N-") -> list[SalesOrder]:
        """All sales orders that carry an order's reference."""
        reference = f"{prefix}{order.number}"
        return [one for one in self.company.orders if one.customer_order == reference]

    def wait(self, *, minutes: float) -> None:
        """Let time pass."""
        self.world.clock.advance(60 * minutes)

    def fault(self, name: str, operation: str, **more: Any) -> None:
        """Arm a fault."""
        self.world.faults.add(name, operation, **more)

    async def _sleep(self, seconds: float) -> None:
        self.world.clock.advance(seconds)

    # -- the connector ----------------------------------------------------------------

    @property
    def settings(self) -> Connection:
        """The connection as it is now."""
        return self.environment.connections["nordhem"]

    def change(self, **changes: Any) -> None:
        """Change settings of the connection, as an edit of its file would."""
        self.environment.connections["nordhem"] = a_connection(**changes)

    def go_live(self) -> None:
        """Let both directions send without a plan, as after an approved one."""
        with self.environment.books("nordhem").begin() as unit:
            for direction in flows.DIRECTIONS:
                unit.plans.go_live(direction, by="Åsa", hash="0" * 12)

    async def run(
        self,
        direction: str = "orders",
        *,
        mode: Mode = Mode.AUTO,
        plan: str | None = None,
        run_key: str | None = None,
        attempt: int = 1,
        **window: Any,
    ) -> Summary:
        """Run a direction without Prefect; calls are counted from here on."""
        self._runs += 1
        self.world.clock.advance(1)
        self.world.calls.reset()
        request = SyncRequest(
            connection="nordhem",
            direction=direction,
            window=Window(**window),
            mode=mode,
            plan=plan,
            approved_by="Åsa" if plan else None,
            run_key=run_key or f"run-{self._runs}",
            attempt=attempt,
        )
        with use_environment(self.environment):
            return await run_direction(request, PLAIN)

    @property
    def writes(self) -> dict[str, int]:
        """What was written since the last run began, by operation."""
        log: Any = self.world.calls.as_json()["log"]
        return dict(Counter(call["op"] for call in log if call["write"]))

    @property
    def calls(self) -> Counter[str]:
        """All calls since the last run began, by operation."""
        return self.world.calls.by_operation

    def exceptions(self) -> Sequence[ExceptionRow]:
        """What is parked now."""
        with self.environment.books("nordhem").read() as unit:
            return unit.exceptions.list()

    def parked(self) -> dict[str, str]:
        """What is parked now: code by record."""
        return {row.source_id: row.code for row in self.exceptions()}

    def state(self, order: Order) -> str:
        """The state of an order's record."""
        with self.environment.books("nordhem").read() as unit:
            row = unit.records.get("orders", str(order.number))
        return row.state if row else "unknown"

    def total(self) -> Decimal:
        """The sum of all sales orders that stand."""
        return sum(
            (
                one.totals.order_total
                for one in self.company.orders
                if one.status != "Cancelled"
            ),
            Decimal(0),
        )


@contextmanager
def a_stand(
    folder: Path,
    *,
    orders: int = 0,
    seed: int = 1,
    live: bool = True,
    quotas: Any = "unlimited",
    **changes: Any,
) -> Iterator[Stand]:
    """Open a stand: a shop without orders and a company, live unless told else."""
    world = build_world(
        seed=seed, orders=orders, clock=Clock(NOW, frozen=True), quotas=quotas
    )
    ledger = Ledger.open(
        ledger_address(folder),
        Keyring([KEY]),
        clock=world.clock.now,
        owner="stand",
        durable=False,
    )
    stand = Stand(world, ledger, folder)
    stand.change(**changes)
    stand.environment.secrets["nordhem"] = Secrets(
        centra_token=SecretStr("centra-nordhem-token"),
        visma_client_id="isv_sandbox",
        visma_client_secret=SecretStr("sandbox-secret"),
    )
    if live:
        stand.go_live()
    try:
        yield stand
    finally:
        ledger.close()


@contextmanager
def emptied(stand: Stand, folder: Path) -> Iterator[None]:
    """Give a stand an empty ledger, as after the old one was lost."""
    lost = stand.environment.ledger
    stand.environment.ledger = Ledger.open(
        ledger_address(folder),
        Keyring([KEY]),
        clock=stand.world.clock.now,
        owner="stand",
        durable=False,
    )
    stand.go_live()
    try:
        yield
    finally:
        stand.environment.ledger.close()
        stand.environment.ledger = lost
