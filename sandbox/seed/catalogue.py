"""The goods: coats, knitwear, shirts, a little coffee, one book, and a bundle."""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
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
from sandbox.seed.assortment import put_up
from sandbox.seed.markets import PRICE_POINTS, minor

__all__ = [
    "BUNDLE",
    "BUNDLE_CONTENTS",
    "UNKNOWN_IN_VISMA",
    "add_catalogue",
    "add_prepared_goods",
    "ean13",
    "prices_at",
]

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
_SOCKS: Final = ("36-40", "41-45")
_CHARTS: Final = {
    "Kläder": (*_CLOTHES, "XXL"),
    "Byxor": _TROUSERS,
    "One size": _ONE,
    "Strumpor": _SOCKS,
}
_AGE: Final = timedelta(days=150)
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
        _SOCKS,
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
    """Fill an instance with all goods, on display in each store and with a price on each list."""
    brand, collection = Named(1, "Nordhem"), Named(1, "AW26")
    instance.catalogue.brands[brand.id] = brand
    instance.catalogue.collections[collection.id] = collection
    instance.catalogue.folders[1] = Named(1, "Sortiment")
    categories: dict[str, Named] = {}
    for name, sizes in _CHARTS.items():
        _add_chart(instance, name, sizes)
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
    for product in instance.catalogue.products.values():
        put_up(instance, product)


def add_prepared_goods(instance: CentraInstance) -> None:
    """Add what the people of the shop have made for next season: not shown, not priced, no items.

    A style with texts and no variant yet; one with a colour but no size; and one that is complete,
    but of whose sizes one has no EAN and two share one.
    """
    _product(instance, "NH2001", "Anorak Abisko", "standard", 2499)
    cap = _product(instance, "NH2002", "Keps Kiruna", "standard", 299)
    _add_variants(instance, cap, (), ("NAV",))
    shirt = _product(instance, "NH2003", "Piké Visby", "standard", 799)
    _add_variants(instance, shirt, ("S", "M", "L"), ("ECR",))
    small, medium, large = shirt.sizes
    with instance.catalogue.rekeying(shirt.sizes):
        small.ean, large.ean = None, medium.ean
    cap.status = "INACTIVE"


def _add_chart(
    instance: CentraInstance, name: str, sizes: tuple[str, ...]
) -> SizeChart:
    chart = SizeChart(instance.next_id("size_chart"), name)
    for size in sizes:
        title = "One size" if size == "OS" else size
        chart.sizes.append(Size(instance.next_id("chart_size"), chart, title))
    return instance.catalogue.add_chart(chart)


def _product(
    instance: CentraInstance, number: str, name: str, kind: str, price: int
) -> Product:
    prices, wholesale_prices = prices_at(price)
    product_id = instance.next_id("product")
    at = instance.clock.now().replace(microsecond=0) - _AGE + timedelta(days=product_id)
    product = Product(
        id=product_id,
        product_number=number,
        name=name,
        created_at=at,
        updated_at=at,
        kind=kind,
        country_of_origin=instance.countries["SE"],
        harmonized_commodity_code="62019300",
        prices=prices,
        wholesale_prices=wholesale_prices,
    )
    return instance.catalogue.add_product(product)


def prices_at(point: int) -> tuple[dict[str, int], dict[str, int]]:
    """Return what consumers (VAT included) and retailers (without VAT) pay, in sub-units.

    `point` is one of the prices in kronor that the brand has.
    """
    retail = {"SEK": point * 100}
    for currency, text in zip(_OTHERS, PRICE_POINTS[point], strict=True):
        retail[currency] = minor(currency, text)
    return retail, {code: _wholesale(amount) for code, amount in retail.items()}


def _wholesale(retail: int) -> int:
    """Return the price without VAT that lets a shop double it; odd cents are usual."""
    return int((Decimal(retail) / Decimal("2.75")).to_integral_value(ROUND_HALF_UP))


def _add_variants(
    instance: CentraInstance,
    product: Product,
    sizes: tuple[str, ...],
    colours: tuple[str, ...],
) -> None:
    chart = _chart_of(instance, sizes)
    for colour in colours:
        variant = ProductVariant(
            id=instance.next_id("variant"),
            product=product,
            variant_number=colour,
            name=_COLOURS.get(colour, "Standard"),
            updated_at=product.updated_at,
            size_chart=chart,
        )
        for size in sizes:
            size_id = instance.next_id("size")
            title = "One size" if size == "OS" else size
            variant.product_sizes.append(
                ProductSize(
                    id=size_id,
                    variant=variant,
                    size=next(s for s in chart.sizes if s.name == title),
                    size_number=size.replace("-", ""),
                    ean=ean13(10_000 + size_id),
                )
            )
        instance.catalogue.add_variant(variant)


def _chart_of(instance: CentraInstance, sizes: tuple[str, ...]) -> SizeChart:
    name = next(name for name, known in _CHARTS.items() if set(sizes) <= set(known))
    charts = instance.catalogue.size_charts.values()
    return next(chart for chart in charts if chart.name == name)
