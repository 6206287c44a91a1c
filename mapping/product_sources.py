"""What the mapping of products reads: items of a style, and what Centra has of it."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from connectors.centra import catalogue_models as centra
from connectors.visma.item_models import Item
from mapping.items import named_item
from settings.posting import OrderRules

__all__ = [
    "Chart",
    "SeenProduct",
    "SeenSize",
    "SeenVariant",
    "StyleSource",
    "seen_product",
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Chart(_Frozen):
    """A size chart of Centra: its sizes by name, in order."""

    id: int
    name: str
    sizes: dict[str, int]


class SeenSize(_Frozen):
    """A size of Centra; `name` is that of its chart, None where it is not shown.

    `named` is the item that `[orders.items]` names for its SKU.
    """

    id: int
    name: str | None = None
    sku: str = ""
    ean: str = ""
    is_active: bool | None = None
    named: str | None = None


class SeenVariant(_Frozen):
    """A variant of Centra."""

    id: int
    number: str = ""
    name: str = ""
    status: str = ""
    chart_id: int | None = None
    attributes: dict[str, str] = {}
    sizes: tuple[SeenSize, ...] = ()


class SeenProduct(_Frozen):
    """A product of Centra; attribute values stand under 'type/element'."""

    id: int
    number: str = ""
    name: str = ""
    status: str = ""
    harmonized_code: str = ""
    country_of_origin: str = ""
    attributes: dict[str, str] = {}
    variants: tuple[SeenVariant, ...] = ()

    @property
    def sizes(self) -> list[SeenSize]:
        """The sizes of all its variants."""
        return [size for variant in self.variants for size in variant.sizes]


class StyleSource(_Frozen):
    """Items of one style with all that Centra has which may be of it.

    `products` are those that it is linked to, or whose sizes carry the SKU or EAN of an
    item; more than one is for a person to look at. `shared_eans` are barcodes that
    more than one item has, with the numbers of those for sale. `holders` are the items
    for sale whose number is the SKU of a size with one of these barcodes, by that number
    in one spelling, each with the barcodes of its own. `linked_product` and
    `linked_variant` are what an earlier run linked. `gone` are items that Visma.net has
    no more, as they were read last.
    """

    style: str = ""
    items: tuple[Item, ...] = ()
    gone: tuple[Item, ...] = ()
    products: tuple[SeenProduct, ...] = ()
    charts: tuple[Chart, ...] = ()
    shared_eans: dict[str, tuple[str, ...]] = {}
    holders: dict[str, tuple[str, ...]] = {}
    linked_product: int | None = None
    linked_variants: dict[str, int] = {}


def seen_product(product: centra.Product, rules: OrderRules) -> SeenProduct:
    """What is compared of a product as Centra shows it; `rules` may name single items."""
    country = product.country_of_origin
    return SeenProduct(
        id=product.id,
        number=product.product_number,
        name=product.name,
        status=product.status,
        harmonized_code=product.harmonized_commodity_code or "",
        country_of_origin=(country.code or "") if country else "",
        attributes=_attributes(product),
        variants=tuple(_variant(one, rules) for one in product.variants),
    )


def _variant(variant: centra.ProductVariant, rules: OrderRules) -> SeenVariant:
    chart = variant.size_chart
    return SeenVariant(
        id=variant.id,
        number=variant.variant_number,
        name=variant.name,
        status=variant.status,
        chart_id=chart.id if chart else None,
        attributes=_attributes(variant),
        sizes=tuple(
            SeenSize(
                id=one.id,
                name=one.size.name if one.size else None,
                sku=one.sku,
                ean=one.ean or "",
                is_active=one.is_active,
                named=named_item(one.sku, rules),
            )
            for one in variant.product_sizes
        ),
    )


def _attributes(one: centra.Product | centra.ProductVariant) -> Mapping[str, str]:
    return {
        f"{attribute.type.name}/{element.key}": element.value
        for attribute in one.attributes
        for element in attribute.elements
        if attribute.type is not None and element.value is not None
    }
