"""Which product, variant and size of Centra an item of Visma.net is, if any.

First what an earlier run linked, then the SKU or EAN of its sizes, then its number. What
fits twice is for a person to look at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from connectors.errors import RecordError
from connectors.visma.item_models import Item
from mapping.barcodes import same_code, same_ean
from mapping.item_parts import barcodes, find_style
from mapping.items import is_item_of_size
from mapping.product_sources import (
    SeenProduct,
    SeenSize,
    SeenVariant,
    StyleSource,
)
from settings.products import ProductRules

__all__ = [
    "find_product",
    "find_size",
    "find_variant",
    "holder_of",
    "is_of_another",
    "sku_differs",
]


def find_product(source: StyleSource, rules: ProductRules) -> SeenProduct | None:
    """The product of a style, or None where Centra has none.

    Raises:
        RecordError: The product that it was linked to is gone, several fit, one has the
            EANs of its items under other SKUs, or the style is spelled in several ways.
    """
    _refuse_spellings(source, rules)
    if source.linked_product is not None:
        linked = [one for one in source.products if one.id == source.linked_product]
        if not linked:
            raise RecordError(
                f"Product {source.linked_product} of style {source.style} is not in "
                "Centra any more",
                code="PRODUCT_GONE",
                fix="Restore it in Centra and retry; or set this aside, and its items "
                "to another status in Visma.net.",
                record_id=source.style,
            )
        return linked[0]
    found = [
        one
        for one in source.products
        if any(
            _is_size_of(size, item, rules)
            for size in one.sizes
            for item in source.items
        )
    ] or [
        one
        for one in source.products
        if same_code(one.number) == same_code(source.style)
    ]
    if len(found) > 1:
        shown = ", ".join(f"{one.number} (id {one.id})" for one in found)
        raise RecordError(
            f"The items of style {source.style} are in several products of Centra: "
            f"{shown}",
            code="PRODUCT_UNCLEAR",
            fix="Correct the style of the items in Visma.net, or the products in Centra, "
            "then retry.",
            record_id=source.style,
        )
    if not found:
        _refuse_known_eans(source)
    return found[0] if found else None


def find_variant(
    product: SeenProduct,
    items: Iterable[Item],
    rules: ProductRules,
    *,
    label: str,
    number: str,
    linked: int | None = None,
) -> SeenVariant | None:
    """The variant of a colour in its product, or None where there is none.

    Raises:
        RecordError: The variant that it was linked to is gone, or several fit.
    """
    if linked is not None:
        known = [one for one in product.variants if one.id == linked]
        if not known:
            raise RecordError(
                f"Variant {linked} of {label} is not in product {product.number} of "
                "Centra any more",
                code="VARIANT_GONE",
                fix="Restore it in Centra, then retry; or set this aside.",
                record_id=label,
            )
        return known[0]
    owned = list(items)
    found = [
        one
        for one in product.variants
        if any(_is_size_of(size, item, rules) for size in one.sizes for item in owned)
    ] or [one for one in product.variants if same_code(one.number) == same_code(number)]
    if len(found) > 1:
        shown = ", ".join(one.number or str(one.id) for one in found)
        raise RecordError(
            f"The items of {label} are sizes of several variants of product "
            f"{product.number}: {shown}",
            code="VARIANT_UNCLEAR",
            fix="Correct the colour of the items in Visma.net, or the variants in "
            "Centra, then retry.",
            record_id=label,
        )
    return found[0] if found else None


def find_size(
    item: Item, source: StyleSource, rules: ProductRules
) -> tuple[SeenVariant, SeenSize] | None:
    """The size that carries an item's SKU or EAN, with its variant.

    One with its EAN and the number of another item for sale is that item's.

    Raises:
        RecordError: Two sizes carry it, or one carries its EAN under another SKU.
    """
    number, eans = item.inventory_number, set(map(same_ean, barcodes(item)))
    sizes = [
        (variant, size)
        for product in source.products
        for variant in product.variants
        for size in variant.sizes
    ]
    owned = [one for one in sizes if _is_size_of(one[1], item, rules)]
    by_ean = [
        one
        for one in sizes
        if one[1].ean
        and one[1].named is None
        and same_ean(one[1].ean) in eans
        and holder_of(one[1], source) is None
    ]
    both = {one[1].id: one for one in (*owned, *by_ean)}
    if len(both) > 1:
        ours = {size.id for _, size in owned}
        shown = " and ".join(
            sorted(
                f"{size.sku} (id {size.id}, by {_found_by(size, ours, rules)})"
                for _, size in both.values()
            )
        )
        raise RecordError(
            f"Item {number} fits more than one size of Centra: {shown}",
            code="SIZE_NOT_UNIQUE",
            fix="Correct SKU and EAN of all but one of them in Centra, or the item's "
            "barcode in Visma.net if it is another item's, then retry.",
            record_id=number,
        )
    for variant, size in both.values():
        if not owned:
            raise sku_differs(item, size)
        return variant, size
    return None


def _found_by(size: SeenSize, ours: Collection[int], rules: ProductRules) -> str:
    """By what a size was found to be an item; `ours` were found by the rule of the settings."""
    if size.named:
        return "[orders.items]"
    return "its SKU" if size.id in ours and rules.identity == "sku" else "its EAN"


def holder_of(size: SeenSize, source: StyleSource) -> str | None:
    """The number of the item for sale that a size is, if it has a barcode of another.

    Known only where SKUs tell what a size is.
    """
    return size.sku if same_code(size.sku) in source.holders else None


def is_of_another(item: Item, source: StyleSource, rules: ProductRules) -> bool:
    """Whether what an item off sale is known by leads to an item for sale by now."""
    return rules.identity == "ean" and any(
        same_ean(one) in source.shared_eans for one in barcodes(item)
    )


def sku_differs(item: Item, size: SeenSize) -> RecordError:
    """What to do about a size that is the item's, and has another SKU."""
    number = item.inventory_number
    return RecordError(
        f"Item {number} is the size of Centra with the SKU {size.sku or '-'}, which is "
        "not its number",
        code="SKU_DIFFERS",
        fix="Correct the numbers of product, variant and size in Centra so that they "
        f"come to {number}; or name the item under [orders.items]; or set "
        'products.identity = "ean".',
        record_id=number,
    )


def _is_size_of(size: SeenSize, item: Item, rules: ProductRules) -> bool:
    return is_item_of_size(item, size.sku, size.ean, size.named, rules.identity)


def _refuse_spellings(source: StyleSource, rules: ProductRules) -> None:
    """Refuse a style that its items spell differently: it is one, or two that look alike.

    Raises:
        RecordError: They do.
    """
    spelled = {style for one in source.items if (style := find_style(one, rules))}
    if len(spelled) > 1:
        shown = ", ".join(sorted(spelled))
        raise RecordError(
            f"Items spell the style {source.style} in several ways: {shown}",
            code="STYLE_SPELLED_TWICE",
            fix="Give the items one spelling in Visma.net, or other styles if they are "
            "no one product, then retry.",
            record_id=source.style,
        )


def _refuse_known_eans(source: StyleSource) -> None:
    """Refuse to make a style again whose barcodes Centra knows under other SKUs.

    Raises:
        RecordError: A size of Centra carries the EAN of an item.
    """
    eans = {same_ean(ean): item for item in source.items for ean in barcodes(item)}
    for product in source.products:
        for size in product.sizes:
            is_known = bool(size.ean) and same_ean(size.ean) in eans
            if is_known and holder_of(size, source) is None:
                raise sku_differs(eans[same_ean(size.ean)], size)
