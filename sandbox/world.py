"""The world of one sandbox process: a clock, faults, a call log, stores and companies."""

from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Literal

from sandbox.calls import CallLog
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.feeds.market import Market
from sandbox.late import LateWork

if TYPE_CHECKING:
    from sandbox.centra.store import CentraInstance
    from sandbox.seed.items import PlantedItem
    from sandbox.visma.company import Company

__all__ = ["Planted", "Quotas", "StockExcludes", "World"]

Quotas = Literal["unlimited", "vendor"]
StockExcludes = Literal["orders", "shipments"]


@dataclass(frozen=True)
class Planted:
    """One order that the seed broke on purpose, so that it must end up parked."""

    instance: str
    order_number: str
    problem: str
    gross: Decimal
    currency: str

    def as_json(self) -> dict[str, object]:
        """Return it in the form of `GET /_sandbox/state`."""
        return dict(vars(self)) | {"gross": str(self.gross)}


class World:
    """Everything that the servers of one process know, by instance name.

    `market` is what the feeds of exchange rates publish.

    `centra` and `visma` are keyed by the same instance name (`nordhem`, `fjord`).
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        clock: Clock | None = None,
        quotas: Quotas = "unlimited",
        visma_calls_per_hour: int = 15_000,
        life: bool = False,
        stock_excludes: StockExcludes = "orders",
    ) -> None:
        self.seed = seed
        self.life = life
        """Whether the sales of the seed have gone on: shipments, returns, refunds."""
        self.stock_excludes = stock_excludes
        """Since when what Visma.net has available for shipment leaves out an order's units."""
        self.clock = clock or Clock()
        self.faults = Faults(seed)
        self.late = LateWork(self.clock)
        self.calls = CallLog(self.clock)
        self.market = Market(seed, self.clock)
        self.quotas = quotas
        self.visma_calls_per_hour = visma_calls_per_hour
        self.centra: dict[str, CentraInstance] = {}
        self.visma: dict[str, Company] = {}
        self.planted: list[Planted] = []
        self.planted_items: list[PlantedItem] = []

    def random(self, purpose: str) -> Random:
        """Return a fresh random source for one purpose, the same for the same seed."""
        return Random(f"{self.seed}/{purpose}")  # noqa: S311

    def become(self, other: "World") -> None:
        """Take over everything of another world, so that a running app serves it."""
        vars(self).update(vars(other))
