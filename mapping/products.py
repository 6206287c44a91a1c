"""From items of Visma.net to a product, a variant and its sizes in Centra.

A wish holds only what differs from what Centra has, and what belongs to Visma.net by
`[products.owners]`; what differs in nothing is no wish.
"""

from __future__ import annotations

from collections.abc import Sequence

from connectors.errors import RecordError
from connectors.visma.item_models import Item
from mapping.barcodes import same_code
from mapping.item_parts import parts_of
from mapping.product_colours import numbers_of, sells
from mapping.product_fields import Told, status_to_write
from mapping.product_matches import find_product
from mapping.product_names import product_name
from mapping.product_sizes import colour_of
from mapping.product_sources import SeenProduct, SeenVariant, StyleSource
from mapping.product_wishes import (
    ChartWish,
    ProductWish,
    SizeWish,
    VariantWish,
    chart_source,
    external_id,
    parse_source,
    style_source,
    variant_source,
)
from mapping.scope import LeftOut
from mapping.size_charts import chart_of
from mapping.unsold_items import gone_item, unplaced_item
from settings.connection import Connection
from settings.products import ProductRules

__all__ = [
    "colours_of",
    "item_to_size",
    "items_to_product",
    "items_to_variant",
    "new_chart",
    "wish_of",
]


def wish_of(
    source: StyleSource, source_id: str, connection: Connection
) -> ChartWish | ProductWish | VariantWish | SizeWish | LeftOut:
    """What a record of a style becomes, by what its source id says that it is of.

    Raises:
        RecordError: It cannot be carried over as it is.
    """
    kind, parts = parse_source(source_id)
    if kind in {"style", "variant"} and not source.items:
        return LeftOut("NOT_IN_VISMA", "no item has the style or colour any more")
    if kind == "style":
        return items_to_product(source, connection)
    if kind == "variant":
        return items_to_variant(source, parts[1], connection)
    if kind == "size":
        return item_to_size(source, parts[0], connection)
    for name in colours_of(source, connection.products):
        wish = new_chart(source, name, connection)
        if wish is not None and wish.source_id == source_id:
            return wish
    return LeftOut("NOT_NEEDED_ANY_MORE", "nothing waits for the size chart")


def colours_of(source: StyleSource, rules: ProductRules) -> list[str]:
    """The colours of a style, each once in whatever case, in the order of their items.

    One that an earlier run linked keeps the spelling that it was linked by.
    """
    linked = {same_code(name): name for name in source.linked_variants}
    found: dict[str, str] = {}
    for item in source.items:
        try:
            name = parts_of(item, rules).colour
        except RecordError:
            continue
        found.setdefault(same_code(name), linked.get(same_code(name), name))
    return list(found.values())


def items_to_product(
    source: StyleSource, connection: Connection
) -> ProductWish | LeftOut:
    """What is to be written of a style's product.

    Raises:
        RecordError: Its product is unclear or gone, or its items differ in a field.
    """
    rules = connection.products
    product = find_product(source, rules)
    live = [one for one in source.items if sells(one, rules)]
    active = _is_active(live, source.gone, rules)
    if product is None and not live:
        return LeftOut("NOT_FOR_SALE", "none of its items is for sale")
    if product is None and not rules.create:
        return LeftOut("NOT_IN_CENTRA", "no size in Centra has the number of an item")
    number = product.number if product else _new_number(source, rules)
    if number is None:
        return LeftOut("NO_SIZE_FITS", "no item of it can become a size")
    owners, seen = rules.owners, product or SeenProduct(id=0)
    told = Told(
        source.style,
        live or list(source.items),
        exists=product is not None,
        for_sale=bool(live),
    )
    return ProductWish(
        source_id=style_source(source.style),
        id=product.id if product else None,
        external_id=external_id(connection.prefix, source.style),
        number=number,
        name=told.name(
            owners.product_name,
            lambda: product_name(source, told.items, rules),
            seen.name if product else None,
        ),
        status=status_to_write(
            owners.product_status, seen.status if product else None, active=active
        ),
        harmonized_code=told.text(
            owners.harmonized_code,
            "commodity code",
            lambda item: item.intrastat.commodity_code,
            seen.harmonized_code,
        ),
        country_of_origin=told.text(
            owners.country_of_origin,
            "country of origin",
            lambda item: item.intrastat.country_of_origin,
            seen.country_of_origin,
        ),
        attributes=told.attributes("product", seen.attributes, rules),
    )


def items_to_variant(
    source: StyleSource, name: str, connection: Connection
) -> VariantWish | LeftOut:
    """What is to be written of a colour; a new one brings along the sizes that fit.

    Raises:
        RecordError: Its variant is unclear or gone, or its items differ in a field.
    """
    rules = connection.products
    colour = colour_of(source, name, rules)
    live = [one for one in colour.items if sells(one, rules)]
    variant = colour.variant
    if variant is None:
        if not live:
            return LeftOut("NOT_FOR_SALE", "none of its items is for sale")
        if not rules.create:
            return LeftOut(
                "NOT_IN_CENTRA", "no size in Centra has the number of an item"
            )
        if not colour.new or colour.chart is None or colour.numbers is None:
            return LeftOut("NO_SIZE_FITS", "no item of it can become a size")
    seen, chart = variant or SeenVariant(id=0), None if variant else colour.chart
    told = Told(
        f"{source.style}/{name}",
        live or list(colour.items),
        exists=variant is not None,
        for_sale=bool(live),
    )
    number = colour.numbers.variant if colour.numbers else name
    return VariantWish(
        source_id=variant_source(source.style, name),
        id=variant.id if variant else None,
        external_id=external_id(connection.prefix, source.style, name),
        product=style_source(source.style),
        product_id=colour.product.id if colour.product else None,
        number=variant.number if variant else number,
        name=told.name(
            rules.owners.variant_name,
            lambda: rules.colours.get(name, name),
            variant.name if variant else None,
        ),
        status=status_to_write(
            rules.owners.variant_status,
            variant.status if variant else None,
            active=_is_active(live, source.gone, rules),
        ),
        chart=chart.name if chart else "",
        chart_id=(chart.id or None) if chart else None,
        sizes=() if variant else tuple(colour.new),
        attributes=told.attributes("variant", seen.attributes, rules),
    )


def item_to_size(
    source: StyleSource, number: str, connection: Connection
) -> SizeWish | LeftOut:
    """What is to be written of one item whose variant is there, or why it cannot.

    Raises:
        RecordError: It cannot become a size, or Visma.net has it no more.
    """
    rules = connection.products
    item = next((one for one in source.items if one.inventory_number == number), None)
    if item is None:
        return gone_item(source, number, rules)
    try:
        parts = parts_of(item, rules)
    except RecordError as error:
        if sells(item, rules):
            raise
        return unplaced_item(source, item, rules, missing=error)
    own = same_code(parts.colour)
    [name] = [one for one in colours_of(source, rules) if same_code(one) == own]
    colour = colour_of(source, name, rules)
    if number in colour.wrong:
        raise colour.wrong[number]
    wish = colour.sizes.get(number)
    if wish is None and not sells(item, rules):
        return LeftOut(
            "NOT_FOR_SALE", "it is not for sale, and Centra has no size of it"
        )
    if wish is None:
        return LeftOut("NOT_IN_CENTRA", "no size in Centra has its number")
    if colour.variant is None:
        return LeftOut("WITH_ITS_VARIANT", "it is made together with its variant")
    return wish


def new_chart(
    source: StyleSource, name: str, connection: Connection
) -> ChartWish | None:
    """The chart that a colour needs and Centra does not have; None if there is none.

    Raises:
        RecordError: As `chart_of`.
    """
    rules = connection.products
    colour = colour_of(source, name, rules)
    chart = chart_of(source, colour.items, colour.variant, rules)
    if chart is None or chart.id or colour.variant is not None or not colour.new:
        return None
    return ChartWish(
        source_id=chart_source(chart.name),
        name=chart.name,
        sizes=tuple(chart.sizes),
        external_id=external_id(connection.prefix, chart.name),
    )


def _is_active(
    live: Sequence[Item], gone: Sequence[Item], rules: ProductRules
) -> bool | None:
    """Whether goods are for sale; None where an item that was is not there any more.

    What is gone is not what somebody took off sale: that is for a person to say.
    """
    if live:
        return True
    return None if any(sells(one, rules) for one in gone) else False


def _new_number(source: StyleSource, rules: ProductRules) -> str | None:
    """The number of a product that is made: of the first item that can be a size."""
    for name in colours_of(source, rules):
        try:
            colour = colour_of(source, name, rules)
        except RecordError:
            continue
        for item in colour.items:
            if item.inventory_number in {one.item for one in colour.new}:
                return numbers_of(
                    item, parts_of(item, rules), None, None, rules
                ).product
    return None
