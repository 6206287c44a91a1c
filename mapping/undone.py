"""What one return takes back, kept by the ledger so that later ones can be measured."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from connectors.centra import models as centra
from connectors.centra.sale_models import Return
from connectors.errors import RecordError
from mapping.credits import sale_total
from mapping.returned_orders import returned_order
from mapping.rounding import ZERO, plain, rounding_for
from settings.connection import Connection

__all__ = ["Undone", "ValuesOfLines", "undone_by"]


class Undone(BaseModel):
    """What one return takes back of its shipment; holds nothing about a person.

    Amounts are in the sale's currency, VAT included unless they are VAT.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    return_id: int
    shipment_id: int
    order: int
    is_completed: bool
    units: dict[int, int]
    """By shipment line."""
    lines: dict[int, Decimal]
    """Value by shipment line."""
    values: dict[str, Decimal]
    """Value of the lines by VAT rate."""
    taxes: dict[str, Decimal]
    """VAT of the lines by VAT rate."""
    shipping: Decimal
    handling: Decimal
    discount: Decimal
    credit: Decimal
    """Store credit that comes to life again."""
    total: Decimal
    """What the customer gets back in money."""
    vat: Decimal
    """VAT of the whole return, less that of its cost."""


def undone_by(ret: Return, connection: Connection) -> Undone:
    """Return what a return takes back, as later returns of its shipment must know."""
    sums = ValuesOfLines({line.id: plain(line.tax_percent) for line in ret.order.lines})
    for line in ret.lines:
        sums.add(line.shipment_line.id, line.order_line.id, line.quantity, line)
    totals = ret.totals
    return Undone(
        return_id=ret.id,
        shipment_id=ret.shipment.id,
        order=ret.order.number,
        is_completed=ret.is_completed,
        units=sums.units,
        lines=sums.lines,
        values=sums.values,
        taxes=sums.taxes,
        shipping=totals.shipping.value,
        handling=totals.handling.value,
        discount=abs(totals.discounts.value),
        credit=_credit(ret, connection),
        total=ret.grand_total.value,
        vat=totals.tax_included.value + totals.tax_added.value,
    )


class _Valued(Protocol):
    """A line with its value."""

    @property
    def gross(self) -> centra.Amount: ...
    @property
    def net(self) -> centra.Amount: ...


class ValuesOfLines:
    """Adds lines up by line and by VAT rate."""

    def __init__(self, rates: Mapping[int, Decimal]) -> None:
        self._rates = rates
        self.units: dict[int, int] = {}
        self.lines: dict[int, Decimal] = {}
        self.values: dict[str, Decimal] = {}
        self.taxes: dict[str, Decimal] = {}

    def add(self, key: int, order_line: int, units: int, line: _Valued) -> None:
        """Add units of a shipment line (`key`), at the rate of its order line."""
        rate = format(self._rates.get(order_line, ZERO), "f")
        gross, vat = line.gross.value, line.gross.value - line.net.value
        self.units[key] = self.units.get(key, 0) + units
        self.lines[key] = self.lines.get(key, ZERO) + gross
        self.values[rate] = self.values.get(rate, ZERO) + gross
        self.taxes[rate] = self.taxes.get(rate, ZERO) + vat


def _credit(ret: Return, connection: Connection) -> Decimal:
    """Store credit given back; of a return that does not add up, and is parked, none."""
    rounding = rounding_for(ret.order.grand_total.currency.code, connection)
    try:
        order = returned_order(ret, connection)
        return sale_total(order, connection, rounding).credit
    except RecordError:
        return ZERO
