"""Which Visma.net item a Centra line is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from connectors.centra import models as centra
from connectors.centra.taking_models import StockLine
from connectors.errors import RecordError
from connectors.visma.item_models import Item
from mapping.barcodes import same_code, same_ean
from mapping.item_parts import barcodes
from mapping.texts import clean, cut
from settings.posting import OrderRules

__all__ = [
    "is_item_of_size",
    "item_number",
    "item_of_size",
    "line_description",
    "named_item",
    "skus_named",
    "spelled_otherwise",
]

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
        if (named := named_item(known, rules)) is not None:
            return named
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
    if (named := named_item(sku, rules)) is not None:
        return named
    found = {"sku": sku, "ean": ean, "product_number": None}[rules.item_number]
    return (found or "").strip() or None


def spelled_otherwise(
    unknown: Iterable[str], known: Iterable[str], rules: OrderRules
) -> dict[str, str]:
    """Which unknown items are a known one but for how the number is written.

    Visma.net takes a number in any case, and a barcode may lack leading zeros.
    """
    key = same_ean if rules.item_number == "ean" else same_code
    items = list(unknown)
    if not items:
        return {}
    by_key = {key(one): one for one in known}
    return {one: by_key[key(one)] for one in items if key(one) in by_key}


def named_item(sku: str | None, rules: OrderRules) -> str | None:
    """The item that `[orders.items]` names for a SKU or product number, if it does."""
    if sku is None or not rules.items:
        return None
    if sku in rules.items:
        return rules.items[sku]
    own = same_code(sku)
    return next(
        (one for key, one in rules.items.items() if same_code(key) == own), None
    )


def skus_named(item: str, rules: OrderRules) -> list[str]:
    """The SKUs for which `[orders.items]` names an item."""
    own = same_code(item)
    return [sku for sku, one in rules.items.items() if same_code(one) == own]


def is_item_of_size(
    item: Item, sku: str, ean: str, named: str | None, identity: Literal["sku", "ean"]
) -> bool:
    """Whether a size of Centra is an item: as `[orders.items]` says, else by SKU or EAN.

    `named` is what `named_item` says of the size. What goods, prices, stock and orders
    take for one must be the same, or goods are made twice.
    """
    if named is not None:
        return same_code(named) == same_code(item.inventory_number)
    if identity == "sku":
        return bool(sku) and same_code(sku) == same_code(item.inventory_number)
    return bool(ean) and same_ean(ean) in set(map(same_ean, barcodes(item)))


def line_description(line: centra.OrderLine) -> str:
    """Return the product's name and size, as they were when it was sold."""
    name = clean(line.product_name or "") or line.product_number
    size = clean(line.size)
    return cut(f"{name}, {size}" if size else name, _DESCRIPTION)
