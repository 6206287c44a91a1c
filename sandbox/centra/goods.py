"""Records of the catalogue: products, their variants, their sizes, and where they are shown."""

from dataclasses import dataclass, field
from datetime import datetime

from sandbox.centra.money import Amount
from sandbox.centra.places import Attribute, Country, Store

__all__ = [
    "Display",
    "Named",
    "Product",
    "ProductSize",
    "ProductVariant",
    "Size",
    "SizeChart",
]


@dataclass(slots=True, eq=False)
class Named:
    """A brand, a collection, a category, a folder: something with an id and a name."""

    id: int
    name: str
    status: str = "ACTIVE"
    uri: str | None = None


@dataclass(slots=True, eq=False)
class SizeChart:
    """The sizes that a variant can have, in their order."""

    id: int
    name: str
    sizes: list["Size"] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Size:
    """One size of a chart."""

    id: int
    chart: SizeChart
    name: str

    @property
    def automatic_external_id(self) -> str:
        """The external id that every size has by itself."""
        return f"{self.chart.name}|{self.name}"


@dataclass(slots=True, eq=False)
class Product:
    """A style. `kind` groups goods of one tax group: standard, food or book."""

    id: int
    product_number: str
    name: str
    created_at: datetime
    updated_at: datetime
    kind: str = "standard"
    brand: Named | None = None
    collection: Named | None = None
    category: Named | None = None
    folder: Named | None = None
    is_bundle: bool = False
    status: str = "ACTIVE"
    country_of_origin: Country | None = None
    harmonized_commodity_code: str | None = None
    harmonized_commodity_code_description: str | None = None
    internal_comment: str | None = None
    is_serializable_product: bool = False
    prices: dict[str, int] = field(default_factory=dict)
    """What the seed planned for consumers, by currency, VAT included, in sub-units."""
    wholesale_prices: dict[str, int] = field(default_factory=dict)
    """What it planned for wholesale, without VAT. What buyers pay stands on pricelists."""
    variants: list["ProductVariant"] = field(default_factory=list)
    displays: list["Display"] = field(default_factory=list)
    attributes: list[Attribute] = field(default_factory=list)
    typename = "Product"

    @property
    def sizes(self) -> list["ProductSize"]:
        """All sizes of all variants."""
        return [size for variant in self.variants for size in variant.product_sizes]


@dataclass(slots=True, eq=False)
class ProductVariant:
    """A colour of a style. Its size chart is given once and stays."""

    id: int
    product: Product
    variant_number: str
    name: str
    updated_at: datetime
    size_chart: SizeChart | None = None
    status: str = "ACTIVE"
    internal_name: str | None = None
    unit_cost: Amount | None = None
    is_deleted: bool = False
    product_sizes: list["ProductSize"] = field(default_factory=list)
    attributes: list[Attribute] = field(default_factory=list)
    typename = "ProductVariant"


@dataclass(slots=True, eq=False)
class ProductSize:
    """What is sold and counted: one size of one variant."""

    id: int
    variant: ProductVariant
    size: Size | None
    size_number: str
    ean: str | None = None
    upc: str | None = None
    is_active: bool = True
    preorder: bool = False
    comment: str | None = None

    @property
    def sku(self) -> str:
        """The numbers of product, variant and size in one: never written as such."""
        variant = self.variant
        return (
            variant.product.product_number + variant.variant_number + self.size_number
        )

    @property
    def description(self) -> str:
        """The size as people read it."""
        return self.size.name if self.size else "One size"

    @property
    def gtin(self) -> str | None:
        """The old name of the EAN."""
        return self.ean


@dataclass(slots=True, eq=False)
class Display:
    """How a store shows a product; what is on no active display is not for sale there."""

    id: int
    name: str
    store: Store
    product: Product
    updated_at: datetime
    product_variants: list[ProductVariant]
    status: str = "ACTIVE"
    description: str | None = None
    short_description: str | None = None
