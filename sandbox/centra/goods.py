"""Records of the catalogue: products, their variants, their sizes."""

from dataclasses import dataclass, field

from sandbox.centra.places import Country

__all__ = ["Named", "Product", "ProductSize", "ProductVariant"]


@dataclass(slots=True, eq=False)
class Named:
    """A brand, a collection, a category: something with an id and a name."""

    id: int
    name: str
    status: str = "ACTIVE"
    uri: str | None = None


@dataclass(slots=True, eq=False)
class Product:
    """A style. `kind` groups goods of one tax group: standard, food or book."""

    id: int
    product_number: str
    name: str
    kind: str = "standard"
    brand: Named | None = None
    collection: Named | None = None
    category: Named | None = None
    is_bundle: bool = False
    status: str = "ACTIVE"
    country_of_origin: Country | None = None
    harmonized_commodity_code: str | None = None
    prices: dict[str, int] = field(default_factory=dict)
    """Consumer prices by currency, VAT included, in sub-units."""
    wholesale_prices: dict[str, int] = field(default_factory=dict)
    """Wholesale prices by currency, without VAT, in sub-units."""
    variants: list["ProductVariant"] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class ProductVariant:
    """A colour of a style."""

    id: int
    product: Product
    variant_number: str
    name: str
    status: str = "ACTIVE"
    product_sizes: list["ProductSize"] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class ProductSize:
    """What is sold and counted: one size of one variant."""

    id: int
    variant: ProductVariant
    size_number: str
    description: str
    sku: str
    ean: str | None = None
    upc: str | None = None

    @property
    def gtin(self) -> str | None:
        """The old name of the EAN."""
        return self.ean
