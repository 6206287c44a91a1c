"""What shoppers and the people of both warehouses do in a day, drawn from one seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from sandbox.centra.balances import PaymentError
from sandbox.centra.edits import EditError
from sandbox.centra.play import edit_order, place_orders
from sandbox.centra.sales import Order
from sandbox.centra.stock import Warehouse
from sandbox.centra.stock_hands import change_by_hand
from sandbox.shelf import shelves_of
from sandbox.visma.billing import prepare_invoices
from sandbox.visma.erp import ErpError
from sandbox.visma.hand_goods import make_sale, move_stock
from sandbox.visma.ledger_records import Shipment
from sandbox.visma.problems import Problem
from sandbox.visma.records import SalesOrder
from sandbox.visma.release import release_document
from sandbox.visma.shipment_rules import (
    cancel,
    confirm,
    create_shipment,
    order_of,
    set_quantity,
    touch_shipment,
)
from sandbox.world import World

__all__ = ["MAIN", "RETAIL", "Happened", "People", "Ships"]

Ships = Literal["centra", "visma"]
MAIN, RETAIL = "MAIN", "RETAIL"
_PLACES = {MAIN: "Main warehouse", RETAIL: "Retail store"}
_BOTH = (MAIN, RETAIL)
_REFUSED = (EditError, PaymentError, ErpError, Problem)


@dataclass(frozen=True)
class Happened:
    """One thing that was done: where, in words, and to which sizes."""

    side: Literal["Centra", "Visma.net"]
    words: str
    skus: frozenset[str]


class People:
    """Does one thing after the other; what cannot be done is not done."""

    def __init__(
        self,
        world: World,
        random: Random,
        skus: list[str],
        *,
        ships: Ships,
        counts_in_centra: bool,
        holds: int = 1,
    ) -> None:
        self._world = world
        self._shop = world.centra["nordhem"]
        self._company = world.visma["nordhem"]
        self._random = random
        self._skus = skus
        by_sku = {one.sku: one for one in self._shop.catalogue.product_sizes.values()}
        self._sizes = {sku: by_sku[sku] for sku in skus}
        self._open: list[Order] = []
        self._sent: list[Order] = []
        self._own_sales: list[SalesOrder] = []
        acts: dict[Callable[[], Happened | None], int] = {
            self._sell: 100,
            self._cancel: 5,
            self._cancel_line: 4,
            self._hold: 3 * holds,
            self._release: 4 * holds,
            self._return: 9,
            self._deliver: 14,
            self._count: 6,
            self._sell_elsewhere: 5,
            self._go_on_elsewhere: 5,
            self._move: 3,
        }
        if ships == "centra":
            acts |= {self._ship: 62}
        else:
            acts |= {
                self._pick: 20,
                self._ship_there: 62,
                self._receive: 9,
                self._invoice: 30,
            }
        if counts_in_centra:
            acts |= {self._count_in_centra: 7, self._move_in_centra: 3}
        self._acts, self._weights = list(acts), list(acts.values())

    def act(self) -> Happened | None:
        """Do something; None if it could not be done."""
        act = self._random.choices(self._acts, self._weights)[0]
        try:
            return act()
        except _REFUSED:
            return None

    def finish(self) -> None:
        """Lift every hold, and put back what was picked, so that the day can end."""
        for order in self._open:
            if order.is_on_hold:
                edit_order(self._shop, order, {"action": "release"})
        for shipment in self._company.books.shipments.values():
            if shipment.status == "Open":
                cancel(self._company, shipment)

    # -- Centra -------------------------------------------------------------------------

    def _sell(self) -> Happened | None:
        """A shopper buys what the shop shows, never more."""
        main = self._place(MAIN)
        lines = []
        for sku in self._random.sample(self._skus, self._random.choice((1, 1, 1, 2))):
            level = self._shop.shelves.level(main, self._sizes[sku])
            if level.free > 0:
                most = min(level.free, self._random.choice((1, 1, 1, 2, 3)))
                lines.append({"sku": sku, "quantity": self._random.randint(1, most)})
        if not lines:
            return None
        wish = {"lines": lines, "payment": "stripe-checkout"}
        [order] = place_orders(self._world, self._shop, {"order": wish})
        self._open.append(order)
        told = ", ".join(f"{one['quantity']} {one['sku']}" for one in lines)
        return self._in_centra(f"sells {told} ({order.number})", order)

    def _cancel(self) -> Happened | None:
        return self._edit(self._unsent(), "cancel", void=True)

    def _cancel_line(self) -> Happened | None:
        order = self._unsent()
        if order is None:
            return None
        line = self._random.choice(order.lines)
        if not line.quantity:
            return None
        units = self._random.randint(1, line.quantity)
        return self._edit(order, "cancel_line", line=line.id, quantity=units)

    def _hold(self) -> Happened | None:
        return self._edit(self._unsent(), "hold")

    def _release(self) -> Happened | None:
        return self._edit(self._any(self._open, lambda one: one.is_on_hold), "release")

    def _ship(self) -> Happened | None:
        """What is packed leaves at once, all of it or a part."""
        order = self._any(self._open, _can_leave)
        if order is None:
            return None
        wish: dict[str, Any] = {}
        if self._random.random() < 0.3:
            line = self._random.choice([one for one in order.lines if one.quantity])
            wish["lines"] = {str(line.id): self._random.randint(1, line.quantity)}
        if not all(self._lie_there(sku, MAIN, n) for sku, n in _open(order).items()):
            return None
        done = self._edit(order, "ship", **wish)
        if done is not None and order not in self._sent:
            self._sent.append(order)
        return done

    def _return(self) -> Happened | None:
        """Goods come back, and are put on the shelf at once or some time later."""
        waiting = [
            one for one in self._shop.returns.values() if one.return_status == "PENDING"
        ]
        if waiting and self._random.random() < 0.5:
            made = self._random.choice(waiting)
            return self._edit(made.order, "complete_return", **{"return": made.id})
        order = self._any(
            list(self._shop.orders.values()),
            lambda one: any(part.is_shipped for part in one.shipments),
        )
        if order is None:
            return None
        sent = [one for one in order.shipments if one.is_shipped]
        shipment = self._random.choice(sent)
        part = self._random.choice(shipment.lines)
        left = part.quantity - part.returned_quantity
        if left < 1:
            return None
        wish = {
            "shipment": shipment.number,
            "lines": {str(part.order_line.id): self._random.randint(1, left)},
            "complete": self._random.random() < 0.5,
        }
        return self._edit(order, "return", **wish)

    def _count_in_centra(self) -> Happened | None:
        """Somebody counts a shelf, or unpacks a delivery that Visma.net knows nothing of."""
        sku, place = self._random.choice(self._skus), self._random.choice(_BOTH)
        units = self._random.choice((-2, -1, 1, 2, 8))
        if not self._lie_there(sku, place, -units):
            return None
        self._by_hand("correct", place, {sku: units})
        told = f"counts {units:+d} {sku} in {_PLACES[place]}"
        return Happened("Centra", told, frozenset({sku}))

    def _move_in_centra(self) -> Happened | None:
        sku = self._random.choice(self._skus)
        there, to = self._random.sample(_BOTH, 2)
        units = self._random.randint(1, 3)
        if not self._lie_there(sku, there, units):
            return None
        self._by_hand("move", there, {sku: units}, to=_PLACES[to])
        told = f"moves {units} {sku} from {_PLACES[there]} to {_PLACES[to]}"
        return Happened("Centra", told, frozenset({sku}))

    def _by_hand(
        self, action: str, place: str, lines: dict[str, int], **more: str
    ) -> None:
        wish = {"action": action, "warehouse": _PLACES[place], "lines": lines, **more}
        change_by_hand(self._shop, wish)

    def _edit(self, order: Order | None, action: str, **wish: Any) -> Happened | None:
        if order is None:
            return None
        edit_order(self._shop, order, {"action": action, **wish})
        details = {name: value for name, value in wish.items() if name != "void"}
        told = f"{action} {order.number}" + (f" {details}" if details else "")
        return self._in_centra(told, order)

    # -- Visma.net ----------------------------------------------------------------------

    def _pick(self) -> Happened | None:
        """Goods are put on a shipment and wait for the carrier."""
        order = self._mirror(lambda one: one.status == "Open")
        if order is None:
            return None
        shipment = self._on_shipment(order)
        return self._there(
            f"picks {_units(shipment)} for {order.customer_order}", order
        )

    def _ship_there(self) -> Happened | None:
        """A carrier takes what waits, or an order leaves at once; some picks are undone."""
        waiting = [
            one
            for one in self._company.books.shipments.values()
            if one.status == "Open"
        ]
        if waiting and self._random.random() < 0.6:
            shipment = self._random.choice(waiting)
            order = order_of(self._company, shipment.orders[0])
            if self._random.random() < 0.15:
                cancel(self._company, shipment)
                return self._there(f"undoes shipment {shipment.number}", order)
            if not self._are_there(shipment):
                return None
            confirm(self._company, shipment)
            return self._there(f"ships {_units(shipment)} ({shipment.number})", order)
        order = self._mirror(lambda one: one.status in {"Open", "BackOrder"})
        if order is None:
            return None
        shipment = self._on_shipment(order)
        if self._are_there(shipment):
            confirm(self._company, shipment)
            told = f"ships {_units(shipment)} of {order.customer_order}"
        else:
            told = f"picks {_units(shipment)} of {order.customer_order}"
        return self._there(told, order)

    def _are_there(self, shipment: Shipment) -> bool:
        return all(
            self._lie_there(one.inventory_id, MAIN, int(one.quantity))
            for one in shipment.lines
        )

    def _receive(self) -> Happened | None:
        """Goods of a return order are taken in."""
        order = self._any(
            list(self._company.orders),
            lambda one: one.type == "RC" and one.status == "Open",
        )
        if order is None:
            return None
        shipment = self._on_shipment(order, whole=True)
        confirm(self._company, shipment)
        return self._there(
            f"receives {_units(shipment)} of {order.customer_order}", order
        )

    def _invoice(self) -> Happened | None:
        order = self._mirror(lambda one: any(line.shipped for line in one.lines))
        if order is None:
            return None
        for document in prepare_invoices(self._company, order):
            release_document(self._company, document)
        return self._there(f"invoices {order.customer_order}", order)

    def _deliver(self) -> Happened:
        """A supplier brings goods."""
        sku, units = self._random.choice(self._skus), self._random.randint(3, 24)
        place = self._random.choice((MAIN, MAIN, RETAIL))
        move_stock(
            self._company, "Receipt", {"lines": {sku: units}, "warehouse": place}
        )
        return self._elsewhere(f"takes in {units} {sku} in {place}", sku)

    def _count(self) -> Happened | None:
        """Somebody counts a shelf, and finds less or more than the books say."""
        sku, place = self._random.choice(self._skus), self._random.choice(_BOTH)
        units = self._random.choice((-3, -2, -1, 1, 2))
        if not self._lie_there(sku, place, -units):
            return None
        self._adjust(sku, place, units)
        return self._elsewhere(f"counts {units:+d} {sku} in {place}", sku)

    def _move(self) -> Happened | None:
        sku, units = self._random.choice(self._skus), self._random.randint(1, 3)
        there, to = self._random.sample(_BOTH, 2)
        if not self._lie_there(sku, there, units):
            return None
        self._adjust(sku, there, -units)
        self._adjust(sku, to, units)
        return self._elsewhere(f"moves {units} {sku} from {there} to {to}", sku)

    def _adjust(self, sku: str, place: str, units: int) -> None:
        given = {"lines": {sku: units}, "warehouse": place, "reason": "COUNT"}
        move_stock(self._company, "Adjustment", given)

    def _sell_elsewhere(self) -> Happened | None:
        """A sale by telephone, which Centra knows nothing of; it leaves now or later."""
        sku, units = self._random.choice(self._skus), self._random.randint(1, 3)
        leaves = self._random.random() < 0.4
        if leaves and not self._lie_there(sku, MAIN, units):
            return None
        given = {"lines": {sku: units}, "warehouse": MAIN, "ship": leaves}
        done: Any = make_sale(self._company, given)
        order = order_of(self._company, tuple(done["order"]))
        if not leaves:
            self._own_sales.append(order)
        return self._elsewhere(f"sells {units} {sku} elsewhere ({order.order_id})", sku)

    def _go_on_elsewhere(self) -> Happened | None:
        if not self._own_sales:
            return None
        order = self._random.choice(self._own_sales)
        [line] = order.lines
        if not self._lie_there(line.inventory_id, MAIN, int(line.quantity)):
            return None
        self._own_sales.remove(order)
        shipment = self._on_shipment(order, whole=True)
        confirm(self._company, shipment)
        told = f"ships {order.order_id}, sold elsewhere"
        return self._elsewhere(told, line.inventory_id)

    def _on_shipment(self, order: SalesOrder, *, whole: bool = False) -> Shipment:
        now = self._company.clock.now()
        shipment = create_shipment(
            self._company, order, on=self._company.local_date(now), warehouse=MAIN
        )
        if not whole and self._random.random() < 0.3:
            line = self._random.choice(shipment.lines)
            less = self._random.randint(0, int(line.quantity) - 1)
            if less or len(shipment.lines) > 1:
                set_quantity(self._company, line, type(line.quantity)(less))
                shipment.lines = [one for one in shipment.lines if one.quantity]
        touch_shipment(self._company, shipment)
        return shipment

    # -- what and who -------------------------------------------------------------------

    def _lie_there(self, sku: str, place: str, units: int) -> bool:
        """Whether so many can be taken from a shelf at all."""
        shelves = shelves_of(self._world, "nordhem", [sku])
        [shelf] = [one for one in shelves if one.warehouse == _PLACES[place]]
        return shelf.on_shelf >= units

    def _place(self, warehouse: str) -> Warehouse:
        found = self._shop.shelves.find_warehouse(_PLACES[warehouse])
        assert found is not None
        return found

    def _unsent(self) -> Order | None:
        """One of which nothing has left; what the warehouse has sent nobody can stop."""
        gone = {
            one.customer_order
            for one in self._company.orders
            if any(line.shipped for line in one.lines)
        }
        return self._any(
            self._open,
            lambda one: (
                one.status == "CONFIRMED"
                and not one.shipments
                and f"N-{one.number}" not in gone
            ),
        )

    def _mirror(self, fits: Callable[[SalesOrder], bool]) -> SalesOrder | None:
        """One of the latest sales orders of Centra's orders that fits."""
        return self._any(
            [
                one
                for one in self._company.orders
                if one.type == "SO" and (one.customer_order or "").startswith("N-")
            ],
            fits,
        )

    def _any(self, among: list[Any], fits: Callable[[Any], bool]) -> Any:
        """One that fits, the newest ones first of all: older ones are mostly done."""
        recent = among[-80:] if self._random.random() < 0.8 else among
        found = [one for one in recent if fits(one)]
        return self._random.choice(found) if found else None

    def _in_centra(self, words: str, order: Order) -> Happened:
        skus = {one.product_size.sku for one in order.lines if one.product_size}
        return Happened("Centra", words, frozenset(skus))

    def _there(self, words: str, order: SalesOrder) -> Happened:
        skus = {line.inventory_id for line in order.lines}
        return Happened("Visma.net", words, frozenset(skus))

    def _elsewhere(self, words: str, sku: str) -> Happened:
        return Happened("Visma.net", words, frozenset({sku}))


def _can_leave(order: Order) -> bool:
    return (
        order.status in {"CONFIRMED", "PROCESSING"}
        and not order.is_on_hold
        and any(line.quantity for line in order.lines)
    )


def _open(order: Order) -> dict[str, int]:
    """Units that have not left, by SKU."""
    return {
        line.product_size.sku: line.quantity
        for line in order.lines
        if line.product_size
    }


def _units(shipment: Shipment) -> str:
    return ", ".join(f"{one.quantity:f} {one.inventory_id}" for one in shipment.lines)
