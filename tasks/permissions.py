"""What the token of Centra may do, by what is carried: README's table is this one.

From the API's permissions of each query and mutation. What is read shows at once when it
is missing; of a write only the write itself tells.
"""

from __future__ import annotations

from settings.connection import Connection

__all__ = ["PERMISSIONS", "write_permissions"]

PERMISSIONS: dict[str, tuple[str, ...]] = {
    "orders, customers": (
        "Order:read",
        "Order.shippingAddress:read",
        "Order.billingAddress:read",
        "PaymentHistory:read",
        "ProductSize:read",
        "StorePlugin:read",
        "Customer:read",
        "Account:read",
        "Buyer:read",
        "Product:read",
        "Store:read",
        "Market:read",
        "Pricelist:read",
        "Country:read",
        "TaxRule:read",
        "Event:read",
        "Event:write",
    ),
    "what comes after the order": (
        "Shipment:read",
        "Shipment:write",
        "Return:read",
        "Return:write",
        "Order:write",
        "Attribute:read",
        "Attribute:write",
        "Order.attributes:write",
    ),
    "credit_status": ("Account:write", "Account.attributes:write"),
    "products": (
        "Product:write",
        "ProductVariant:read",
        "ProductVariant:write",
        "SizeChart:read",
        "SizeChart:write",
    ),
    "products with attributes": (
        "Product.attributes:write",
        "ProductVariant.attributes:write",
    ),
    "products with prices": ("Display:read", "Price:read", "Price:write"),
    "stock": (
        "Warehouse:read",
        "ProductVariant:read",
        "ProductVariant.stock:read",
        "StockChange:write",
    ),
    "stock_adjustments": ("StockChange:read", "Warehouse:read"),
}
"""Permissions by what needs them."""


def write_permissions(settings: Connection) -> list[str]:
    """The permissions to write that these settings need, each once."""
    is_on = {
        "orders, customers": True,
        "what comes after the order": True,
        "credit_status": settings.credit_status.enabled,
        "products": settings.products.style_from is not None,
        "products with attributes": bool(settings.products.attributes),
        "products with prices": bool(settings.prices.pricelists),
        "stock": settings.stock.is_on,
        "stock_adjustments": False,
    }
    needed = [one for name, some in PERMISSIONS.items() if is_on[name] for one in some]
    return list(dict.fromkeys(one for one in needed if one.endswith(":write")))
