"""What has happened to planted orders: one of every kind of ending, then the usual shares."""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from sandbox.centra.captures import capture_order
from sandbox.centra.hands import send, take_back
from sandbox.centra.refunds import refund
from sandbox.centra.requests import settle
from sandbox.centra.returning import (
    complete_return,
    issue_credit,
    refund_return,
    uncomplete_return,
)
from sandbox.centra.returns import Return
from sandbox.centra.sales import Order, OrderLine
from sandbox.centra.store import CentraInstance
from sandbox.centra.totals import totals_of
from sandbox.seed.life import is_open, units_of

if TYPE_CHECKING:
    from sandbox.world import World

__all__ = ["live_on"]

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def live_on(
    world: "World", instance: CentraInstance, *, but: Collection[int] = ()
) -> None:
    """Give the orders of a shop a past, but those of some numbers."""
    past = _Past(instance, world.random(f"centra/{instance.name}/past"))
    orders = [
        order
        for number, order in sorted(instance.orders.items())
        if number not in but and totals_of(order).grand_total > 0
    ]
    for fits, happens in past.endings():
        order = next((order for order in orders if fits(order)), None)
        if order is not None:
            orders.remove(order)
            happens(order)
    for order in orders:
        past.usual(order)


def _is_dtc(order: Order) -> bool:
    return is_open(order) and order.account is None and order.status == "CONFIRMED"


def _repeated(order: Order) -> OrderLine | None:
    goods = [line for line in order.lines if line.kind == "Product"]
    return next((line for line in goods if line.quantity > 1), None)


def _is_on_card(order: Order) -> bool:
    return any(entry.entry_type == "AUTH_GIFT_CARD" for entry in order.payments)


class _Past:
    def __init__(self, instance: CentraInstance, rng: Random) -> None:
        self._instance = instance
        self._rng = rng

    def endings(
        self,
    ) -> Iterator[tuple[Callable[[Order], bool], Callable[[Order], object]]]:
        """Yield each kind of ending with what an order must be for it."""

        def has_rates(order: Order) -> bool:
            rules = {line.rule for line in order.counted_lines}
            return _is_dtc(order) and len(rules) > 1 and order.shipping > 0

        def is_repeated(order: Order) -> bool:
            return _is_dtc(order) and _repeated(order) is not None

        def has_many(order: Order) -> bool:
            return _is_dtc(order) and units_of(order) > 1

        def has_shipping(order: Order) -> bool:
            return _is_dtc(order) and order.shipping > 0

        def is_wholesale(order: Order) -> bool:
            return is_open(order) and order.account is not None

        yield has_rates, self._line_by_line
        yield is_repeated, self._twice_from_one_line
        yield lambda o: _is_dtc(o) and _is_on_card(o), self._all_back
        yield lambda o: has_many(o) and bool(o.discounts), self._in_two_parts
        yield has_many, self._in_two_parts
        yield has_shipping, self._all_back
        yield has_many, self._part_back_at_a_cost
        yield _is_dtc, self._on_request
        yield _is_dtc, self._prepaid
        yield _is_dtc, self._uncompleted
        yield _is_dtc, self._goodwill
        yield _is_dtc, self._refund_waits
        yield _is_dtc, self._compensated
        yield _is_dtc, self._capture_waits
        yield is_wholesale, self._send
        yield is_wholesale, self._wholesale_back

    def usual(self, order: Order) -> None:
        """Let an order end as most do: sent, now and then in two parts, sometimes sent back."""
        chance = self._rng.random()
        if order.status == "SHIPPED":
            if chance < 0.2 and order.lines[0].kind == "Product":  # noqa: PLR2004
                self._some_back(order, order.updated_at)
            return
        if not is_open(order) or chance < 0.4:  # noqa: PLR2004
            return
        if chance < 0.5 and units_of(order) > 1:  # noqa: PLR2004
            self._in_two_parts(order)
        elif chance < 0.65 and order.account is None:  # noqa: PLR2004
            self._part_back_at_a_cost(order)
        elif chance < 0.8 and order.account is None:  # noqa: PLR2004
            self._on_request(order)
        else:
            self._send(order)

    # -- when -----------------------------------------------------------------------

    def _later(self, at: datetime, least: timedelta, most: timedelta) -> datetime:
        """Return a whole second between two delays, and not in the future."""
        seconds = self._rng.randint(
            int(least.total_seconds()), int(most.total_seconds())
        )
        now = self._instance.clock.now().replace(microsecond=0)
        return min(at + timedelta(seconds=seconds), now)

    # -- the endings ----------------------------------------------------------------

    def _send(self, order: Order) -> datetime:
        at = self._later(order.created_at, 2 * _HOUR, 50 * _HOUR)
        send(self._instance, order, at, tracking_number=f"JJSE{order.number}")
        return at

    def _in_two_parts(self, order: Order) -> None:
        first = self._later(order.created_at, 2 * _HOUR, 30 * _HOUR)
        send(self._instance, order, first, self._half(order))
        second = self._later(first, _DAY, 4 * _DAY)
        send(self._instance, order, second)

    def _half(self, order: Order) -> dict[OrderLine, int]:
        """Return one unit of the first line of several, or the first line of all."""
        repeated = _repeated(order)
        if repeated is not None:
            return {repeated: 1}
        line = order.counted_lines[0]
        if len(order.counted_lines) == 1:
            return {line: 1}
        return {line: line.quantity}

    def _on_request(self, order: Order) -> None:
        at = self._later(order.created_at, 2 * _HOUR, 50 * _HOUR)
        send(self._instance, order, at, how="on_request")
        self._answer(order, self._later(at, _HOUR, 20 * _HOUR))

    def _answer(self, order: Order, at: datetime) -> None:
        for entry in [entry for entry in order.payments if entry.waits]:
            settle(self._instance, entry, at, noticed_at=at)

    def _capture_waits(self, order: Order) -> None:
        at = self._later(order.created_at, 2 * _HOUR, 50 * _HOUR)
        send(self._instance, order, at, how="on_request")
        self._never_by_the_clock(order)

    def _never_by_the_clock(self, order: Order) -> None:
        """Leave the answer to `settle`: the bank is slow."""
        for entry in order.payments:
            entry.settles_at = None

    def _prepaid(self, order: Order) -> None:
        capture_order(self._instance, order, order.created_at, "at_once")
        self._send(order)

    def _all_back(self, order: Order) -> None:
        at = self._later(self._send(order), 2 * _DAY, 9 * _DAY)
        self._back(order, at, shipping=True)

    def _part_back_at_a_cost(self, order: Order) -> None:
        self._some_back(order, self._send(order), return_cost=True)

    def _some_back(
        self, order: Order, sent_at: datetime, *, return_cost: bool = False
    ) -> None:
        at = self._later(sent_at, 2 * _DAY, 9 * _DAY)
        line = order.counted_lines[0]
        cost = line.value_of(1) // 8 if return_cost else 0
        made = self._make(order, {line: 1}, at, return_cost=cost)
        self._refund(made, at)

    def _line_by_line(self, order: Order) -> None:
        at, lines = self._send(order), order.counted_lines
        for line in (lines[0], lines[-1]):
            at = self._later(at, _DAY, 5 * _DAY)
            with_shipping = line is lines[-1]
            made = self._make(order, {line: 1}, at, shipping=with_shipping)
            self._refund(made, at)

    def _twice_from_one_line(self, order: Order) -> None:
        line = _repeated(order) or order.counted_lines[0]
        at = self._send(order)
        for _ in range(2):
            at = self._later(at, _DAY, 5 * _DAY)
            made = self._make(order, {line: 1}, at)
            self._refund(made, at)

    def _uncompleted(self, order: Order) -> None:
        at = self._later(self._send(order), _DAY, 5 * _DAY)
        made = self._make(order, {order.counted_lines[0]: 1}, at)
        uncomplete_return(self._instance, made, self._later(at, _HOUR, _DAY))

    def _goodwill(self, order: Order) -> None:
        at = self._later(self._send(order), _DAY, 9 * _DAY)
        amount = max(1, totals_of(order).grand_total // 10)
        refund(self._instance, order, amount, at, "at_once")
        self._instance.order_changed(order, at=at)

    def _refund_waits(self, order: Order) -> None:
        at = self._later(self._send(order), _DAY, 5 * _DAY)
        made = self._make(order, {order.counted_lines[0]: 1}, at)
        refund_return(self._instance, made, at, "on_request")
        self._never_by_the_clock(order)

    def _compensated(self, order: Order) -> None:
        at = self._later(self._send(order), _DAY, 9 * _DAY)
        made = self._make(order, {order.counted_lines[0]: 1}, at)
        worth = made.totals.grand_total
        issue_credit(self._instance, order, worth, at, made)

    def _wholesale_back(self, order: Order) -> None:
        at = self._later(self._send(order), 2 * _DAY, 9 * _DAY)
        self._make(order, {order.counted_lines[0]: 1}, at)

    def _back(self, order: Order, at: datetime, *, shipping: bool) -> None:
        (shipment,) = order.shipments
        quantities = {line: line.quantity for line in shipment.lines}
        made = take_back(self._instance, shipment, quantities, at, shipping=shipping)
        complete_return(self._instance, made, at)
        self._refund(made, at)

    def _refund(self, made: Return, at: datetime) -> None:
        if made.totals.grand_total > 0:
            refund_return(self._instance, made, at, "at_once")

    def _make(
        self,
        order: Order,
        units: dict[OrderLine, int],
        at: datetime,
        **more: Any,  # noqa: ANN401
    ) -> Return:
        shipment = order.shipments[0]
        quantities = {
            part: units[part.order_line]
            for part in shipment.lines
            if part.order_line in units
        }
        made = take_back(self._instance, shipment, quantities, at, **more)
        complete_return(self._instance, made, at)
        return made
