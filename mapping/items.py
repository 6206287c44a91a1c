"""Which Visma.net item a Centra line is."""

from __future__ import annotations

from connectors.centra import models as centra
from connectors.centra.taking_models import StockLine
from connectors.errors import RecordError
from mapping.texts import clean, cut
from settings.posting import OrderRules

__all__ = ["item_number", "item_of_size", "line_description"]

_DESCRIPTION = 256


def item_number(
    line: centra.OrderLine | StockLine, rules: OrderRules, record_id: str
) -> str:
    """Return the item of a line: an exception from the settings, or SKU, EAN, number.

    Raises:
        RecordError: the line has no such number, as after its size was deleted.
    """
    if line.kind == "GiftCertificateOrderLine":
        return rules.gift_certificate_item
    size = line.product_size
    for known in (size.sku if size else None, line.product_number):
        if known is not None and known in rules.items:
            return rules.items[known]
    found = {
        "sku": size.sku if size else None,
        "ean": size.ean if size else None,
        "product_number": line.product_number,
    }[rules.item_number]
    if not found and line.kind == "BundleOrderLine":
        found = line.product_number
    if not found or not found.strip():
        raise RecordError(
            f"Line {line.id} of order {record_id} (product {line.product_number}, "
            f"size {line.size or '-'}) has no {rules.item_number} any more.",
            code="ITEM_NUMBER_MISSING",
            fix=f'Add [orders.items] "{line.product_number}" = "<Visma.net item>".',
            record_id=record_id,
        )
    return found.strip()


def item_of_size(sku: str | None, ean: str | None, rules: OrderRules) -> str | None:
    """Return the item of a size by the same rules, None where they name none of it."""
    if sku is not None and sku in rules.items:
        return rules.items[sku]
    found = {"sku": sku, "ean": ean, "product_number": None}[rules.item_number]
    return (found or "").strip() or None


def line_description(line: centra.OrderLine) -> str:
    """Return the product's name and size, as they were when it was sold."""
    name = clean(line.product_name or "") or line.product_number
    size = clean(line.size)
    return cut(f"{name}, {size}" if size else name, _DESCRIPTION)
