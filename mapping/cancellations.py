"""From a cancelled order to the sales order that is to be cancelled."""

from __future__ import annotations

from connectors.centra import models as centra
from connectors.visma import models as visma
from mapping.dates import document_date, wire_date
from mapping.drafts import PLACEHOLDER, SalesOrderDraft
from mapping.identity import CustomerNeed
from mapping.references import order_description, order_reference
from mapping.rounding import ZERO
from mapping.scope import currency_of
from settings.connection import Connection
from settings.posting import StoreRules

__all__ = ["order_to_cancellation"]


def order_to_cancellation(
    order: centra.Order, connection: Connection, store: StoreRules
) -> SalesOrderDraft:
    """Return which sales order is to be cancelled; its lines say only which they are.

    A cancelled order need not add up, and may have no units left to sell.
    """
    reference = order_reference(connection.prefix, order.number)
    keys = [f"L{line.id}" for line in order.lines] or ["R1"]
    return SalesOrderDraft(
        sales_order=visma.NewSalesOrder(
            type=store.order_type,
            customer=visma.NewOrderCustomer(id=PLACEHOLDER, order=reference),
            currency_id=currency_of(order, connection),
            date=wire_date(document_date(order.order_date, connection.zone)),
            description=order_description(order.number),
            status="Cancelled",
            tax_zone_id="",
            order_lines=tuple(
                visma.NewSalesOrderLine(
                    inventory_id=PLACEHOLDER,
                    quantity=ZERO,
                    unit_price=ZERO,
                    tax_category_id="",
                    custom_fields=visma.NewCustomFields(custom_str1=key),
                )
                for key in keys
            ),
        ),
        customer=CustomerNeed(),
        expected_total=ZERO,
        expected_tax=ZERO,
        tax_by_rate={},
        tax_differences={},
        credit=ZERO,
        currency=order.grand_total.currency.code,
        notes=(),
        wanted_state="cancelled",
    )
