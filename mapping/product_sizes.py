"""The sizes of a colour: which items become which, and which cannot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from connectors.errors import RecordError
from connectors.visma.item_models import Item
from mapping.barcodes import same_code
from mapping.item_parts import Parts, placed
from mapping.product_colours import Colour, numbers_of, sells
from mapping.product_matches import (
    find_product,
    find_variant,
)
from mapping.product_numbers import Numbers
from mapping.product_sources import (
    SeenProduct,
    StyleSource,
)
from mapping.size_charts import chart_of, size_of_chart
from mapping.size_wishes import size_wish
from settings.products import ProductRules

__all__ = [
    "colour_of",
]


def colour_of(source: StyleSource, name: str, rules: ProductRules) -> Colour:
    """Work out the sizes of one colour.

    Raises:
        RecordError: Product or variant are unclear or gone, or no chart can be chosen.
    """
    product = find_product(source, rules)
    owned = [
        (item, parts)
        for item, parts in placed(source.items, rules)
        if same_code(parts.colour) == same_code(name)
    ]
    items = tuple(item for item, _ in owned)
    label = f"{source.style}/{name}"
    guess = _first_numbers(owned, product, rules)
    linked = source.linked_variants.get(name)
    variant = (
        find_variant(
            product,
            items,
            rules,
            label=label,
            number=guess.variant if guess else name,
            linked=linked,
        )
        if product
        else None
    )
    chart = chart_of(source, [item for item, _ in owned], variant, rules)
    colour = Colour(source.style, name, items, product, variant, chart, numbers=guess)
    doubles = Counter(
        size_of_chart(parts, rules) for item, parts in owned if sells(item, rules)
    )
    for item, parts in owned:
        try:
            wish = size_wish(source, colour, item, parts, doubles, rules)
        except RecordError as error:
            colour.wrong[item.inventory_number] = error
            continue
        if wish is not None:
            colour.sizes[item.inventory_number] = wish
    return colour


def _first_numbers(
    owned: Sequence[tuple[Item, Parts]],
    product: SeenProduct | None,
    rules: ProductRules,
) -> Numbers | None:
    """Those of the first item that has any: its colour number is that of all."""
    for item, parts in owned:
        try:
            return numbers_of(item, parts, product, None, rules)
        except RecordError:
            continue
    return None
