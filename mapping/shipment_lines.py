"""The lines of a shipment: order lines with the units and amounts that left."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from connectors.centra import models as centra
from connectors.centra.sale_models import Sale, Shipment, ShipmentLine
from connectors.errors import RecordError
from mapping.bundles import read_bundles
from mapping.order_documents import live_lines
from mapping.rounding import ZERO, Rounding, plain
from mapping.sold_lines import taxing_of
from mapping.taxes import tax_sum
from settings.connection import Connection

__all__ = ["DeliveredLines", "Mode"]

Mode = Literal["included", "added", "deducted"]
"""How VAT stands to the values of an order's pricelist."""

_IDLE = {
    "items": {"BundleOrderLine"},
    "bundles": {"BundleItemOrderLine"},
    "both": set[str](),
}


class DeliveredLines:
    """The reading of one shipment's lines.

    Raises:
        RecordError: a line belongs to no line of the order.
    """

    def __init__(
        self,
        sale: Sale,
        shipment: Shipment,
        *,
        connection: Connection,
        rounding: Rounding,
    ) -> None:
        """Read the lines at once; what they are worth is worked out when asked."""
        self.sale = sale
        self.shipment = shipment
        self.number = shipment.number
        self.connection = connection
        self.rounding = rounding
        self.mode = _mode(sale, shipment)
        self._pairs = tuple(self._lines())

    @property
    def lines(self) -> tuple[centra.OrderLine, ...]:
        """The lines as an order of their own would have them."""
        return tuple(line for line, _ in self._pairs)

    @property
    def is_whole(self) -> bool:
        """Whether every unit of the order left with this shipment."""
        wanted = {line.id: line.quantity for line in live_lines(self.sale)}
        return wanted == {line.id: line.quantity for line in self.lines}

    @property
    def value(self) -> Decimal:
        """What the lines are worth, as the pricelist states values."""
        return sum((self._value(*pair) for pair in self._counted()), ZERO)

    @property
    def vat(self) -> Decimal:
        """VAT of the lines, whether it is included, added or deducted."""
        vat = ZERO
        for line, part in self._counted():
            tax = tax_sum(part.applied_tax_rules, self.rounding)
            stated = tax.included + tax.added + tax.deducted
            by_value = self.rounding.amount(line.gross.value - line.net.value)
            vat += stated if part.applied_tax_rules else by_value
        return vat

    def by_rate(self) -> dict[Decimal, Decimal]:
        """The value of the lines by VAT rate."""
        weights: dict[Decimal, Decimal] = {}
        for line, part in self._counted():
            rate = plain(line.tax_percent)
            weights[rate] = weights.get(rate, ZERO) + self._value(line, part)
        return weights

    def _lines(self) -> Iterator[tuple[centra.OrderLine, ShipmentLine]]:
        """Each line of the order with the units and amounts that left."""
        known = {line.id: line for line in self.sale.lines}
        for part in self.shipment.lines:
            line = known.get(part.order_line.id)
            if line is None:
                raise RecordError(
                    f"Shipment {self.number} has a line of order line "
                    f"{part.order_line.id}, which order {self.sale.number} does not "
                    "show.",
                    code="SHIPMENT_LINE_UNKNOWN",
                    fix="Compare the shipment with its order in Centra, then retry it.",
                    record_id=self.number,
                )
            update = {
                "quantity": part.quantity,
                "cancelled_quantity": 0,
                "gross": part.gross,
                "net": part.net,
                "tax_percent": _percent(part, line),
            }
            yield line.model_copy(update=update), part

    def _counted(self) -> list[tuple[centra.OrderLine, ShipmentLine]]:
        """The lines that make the total, read as the order's: bundles, items or both."""
        live = live_lines(self.sale)
        if not any(line.kind == "BundleOrderLine" for line in live):
            return list(self._pairs)
        taxing = taxing_of(self.sale.totals, live_lines(self.sale), self.rounding)
        reading = read_bundles(
            live,
            taxing.target,
            taxing.value_of,
            prefer=self.connection.orders.bundles,
            room=self.rounding.half * (len(live) + 1),
            record_id=self.number,
        )
        return [pair for pair in self._pairs if pair[0].kind not in _IDLE[reading]]

    def _value(self, line: centra.OrderLine, part: ShipmentLine) -> Decimal:
        """A line's value as the pricelist states it."""
        if self.mode == "added":
            return self.rounding.amount(line.net.value)
        if self.mode == "deducted" and line.gross.value == line.net.value:
            taken = tax_sum(part.applied_tax_rules, self.rounding).deducted
            return self.rounding.amount(line.net.value) + taken
        return self.rounding.amount(line.gross.value)


def _mode(sale: Sale, shipment: Shipment) -> Mode:
    """Tell how VAT stands to the values; totals may come to none by chance."""
    totals = sale.totals
    rules = [
        *totals.shipping_tax_rules,
        *totals.handling_tax_rules,
        *totals.discount_tax_rules,
        *(rule for line in shipment.lines for rule in line.applied_tax_rules),
    ]
    if totals.tax_deducted.value or any(one.tax_deducted.value for one in rules):
        return "deducted"
    if totals.tax_added.value or any(one.tax_added.value for one in rules):
        return "added"
    return "included"


def _percent(part: ShipmentLine, line: centra.OrderLine) -> Decimal:
    """The rate that was applied to a line: its rules', else that of the order line."""
    rules = [
        one
        for one in part.applied_tax_rules
        if one.tax_included.value or one.tax_added.value or one.tax_deducted.value
    ]
    if not rules:
        return line.tax_percent
    return sum((one.rule.tax_percent for one in rules), ZERO)
