"""What shoppers and the people behind the shop do while the connector works."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from sandbox.centra.edits import EditError
from sandbox.centra.play import edit_order, place_orders
from sandbox.centra.sales import Order
from sandbox.centra.store import CentraInstance
from sandbox.centra.totals import totals_of
from sandbox.world import World

__all__ = ["Shop"]

_OPEN = {"PENDING", "CONFIRMED", "PROCESSING"}
_NAMES = ("Öberg", "Ångström", "Sæther", "Weiß", "Nyström 🌿", "O'Neill")
_CITIES = ("Ängelholm", "Övertorneå", "Bø i Vesterålen", "Æbelnes", "Groß Gerau")


class Shop:
    """Does one thing after the other, all drawn from one seed."""

    def __init__(self, world: World, instance: CentraInstance, random: Random) -> None:
        self._world = world
        self._shop = instance
        self._random = random
        self._company = world.visma[instance.name]
        self._blocked: list[str] = []
        self._broken = {
            one.order_number for one in world.planted if one.instance == instance.name
        }
        self.moved: dict[int, str] = {}
        """The city that an order was last sent to, where somebody changed it."""
        self.edited: set[int] = set()
        """Orders that were changed in what they sell or whether they do."""

    def act(self) -> str:
        """Do something, and say what."""
        actions: dict[Callable[[], str], int] = {
            self._place: 30,
            self._place_wholesale: 6,
            self._change_quantity: 12,
            self._change_price: 10,
            self._cancel_line: 12,
            self._cancel: 10,
            self._hold: 8,
            self._release: 10,
            self._move: 8,
            self._touch: 6,
            self._go_on: 8,
            self._ship: 4,
            self._block: 4,
            self._unblock: 4,
            self._rename: 4,
            self._close_period: 2,
            self._open_period: 3,
        }
        act = self._random.choices(list(actions), list(actions.values()))[0]
        return act()

    def release_all(self) -> None:
        """Lift some holds at the end, so that waiting orders go their way."""
        while self._blocked:
            self._unblock()
        self._open_period()
        for order in list(self._shop.orders.values()):
            if order.is_on_hold and self._random.random() < 0.5:
                self._edit(order, action="release")

    def _place(self) -> str:
        count = self._random.randint(1, 4)
        placed = place_orders(self._world, self._shop, {"count": count})
        return f"place {[order.number for order in placed]}"

    def _place_wholesale(self) -> str:
        accounts = [
            one.id for one in self._shop.accounts.values() if one.billing_address
        ]
        sizes = ("NH1101GRYL", "NH1104NAVM", "NH1203ECRS")
        lines = [
            {"sku": sku, "quantity": self._random.randint(1, 9)}
            for sku in self._random.sample(sizes, 2)
        ]
        wish = {"account": self._random.choice(accounts), "lines": lines}
        [order] = place_orders(self._world, self._shop, {"order": wish})
        return f"place {order.number} wholesale"

    def _change_quantity(self) -> str:
        order = self._sellable()
        if order is None:
            return "nothing"
        line = self._random.choice(_goods(order))
        quantity = line.quantity + self._random.choice((-1, 1, 2))
        if quantity < 1 or not _can_spare(order, line.unit_price):
            quantity = line.quantity + 1
        return self._edit(
            order, action="change_quantity", line=line.id, quantity=quantity
        )

    def _change_price(self) -> str:
        order = self._sellable()
        if order is None:
            return "nothing"
        line = self._random.choice(_goods(order))
        currency = order.frame.currency.denominator
        price = int(line.unit_price) // currency + self._random.randint(1, 40)
        return self._edit(order, action="change_price", line=line.id, unit_price=price)

    def _cancel_line(self) -> str:
        order = self._sellable()
        if order is None:
            return "nothing"
        line = self._random.choice(_goods(order))
        if not _can_spare(order, line.value):
            return "nothing"
        quantity = self._random.randint(1, line.quantity)
        return self._edit(order, action="cancel_line", line=line.id, quantity=quantity)

    def _cancel(self) -> str:
        order = self._any(lambda one: one.status in _OPEN)
        void = self._random.random() < 0.5
        return self._edit(order, action="cancel", void=void)

    def _hold(self) -> str:
        order = self._any(lambda one: one.status in _OPEN and not one.is_on_hold)
        return self._edit(order, action="hold")

    def _release(self) -> str:
        return self._edit(self._any(lambda one: one.is_on_hold), action="release")

    def _move(self) -> str:
        order = self._any(lambda one: one.status in _OPEN)
        if order is None:
            return "nothing"
        self.moved[order.number] = city = self._random.choice(_CITIES)
        return self._edit(order, action="change_address", city=city)

    def _touch(self) -> str:
        return self._edit(self._any(lambda one: True), action="touch")

    def _go_on(self) -> str:
        waiting = self._any(lambda one: one.is_waiting_for_payment)
        pending = self._any(lambda one: one.status == "PENDING")
        if waiting is not None and self._random.random() < 0.5:
            return self._edit(waiting, action="pay")
        return self._edit(pending, action="confirm")

    def _ship(self) -> str:
        order = self._any(
            lambda one: (
                one.status == "CONFIRMED"
                and not one.is_on_hold
                and not one.is_waiting_for_payment
            )
        )
        return self._edit(order, action="ship")

    def _block(self) -> str:
        """Finance stops a customer for a while."""
        sound = [
            number
            for number, customer in self._company.customers.items()
            if customer.status == "Active"
        ]
        number = self._random.choice(sound)
        self._company.set_customer_status(number, "CreditHold")
        self._blocked.append(number)
        return f"block {number}"

    def _unblock(self) -> str:
        if not self._blocked:
            return "nothing"
        number = self._blocked.pop()
        self._company.set_customer_status(number, "Active")
        return f"unblock {number}"

    def _close_period(self) -> str:
        """Finance closes the present month too early, and opens it again later."""
        period = f"{self._shop.clock.now():%Y%m}"
        self._company.close_period(period)
        return f"close {period}"

    def _open_period(self) -> str:
        for period in list(self._company.closed_periods):
            self._company.close_period(period, closed=False)
        return "open all periods"

    def _rename(self) -> str:
        if not self._shop.customers:
            return "nothing"
        customer = self._random.choice(list(self._shop.customers.values()))
        customer.last_name = self._random.choice(_NAMES)
        self._shop.customer_changed(customer)
        return f"rename {customer.id}"

    def _sellable(self) -> Order | None:
        """An open order with goods that can be changed one by one."""
        return self._any(
            lambda one: (
                one.status in _OPEN
                and bool(_goods(one))
                and not any(line.kind == "Bundle" for line in one.lines)
            )
        )

    def _any(self, fits: Callable[[Order], bool]) -> Order | None:
        found = [
            order
            for order in self._shop.orders.values()
            if str(order.number) not in self._broken and fits(order)
        ]
        return self._random.choice(found) if found else None

    def _edit(self, order: Order | None, **wish: Any) -> str:
        if order is None:
            return "nothing"
        try:
            edit_order(self._shop, order, wish)
        except EditError:
            return "nothing"
        if wish["action"] not in {"touch", "ship"}:
            self.edited.add(order.number)
        return f"{order.number} {wish}"


def _goods(order: Order) -> list[Any]:
    return [line for line in order.lines if line.kind == "Product" and line.quantity]


def _can_spare(order: Order, value: Any) -> bool:
    """Whether discounts would still be covered by what is left."""
    if not order.discounts:
        return True
    totals = totals_of(order)
    return bool(totals.line_values - value > 2 * totals.discounts)
