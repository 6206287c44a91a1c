"""The items of Visma.net: one for every size of Centra, and some that Centra has never heard of."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from sandbox.centra.goods import ProductSize
from sandbox.centra.store import CentraInstance
from sandbox.seed.catalogue import BUNDLE, UNKNOWN_IN_VISMA, ean13, prices_at
from sandbox.seed.item_prices import add_prices
from sandbox.seed.markets import CURRENCIES
from sandbox.seed.stock import quantity_of
from sandbox.visma.company import Company
from sandbox.visma.goods_records import Item

if TYPE_CHECKING:
    from sandbox.world import World

__all__ = ["PlantedItem", "add_items", "add_unknown_items"]

_CATEGORIES: Final = {"standard": "STD", "food": "MID", "book": "LOW"}
_ACCESSORIES: Final = "Accessoarer"
_FIRST_EAN: Final = 90_000
_PACKAGING: Final[dict[str, object]] = {
    "baseItemWeight": Decimal("0.4"),
    "weightUOM": "KG",
}
_CLOTHES: Final = [1, 2]
_ACCESSORY: Final = [3]
_INTRASTAT: Final[dict[str, object]] = {"cN8": "62019300", "countryOfOrigin": "SE"}


@dataclass(frozen=True)
class PlantedItem:
    """One item of Visma.net that Centra does not know, and what is special about it."""

    instance: str
    item: str
    kind: str


@dataclass(frozen=True)
class _New:
    kind: str
    style: str
    name: str
    colour: str
    size: str
    price: int
    ean: int
    status: str = "Active"

    @property
    def number(self) -> str:
        """The number of the item."""
        return f"{self.style}{self.colour}{self.size}"


def _new_items() -> Iterator[_New]:
    """Yield what is to be made in Centra, and what cannot be."""
    ean = _FIRST_EAN
    for colour in ("ECR", "NAV"):
        for size in ("S", "M", "L"):
            ean += 1
            yield _New("new style", "NH1601", "Anorak Kosterö", colour, size, 1799, ean)
    yield _New("new size", "NH1104", "Merinopolo", "NAV", "XXL", 799, ean + 1)
    yield _New("no colour", "NH1602", "Väst Saltö", "", "M", 1249, ean + 2)
    for size in ("S", "M"):
        yield _New("EAN twice", "NH1603", "Tröja Tjörn", "GRY", size, 999, ean + 3)
    yield _New(
        "inactive", "NH1604", "Kappa Marstrand", "BLK", "M", 2499, ean + 4, "Inactive"
    )
    yield _New(
        "reserved characters", "NH16+05", "Byxa Orust", "NAV", "32", 999, ean + 5
    )


def add_items(company: Company, instance: CentraInstance, base: str) -> None:
    """Make a stock item of every size but the bundle and the prototype, with its prices."""
    rate = Decimal(str(CURRENCIES[base][1]))
    for size in instance.catalogue.product_sizes.values():
        if size.sku in {BUNDLE, UNKNOWN_IN_VISMA}:
            continue
        product = size.variant.product
        net = Decimal(product.prices["SEK"]) / 125 / rate
        item = company.add_item(
            size.sku,
            f"{product.name} {size.variant.name} {size.description}",
            stock=True,
            vat_category=_CATEGORIES[product.kind],
            ean=size.ean,
            default_price=net.quantize(Decimal("0.01")),
            recommended_price=Decimal(product.prices[base])
            / instance.currencies[base].denominator,
            item_class=_class_of(size),
            attributes=_attributes(
                product.product_number or "",
                size.variant.variant_number or "",
                size.description,
            ),
            on_hand=_stock(company, size.sku),
        )
        _describe(item)
        add_prices(company, instance, item, product.prices, product.wholesale_prices)


def add_unknown_items(world: "World", instance: CentraInstance) -> None:
    """Make the items that Centra has never heard of, each with prices and stock."""
    company = world.visma[instance.name]
    for new in _new_items():
        retail, wholesale = prices_at(new.price)
        item = company.add_item(
            new.number,
            f"{new.name} {new.colour} {new.size}".replace("  ", " "),
            stock=True,
            ean=ean13(new.ean),
            default_price=(Decimal(retail["SEK"]) / 125).quantize(Decimal("0.01")),
            recommended_price=Decimal(retail["SEK"]) / 100,
            item_class="FASHION",
            attributes=_attributes(new.style, new.colour, new.size),
            on_hand=_stock(company, new.number),
            status=new.status,
        )
        _describe(item)
        add_prices(company, instance, item, retail, wholesale)
        world.planted_items.append(PlantedItem(instance.name, item.number, new.kind))


def _class_of(size: ProductSize) -> str:
    category = size.variant.product.category
    is_accessory = category is not None and category.name == _ACCESSORIES
    return "ACCESSORY" if is_accessory else "FASHION"


def _attributes(style: str, colour: str, size: str) -> dict[str, str]:
    given = {"STYLE": style, "COLOUR": colour, "SIZE": size, "WEBSHOP": "1"}
    return {attribute: value for attribute, value in given.items() if value}


def _stock(company: Company, number: str) -> dict[str, Decimal]:
    return {
        warehouse: Decimal(quantity_of(number, warehouse))
        for warehouse in company.setup.warehouses
    }


def _describe(item: Item) -> None:
    item.body = f"<p>{item.description}</p>"
    item.packaging, item.intrastat = _PACKAGING, _INTRASTAT
    item.sales_categories = _ACCESSORY if item.item_class == "ACCESSORY" else _CLOTHES
    item.default_warehouse = "MAIN"
