"""Products, variants, sizes, size charts and displays, as they are read."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.centra.dates import ATOM, date_to_text
from sandbox.centra.filters import Test, date_test, matches, page_of, text_test
from sandbox.centra.goods import (
    Display,
    Product,
    ProductSize,
    ProductVariant,
    SizeChart,
)
from sandbox.centra.prices import Price
from sandbox.centra.registry import Request, resolves

__all__: list[str] = []

Arguments = Mapping[str, Any]


@resolves("Query", "products")
def _products(_: None, request: Request, arguments: Arguments) -> list[Product]:
    where = arguments.get("where") or {}
    tests = _shown(request)
    for name, read in (("id", lambda p: p.id), ("status", lambda p: p.status)):
        if where.get(name) is not None:
            tests.append(_among(read, where[name]))
    if where.get("name") is not None:
        tests.append(text_test(where["name"], lambda p: p.name))
    if where.get("productNumber") is not None:
        tests.append(text_test(where["productNumber"], lambda p: p.product_number))
    if where.get("updatedAt") is not None:
        tests.append(date_test(where["updatedAt"], lambda p: p.updated_at, request))
    found = matches(request.instance.catalogue.products.values(), tests)
    return page_of(_sorted(found, arguments), arguments)


@resolves("Query", "productVariants")
def _variants(_: None, request: Request, arguments: Arguments) -> list[ProductVariant]:
    where = arguments.get("where") or {}
    tests = _shown(request)
    for name, read in (("id", lambda v: v.id), ("productId", lambda v: v.product.id)):
        if where.get(name) is not None:
            tests.append(_among(read, where[name]))
    found = matches(request.instance.catalogue.variants.values(), tests)
    return page_of(_sorted(found, arguments), arguments)


@resolves("Query", "productSizes")
def _sizes(_: None, request: Request, arguments: Arguments) -> list[ProductSize]:
    where = arguments.get("where") or {}
    catalogue = request.instance.catalogue
    rows: Any = catalogue.product_sizes.values()
    for kind in ("SKU", "EAN"):
        if where.get(kind) is not None:
            codes = dict.fromkeys(where[kind])
            by_key = {size for code in codes for size in catalogue.by_key(kind, code)}
            rows = [size for size in rows if size in by_key]
    tests = _shown(request)
    if where.get("id") is not None:
        tests.append(_among(lambda size: size.id, where["id"]))
    return page_of(matches(rows, tests), arguments)


@resolves("Query", "sizeCharts")
def _charts(_: None, request: Request, arguments: Arguments) -> list[SizeChart]:
    return page_of(list(request.instance.catalogue.size_charts.values()), arguments)


def _among(read: Callable[[Any], Any], wanted: list[Any]) -> Test:
    values = set(wanted)
    return lambda row: read(row) in values


def _shown(request: Request) -> list[Test]:
    """Return the test that leaves out what lists do not show yet, if there is such a thing."""
    catalogue = request.instance.catalogue
    if not catalogue.hides_any(request.now):
        return []
    return [lambda row: catalogue.is_shown(row, request.now)]


def _sorted(rows: list[Any], arguments: Arguments) -> list[Any]:
    for name in reversed(arguments.get("sort") or ()):
        field, direction = name.rsplit("_", 1)
        attribute = {"id": "id", "updatedAt": "updated_at"}[field]
        rows.sort(key=lambda row: getattr(row, attribute), reverse=direction == "DESC")
    return rows


# -- fields -----------------------------------------------------------------------------


@resolves("Product", "variants")
def _of_product(
    product: Product, request: Request, arguments: Arguments
) -> list[ProductVariant]:
    """Return twenty at most: no page shows a limit of this list, and nested ones have that."""
    lags = request.instance.catalogue.lags
    return page_of([v for v in product.variants if not lags(v, request.now)], arguments)


@resolves("ProductVariant", "productSizes")
def _of_variant(
    variant: ProductVariant, request: Request, _arguments: Arguments
) -> list[ProductSize]:
    """Return all: the reference page of ProductVariant says so of this list."""
    lags = request.instance.catalogue.lags
    return [s for s in variant.product_sizes if not lags(s, request.now)]


@resolves("Product", "createdAt")
def _created(product: Product, request: Request, _arguments: Arguments) -> str:
    return date_to_text(product.created_at, request.instance.zone, ATOM)


@resolves("Product", "updatedAt")
@resolves("ProductVariant", "updatedAt")
@resolves("Display", "updatedAt")
def _updated(
    source: Product | ProductVariant | Display, request: Request, arguments: Arguments
) -> str:
    pattern = arguments.get("format") or ATOM
    return date_to_text(source.updated_at, request.instance.zone, pattern)


@resolves("Product", "displays")
def _displays(
    product: Product, request: Request, arguments: Arguments
) -> list[Display]:
    where = arguments.get("where") or {}
    shown = [d for d in product.displays if request.token.sees_store(d.store.id)]
    if where.get("id") is not None:
        shown = [d for d in shown if d.id in where["id"]]
    stores: set[int] | None = None
    if where.get("storeId") is not None:
        stores = set(where["storeId"])
    if where.get("marketId") is not None:
        markets = request.instance.markets
        of_markets = {markets[m].store.id for m in where["marketId"] if m in markets}
        stores = of_markets if stores is None else stores & of_markets
    return [d for d in shown if stores is None or d.store.id in stores]


@resolves("Display", "prices")
def _prices(display: Display, request: Request, _arguments: Arguments) -> list[Price]:
    lists = request.instance.pricelists.values()
    shown = (
        request.instance.prices.of_display(pricelist, display)
        for pricelist in lists
        if pricelist.store is display.store
    )
    return [price for price in shown if price is not None]
