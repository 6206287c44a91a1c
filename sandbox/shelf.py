"""The truth of stock: what really lies on each shelf, whatever the two systems say.

Nobody keeps it; it follows from what both halves know. Visma.net's on hand is right but for
what it was not told yet, so

    on the shelf = on hand in Visma.net
                 - units of orders that Centra has sent and Visma.net has not issued
                 + units of returns that Centra has put back and Visma.net has not received
                 + what people changed in Centra by hand, less what was booked of it

Goods of an order have left when the first of both systems says so, and are back when the first one
says so. A sales order is the mirror of an order of Centra if the number of that order ends its
customer order number, and a return order that of a return if it ends in `-R` and the return's id; all
others are sold elsewhere. What programs write is an echo of what happened, and moves no goods.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.seed.stock import PLACES

if TYPE_CHECKING:
    from sandbox.centra.sales import OrderLine
    from sandbox.centra.stock import Allocation
    from sandbox.centra.store import CentraInstance
    from sandbox.visma.company import Company
    from sandbox.visma.records import SalesOrder
    from sandbox.world import World

__all__ = ["Shelf", "shelf_routes", "shelves_of"]

_RETURN = re.compile(r"-R(\d+)$")
_ORDER = re.compile(r"(\d+)$")
_OPEN = frozenset({"Open", "BackOrder", "Shipping"})

_Place = tuple[str, str]
"""A warehouse of Centra by name, and a SKU."""
_BySource = dict[int, dict[_Place, int]]
"""Units by place, of each order or return of Centra."""
_NOTHING: Mapping[_Place, int] = {}


@dataclass(frozen=True)
class Shelf:
    """One size in one warehouse of Centra, in units.

    `promised` are units of Centra's orders that lie there still; `reserved` those of sales orders
    that are none of Centra's. `physical` and `free` are what Centra says; truly free is what is on the
    shelf less what is promised, and `reserved` too where Visma.net's figure leaves open orders out.
    """

    warehouse: str
    sku: str
    on_shelf: int
    promised: int
    reserved: int
    physical: int
    free: int


def shelves_of(
    world: "World",
    name: str,
    skus: Collection[str] | None = None,
    over: dict[int, datetime] | None = None,
) -> list[Shelf]:
    """Work out the truth of an instance, for some sizes or for all that lie anywhere.

    Whoever asks time and again passes `over`: orders of Centra of which all has left on
    both sides, by number with their last change. They move nothing any more, and are
    passed over until they change.
    """
    return _Truth(world.centra[name], world.visma[name], skus, over).shelves()


class _Truth:
    def __init__(
        self,
        instance: "CentraInstance",
        company: "Company",
        skus: Collection[str] | None,
        over: dict[int, datetime] | None,
    ) -> None:
        self._over = over
        self._passed: set[int] = set()
        self._instance = instance
        self._company = company
        self._skus = None if skus is None else set(skus)
        self._named = {
            size: sku
            for size in instance.catalogue.product_sizes.values()
            if self._wants(sku := size.sku)
        }
        self._place_of = {
            warehouse: place.name for place in PLACES for warehouse in place.visma
        }
        self._allocated: _BySource = {}
        self._sent: _BySource = {}
        self._issued: _BySource = {}
        self._restocked: _BySource = {}
        self._received: _BySource = {}
        self._reserved: Counter[_Place] = Counter()

    def shelves(self) -> list[Shelf]:
        """Return a row for each size that a mapped warehouse of Centra has a record of."""
        self._read_orders()
        self._read_returns()
        self._read_visma()
        moved, promised = self._moved(), self._promised()
        found: list[Shelf] = []
        for place in PLACES:
            warehouse = self._instance.shelves.find_warehouse(place.name)
            if warehouse is None or not place.visma:
                continue
            for size, sku in self._named.items():
                level = self._instance.shelves.find_level(warehouse, size)
                if level is None:
                    continue
                key = (place.name, sku)
                found.append(
                    Shelf(
                        warehouse=place.name,
                        sku=sku,
                        on_shelf=self._on_hand(sku, place.visma) + moved[key],
                        promised=promised[key],
                        reserved=self._reserved[key],
                        physical=level.physical,
                        free=level.free,
                    )
                )
        if self._over is not None:
            self._over |= self._now_over()
        return found

    def _wants(self, sku: str) -> bool:
        return self._skus is None or sku in self._skus

    def _on_hand(self, sku: str, warehouses: Collection[str]) -> int:
        item = self._company.goods.find(sku)
        if item is None:
            return 0
        return int(
            sum((item.on_hand.get(w, Decimal(0)) for w in warehouses), Decimal(0))
        )

    def _promised(self) -> Counter[_Place]:
        """Return what lies there for orders: not what Visma.net has issued of them already."""
        promised: Counter[_Place] = Counter()
        for number, allocated in self._allocated.items():
            issued = self._issued.get(number, _NOTHING)
            sent = self._sent.get(number, _NOTHING)
            for place, units in allocated.items():
                gone = max(0, issued.get(place, 0) - sent.get(place, 0))
                promised[place] += max(0, units - gone)
        return promised

    def _moved(self) -> Counter[_Place]:
        """Return what Visma.net's on hand does not know yet."""
        moved: Counter[_Place] = Counter()
        for number, sent in self._sent.items():
            issued = self._issued.get(number, _NOTHING)
            for place, units in sent.items():
                moved[place] -= max(0, units - issued.get(place, 0))
        for number, restocked in self._restocked.items():
            received = self._received.get(number, _NOTHING)
            for place, units in restocked.items():
                moved[place] += max(0, units - received.get(place, 0))
        for place, units in self._by_hand():
            moved[place] += units
        for place, units in self._booked():
            moved[place] -= units
        return moved

    # -- Centra -------------------------------------------------------------------------

    def _read_orders(self) -> None:
        named = self._named
        over = self._over or {}
        for order in self._instance.orders.values():
            if over.get(order.number) == order.updated_at:
                self._passed.add(order.number)
                continue
            for line in order.lines:
                if line.allocations and line.product_size in named:
                    self._add(self._allocated, order.number, line, line.allocations)
            for shipment in order.shipments:
                of = self._sent if shipment.is_shipped else self._allocated
                for part in shipment.lines:
                    if part.order_line.product_size in named:
                        self._add(of, order.number, part.order_line, part.allocations)

    def _now_over(self) -> dict[int, datetime]:
        """Orders of which all has left, here and there; of all sizes, whoever asked."""
        found: dict[int, datetime] = {}
        for number, sent in self._sent.items():
            order = self._instance.orders[number]
            issued = self._issued.get(number, _NOTHING)
            goods = [one for one in order.lines if one.product_size is not None]
            if (
                all(one.shipped_quantity >= one.quantity for one in goods)
                and all(one.is_shipped for one in order.shipments)
                and all(one.product_size in self._named for one in goods)
                and all(issued.get(place, 0) >= units for place, units in sent.items())
            ):
                found[number] = order.updated_at
        return found

    def _read_returns(self) -> None:
        named = self._named
        for made in self._instance.returns.values():
            for warehouse, sizes in made.restocked.items():
                for size, units in sizes.items():
                    if size in named:
                        into = self._restocked.setdefault(made.id, {})
                        place = (warehouse.name, named[size])
                        into[place] = into.get(place, 0) + units

    def _add(
        self,
        into: _BySource,
        number: int,
        line: "OrderLine",
        allocations: Iterable["Allocation"],
    ) -> None:
        if line.product_size is None:
            return
        sku = self._named[line.product_size]
        of_order = into.setdefault(number, {})
        for one in allocations:
            place = (one.warehouse.name, sku)
            of_order[place] = of_order.get(place, 0) + one.quantity

    def _by_hand(self) -> Iterator[tuple[_Place, int]]:
        for change in self._instance.shelves.changes.values():
            if change.by_hand:
                for line in change.lines:
                    sku = self._named.get(line.product_size)
                    if sku is not None:
                        yield (change.warehouse.name, sku), line.delivered_quantity

    # -- Visma.net ----------------------------------------------------------------------

    def _read_visma(self) -> None:
        for order in self._company.orders:
            back, number = _answers(order.customer_order or "")
            if back is not None:
                self._count(order, self._received, back, "Receipt")
            elif number is not None and number in self._instance.orders:
                if number not in self._passed:
                    self._count(order, self._issued, number, "Issue")
            elif order.status in _OPEN:
                self._reserve(order)

    def _count(
        self, order: "SalesOrder", into: _BySource, number: int, operation: str
    ) -> None:
        for line in order.lines:
            if not line.shipped or not self._wants(line.inventory_id):
                continue
            place = self._place_of.get(line.warehouse or "")
            if place is not None and line.operation == operation:
                of_order = into.setdefault(number, {})
                key = (place, line.inventory_id)
                of_order[key] = of_order.get(key, 0) + int(line.shipped)

    def _reserve(self, order: "SalesOrder") -> None:
        for line in order.lines:
            if line.completed or not self._wants(line.inventory_id):
                continue
            place = self._place_of.get(line.warehouse or "")
            if place is not None and line.operation == "Issue":
                left = int(line.quantity - line.shipped)
                self._reserved[place, line.inventory_id] += left

    def _booked(self) -> Iterator[tuple[_Place, int]]:
        for document in self._company.goods.documents["Adjustment"].values():
            if document.by_hand or document.status != "Released":
                continue
            for line in document.lines:
                place = self._place_of.get(line.warehouse)
                if place is not None and self._wants(line.inventory_id):
                    yield (place, line.inventory_id), int(line.quantity)


@lru_cache(maxsize=100_000)
def _answers(reference: str) -> tuple[int | None, int | None]:
    """The return and the order of Centra whose number a reference ends in."""
    back, number = _RETURN.search(reference), _ORDER.search(reference)
    return int(back[1]) if back else None, int(number[1]) if number else None


def shelf_routes(world: "World") -> list[BaseRoute]:
    """Return the route of the control API that tells the truth of stock."""
    return [Route("/_sandbox/shelf", _endpoint(world), methods=["GET"])]


def _endpoint(world: "World") -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        name = request.query_params.get("instance", next(iter(world.centra), ""))
        if name not in world.centra:
            return JSONResponse({"error": f"there is no instance {name!r}"}, 400)
        skus = request.query_params.getlist("sku") or None
        rows = [asdict(one) for one in shelves_of(world, name, skus)]
        return JSONResponse({"instance": name, "shelves": rows})

    return endpoint
