"""A large catalogue: sizes by the ten thousand that no store shows and nobody orders."""

from typing import Final

from sandbox.centra.goods import (
    Named,
    Product,
    ProductSize,
    ProductVariant,
    Size,
    SizeChart,
)
from sandbox.centra.store import CentraInstance
from sandbox.seed.catalogue import ean13
from sandbox.seed.stock import extra_sizes

__all__ = ["add_extra_sizes"]

_FIRST_EAN: Final = 1_000_000
_PRICE: Final = 29_900


def add_extra_sizes(instance: CentraInstance, count: int) -> None:
    """Add so many sizes: ten to a colour, ten colours to a style, each with an SKU and an EAN."""
    chart = SizeChart(instance.next_id("size_chart"), "Extra")
    for name in (f"S{digit}" for digit in range(10)):
        chart.sizes.append(Size(instance.next_id("chart_size"), chart, name))
    instance.catalogue.add_chart(chart)
    at = instance.clock.now().replace(microsecond=0)
    category = Named(99, "Extra")
    product: Product | None = None
    variant: ProductVariant | None = None
    for extra in extra_sizes(count):
        if product is None or product.product_number != extra.style:
            product = Product(
                id=instance.next_id("product"),
                product_number=extra.style,
                name=f"Extra {extra.style}",
                created_at=at,
                updated_at=at,
                category=category,
                prices={"SEK": _PRICE},
            )
            instance.catalogue.add_product(product)
            variant = None
        if variant is None or variant.variant_number != extra.colour:
            variant = ProductVariant(
                id=instance.next_id("variant"),
                product=product,
                variant_number=extra.colour,
                name=extra.colour,
                updated_at=at,
                size_chart=chart,
            )
            instance.catalogue.add_variant(variant)
        size = next(s for s in chart.sizes if s.name == extra.size)
        instance.catalogue.add_size(
            ProductSize(
                id=instance.next_id("size"),
                variant=variant,
                size=size,
                size_number=extra.size,
                ean=ean13(_FIRST_EAN + extra.number),
            )
        )
