"""Sales orders as SalesOrder v3 shows them."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from sandbox.visma.company import Company
from sandbox.visma.order_sections import (
    customer_section,
    financial_section,
    freight_section,
    pair,
    party_section,
    payment_section,
    shipping_section,
)
from sandbox.visma.records import OrderLine, SalesOrder
from sandbox.visma.vat import Tax
from sandbox.visma.wire import parse_utc, utc_text, version_text

__all__ = ["EXPANSIONS", "detail", "line_view", "row", "tax_view"]

_ZERO = Decimal(0)
_CANCEL_AFTER = timedelta(days=30)

EXPANSIONS = {
    name.lower(): name
    for name in (
        "None",
        "Billing",
        "Payment",
        "FinancialInformation",
        "Shipping",
        "Customer",
        "Owner",
        "Origin",
        "Note",
        "Freight",
        "Attachments",
        "CustomFields",
        "All",
    )
}


def row(order: SalesOrder, prefix: str) -> dict[str, object]:
    """Return an order as a list shows it: of its totals only the order and the tax total."""
    scheduled = order.shipping.get("scheduledDate")
    return {
        "_links": {
            "self": {"href": f"{prefix}/SalesOrders/{order.type}/{order.order_id}"}
        },
        "type": order.type,
        "orderId": order.order_id,
        "status": order.status,
        "date": utc_text(order.ordered_at),
        "shippingScheduledDate": utc_text(
            parse_utc(str(scheduled)) if scheduled else order.requested_at
        ),
        "customerId": order.customer,
        "customerName": order.customer_name,
        "orderQty": order.quantity,
        "orderTotal": order.totals.order_total,
        "taxTotal": order.totals.tax_total,
        "currency": order.currency,
        "location": order.location,
        "requestOn": utc_text(order.requested_at),
        "customerOrder": order.customer_order,
        "customerRefNo": order.customer_ref,
        "description": order.description,
        "lastModified": utc_text(order.modified_at),
    }


def detail(company: Company, order: SalesOrder, expand: set[str]) -> dict[str, object]:
    """Return one order; sections that were not asked for are left out."""
    setup = company.setup
    everything = "All" in expand
    content: dict[str, object] = {
        "type": order.type,
        "orderId": order.order_id,
        "branch": pair(order.branch, setup.branches),
        "description": order.description,
        "date": utc_text(order.ordered_at),
        "cancelBy": utc_text(order.cancel_at or order.ordered_at + _CANCEL_AFTER),
        "lastModified": utc_text(order.modified_at),
        "requestOn": utc_text(order.requested_at),
        "isRotRutDeductible": bool(order.extra.get("isRotRutDeductible")),
        "orderQty": order.quantity,
        "currencyId": order.currency,
        "createdBy": None,
        "status": {
            "description": order.status,
            "cancelled": order.status == "Cancelled",
            "hold": order.status == "Hold",
        },
        "totals": _totals(company, order),
        "originalOrderType": order.extra.get("originalOrderType"),
        "originalOrderId": order.extra.get("originalOrderId"),
        "version": version_text(order.version),
        "emailed": False,
    }
    sections: dict[str, Callable[[], dict[str, object]]] = {
        "Billing": lambda: {"billing": party_section(company, order, "billing")},
        "Payment": lambda: {"paymentSettings": payment_section(company, order)},
        "FinancialInformation": lambda: {
            "financialInformation": financial_section(company, order)
        },
        "Shipping": lambda: {"shipping": shipping_section(company, order)},
        "Customer": lambda: {"customer": customer_section(company, order)},
        "Owner": lambda: {
            "owner": {"internalId": None, "id": order.extra.get("ownerId")}
        },
        "Origin": lambda: {"origin": {"orderType": None, "orderId": None}},
        "Note": lambda: {"note": order.note},
        "Freight": lambda: {"freight": freight_section(company, order)},
        "Attachments": lambda: {"attachments": []},
        "CustomFields": lambda: {"customFields": order.extra.get("customFields") or {}},
    }
    for name, section in sections.items():
        if everything or name in expand:
            content |= section()
    return content


def line_view(
    company: Company, order: SalesOrder, line: OrderLine
) -> dict[str, object]:
    """Return one line."""
    item = company.find_item(line.inventory_id)
    open_quantity = (
        _ZERO if order.status == "Cancelled" else line.quantity - line.shipped
    )
    return {
        "lineId": line.line_id,
        "sortOrder": line.sort_order,
        "lineType": "GoodsForInventory" if item and item.stock else "MiscCharge",
        "operation": line.operation,
        "orderDate": utc_text(order.ordered_at),
        "branch": pair(
            str(line.extra.get("branchId") or order.branch), company.setup.branches
        ),
        "inventory": {
            "id": line.inventory_id,
            "description": item.description if item else None,
            "baseUnit": item.unit if item else None,
        },
        "unitOfMeasure": line.unit,
        "quantity": line.quantity,
        "baseOrderQuantity": line.quantity,
        "unitCost": line.extra.get("unitCost", _ZERO),
        "unitPrice": line.unit_price,
        "description": line.description,
        "shippingRule": line.extra.get("shippingRule"),
        "completed": line.completed or order.status == "Completed",
        "extendedPrice": line.amount,
        "lineTotalBeforeDiscount": line.extended,
        "discountAmount": line.discount_amount,
        "discountPercent": line.discount_percent,
        "discountCode": line.discount_code,
        "hasManualDiscount": line.has_manual_discount,
        "hasManualPrice": line.has_manual_price,
        "externalLink": line.extra.get("externalLink"),
        "taxCategoryId": line.tax_category,
        "reasonCode": line.extra.get("reasonCode"),
        "warehouseId": line.warehouse,
        "note": line.extra.get("note"),
        "salesAccountId": line.sales_account,
        "subaccount": line.extra.get("subaccount") or {"1": "0"},
        "openQuantity": open_quantity,
        "billedQuantity": line.billed,
        "quantityOnShipments": line.on_shipments,
        "freeItem": False,
        "openLine": open_quantity > 0 and not line.completed,
        "commissionable": False,
        "supplierPrice": _ZERO,
        "rotRutDeductibleAmount": _ZERO,
        "autoCreateIssue": False,
        "invoiceLineNumber": line.extra.get("invoiceLineNumber"),
        "invoiceNumber": line.extra.get("invoiceNumber"),
        "invoiceType": line.extra.get("invoiceType"),
        "inventoryAlternateId": line.extra.get("inventoryAlternateId"),
        "customFields": line.extra.get("customFields") or {},
    }


def tax_view(tax: Tax) -> dict[str, object]:
    """Return what one VAT id comes to on an order."""
    exempt = tax.code.kind == "ExemptVat"
    return {
        "taxId": tax.code.id,
        "taxRate": tax.code.rate,
        "taxableAmount": tax.taxable,
        "taxAmount": tax.tax,
        "exemptTax": exempt,
        "includeInTaxable": not exempt,
        "isPendingTax": False,
        "isStatisticalTax": False,
        "isReverseTax": tax.code.kind == "ReverseVat",
        "taxType": "VAT",
    }


def _totals(company: Company, order: SalesOrder) -> dict[str, object]:
    totals = order.totals
    premium = order.freight.get("premiumAmount")
    freight = Decimal(premium) if isinstance(premium, Decimal | int) else _ZERO
    is_open = order.status not in {"Cancelled", "Completed"}
    amounts = {
        "orderTotal": totals.order_total,
        "taxableTotal": totals.taxable_total,
        "taxExemptTotal": totals.exempt_total,
        "taxTotal": totals.tax_total,
        "discountTotal": _ZERO,
        "costTotal": _ZERO,
        "freightCost": _ZERO,
        "freightTotal": freight,
        "unbilledAmount": totals.order_total if is_open else _ZERO,
        "unshippedAmount": sum((line.amount for line in order.lines), _ZERO)
        if is_open
        else _ZERO,
        "paymentTotal": _ZERO,
    }
    content: dict[str, object] = {}
    for name, amount in amounts.items():
        content[name] = amount
        content[f"{name}InBaseCurrency"] = company.to_base(
            amount, order.currency, order.ordered_at
        )
    return content
