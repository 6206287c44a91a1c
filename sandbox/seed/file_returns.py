"""The life of orders that were loaded from a file: each is sent, and returns find their sales.

- Every order is sent as a whole on its own date, unless nothing of it is left to send.
- A return is matched, in the order of their dates, to the latest earlier sales of the same customer
  and item that are not yet returned. It may span several sales: then Centra has one return for each.
- A return is placed as a whole or not at all: when a line, or a unit of a line, finds no sale, or the
  customer is unknown, it waits on in `instance.returns_waiting`, and its reason is listed.
- What the file gives back is what the customer gets, to the penny. Where the sale was dearer than
  the return, the difference is return cost; where it was cheaper, it is a refund without a return.
- A placed return is completed, and its money is back, on the date in the file.
- Counts and sums of the file, of what is placed and of what is not stand in `instance.load_notes`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.centra.hands import extras_of, send
from sandbox.centra.money import whole
from sandbox.centra.refunds import refund
from sandbox.centra.returning import complete_return, create_return, refund_return
from sandbox.centra.returns import Extras
from sandbox.centra.sales import Order, WaitingReturn
from sandbox.centra.shipments import Shipment, ShipmentLine
from sandbox.centra.shipping import everything_open
from sandbox.centra.store import CentraInstance
from sandbox.centra.totals import totals_of

__all__ = ["live_from_file"]

_GUEST = "no customer"
_NO_SALE = "no earlier sale of the customer and item that is not yet returned"
_NOT_GOODS = "nothing comes back"


@dataclass(slots=True, eq=False)
class _Part:
    """What one sale gives to a return: units of a shipment line, at the file's value."""

    shipment: Shipment
    line: ShipmentLine
    quantity: int
    value: int


def live_from_file(instance: CentraInstance) -> None:
    """Send all orders, and place the returns that wait."""
    shipped = sum(_send(instance, order) for order in list(instance.orders.values()))
    finder = _Finder(instance)
    waiting: list[WaitingReturn] = []
    unplaced: list[dict[str, str]] = []
    placed: list[WaitingReturn] = []
    made = spanning = 0
    for one in sorted(
        instance.returns_waiting, key=lambda one: (one.returned_at, one.reference)
    ):
        parts, reason = finder.parts_of(one)
        if reason:
            waiting.append(one)
            unplaced.append({"reference": one.reference, "reason": reason})
            continue
        count = _place(instance, one, parts)
        made += count
        spanning += count > 1
        placed.append(one)
    instance.load_notes |= {
        "shipped": shipped,
        "returns_waiting": len(waiting),
        "returns": {
            "file": _figures(instance.returns_waiting),
            "placed": _figures(placed)
            | {"centra_returns": made, "over_several_sales": spanning},
            "unplaced": _figures(waiting)
            | {"reasons": dict(sorted(Counter(x["reason"] for x in unplaced).items()))},
            "rule": "the latest earlier sales of the same customer and item that are not "
            "yet returned; as a whole or not at all",
            "list": unplaced,
        },
    }
    instance.returns_waiting = waiting


def _send(instance: CentraInstance, order: Order) -> bool:
    is_there = bool(everything_open(order)) or (
        not order.lines and totals_of(order).grand_total > 0
    )
    if is_there:
        send(instance, order, order.created_at)
    return is_there


def _value(one: WaitingReturn) -> int:
    return sum(whole(line.unit_price * line.quantity * 100) for line in one.lines)


def _figures(returns: Iterable[WaitingReturn]) -> dict[str, Any]:
    rows = list(returns)
    total = Decimal(sum(map(_value, rows))) / 100
    return {"count": len(rows), "sum": f"{total:.2f}"}


class _Finder:
    """Knows what every customer bought, and how much of it is not yet returned."""

    def __init__(self, instance: CentraInstance) -> None:
        self._sales: dict[tuple[int, str], list[tuple[Shipment, ShipmentLine]]]
        self._sales = defaultdict(list)
        self._taken: Counter[ShipmentLine] = Counter()
        shipments = sorted(instance.shipments.values(), key=lambda s: s.created_at)
        for shipment in shipments:
            customer = shipment.order.customer
            if customer is None or not customer.is_registered:
                continue
            for line in shipment.lines:
                key = (customer.id, line.order_line.product_number)
                self._sales[key].append((shipment, line))

    def parts_of(self, one: WaitingReturn) -> tuple[list[_Part], str]:
        """Return the sales of a return, or why there are none."""
        if one.customer_id is None:
            return [], _GUEST
        parts: list[_Part] = []
        taken: Counter[ShipmentLine] = Counter()
        for wanted in one.lines:
            if wanted.quantity <= 0:
                return [], _NOT_GOODS
            left = wanted.quantity
            for shipment, line in reversed(self._sales[one.customer_id, wanted.sku]):
                free = line.quantity - self._taken[line] - taken[line]
                if shipment.created_at > one.returned_at or free <= 0:
                    continue
                units = min(left, free)
                before, left = left, left - units
                price = wanted.unit_price * 100
                value = whole(price * before) - whole(price * left)
                parts.append(_Part(shipment, line, units, value))
                taken[line] += units
                if not left:
                    break
            if left:
                return [], _NO_SALE
        self._taken += taken
        return parts, ""


def _place(instance: CentraInstance, one: WaitingReturn, parts: list[_Part]) -> int:
    """Make a return for each sale; return how many."""
    by_sale: dict[int, list[_Part]] = {}
    for part in parts:
        by_sale.setdefault(part.shipment.id, []).append(part)
    for of_sale in by_sale.values():
        _give_back(instance, one, of_sale)
    return len(by_sale)


def _give_back(
    instance: CentraInstance, one: WaitingReturn, parts: list[_Part]
) -> None:
    shipment, at = parts[0].shipment, one.returned_at
    units: Counter[ShipmentLine] = Counter()
    for part in parts:
        units[part.line] += part.quantity
    wanted = sum(part.value for part in parts)
    goods = sum(part.line.order_line.value_of(part.quantity) for part in parts)
    discounts = extras_of(shipment, units).discounts
    surplus = goods - discounts - wanted
    made = create_return(
        instance,
        shipment,
        units,
        Extras(discounts=discounts, return_cost=max(0, surplus)),
        at,
        comment=one.reference,
        created_from="File",
    )
    complete_return(instance, made, at)
    if made.totals.grand_total > 0:
        refund_return(instance, made, at, "at_once")
    missing = wanted - made.totals.grand_total
    if missing > 0:
        refund(instance, shipment.order, missing, at, "at_once")
        instance.order_changed(shipment.order, at=at)
