"""What the connector reads from Centra, in Centra's own nouns.

Only the fields that are used. Money comes as JSON numbers and is read as
Decimal (transport: `parse_float=Decimal`). Source: Centra's GraphQL reference.
"""

from __future__ import annotations

from connectors.centra.models.orders import (
    Event,
    GrandTotal,
    Order,
    OrderDiscount,
    OrderLine,
    PaymentHistoryEntry,
    TaxRuleValue,
    Totals,
)
from connectors.centra.models.parts import (
    Account,
    Address,
    Amount,
    Buyer,
    Country,
    Currency,
    Customer,
    DeliveryWindow,
    Market,
    Named,
    OrderNumber,
    PaymentTerms,
    Pricelist,
    ProductSize,
    Store,
)
from connectors.centra.models.reading import read_back, read_order

__all__ = [
    "Account",
    "Address",
    "Amount",
    "Buyer",
    "Country",
    "Currency",
    "Customer",
    "DeliveryWindow",
    "Event",
    "GrandTotal",
    "Market",
    "Named",
    "Order",
    "OrderDiscount",
    "OrderLine",
    "OrderNumber",
    "PaymentHistoryEntry",
    "PaymentTerms",
    "Pricelist",
    "ProductSize",
    "Store",
    "TaxRuleValue",
    "Totals",
    "read_back",
    "read_order",
]
