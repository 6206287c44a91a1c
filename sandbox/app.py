"""The sandbox as one ASGI app, and the world that it serves."""

from collections.abc import Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox import seed as seeds
from sandbox.centra.app import routes as centra_routes
from sandbox.clock import Clock
from sandbox.control import Plan, control_routes
from sandbox.feeds.app import feed_routes
from sandbox.visma.app import visma_routes
from sandbox.visma.setup import demo_companies
from sandbox.webhook_control import note_hand, webhook_routes
from sandbox.webhooks import Webhooks
from sandbox.world import Quotas, StockExcludes, World

__all__ = ["build_world", "create_app"]


class _SandboxApp(Starlette):
    """Starlette without its own 500 page, so that a cut connection stays without an answer.

    What is due by the world's clock is done before each request; what it has changed is
    told to webhooks after it.
    """

    def __init__(
        self, world: World, webhooks: Webhooks, routes: Sequence[BaseRoute]
    ) -> None:
        super().__init__(routes=routes)
        self._world = world
        self._webhooks = webhooks

    def build_middleware_stack(self) -> ASGIApp:
        app = ExceptionMiddleware(self.router, handlers=self.exception_handlers)

        async def punctual(scope: Scope, receive: Receive, send: Send) -> None:
            await self._world.late.catch_up()
            await app(scope, receive, send)
            note_hand(self._webhooks, scope["method"], scope["path"])
            self._webhooks.tell()

        return punctual


def build_world(
    *,
    seed: int = 1,
    orders: int = 120,
    orders_from: Path | None = None,
    quotas: Quotas = "unlimited",
    clock: Clock | None = None,
    visma_calls_per_hour: int = 15_000,
    life: bool = False,
    stock_excludes: StockExcludes = "orders",
    sizes: int = 0,
) -> World:
    """Make a world with two companies and two stores, planted from a seed or a file of orders.

    `sizes` are so many more in `nordhem`, with stock on both sides, that nobody orders.
    """
    world = World(
        seed=seed,
        clock=clock,
        quotas=quotas,
        visma_calls_per_hour=visma_calls_per_hour,
        life=life,
        stock_excludes=stock_excludes,
    )
    world.visma.update(demo_companies(world))
    seeds.plant(world, orders=orders, orders_from=orders_from, sizes=sizes)
    return world


def create_app(world: World) -> Starlette:
    """Serve a world: Centra, Visma.net, Visma Connect and the control API."""
    webhooks = Webhooks(world)

    def rebuild(plan: Plan) -> None:
        world.become(
            build_world(
                seed=plan.seed,
                orders=plan.orders,
                orders_from=plan.orders_from,
                quotas=world.quotas,
                clock=world.clock,
                visma_calls_per_hour=world.visma_calls_per_hour,
                life=plan.life,
                stock_excludes=plan.stock_excludes,
                sizes=plan.sizes,
            )
        )
        webhooks.stay()

    return _SandboxApp(
        world,
        webhooks,
        [
            *webhook_routes(world, webhooks),
            *centra_routes(world),  # asked most, and routes are tried in their order
            *visma_routes(world),
            *feed_routes(world),
            *control_routes(world, rebuild),
        ],
    )
