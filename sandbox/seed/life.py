"""What happens next to the sales of a shop that runs, step by step; choices follow from the seed."""

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from sandbox.centra.balances import PaymentError
from sandbox.centra.edits import EditError
from sandbox.centra.hands import send, take_back
from sandbox.centra.refunds import refund
from sandbox.centra.requests import settle
from sandbox.centra.returning import (
    complete_return,
    delete_return,
    refund_return,
    uncomplete_return,
)
from sandbox.centra.returns import Return
from sandbox.centra.sales import Order, OrderLine
from sandbox.centra.shipping import everything_open
from sandbox.centra.store import CentraInstance
from sandbox.centra.totals import totals_of

if TYPE_CHECKING:
    from sandbox.world import World

__all__ = ["is_open", "live", "units_of"]


def is_open(order: Order) -> bool:
    """Tell whether an order can be sent as it is."""
    return (
        order.status in {"CONFIRMED", "PROCESSING"}
        and not (order.is_on_hold or order.is_waiting_for_payment or order.is_locked)
        and not any(entry.waits for entry in order.payments)
        and bool(everything_open(order))
    )


def units_of(order: Order) -> int:
    """Return how many units an order has."""
    return sum(line.quantity for line in order.counted_lines)


def live(
    world: "World", instance: CentraInstance, steps: int
) -> list[dict[str, object]]:
    """Play some steps of life now; return what happened to which order."""
    happened: list[dict[str, object]] = []
    for _ in range(steps):
        instance.steps_lived += 1
        rng = world.random(f"centra/{instance.name}/life/{instance.steps_lived}")
        moment = _Moment(instance, rng)
        kinds, weights = zip(*moment.kinds().items(), strict=True)
        for kind in _shuffled(rng, kinds, weights):
            order = kind()
            if order is not None:
                name = kind.__name__.strip("_")
                happened.append({"number": order.number, "what": name})
                break
    return happened


def _shuffled(
    rng: Random,
    kinds: tuple[Callable[[], Order | None], ...],
    weights: tuple[int, ...],
) -> list[Callable[[], Order | None]]:
    """Return all kinds in an order that the weights make likely."""
    keys = [rng.random() ** (1 / weight) for weight in weights]
    places = sorted(range(len(kinds)), key=lambda place: -keys[place])
    return [kinds[place] for place in places]


class _Moment:
    """One step; each kind returns the order it happened to, or None where it cannot happen."""

    def __init__(self, instance: CentraInstance, rng: Random) -> None:
        self._instance = instance
        self._rng = rng
        self._now = instance.clock.now().replace(microsecond=0)

    def kinds(self) -> dict[Callable[[], Order | None], int]:
        """Return what can happen, with how likely it is."""
        return {
            self._ship: 30,
            self._ship_a_part: 10,
            self._settle: 20,
            self._return: 12,
            self._complete_return: 10,
            self._refund: 10,
            self._uncomplete: 2,
            self._delete: 2,
            self._goodwill: 2,
        }

    def _ship(self) -> Order | None:
        order = self._pick_order(is_open)
        return self._sent(order, None)

    def _ship_a_part(self) -> Order | None:
        order = self._pick_order(lambda o: is_open(o) and units_of(o) > 1)
        if order is None:
            return None
        left = everything_open(order)
        line = next((x for x in left if x.kind != "BundleItem"), None)
        return None if line is None else self._sent(order, {line: 1})

    def _sent(
        self, order: Order | None, wanted: dict[OrderLine, int] | None
    ) -> Order | None:
        if order is None:
            return None
        try:
            send(self._instance, order, self._now, wanted, how="as_usual")
        except (EditError, PaymentError):
            return None
        return order

    def _settle(self) -> Order | None:
        if not self._instance.requests:
            return None
        request = self._rng.choice(self._instance.requests)
        succeeds = self._rng.random() < 0.9  # noqa: PLR2004
        settle(self._instance, request, self._now, succeeds=succeeds)
        return request.order

    def _return(self) -> Order | None:
        order = self._pick_order(
            lambda o: any(s.is_shipped and s.lines for s in o.shipments)
        )
        if order is None:
            return None
        shipments = [s for s in order.shipments if s.is_shipped and s.lines]
        shipment = self._rng.choice(shipments)
        goods = [
            line
            for line in shipment.lines
            if line.is_counted and line.returned_quantity < line.quantity
        ]
        if not goods:
            return None
        line = self._rng.choice(goods)
        is_whole = self._rng.random() < 0.3  # noqa: PLR2004
        units = line.quantity - line.returned_quantity if is_whole else 1
        try:
            take_back(
                self._instance, shipment, {line: units}, self._now, shipping=is_whole
            )
        except EditError:
            return None
        return order

    def _complete_return(self) -> Order | None:
        made = self._pick_return(lambda r: r.return_status == "PENDING")
        if made is None:
            return None
        complete_return(self._instance, made, self._now)
        return made.order

    def _refund(self) -> Order | None:
        made = self._pick_return(lambda r: r.order.account is None)
        if made is None:
            return None
        try:
            refund_return(self._instance, made, self._now)
        except (EditError, PaymentError):
            return None
        return made.order

    def _uncomplete(self) -> Order | None:
        made = self._pick_return(lambda r: r.return_status == "COMPLETED")
        if made is None:
            return None
        uncomplete_return(self._instance, made, self._now)
        return made.order

    def _delete(self) -> Order | None:
        made = self._pick_return(lambda r: r.return_status == "PENDING")
        if made is None:
            return None
        try:
            delete_return(self._instance, made, self._now)
        except EditError:
            return None
        return made.order

    def _goodwill(self) -> Order | None:
        order = self._pick_order(lambda o: o.status == "SHIPPED" and o.account is None)
        if order is None:
            return None
        amount = max(1, totals_of(order).grand_total // 20)
        try:
            refund(self._instance, order, amount, self._now)
        except PaymentError:
            return None
        self._instance.order_changed(order)
        return order

    def _pick_order(self, fits: Callable[[Order], bool]) -> Order | None:
        found = [order for order in self._instance.orders.values() if fits(order)]
        return self._rng.choice(found) if found else None

    def _pick_return(self, fits: Callable[[Return], bool]) -> Return | None:
        found = [made for made in self._instance.returns.values() if fits(made)]
        return self._rng.choice(found) if found else None
