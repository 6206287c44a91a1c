"""Why an item cannot become the size that it should: nobody knows which, or whose."""

from __future__ import annotations

from collections.abc import Collection

from connectors.errors import RecordError
from connectors.visma.item_models import Item
from mapping.barcodes import same_code, same_ean
from mapping.item_parts import barcodes
from mapping.product_matches import holder_of
from mapping.product_sources import Chart, SeenSize, SeenVariant, StyleSource
from settings.products import ProductRules

__all__ = [
    "elsewhere",
    "refuse_other_name",
    "refuse_shared",
    "refuse_taken",
    "twice",
    "unknown_size",
]


def refuse_shared(source: StyleSource, item: Item) -> None:
    """Refuse an item whose barcode another one has: nobody knows whose it is.

    Raises:
        RecordError: One has.
    """
    number = item.inventory_number
    for ean in barcodes(item):
        holders = source.shared_eans.get(same_ean(ean), ())
        if others := [one for one in holders if one != number]:
            raise RecordError(
                f"Item {number} has the barcode {ean}, as {', '.join(others)} has",
                code="EAN_TWICE",
                fix="Leave the barcode on one of them in Visma.net.",
                record_id=number,
            )


def refuse_taken(
    source: StyleSource, item: Item, ean: str | None, rules: ProductRules
) -> None:
    """Refuse a barcode that the size of another item for sale keeps.

    It is let go only where that item has one of its own, which is written there, too.

    Raises:
        RecordError: The other item has none, or not one, or Centra's barcodes stay.
    """
    number = item.inventory_number
    for size in (size for product in source.products for size in product.sizes):
        holder = holder_of(size, source)
        if ean is None or holder is None or same_ean(size.ean) != same_ean(ean):
            continue
        if same_code(holder) == same_code(number):
            continue
        own = source.holders[same_code(holder)]
        if rules.owners.ean == "visma" and len(own) == 1:
            continue
        raise RecordError(
            f"Item {number} has the barcode {ean}, which the size of item {holder} still "
            "has in Centra",
            code="EAN_TAKEN",
            fix=f"Take it off that size in Centra, or give {holder} one barcode of its own "
            "in Visma.net; then retry.",
            record_id=number,
        )


def refuse_other_name(
    item: Item, called: str, size: SeenSize, known: Collection[str]
) -> None:
    """Refuse an item that is one size in Visma.net and another one in Centra.

    Where `known`, the sizes of its colour in Centra, has none that is `called` so, the two
    only name it otherwise.

    Raises:
        RecordError: It has one.
    """
    if size.name is None or size.name == called or called not in known:
        return
    raise RecordError(
        f"Item {item.inventory_number} is size {called} in Visma.net, and size "
        f"{size.name} in Centra",
        code="SIZE_DIFFERS",
        fix="Correct the size or the barcode of the item in Visma.net, or SKU and EAN of "
        "the sizes in Centra; or say what the size is called there under "
        "[products.sizes]; then retry.",
        record_id=item.inventory_number,
    )


def twice(item: Item, size: str, label: str) -> RecordError:
    """Say that two items for sale are one size of a colour."""
    return RecordError(
        f"Item {item.inventory_number} is size {size} of {label}, and so is another item",
        code="SIZE_TWICE",
        fix="Correct one of them in Visma.net, or take it off sale.",
        record_id=item.inventory_number,
    )


def elsewhere(item: Item, label: str, variant: SeenVariant) -> RecordError:
    """Say that an item is of one colour, and its size in Centra of another."""
    return RecordError(
        f"Item {item.inventory_number} is of {label} in Visma.net, "
        f"and a size of variant {variant.number or variant.id} in Centra",
        code="SIZE_ELSEWHERE",
        fix="Correct style and colour of the item in Visma.net, or move the size in "
        "Centra.",
        record_id=item.inventory_number,
    )


def unknown_size(item: Item, name: str, chart: Chart | None) -> RecordError:
    """Say that the chart of a colour lacks a size."""
    where = f"size chart {chart.name}" if chart else "any size chart"
    return RecordError(
        f"Size {name} of item {item.inventory_number} is not in {where}",
        code="SIZE_UNKNOWN",
        fix="Add it to the chart in Centra (or to a new one of products.size_charts), or "
        f'say what it is called there: [products.sizes] "{name}" = "...".',
        record_id=item.inventory_number,
    )
