"""The mutations of products, variants, sizes and size charts."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sandbox.centra.assortment import (
    add_chart,
    add_product,
    add_size,
    add_variant,
    product_changed,
    size_changed,
    variant_changed,
)
from sandbox.centra.goods import Product, ProductSize, ProductVariant, Size, SizeChart
from sandbox.centra.registry import Request, resolves
from sandbox.centra.resolvers.attributes import merged
from sandbox.centra.resolvers.goods_inputs import (
    attributes_of,
    chart_of,
    check_external_id,
    find_size,
    product_fields,
    size_fields,
    variant_fields,
)
from sandbox.centra.resolvers.inputs import pick, put_external_id
from sandbox.centra.resolvers.payloads import Payload

__all__: list[str] = []

Arguments = Mapping[str, Any]


def _write(thing: object, fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        setattr(thing, name, value)


def _hide(request: Request, goods: Product | ProductVariant | ProductSize) -> None:
    """Keep what was just made out of lists, where a fault says that they lag behind."""
    if request.lag is not None:
        until = request.now + timedelta(seconds=request.lag)
        request.instance.catalogue.hide(goods, until)


# -- products ---------------------------------------------------------------------------


@resolves("Mutation", "createProduct")
def _create_product(_: None, request: Request, arguments: Arguments) -> Payload:
    payload, given = Payload(), arguments["input"]
    complete = {"name": None, "status": None, **given}
    fields = product_fields(request, payload, complete)
    check_external_id(payload, "Product", given)
    if payload.user_errors:
        return payload
    instance, at = request.instance, request.now.replace(microsecond=0)
    product = Product(
        id=instance.next_id("product"),
        product_number="",
        name=fields["name"],
        created_at=at,
        updated_at=at,
    )
    _write(product, fields)
    add_product(instance, product, request.now)
    _hide(request, product)
    put_external_id(request, "Product", product.id, given.get("externalId"))
    payload.product = product
    return payload


@resolves("Mutation", "updateProduct")
def _update_product(_: None, request: Request, arguments: Arguments) -> Payload:
    payload, given = Payload(), arguments["input"]
    product = request.instance.catalogue.products.get(arguments["id"])
    if product is None:
        return payload.failed(f"Product {arguments['id']} does not exist", "id")
    fields = product_fields(request, payload, given)
    check_external_id(payload, "Product", given)
    if payload.user_errors:
        return payload
    with request.instance.catalogue.rekeying(product.sizes):
        _write(product, fields)
    put_external_id(request, "Product", product.id, given.get("externalId"))
    product_changed(request.instance, product, request.now)
    payload.product = product
    return payload


# -- variants ---------------------------------------------------------------------------


@resolves("Mutation", "createProductVariant")
def _create_variant(_: None, request: Request, arguments: Arguments) -> Payload:
    payload, given = Payload(), arguments["input"]
    products = request.instance.catalogue.products
    wanted = given["product"]
    product = pick(request, payload, "Product", products, wanted, "input", "product")
    fields = variant_fields(request, payload, given)
    chart = chart_of(request, payload, given)
    attributes = attributes_of(
        request, payload, "ProductVariant", given, "createProductVariant"
    )
    check_external_id(payload, "ProductVariant", given)
    rows = given.get("productSizes") or ()
    if rows and given.get("sizeChart") is None:
        payload.failed("Size chart is required", "input", "sizeChart")
    sizes = _sizes_of(request, payload, chart, rows) if chart is not None else []
    if payload.user_errors:
        return payload
    instance = request.instance
    variant = ProductVariant(
        id=instance.next_id("variant"),
        product=product,
        variant_number="",
        name=fields["name"],
        updated_at=request.now.replace(microsecond=0),
        size_chart=chart,
        attributes=attributes,
    )
    _write(variant, fields)
    for size, row in zip(sizes, rows, strict=True):
        variant.product_sizes.append(_new_size(request, variant, size, row))
    add_variant(instance, variant, request.now)
    _hide(request, variant)
    put_external_id(request, "ProductVariant", variant.id, given.get("externalId"))
    payload.product_variant = variant
    return payload


def _sizes_of(
    request: Request, payload: Payload, chart: SizeChart, rows: Sequence[Arguments]
) -> list[Size]:
    sizes: list[Size] = []
    for place, row in enumerate(rows):
        path = ("input", "productSizes", str(place), "size")
        size = find_size(request, payload, chart, row["size"], *path)
        if size is not None and size in sizes:
            payload.failed(f"Size {size.name} is given twice", *path)
        if size is not None:
            sizes.append(size)
    return sizes


def _new_size(
    request: Request, variant: ProductVariant, size: Size, given: Arguments
) -> ProductSize:
    made = ProductSize(request.instance.next_id("size"), variant, size, "")
    _write(made, size_fields(given))
    return made


@resolves("Mutation", "updateProductVariant")
def _update_variant(_: None, request: Request, arguments: Arguments) -> Payload:
    payload, given = Payload(), arguments["input"]
    variant = request.instance.catalogue.variants.get(arguments["id"])
    if variant is None:
        return payload.failed(f"ProductVariant {arguments['id']} does not exist", "id")
    fields = variant_fields(request, payload, given)
    chart = chart_of(request, payload, given)
    if chart is not None and variant.size_chart is not None:
        payload.failed("Size chart can be set only once", "input", "sizeChart")
    attributes = attributes_of(
        request, payload, "ProductVariant", given, "updateProductVariant"
    )
    check_external_id(payload, "ProductVariant", given)
    if payload.user_errors:
        return payload
    with request.instance.catalogue.rekeying(variant.product_sizes):
        _write(variant, fields)
    variant.size_chart = variant.size_chart or chart
    variant.attributes = merged(variant.attributes, attributes)
    put_external_id(request, "ProductVariant", variant.id, given.get("externalId"))
    variant_changed(request.instance, variant, request.now)
    payload.product_variant = variant
    return payload


# -- sizes ------------------------------------------------------------------------------


@resolves("Mutation", "createProductSize")
def _create_size(_: None, request: Request, arguments: Arguments) -> Payload:
    payload, given = Payload(), arguments["input"]
    variants, wanted = request.instance.catalogue.variants, given["productVariant"]
    variant: ProductVariant | None = pick(
        request, payload, "ProductVariant", variants, wanted, "input", "productVariant"
    )
    if variant is None:
        return payload
    if variant.size_chart is None:
        message = "Product variant has no size chart"
        return payload.failed(message, "input", "productVariant")
    size = find_size(
        request, payload, variant.size_chart, given["size"], "input", "size"
    )
    if size is None:
        return payload
    if any(known.size is size for known in variant.product_sizes):
        message = f"Product size {size.name} exists already"
        return payload.failed(message, "input", "size")
    made = _new_size(request, variant, size, given)
    add_size(request.instance, made, request.now)
    _hide(request, made)
    payload.product_size = made
    return payload


@resolves("Mutation", "updateProductSize")
def _update_size(_: None, request: Request, arguments: Arguments) -> Payload:
    payload = Payload()
    size = request.instance.catalogue.product_sizes.get(arguments["id"])
    if size is None:
        return payload.failed(f"ProductSize {arguments['id']} does not exist", "id")
    with request.instance.catalogue.rekeying([size]):
        _write(size, size_fields(arguments["input"]))
    size_changed(request.instance, size, request.now)
    payload.product_size = size
    return payload


@resolves("Mutation", "createSizeChart")
def _create_chart(_: None, request: Request, arguments: Arguments) -> Payload:
    payload, given = Payload(), arguments["input"]
    names = [size["name"] for size in given["sizes"]]
    if _is_no_part(given["name"]):
        payload.failed("Name of a size chart is a text without |", "input", "name")
    for place, name in enumerate(names):
        path = ("input", "sizes", str(place), "name")
        if _is_no_part(name):
            payload.failed("Name of a size is a text without |", *path)
        if name in names[:place]:
            payload.failed(f"Size {name} is given twice", *path)
    check_external_id(payload, "SizeChart", given)
    if payload.user_errors:
        return payload
    instance = request.instance
    chart = SizeChart(instance.next_id("size_chart"), given["name"])
    chart.sizes += [Size(instance.next_id("chart_size"), chart, name) for name in names]
    add_chart(instance, chart, request.now)
    put_external_id(request, "SizeChart", chart.id, given.get("externalId"))
    payload.size_chart = chart
    return payload


def _is_no_part(name: str) -> bool:
    """Tell whether a name cannot be half of an external id of sizes."""
    return "|" in name or not name.strip()
