"""What is to be written of the size that an item is, or is to become."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.errors import RecordError
from connectors.visma.item_models import Item
from mapping.barcodes import same_ean
from mapping.item_parts import Parts, barcodes, is_for_sale
from mapping.product_colours import Colour, is_written, numbers_of, sells
from mapping.product_matches import (
    find_size,
    is_of_another,
    sku_differs,
)
from mapping.product_sources import (
    SeenSize,
    SeenVariant,
    StyleSource,
)
from mapping.product_wishes import SizeWish, size_source, variant_source
from mapping.size_charts import size_of_chart
from mapping.size_troubles import (
    elsewhere,
    refuse_other_name,
    refuse_shared,
    refuse_taken,
    twice,
    unknown_size,
)
from mapping.unsold_items import off_sale, size_of_unsold
from settings.products import ProductRules

__all__ = ["size_wish"]


def size_wish(
    source: StyleSource,
    colour: Colour,
    item: Item,
    parts: Parts,
    doubles: Mapping[str, int],
    rules: ProductRules,
) -> SizeWish | None:
    """What is to become of one item; None where there is nothing to make.

    What is off sale goes off sale by its number, whatever else is wrong with it.
    """
    if is_for_sale(item, rules):
        return _fitting(source, colour, item, parts, doubles, rules)
    if is_of_another(item, source, rules):
        return None
    try:
        return _fitting(source, colour, item, parts, {}, rules)
    except RecordError:
        if rules.identity != "sku" or rules.owners.size_active != "visma":
            raise
        size = size_of_unsold(source, item, rules)
        if size is None:
            raise
        return off_sale(item, size, variant_source(colour.style, colour.name))


def _fitting(
    source: StyleSource,
    colour: Colour,
    item: Item,
    parts: Parts,
    doubles: Mapping[str, int],
    rules: ProductRules,
) -> SizeWish | None:
    """What differs of the size that an item is, or the size that it is to become.

    `doubles` is how many items for sale are a size; it says nothing to one that is not.
    """
    sale, called, own = sells(item, rules), size_of_chart(parts, rules), None
    if rules.identity == "sku":
        own = find_size(Item(inventory_number=item.inventory_number), source, rules)
    writes_ean = is_written(rules.owners.ean, exists=own is not None)
    needs_ean = writes_ean or rules.identity == "ean"
    if sale and needs_ean:
        refuse_shared(source, item)
    found = own if own and not writes_ean else find_size(item, source, rules)
    if found is None and colour.variant is not None:
        found = _by_name(colour.variant, item, parts, rules)
    if found is None and not (sale and rules.create):
        return None
    if doubles.get(called, 0) > 1:
        raise twice(item, called, colour.label)
    if found is None:
        ean = _ean(item, None, rules) if needs_ean else None
        refuse_taken(source, item, ean, rules)
        return _new(colour, item, parts, ean, rules)
    variant, size = found
    ean = _ean(item, size, rules) if is_written(rules.owners.ean, exists=True) else None
    if colour.variant is None or variant.id != colour.variant.id:
        raise elsewhere(item, colour.label, variant)
    refuse_other_name(item, called, size, colour.known_sizes)
    if ean is not None and ean != size.ean:
        refuse_taken(source, item, ean, rules)
    return _change(colour, item, size, ean, rules, sale=sale)


def _by_name(
    variant: SeenVariant, item: Item, parts: Parts, rules: ProductRules
) -> tuple[SeenVariant, SeenSize] | None:
    """The size of the chart that a variant has already, under another number."""
    wanted = size_of_chart(parts, rules)
    for size in variant.sizes:
        if size.name == wanted:
            if rules.identity == "sku":
                raise sku_differs(item, size)
            return variant, size
    return None


def _change(
    colour: Colour,
    item: Item,
    size: SeenSize,
    ean: str | None,
    rules: ProductRules,
    *,
    sale: bool,
) -> SizeWish:
    owners = rules.owners
    new_ean = ean if ean and ean != size.ean else None
    turns = size.is_active is not None and size.is_active != sale
    return SizeWish(
        source_id=size_source(item.inventory_number),
        id=size.id,
        item=item.inventory_number,
        variant=variant_source(colour.style, colour.name),
        size=size.name or "",
        ean=new_ean,
        is_active=sale if owners.size_active == "visma" and turns else None,
    )


def _new(
    colour: Colour, item: Item, parts: Parts, ean: str | None, rules: ProductRules
) -> SizeWish:
    name = size_of_chart(parts, rules)
    chart = colour.chart
    if chart is None or name not in chart.sizes:
        raise unknown_size(item, name, chart)
    numbers = numbers_of(item, parts, colour.product, colour.variant, rules)
    if (
        colour.variant is None
        and colour.numbers
        and rules.identity == "sku"
        and numbers.variant != colour.numbers.variant
    ):
        raise RecordError(
            f"Item number {item.inventory_number} makes the colour {colour.name} "
            f"'{numbers.variant}', and other items make it '{colour.numbers.variant}'",
            code="SKU_DOES_NOT_FIT",
            fix="Correct the item in Visma.net, so that all of a colour begin alike.",
            record_id=item.inventory_number,
        )
    owners = rules.owners
    return SizeWish(
        source_id=size_source(item.inventory_number),
        item=item.inventory_number,
        variant=variant_source(colour.style, colour.name),
        variant_id=colour.variant.id if colour.variant else None,
        size=name,
        size_id=chart.sizes[name] or None,
        size_number=numbers.size,
        ean=ean if owners.ean != "centra" else None,
        is_active=owners.size_active != "centra",
    )


def _ean(item: Item, size: SeenSize | None, rules: ProductRules) -> str | None:
    """The barcode of an item: the one that Centra has, or the only one."""
    eans = barcodes(item)
    if size is not None and size.ean and same_ean(size.ean) in map(same_ean, eans):
        return size.ean
    if len(eans) > 1:
        raise RecordError(
            f"Item {item.inventory_number} has several barcodes: {', '.join(eans)}",
            code="EAN_UNCLEAR",
            fix="Leave one of type Barcode for its sales unit in Visma.net, or give the "
            "size in Centra the right one, then retry.",
            record_id=item.inventory_number,
        )
    if not eans and rules.identity == "ean" and size is None:
        raise RecordError(
            f"Item {item.inventory_number} has no barcode, by which it would be known",
            code="EAN_MISSING",
            fix="Add a cross reference of type Barcode to the item in Visma.net.",
            record_id=item.inventory_number,
        )
    return eans[0] if eans else None
