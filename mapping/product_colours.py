"""A colour of a style, and what of it is for sale and written."""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors.errors import RecordError
from connectors.visma.item_models import Item
from mapping.item_parts import Parts, is_for_sale
from mapping.product_numbers import Numbers, numbers_by_sku, numbers_of_parts
from mapping.product_sources import (
    Chart,
    SeenProduct,
    SeenVariant,
)
from mapping.product_wishes import SizeWish
from settings.products import Owner, ProductRules

__all__ = ["Colour", "is_written", "numbers_of", "sells"]


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
    def label(self) -> str:
        """Style and colour."""
        return f"{self.style}/{self.name}"

    @property
    def known_sizes(self) -> set[str]:
        """What sizes are called in Centra: those of its chart, and those that it has."""
        named = {one.name for one in self.variant.sizes} if self.variant else set()
        return {one for one in named if one} | set(
            self.chart.sizes if self.chart else ()
        )

    @property
    def new(self) -> list[SizeWish]:
        """Sizes to make, in the order of their chart."""
        order = list(self.chart.sizes) if self.chart else []
        made = [one for one in self.sizes.values() if one.is_create]
        return sorted(made, key=lambda one: order.index(one.size))


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
