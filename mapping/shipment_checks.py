"""What the shipments of an order must come to together."""

from __future__ import annotations

from decimal import Decimal

from connectors.centra.sale_models import Sale, Shipment
from connectors.errors import RecordError
from mapping.documents import add_up
from mapping.order_documents import live_lines
from mapping.rounding import ZERO, Rounding

__all__ = ["check_last", "check_shipping", "unclear_shipping"]


def check_shipping(sale: Sale, shipment: Shipment, rounding: Rounding) -> None:
    """See that the shipments up to this one do not charge the shipping twice.

    Raises:
        RecordError: they charge more than the order.
    """
    stated = {
        one.id: rounding.amount(one.totals.shipping.value)
        for one in sale.shipments
        if one.totals.shipping is not None and one.id <= shipment.id
    }
    charged = sum(stated.values(), ZERO)
    wanted = rounding.amount(sale.totals.shipping.value)
    if stated.get(shipment.id) and charged > wanted:
        raise RecordError(
            f"The shipments of order {sale.number} up to {shipment.number} charge "
            f"{charged:,f} for shipping, but the order {wanted:,f}.",
            code="SHIPPING_TWICE",
            fix="Leave the shipping on one shipment in Centra, then retry it.",
            record_id=shipment.number,
        )


def check_last(sale: Sale, shipment: Shipment, rounding: Rounding) -> None:
    """See that the shipments of a whole order come to the order.

    The last of them is judged, once every unit of the order is in one.

    Raises:
        RecordError: their sum is not the order's grand total.
    """
    shipments = sale.shipments
    if any(one.id > shipment.id for one in shipments):
        return
    left = {line.id: line.quantity for line in live_lines(sale)}
    for part in (part for one in shipments for part in one.lines):
        left[part.order_line.id] = left.get(part.order_line.id, 0) - part.quantity
    if any(left.values()):
        return
    sums = [rounding.amount(one.grand_total.value) for one in shipments]
    wanted = rounding.amount(sale.grand_total.value)
    if sum(sums, ZERO) != wanted:
        currency = sale.grand_total.currency.code
        raise RecordError(
            f"The shipments of order {sale.number} come to {add_up(sums, currency)}, "
            f"but the order to {wanted:,f}.",
            code="SHIPMENTS_DIFFER_FROM_ORDER",
            fix="Compare the order with its shipments in Centra, then retry it.",
            record_id=shipment.number,
        )


def unclear_shipping(number: str, shipping: Decimal) -> RecordError:
    """The error of a part of the shipping whose VAT the store does not show."""
    return RecordError(
        f"Shipment {number} has a part of the shipping ({shipping:,f}), and the store "
        "does not show its VAT.",
        code="SHIPMENT_TOTALS_UNCLEAR",
        fix="Set centra.verified_fields = true if the store shows these totals.",
        record_id=number,
    )
