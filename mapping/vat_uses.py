"""Which rows of the VAT map an order needs, and for what: to be proved beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connectors.centra import models as centra
from mapping.dates import document_date
from mapping.order_documents import order_to_document
from mapping.posted_lines import rules_of
from mapping.vat import sale_of
from settings.connection import Connection
from settings.posting import VatRule

__all__ = ["VatUse", "vat_uses"]


@dataclass(frozen=True, slots=True)
class VatUse:
    """A row of the VAT map that an order needs: what Centra applied, where, and when."""

    rule: VatRule
    country: str
    kind: str
    """`b2c` or `b2b`."""
    rate: Decimal
    """Percent, as Centra applied it."""
    group: str | None
    on: date
    """The order's day in the company's time zone."""


def vat_uses(order: centra.Order, connection: Connection) -> frozenset[VatUse]:
    """Return the rows of the VAT map that an order's lines need.

    Raises:
        RecordError: the order does not add up, or a rate on it is not mapped.
    """
    sale = sale_of(order)
    document = order_to_document(order, connection=connection)
    on = document_date(order.order_date, connection.zone)
    kind = sale.kinds[0]
    rules = rules_of(document, sale, connection.vat)
    worth = {(one.rate, one.group) for one in document.lines if one.gross or one.net}
    return frozenset(
        VatUse(rule, sale.country, kind, rate, group, on)
        for (rate, group), rule in rules.items()
        if (rate, group) in worth
    )
