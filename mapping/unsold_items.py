"""What becomes of items that are not sold any more: gone, or off sale without their place."""

from __future__ import annotations

from connectors.errors import RecordError
from connectors.visma.item_models import Item
from mapping.item_parts import is_ours, is_withdrawn
from mapping.product_matches import find_size, is_of_another
from mapping.product_sources import SeenSize, StyleSource
from mapping.product_wishes import SizeWish, size_source
from mapping.scope import LeftOut
from settings.products import ProductRules

__all__ = ["gone_item", "off_sale", "size_of_unsold", "unplaced_item"]


def gone_item(source: StyleSource, number: str, rules: ProductRules) -> LeftOut:
    """What becomes of an item that Visma.net has no more: nothing.

    Raises:
        RecordError: Centra still has its size.
    """
    known = {one.inventory_number: one for one in source.gone}
    stub = known.get(number, Item(inventory_number=number))
    if find_size(stub, source, rules) is None:
        return LeftOut("NOT_IN_VISMA", "Visma.net has the item no more")
    raise RecordError(
        f"Item {number} is not in Visma.net any more, and its size is still in Centra",
        code="ITEM_GONE",
        fix="Take the size off sale in Centra if the item was deleted, and its variant "
        "and product if nothing else of them is sold, then set this aside; nothing is "
        "ever deleted or taken off sale there because an item is missing.",
        record_id=number,
    )


def unplaced_item(
    source: StyleSource, item: Item, rules: ProductRules, missing: RecordError
) -> SizeWish | LeftOut:
    """What becomes of an item off sale that lacks its style, colour or size.

    By its number or barcode it may still be found, and is taken off sale by its status.
    Where attributes alone say so nothing is written: those that it lacks may be missing
    of all items, as after a right was taken away.

    Raises:
        RecordError: Two sizes carry its number; or `missing`, where attributes alone
            take it off sale.
    """
    size = size_of_unsold(source, item, rules) if is_ours(item, rules) else None
    if size is None or not size.is_active or rules.owners.size_active != "visma":
        return LeftOut("NOT_FOR_SALE", "it is not for sale, and nothing tells its size")
    if not is_withdrawn(item):
        raise missing
    return off_sale(item, size, variant="")


def off_sale(item: Item, size: SeenSize, variant: str) -> SizeWish:
    """What takes a size off sale, if it is not, and changes nothing else of it."""
    return SizeWish(
        source_id=size_source(item.inventory_number),
        id=size.id,
        item=item.inventory_number,
        variant=variant,
        size=size.name or "",
        is_active=False if size.is_active else None,
    )


def size_of_unsold(
    source: StyleSource, item: Item, rules: ProductRules
) -> SeenSize | None:
    """The size of an item off sale; where numbers count, its barcode may be another's by now.

    Raises:
        RecordError: Two sizes carry what it is known by.
    """
    if is_of_another(item, source, rules):
        return None
    if rules.identity == "sku":
        item = Item(inventory_number=item.inventory_number)
    found = find_size(item, source, rules)
    return found[1] if found else None
