"""The goods: coats, knitwear, shirts, a little coffee, one book, and a bundle."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from sandbox.centra.goods import Named, Product, ProductSize, ProductVariant
from sandbox.centra.store import CentraInstance
from sandbox.seed.markets import PRICE_POINTS, minor

__all__ = ["BUNDLE", "BUNDLE_CONTENTS", "UNKNOWN_IN_VISMA", "add_catalogue", "ean13"]

_COLOURS: Final = {
    "BLK": "Svart",
    "NAV": "Havsblå",
    "GRN": "Mossgrön",
    "ECR": "Ekru",
    "RED": "Rönnbär",
    "GRY": "Grå",
}
_CLOTHES: Final = ("XS", "S", "M", "L", "XL")
_TROUSERS: Final = ("28", "30", "32", "34", "36")
_ONE: Final = ("OS",)
_OTHERS: Final = ("NOK", "DKK", "EUR", "GBP", "USD", "JPY", "CHF")

_GOODS: Final = (
    # number, name, category, price point, sizes, colours, kind
    ("NH1001", "Fjäll Parka", "Ytterplagg", 4299, _CLOTHES, ("BLK", "GRN"), "standard"),
    (
        "NH1002",
        "Skärgård Regnjacka",
        "Ytterplagg",
        2499,
        _CLOTHES,
        ("NAV", "RED"),
        "standard",
    ),
    (
        "NH1003",
        "Ulvö Vindjacka",
        "Ytterplagg",
        1799,
        _CLOTHES,
        ("ECR", "NAV"),
        "standard",
    ),
    ("NH1004", "Sarek Väst", "Ytterplagg", 1249, _CLOTHES, ("BLK",), "standard"),
    (
        "NH1101",
        "Islandströja Hekla",
        "Stickat",
        1799,
        _CLOTHES,
        ("GRY", "ECR"),
        "standard",
    ),
    (
        "NH1102",
        "Ribbstickad Tröja Åre",
        "Stickat",
        1249,
        _CLOTHES,
        ("NAV", "GRN", "ECR"),
        "standard",
    ),
    ("NH1103", "Kofta Österlen", "Stickat", 999, _CLOTHES, ("RED", "GRY"), "standard"),
    ("NH1104", "Merinopolo", "Stickat", 799, _CLOTHES, ("BLK", "NAV"), "standard"),
    (
        "NH1201",
        "Flanellskjorta Tärnö",
        "Skjortor",
        799,
        _CLOTHES,
        ("RED", "GRN"),
        "standard",
    ),
    ("NH1202", "Linneskjorta Ærø", "Skjortor", 799, _CLOTHES, ("ECR",), "standard"),
    (
        "NH1203",
        "T-shirt Björk",
        "T-shirts",
        299,
        _CLOTHES,
        ("BLK", "ECR", "NAV"),
        "standard",
    ),
    (
        "NH1204",
        "Långärmad T-shirt",
        "T-shirts",
        399,
        _CLOTHES,
        ("BLK", "GRY"),
        "standard",
    ),
    ("NH1301", "Chinos Hamn", "Byxor", 999, _TROUSERS, ("NAV", "ECR"), "standard"),
    ("NH1302", "Jeans Malmö", "Byxor", 1249, _TROUSERS, ("BLK", "NAV"), "standard"),
    ("NH1303", "Friluftsbyxa", "Byxor", 1799, _TROUSERS, ("GRN",), "standard"),
    (
        "NH1401",
        "Klänning Midsommar",
        "Klänningar",
        1249,
        _CLOTHES,
        ("ECR", "RED"),
        "standard",
    ),
    ("NH1402", "Skjortklänning", "Klänningar", 999, _CLOTHES, ("NAV",), "standard"),
    (
        "NH1501",
        "Mössa Kebnekaise",
        "Accessoarer",
        299,
        _ONE,
        ("BLK", "RED", "GRY"),
        "standard",
    ),
    (
        "NH1502",
        "Halsduk i Lammull",
        "Accessoarer",
        499,
        _ONE,
        ("GRY", "GRN"),
        "standard",
    ),
    ("NH1503", "Vantar Lovikka", "Accessoarer", 399, _ONE, ("ECR", "RED"), "standard"),
    (
        "NH1504",
        "Raggsockor 2-pack",
        "Accessoarer",
        149,
        ("36-40", "41-45"),
        ("GRY",),
        "standard",
    ),
    ("NH1505", "Ryggsäck 18 l", "Accessoarer", 999, _ONE, ("NAV", "GRN"), "standard"),
    ("NH1901", "Bok: Ull – en kärlekshistoria", "Böcker", 299, _ONE, ("ECR",), "book"),
    ("NH1902", "Kaffe Mörkrost 500 g", "Hem", 149, _ONE, ("BLK",), "food"),
)
BUNDLE: Final = "NH1801OS"
BUNDLE_CONTENTS: Final = ("NH1501GRYOS", "NH1502GRYOS", "NH1503ECROS")
UNKNOWN_IN_VISMA: Final = "NH1099BLKM"
"""A prototype: for sale in Centra, never made an item in Visma.net."""


def ean13(number: int) -> str:
    """Return a Swedish EAN with its check digit."""
    digits = f"735{number:09}"
    odd = sum(int(digit) for digit in digits[::2])
    even = sum(int(digit) for digit in digits[1::2])
    return f"{digits}{(10 - (odd + 3 * even) % 10) % 10}"


def add_catalogue(instance: CentraInstance) -> None:
    """Fill an instance with all goods, and their prices in every currency."""
    brand = Named(1, "Nordhem")
    collection = Named(1, "AW26")
    categories: dict[str, Named] = {}
    for number, name, group, price, sizes, colours, kind in _GOODS:
        category = categories.setdefault(group, Named(len(categories) + 1, group))
        product = _product(instance, number, name, kind, price)
        product.brand, product.collection, product.category = (
            brand,
            collection,
            category,
        )
        _add_variants(instance, product, sizes, colours)
    bundle = _product(instance, "NH1801", "Vinterpaket", "standard", 999)
    bundle.is_bundle, bundle.brand = True, brand
    _add_variants(instance, bundle, _ONE, ("",))
    prototype = _product(instance, "NH1099", "Prototypjacka", "standard", 2499)
    prototype.brand = brand
    _add_variants(instance, prototype, ("M",), ("BLK",))


def _product(
    instance: CentraInstance, number: str, name: str, kind: str, price: int
) -> Product:
    prices = {"SEK": price * 100}
    for currency, text in zip(_OTHERS, PRICE_POINTS[price], strict=True):
        prices[currency] = minor(currency, text)
    product = Product(
        id=instance.next_id("product"),
        product_number=number,
        name=name,
        kind=kind,
        country_of_origin=instance.countries["SE"],
        harmonized_commodity_code="62019300",
        prices=prices,
        wholesale_prices={
            currency: _wholesale(value) for currency, value in prices.items()
        },
    )
    instance.products[number] = product
    return product


def _wholesale(retail: int) -> int:
    """Return the price without VAT that lets a shop double it; odd cents are usual."""
    return int((Decimal(retail) / Decimal("2.75")).to_integral_value(ROUND_HALF_UP))


def _add_variants(
    instance: CentraInstance,
    product: Product,
    sizes: tuple[str, ...],
    colours: tuple[str, ...],
) -> None:
    for colour in colours:
        variant = ProductVariant(
            id=instance.next_id("variant"),
            product=product,
            variant_number=colour,
            name=_COLOURS.get(colour, "Standard"),
        )
        product.variants.append(variant)
        for size in sizes:
            size_id = instance.next_id("size")
            sku = f"{product.product_number}{colour}{size.replace('-', '')}"
            variant.product_sizes.append(
                ProductSize(
                    id=size_id,
                    variant=variant,
                    size_number=size.replace("-", ""),
                    description="One size" if size == "OS" else size,
                    sku=sku,
                    ean=ean13(10_000 + size_id),
                )
            )
            instance.sizes[sku] = variant.product_sizes[-1]
