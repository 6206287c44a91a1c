"""The mutations of prices: each row is saved or skipped for itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sandbox.centra.assortment import pricelist_changed
from sandbox.centra.goods import Product, ProductVariant
from sandbox.centra.money import whole
from sandbox.centra.places import Pricelist
from sandbox.centra.registry import Request, resolves
from sandbox.centra.resolvers.inputs import one_id, pick
from sandbox.centra.resolvers.payloads import Payload

__all__: list[str] = []

Arguments = Mapping[str, Any]


@dataclass(slots=True)
class _Row:
    """What one row says, checked; prices in sub-units of the pricelist's currency."""

    pricelist: Pricelist
    product: Product
    is_override: bool
    price: int | None = None
    recommended: int | None = None
    by_variant: dict[ProductVariant, int | None] = field(default_factory=dict)


@resolves("Mutation", "setPrices")
def _set(_: None, request: Request, arguments: Arguments) -> Payload:
    payload = Payload()
    _set_all(request, payload, [(arguments["input"], ("input",))])
    payload.pricelist = next(iter(payload.pricelists), None)
    return payload


@resolves("Mutation", "setPricesBatch")
def _set_batch(_: None, request: Request, arguments: Arguments) -> Payload:
    payload = Payload()
    inputs = enumerate(arguments["input"])
    _set_all(request, payload, [(given, ("input", str(n))) for n, given in inputs])
    return payload


def _set_all(
    request: Request,
    payload: Payload,
    inputs: list[tuple[Arguments, tuple[str, ...]]],
) -> None:
    """Save the rows that can be saved; a pricelist that does not exist leaves all as it was."""
    rows: list[_Row] = []
    pricelists: list[Pricelist] = []
    for given, path in inputs:
        pricelist = _pricelist(request, payload, given, *path, "pricelist")
        if pricelist is None:
            continue
        pricelists.append(pricelist)
        for place, wanted in enumerate(given["productPrices"]):
            where = (*path, "productPrices", str(place))
            row = _read(request, payload, pricelist, wanted, where)
            if row is not None:
                rows.append(row)
    if payload.user_errors:
        payload.user_warnings.clear()
        return
    for row in rows:
        _save(request, row)
    for pricelist in dict.fromkeys(row.pricelist for row in rows):
        pricelist_changed(request.instance, pricelist, request.now)
    payload.pricelists = list(dict.fromkeys(pricelists))
    payload.products = list(dict.fromkeys(row.product for row in rows))


def _pricelist(
    request: Request, payload: Payload, given: Arguments, *path: str
) -> Pricelist | None:
    seen = {
        key: pricelist
        for key, pricelist in request.instance.pricelists.items()
        if request.token.sees_store(pricelist.store.id)
    }
    found: Pricelist | None = pick(
        request, payload, "Pricelist", seen, given["pricelist"], *path
    )
    return found


def _read(
    request: Request,
    payload: Payload,
    pricelist: Pricelist,
    wanted: Arguments,
    path: tuple[str, ...],
) -> _Row | None:
    """Return a row, or say in the warnings why it is skipped."""
    catalogue = request.instance.catalogue
    before = len(payload.user_warnings)
    key = one_id(request, "Product", wanted["product"])
    product = catalogue.products.get(key) if key is not None else None
    if product is None:
        payload.warned("Product does not exist", *path, "product")
        return None
    row = _Row(pricelist, product, bool(wanted["overrideIndividualVariantPrices"]))
    row.price = _minor(payload, pricelist, wanted.get("price"), *path, "price")
    name = "recommendedRetailPrice"
    row.recommended = _minor(payload, pricelist, wanted.get(name), *path, name)
    for place, own in enumerate(wanted.get("individualVariantPrices") or ()):
        where = (*path, "individualVariantPrices", str(place))
        key = one_id(request, "ProductVariant", own["productVariant"])
        variant = catalogue.variants.get(key) if key is not None else None
        if variant is None or variant.product is not product:
            payload.warned("Product variant does not exist", *where, "productVariant")
            continue
        price = _minor(payload, pricelist, own.get("price"), *where, "price")
        row.by_variant[variant] = price
    if len(payload.user_warnings) > before:
        return None
    if row.price is None and row.recommended is None and not row.by_variant:
        payload.warned("Row has no price", *path)
        return None
    return row


def _minor(
    payload: Payload, pricelist: Pricelist, given: Arguments | None, *path: str
) -> int | None:
    if given is None:
        return None
    currency = pricelist.currency
    if given["currencyIsoCode"] != currency.code:
        payload.warned(f"Currency of the pricelist is {currency.code}", *path)
        return None
    minor = whole(Decimal(str(given["value"])) * currency.denominator)
    if minor <= 0:
        payload.warned("Price must be greater than 0", *path)
        return None
    return minor


def _save(request: Request, row: _Row) -> None:
    entry = request.instance.prices.make(row.pricelist, row.product, request.now)
    if row.is_override:
        entry.by_variant.clear()
    if row.price is not None:
        entry.price = row.price
    if row.recommended is not None:
        entry.recommended = row.recommended
    for variant, price in row.by_variant.items():
        if price is None:
            entry.by_variant.pop(variant.id, None)
        else:
            entry.by_variant[variant.id] = price
