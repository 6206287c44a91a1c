"""Products of Centra with their variants and sizes, and size charts.

Sources: the product types of Centra's GraphQL guides; where a field's name is not
shown there, `unverified.graphql` has its evidence.
"""

from __future__ import annotations

from datetime import datetime
from typing import NewType

from pydantic import Field

from connectors.centra.models import Amount, Country, Named
from connectors.wire import Incoming

__all__ = [
    "AssignedAttribute",
    "Display",
    "Product",
    "ProductId",
    "ProductSize",
    "ProductVariant",
    "ShownPrice",
    "SizeChart",
    "SizeId",
    "VariantId",
]

ProductId = NewType("ProductId", int)
VariantId = NewType("VariantId", int)
SizeId = NewType("SizeId", int)


class SizeChart(Named):
    """A chart, with its sizes in order where they were asked for."""

    sizes: tuple[Named, ...] = ()


class _AttributeType(Incoming):
    name: str = ""


class _AttributeElement(Incoming):
    """An element of an attribute; only texts have a value."""

    key: str = ""
    value: str | None = None


class AssignedAttribute(Incoming):
    """An attribute that a product or variant has."""

    type: _AttributeType | None = None
    elements: tuple[_AttributeElement, ...] = ()


class ProductSize(Incoming):
    """What is sold and counted: a size of a variant.

    `sku` is product number, variant number and size number in one. `is_active` and
    `size` are None where the store does not show them (`centra.verified_fields`).
    """

    id: SizeId
    description: str = ""
    size_number: str = ""
    sku: str = Field("", alias="SKU")
    ean: str | None = Field(None, alias="EAN")
    upc: str | None = Field(None, alias="UPC")
    preorder: bool = False
    is_active: bool | None = None
    size: Named | None = None


class ProductVariant(Incoming):
    """A colour of a product; a size chart is set once, and only with its first size."""

    id: VariantId
    name: str = ""
    status: str = ""
    variant_number: str = ""
    internal_name: str | None = None
    unit_cost: Amount | None = None
    updated_at: datetime | None = None
    size_chart: Named | None = None
    product_sizes: tuple[ProductSize, ...] = ()
    attributes: tuple[AssignedAttribute, ...] = ()


class _PricelistId(Incoming):
    id: int


class ShownPrice(Incoming):
    """What a display shows on one pricelist; of several variants it is one price."""

    pricelist: _PricelistId
    price: Amount | None = None


class _VariantId(Incoming):
    id: VariantId


class Display(Incoming):
    """How a store shows variants of a product, and for how much."""

    id: int
    product_variants: tuple[_VariantId, ...] = ()
    prices: tuple[ShownPrice, ...] = ()


class Product(Incoming):
    """A style. The list for the index leaves out what only its writer needs."""

    id: ProductId
    name: str = ""
    status: str = ""
    product_number: str = ""
    updated_at: datetime | None = None
    is_bundle: bool = False
    brand: Named | None = None
    collection: Named | None = None
    folder: Named | None = None
    country_of_origin: Country | None = None
    harmonized_commodity_code: str | None = None
    harmonized_commodity_code_description: str | None = None
    internal_comment: str | None = None
    variants: tuple[ProductVariant, ...] = ()
    attributes: tuple[AssignedAttribute, ...] = ()
    displays: tuple[Display, ...] = ()
