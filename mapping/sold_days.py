"""On which day of the books something was sold: the day on which it left."""

from __future__ import annotations

from datetime import date, datetime

from connectors.centra.sale_models import Sale, Shipment
from mapping.dates import document_date
from settings.connection import Connection

__all__ = ["shipped_on", "sold_before", "sold_on"]


def shipped_on(shipment: Shipment, connection: Connection) -> date:
    """The day on which a shipment left, as far as Centra tells it."""
    return document_date(shipment.shipped_at or shipment.updated_at, connection.zone)


def sold_on(sale: Sale, shipment_id: int, connection: Connection) -> date | None:
    """The day of a shipment of a sale; None if the sale has it no more."""
    found = sale.shipment(shipment_id)
    return None if found is None else shipped_on(found, connection)


def sold_before(sale: Sale, at: datetime, connection: Connection) -> date | None:
    """The day of the last shipment before an allowance, which is of no shipment."""
    days = [
        shipped_on(one, connection)
        for one in sale.shipments
        if one.is_shipped and (one.shipped_at or one.updated_at) <= at
    ]
    return max(days, default=None)
