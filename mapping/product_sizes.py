"""The sizes of a colour: which items become which, and which cannot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connectors.errors import RecordError
from connectors.visma.item_models import Item
from mapping.barcodes import same_code, same_ean
from mapping.item_parts import Parts, barcodes, is_for_sale, placed
from mapping.product_matches import (
    find_product,
    find_size,
    find_variant,
    is_of_another,
    sku_differs,
)
from mapping.product_numbers import Numbers, numbers_by_sku, numbers_of_parts
from mapping.product_sources import (
    Chart,
    SeenProduct,
    SeenSize,
    SeenVariant,
    StyleSource,
)
from mapping.product_wishes import SizeWish, size_source, variant_source
from mapping.size_charts import chart_of, size_of_chart
from settings.products import Owner, ProductRules

__all__ = [
    "Colour",
    "colour_of",
    "is_written",
    "numbers_of",
    "sells",
]


@dataclass(frozen=True)
class Colour:
    """A colour of a style: its items, what Centra has, and what is to become of each.

    `sizes` are wishes by item, for those that are there and those to make; `wrong` the
    errors by item. `numbers` are those of its first item.
    """

    style: str
    name: str
    items: tuple[Item, ...]
    product: SeenProduct | None
    variant: SeenVariant | None
    chart: Chart | None
    sizes: dict[str, SizeWish] = field(default_factory=dict)
    wrong: dict[str, RecordError] = field(default_factory=dict)
    numbers: Numbers | None = None

    @property
    def new(self) -> list[SizeWish]:
        """Sizes to make, in the order of their chart."""
        order = list(self.chart.sizes) if self.chart else []
        made = [one for one in self.sizes.values() if one.is_create]
        return sorted(made, key=lambda one: order.index(one.size))


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
            wish = _size(source, colour, item, parts, doubles, rules)
        except RecordError as error:
            colour.wrong[item.inventory_number] = error
            continue
        if wish is not None:
            colour.sizes[item.inventory_number] = wish
    return colour


def is_written(owner: Owner, *, exists: bool) -> bool:
    """Whether a field is written: always, or only when the thing is made."""
    return owner == "visma" or (owner == "create" and not exists)


def sells(item: Item, rules: ProductRules) -> bool:
    """Whether an item is for sale; one of unknown status is taken to be, as before."""
    try:
        return is_for_sale(item, rules)
    except RecordError:
        return True


def numbers_of(
    item: Item,
    parts: Parts,
    product: SeenProduct | None,
    variant: SeenVariant | None,
    rules: ProductRules,
) -> Numbers:
    """The numbers of an item beside those that Centra has already.

    Raises:
        RecordError: They cannot come to the item number, where that is the SKU.
    """
    if rules.identity == "ean":
        return numbers_of_parts(parts)
    return numbers_by_sku(
        item,
        parts,
        product=product.number if product else None,
        variant=variant.number if variant else None,
    )


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


def _size(
    source: StyleSource,
    colour: Colour,
    item: Item,
    parts: Parts,
    doubles: Mapping[str, int],
    rules: ProductRules,
) -> SizeWish | None:
    """What is to become of one item; None where there is nothing to make."""
    sale = is_for_sale(item, rules)
    if not sale and is_of_another(item, source, rules):
        return None
    if sale:
        _refuse_shared(source, item)
    found = find_size(item, source.products, rules)
    if found is None and colour.variant is not None:
        found = _by_name(colour.variant, item, parts, rules)
    if found is None and not (sale and rules.create):
        return None
    if sale:
        called = size_of_chart(parts, rules)
        if doubles[called] > 1:
            raise _twice(colour, item, called)
    ean = _ean(item, found[1] if found else None, rules)
    if found is not None:
        variant, size = found
        if colour.variant is None or variant.id != colour.variant.id:
            raise _elsewhere(item, colour, variant)
        return _change(colour, item, size, ean, rules, sale=sale)
    return _new(colour, item, parts, ean, rules)


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
    new_ean = ean if owners.ean == "visma" and ean and ean != size.ean else None
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
        raise _unknown_size(item, name, chart)
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


def _refuse_shared(source: StyleSource, item: Item) -> None:
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


def _twice(colour: Colour, item: Item, size: str) -> RecordError:
    return RecordError(
        f"Item {item.inventory_number} is size {size} of {colour.style}/{colour.name}, "
        "and so is another item",
        code="SIZE_TWICE",
        fix="Correct one of them in Visma.net, or take it off sale.",
        record_id=item.inventory_number,
    )


def _elsewhere(item: Item, colour: Colour, variant: SeenVariant) -> RecordError:
    return RecordError(
        f"Item {item.inventory_number} is of {colour.style}/{colour.name} in Visma.net, "
        f"and a size of variant {variant.number or variant.id} in Centra",
        code="SIZE_ELSEWHERE",
        fix="Correct style and colour of the item in Visma.net, or move the size in "
        "Centra.",
        record_id=item.inventory_number,
    )


def _unknown_size(item: Item, name: str, chart: Chart | None) -> RecordError:
    where = f"size chart {chart.name}" if chart else "any size chart"
    return RecordError(
        f"Size {name} of item {item.inventory_number} is not in {where}",
        code="SIZE_UNKNOWN",
        fix="Add it to the chart in Centra (or to a new one of products.size_charts), or "
        f'say what it is called there: [products.sizes] "{name}" = "...".',
        record_id=item.inventory_number,
    )
