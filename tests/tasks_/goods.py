"""Items of Visma.net for tests of products, and what stands of them in Centra."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sandbox.centra.goods import Product, ProductSize, ProductVariant
from sandbox.visma.goods_records import CrossReference, Item
from tests.tasks_.stand import Stand, a_stand

__all__ = [
    "BY_ATTRIBUTES",
    "BY_PATTERN",
    "CHARTS_MADE",
    "EAN",
    "PRODUCT_CHANGED",
    "PRODUCT_MADE",
    "SEEDED",
    "SIZE_ADDED",
    "SIZE_CHANGED",
    "VARIANT_CHANGED",
    "VARIANT_MADE",
    "a_shop",
    "an_item",
    "change_item",
    "named",
    "product",
    "products",
    "renumber",
    "shirts",
    "size",
    "texts",
    "variant",
    "with_tees",
]

PRODUCT_MADE = "centra.mutation.CreateProduct"
PRODUCT_CHANGED = "centra.mutation.UpdateProduct"
VARIANT_MADE = "centra.mutation.CreateProductVariant"
VARIANT_CHANGED = "centra.mutation.UpdateProductVariant"
SIZE_ADDED = "centra.mutation.CreateProductSize"
SIZE_CHANGED = "centra.mutation.UpdateProductSize"
CHARTS_MADE = "centra.mutation.CreateSizeChart"

BY_ATTRIBUTES: dict[str, Any] = {
    "style_from": "attributes",
    "style_attribute": "STYLE",
    "colour_attribute": "COLOUR",
    "size_attribute": "SIZE",
    "item_classes": ["TEE"],
    "colours": {"BLK": "Svart", "NAV": "Havsblå"},
    "size_charts": {"Letters": ["S", "M", "L"]},
}
"""Styles of the items of class TEE, which the tests add; the seed has none."""

SEEDED: dict[str, Any] = {
    "style_from": "attributes",
    "style_attribute": "STYLE",
    "colour_attribute": "COLOUR",
    "size_attribute": "SIZE",
    "item_classes": ["FASHION", "ACCESSORY"],
}
"""Styles of the items that the seed has, those that Centra lacks among them."""

BY_PATTERN: dict[str, Any] = {
    "style_from": "pattern",
    "pattern": r"(?P<style>NH1[0-5]\d{2}|NH190\d)(?P<colour>[A-Z]{3})(?P<size>.+)",
    "only": {"WEBSHOP": "1"},
    "sizes": {"3640": "36-40", "4145": "41-45", "OS": "One size"},
}
"""Styles of the seed's items by their numbers: they are SKUs of Centra."""

EAN = "7350000999{:03}"


@contextmanager
def a_shop(folder: Path, **rules: Any) -> Iterator[Stand]:
    """A stand that carries styles by attributes, with rules of `[products]` changed."""
    with a_stand(folder, products={**BY_ATTRIBUTES, **rules}) as stand:
        with_tees(stand)
        yield stand


def with_tees(stand: Stand) -> None:
    """Set up the item class TEE, with the attributes of clothes."""
    setup = stand.company.setup
    tee = replace(setup.item_classes["FASHION"], id="TEE")
    classes = {**setup.item_classes, "TEE": tee}
    stand.company.setup = replace(setup, item_classes=classes)


def an_item(
    stand: Stand,
    colour: str = "BLK",
    size: str = "M",
    *,
    style: str = "TS77",
    number: str | None = None,
    ean: str | None = None,
    description: str = "T-shirt Löv",
    status: str = "Active",
    **attributes: str,
) -> Item:
    """Add an item of class TEE to Visma.net, now."""
    stand.world.clock.advance(1)
    return stand.company.goods.add_item(
        number or f"{style}{colour}{size}",
        f"{description} {colour} {size}",
        True,
        ean=ean,
        item_class="TEE",
        status=status,
        attributes={"STYLE": style, "COLOUR": colour, "SIZE": size, **attributes},
    )


def change_item(stand: Stand, item: Item, **values: Any) -> None:
    """Change an item in Visma.net, now."""
    stand.world.clock.advance(1)
    for name, value in values.items():
        if name == "ean":
            kept = [one for one in item.references if one.kind != "Barcode"]
            made = [CrossReference(kind="Barcode", number=value)] if value else []
            item.references[:] = [*kept, *made]
        elif name in {"STYLE", "COLOUR", "SIZE", "WEBSHOP"}:
            item.attributes[name] = value
        else:
            assert hasattr(item, name)
            setattr(item, name, value)
    stand.company.goods.touch(item)


def renumber(stand: Stand, item: Item, number: str) -> None:
    """Give an item another number in Visma.net, which keeps its internal id."""
    stand.world.clock.advance(1)
    goods = stand.company.goods
    del goods.items[item.key]
    item.number = number
    goods.items[item.key] = item
    goods.touch(item)


def shirts(stand: Stand, colour: str = "BLK", **more: str) -> list[Item]:
    """Two sizes of a colour."""
    return [an_item(stand, colour, one, **more) for one in "SM"]


def products(stand: Stand, number: str = "TS77") -> list[Product]:
    """All products with this number."""
    found = stand.shop.catalogue.products.values()
    return [one for one in found if one.product_number == number]


def product(stand: Stand, number: str = "TS77") -> Product:
    """The one product with this number."""
    [found] = products(stand, number)
    return found


def variant(stand: Stand, number: str = "BLK", of: str = "TS77") -> ProductVariant:
    """The one variant of a product with this number."""
    [found] = [
        one for one in product(stand, of).variants if one.variant_number == number
    ]
    return found


def size(stand: Stand, sku: str) -> ProductSize:
    """The one size with this SKU."""
    [found] = stand.shop.catalogue.by_key("SKU", sku)
    return found


def named(stand: Stand, kind: str, external_id: str) -> int | None:
    """What the connector's own integration calls so."""
    return stand.shop.conversions.internal("connector", kind, external_id)


def texts(goods: Product | ProductVariant) -> dict[tuple[str, str], str]:
    """Attribute texts by type and element."""
    return {(one.name, one.key): one.value for one in goods.attributes}
