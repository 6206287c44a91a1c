"""What the connector reads from and writes to Visma.net, in its own nouns.

Reads are tolerant, writes refuse unknown fields. Two styles: SalesOrder v3 is
flat camelCase JSON; ERP v1 and v2 wrap each scalar and nested object of a write
as `{"value": x}` (connectors.visma.wrapping does that on the way out).
Sources: SalesOrders API 1.1 and ERP API references of Visma.net.
"""

from __future__ import annotations

from connectors.visma.models.customers import (
    Customer,
    CustomerAddress,
    CustomerBalance,
    CustomerContact,
    CustomerWrite,
    Period,
)
from connectors.visma.models.order_writes import (
    Contact,
    CreatedId,
    NewAddress,
    NewBilling,
    NewCustomFields,
    NewFinancialInformation,
    NewOrderCustomer,
    NewPaymentSettings,
    NewSalesOrder,
    NewSalesOrderLine,
    NewShipping,
    SalesOrderPatch,
    SalesOrderPatchLine,
)
from connectors.visma.models.orders import (
    Destination,
    SalesOrder,
    SalesOrderLine,
    SalesOrderRow,
    TaxRow,
)

__all__ = [
    "Contact",
    "CreatedId",
    "Customer",
    "CustomerAddress",
    "CustomerBalance",
    "CustomerContact",
    "CustomerWrite",
    "Destination",
    "NewAddress",
    "NewBilling",
    "NewCustomFields",
    "NewFinancialInformation",
    "NewOrderCustomer",
    "NewPaymentSettings",
    "NewSalesOrder",
    "NewSalesOrderLine",
    "NewShipping",
    "Period",
    "SalesOrder",
    "SalesOrderLine",
    "SalesOrderPatch",
    "SalesOrderPatchLine",
    "SalesOrderRow",
    "TaxRow",
]
