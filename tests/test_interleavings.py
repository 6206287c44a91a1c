"""What worlds full of faults have taught, each as one short story."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from sandbox.centra.play import edit_order, place_orders
from sandbox.centra.sales import Order
from sandbox.visma.records import SalesOrder
from tests.simulation.clockwork import VirtualLoop, run_virtually
from tests.simulation.stage import Stage, Worker, connection_of, open_stage

START = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
PATCHED = "visma.PATCH /api/v3/SalesOrders/{type}/{orderId}"
LINES_PATCHED = f"{PATCHED}/lines"
CREATED = "visma.POST /api/v3/SalesOrders"
MINUTES = 60.0

Story = Callable[["Told"], Awaitable[None]]


class Told:
    """One order in one shop, its document, and whoever carries it over."""

    def __init__(self, stage: Stage, order: Order) -> None:
        self.stage = stage
        self.order = order

    async def run(self, worker: Worker | None = None) -> None:
        """Run the orders once; nothing of it may crash."""
        ended = await (worker or self.stage.worker()).run("orders")
        assert self.stage.crashes == []
        assert ended.error is None, ended.error

    def edit(self, **wish: Any) -> None:
        """Change the order in the shop."""
        edit_order(self.stage.world.centra["nordhem"], self.order, wish)

    def breaks(self, name: str, operation: str, **more: Any) -> None:
        """Arm a fault."""
        self.stage.world.faults.add(name, operation, **more)

    @property
    def documents(self) -> list[SalesOrder]:
        """What stands under the order's reference."""
        reference = f"N-{self.order.number}"
        orders = self.stage.world.visma["nordhem"].orders
        return [one for one in orders if one.customer_order == reference]

    @property
    def document(self) -> SalesOrder:
        """The only one."""
        [found] = self.documents
        return found

    @property
    def parked(self) -> list[str]:
        """What is on the exceptions list."""
        with self.stage.books("nordhem").read() as unit:
            return [row.code for row in unit.exceptions.list()]

    @property
    def states(self) -> list[str]:
        """The order's intents."""
        with self.stage.books("nordhem").read() as unit:
            rows = unit.intents.of_source("orders", str(self.order.number))
            return [f"{row.operation} {row.state}" for row in rows]


def _tell(story: Story) -> None:
    async def main(loop: VirtualLoop) -> None:
        with open_stage(
            1, loop, start=START, orders=0, connections={"nordhem": connection_of({})}
        ) as stage:
            shop = stage.world.centra["nordhem"]
            wish = {"lines": [{"sku": "NH1104NAVM", "quantity": 3, "unit_price": 100}]}
            [order] = place_orders(stage.world, shop, {"order": wish})
            worker = stage.worker()
            planned = await worker.run("orders")
            stage.world.faults.clear()
            told = Told(stage, order)
            with stage.books("nordhem").begin() as unit:
                unit.plans.go_live("orders", by="the test", hash=str(planned.plan))
            await story(told)

    run_virtually(main)


def test_going_back_undoes_what_is_in_doubt() -> None:
    """A hold whose answer was lost is lifted, although the order looks as linked."""

    async def story(told: Told) -> None:
        await told.run()
        told.edit(action="hold")
        told.breaks("no_answer", PATCHED)
        await told.run()
        assert told.document.status == "Hold"
        told.edit(action="release")
        await told.run()
        await asyncio.sleep(3 * MINUTES)
        await told.run()
        await told.run()

        assert told.document.status == "Open"
        assert told.parked == []

    _tell(story)


def test_outdated_change_is_withdrawn_and_the_newer_one_made() -> None:
    """What is sent again after doubt is what the order is now, not what it was."""

    async def story(told: Told) -> None:
        await told.run()
        told.edit(action="change_price", unit_price=120)
        told.breaks("not_json", LINES_PATCHED)
        await told.run()
        told.edit(action="change_price", unit_price=130)
        await told.run()
        await asyncio.sleep(3 * MINUTES)
        await told.run()
        await told.run()

        assert told.document.totals.order_total == 390
        assert told.states[0] == "create confirmed"
        assert told.states[1].endswith("superseded")
        assert told.states[2].endswith("confirmed")

    _tell(story)


def test_change_in_flight_is_not_taken_for_a_wrong_total() -> None:
    """One worker reads totals back while another one changes the document."""

    async def story(told: Told) -> None:
        told.breaks("slow", "visma.GET /api/v3/SalesOrders", skip=1, seconds=20)
        first = asyncio.create_task(told.run())
        await asyncio.sleep(5)
        assert len(told.documents) == 1
        told.edit(action="change_price", unit_price=120)
        told.breaks("no_answer", LINES_PATCHED, seconds=60)
        await told.run()
        await first

        assert told.parked == []
        await asyncio.sleep(5 * MINUTES)
        await told.run()
        assert told.document.totals.order_total == 360
        assert told.document.status == "Open"
        assert told.parked == []

    _tell(story)


def test_edit_while_the_create_is_in_doubt_is_made_afterwards() -> None:
    """The document that was made of the former order is adopted, then changed."""

    async def story(told: Told) -> None:
        told.breaks("no_answer", CREATED)
        await told.run()
        told.edit(action="change_quantity", quantity=5)
        await told.run()
        assert told.parked == []
        await asyncio.sleep(3 * MINUTES)
        await told.run()
        await told.run()

        assert told.document.totals.order_total == 500
        assert told.parked == []

    _tell(story)


def test_hold_while_the_create_is_in_doubt_reaches_the_document() -> None:
    """An order that may be over there is not left out."""

    async def story(told: Told) -> None:
        told.breaks("no_answer", CREATED)
        await told.run()
        told.edit(action="hold")
        await told.run()
        await asyncio.sleep(3 * MINUTES)
        await told.run()
        await told.run()

        assert told.document.status == "Hold"

    _tell(story)
