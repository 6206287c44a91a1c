"""What an invoice that Visma.net makes of sales orders must come to, line by line.

Visma.net bills a sales order in parts (mapping/line_parts.py). So what an invoice comes to is
computed from the order's lines and the units on it, as it is predicted of a whole order;
how far it is from the shipments of Centra is rounding, and nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.centra.sale_models import Sale, Shipment
from connectors.visma.ledger_models import InvoiceLine, InvoiceRow
from mapping.certificate import Ordered, Units
from mapping.invoice_proofs import booked_vat
from mapping.line_parts import may_be_of, part_of
from mapping.money import minor_units
from mapping.posted_lines import PostedLine
from mapping.posting import line_dimensions, order_traits
from mapping.rounding import ZERO, Rounding, plain, rounding_for
from mapping.totals import predict
from mapping.vat import sale_of
from settings.connection import Connection

__all__ = ["Billing", "OrderedLine", "ordered_lines", "units_of"]

_COUNTED = "ProductOrderLine"
"""Of these a shipment of Centra has units. Of a bundle it has some of its contents, of
which the sales order has one or the other; all else goes on any of the invoices."""


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """A line of a sales order as it is sent, and its account where the settings name one."""

    line: PostedLine
    account: str
    is_counted: bool
    """Whether its units are those that left."""


def ordered_lines(
    sale: Sale, lines: Sequence[PostedLine], settings: Connection
) -> tuple[OrderedLine, ...]:
    """Return the lines of a sale's sales order, with their accounts.

    Raises:
        RecordError: the country of the sale is not known.
    """
    traits = order_traits(sale, sale_of(sale).country)
    counted = _counted(sale)
    found = []
    for line in lines:
        own = line_dimensions(line, traits, settings.posting)
        account = own.sales_account or ""
        found.append(OrderedLine(line, account, line.key in counted))
    return tuple(found)


def units_of(sale: Sale, shipment: Shipment) -> Units:
    """Return the units that left with a shipment, by line of its sales order."""
    counted = _counted(sale)
    units: Counter[str] = Counter()
    for part in shipment.lines:
        if (key := f"L{part.order_line.id}") in counted:
            units[f"{sale.number}/{key}"] += part.quantity
    return tuple(sorted(units.items()))


def _counted(sale: Sale) -> set[str]:
    return {f"L{line.id}" for line in sale.lines if line.kind == _COUNTED}


class Billing:
    """Follows invoice by invoice what of the sales orders was billed, oldest first."""

    def __init__(
        self, lines: Mapping[int, Sequence[OrderedLine]], settings: Connection
    ) -> None:
        """Know the lines of each order, by its number."""
        self._lines = lines
        self._settings = settings
        self._billed: Counter[tuple[int, str]] = Counter()

    def take(self, row: InvoiceRow, orders: Sequence[int | None]) -> Ordered | None:
        """Return what an invoice must be, if that is what it comes to; else None.

        `orders` are those of its lines, one each. Lines worth nothing may be anybody's.
        """
        if row.currency_id is None:
            return None
        rounding = rounding_for(row.currency_id, self._settings)
        parts: list[tuple[int, OrderedLine, PostedLine]] = []
        for line, order in zip(row.lines, orders, strict=True):
            if not line.amount and not line.inventory_number:
                continue
            found = None if order is None else self._part(order, line, rounding)
            if order is None or found is None:
                return None
            parts.append((order, *found))
        posted = [part for _, _, part in parts]
        if not posted or not _comes_to(row, posted, rounding):
            return None
        return _ordered(parts, row.currency_id)

    def _part(
        self, order: int, line: InvoiceLine, rounding: Rounding
    ) -> tuple[OrderedLine, PostedLine] | None:
        """The order's line that these units are of, and what they must come to."""
        for one in self._lines.get(order, ()):
            billed = self._billed[order, one.line.key]
            if not may_be_of(line, one.line, billed):
                continue
            part = part_of(one.line, line.quantity, billed, rounding)
            told = (line.discount_amount or ZERO, line.amount or ZERO)
            if told == (part.discount, part.amount):
                self._billed[order, part.key] += int(part.quantity)
                return one, part
        return None


def _comes_to(row: InvoiceRow, parts: Sequence[PostedLine], rounding: Rounding) -> bool:
    """Whether an invoice has the total and VAT that Visma.net computes of its lines."""
    prediction = predict(parts, rounding)
    if (row.amount, row.vat_total or ZERO) != (prediction.total, prediction.vat):
        return False
    if not row.tax_details:
        return True
    due = {f"{plain(rate):f}": vat for rate, vat in prediction.by_rate.items() if vat}
    return due == {rate: vat for rate, vat in booked_vat(row).items() if vat}


def _ordered(
    parts: Sequence[tuple[int, OrderedLine, PostedLine]], currency: str
) -> Ordered:
    accounts: Counter[str] = Counter()
    categories: Counter[str] = Counter()
    for _, one, part in parts:
        amount = minor_units(part.amount, currency)
        accounts[one.account] += amount
        categories[part.category] += amount
    return Ordered(
        units=tuple(sorted(_units(parts).items())),
        accounts=tuple(sorted(accounts.items())),
        categories=tuple(sorted(categories.items())),
    )


def _units(parts: Sequence[tuple[int, OrderedLine, PostedLine]]) -> Counter[str]:
    units: Counter[str] = Counter()
    for order, one, part in parts:
        if one.is_counted:
            units[f"{order}/{one.line.key}"] += int(part.quantity)
    return units
