"""Checks of products: the settings are tried on the real items, and both sides compared.

What does not fit stops single styles and not the other directions, so it is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.centra.catalogue_models import Product
from connectors.centra.client import CentraClient
from connectors.centra.integration import AttributeType
from connectors.errors import ConfigError
from connectors.visma.item_models import Item
from mapping.barcodes import has_check_digit, same_code, same_ean
from mapping.item_parts import barcodes, is_in_scope
from mapping.items import named_item
from mapping.product_colours import sells
from settings.connection import Connection
from settings.products import ProductRules
from tasks.check_rows import CheckRow, doubtful, first_of, fits
from tasks.style_checks import item_rows

__all__ = [
    "catalogue_rows",
    "identity_rows",
    "product_attribute_rows",
    "product_rows",
]


async def product_rows(
    settings: Connection, centra: CentraClient, items: Sequence[Item]
) -> list[CheckRow]:
    """Try the settings on all items, and compare them with Centra's catalogue."""
    rules = settings.products
    if rules.style_from is None:
        return []
    if not settings.centra.verified_fields:
        fix = "Set centra.verified_fields = true once the store has the fields."
        found = "they need fields of Centra that no public page shows"
        return [doubtful("products", found, fix)]
    try:
        charts = await centra.get_size_charts()
        types = await centra.get_attribute_types()
        pages = centra.iter_catalogue_pages()
        products = [one async for page in pages for one in page]
    except ConfigError as error:
        fix = "Give the Centra token Product:read, SizeChart:read and Attribute:read."
        return [doubtful("products", error.message, fix)]
    return [
        *item_rows(rules, items, charts),
        *product_attribute_rows(rules, types),
        *identity_rows(settings, items),
        *catalogue_rows(settings, items, products),
    ]


def product_attribute_rows(
    rules: ProductRules, types: Sequence[AttributeType]
) -> Iterator[CheckRow]:
    """Whether each attribute that is written is set up in Centra as a text."""
    known = {
        (one.object_type, one.name, element.key)
        for one in types
        for element in one.elements
    }
    for rule in rules.attributes:
        kind = "Product" if rule.on == "product" else "ProductVariant"
        what = f"attribute {rule.type} of {kind}"
        if (kind, rule.type, rule.element) in known:
            yield fits(what, f"has the element {rule.element}")
        else:
            fix = (
                f"Have it set up for {kind} with a text element '{rule.element}', or "
                "correct [[products.attributes]]; until then such products are parked."
            )
            yield doubtful(what, f"has no element '{rule.element}' in Centra", fix)


def identity_rows(settings: Connection, items: Sequence[Item]) -> Iterator[CheckRow]:
    """Whether orders and stock find the sizes that products make, and odd barcodes."""
    rules, orders = settings.products, settings.orders
    wanted = [one for one in items if is_in_scope(one, rules) and sells(one, rules)]
    odd = [
        f"{item.inventory_number} {ean}"
        for item in wanted
        for ean in barcodes(item)
        if not has_check_digit(ean)
    ]
    if odd:
        fix = "Correct the barcodes in Visma.net; they are carried as they are."
        yield doubtful(
            "check digits of barcodes", f"{len(odd)} are wrong: {first_of(odd)}", fix
        )
    what = "products.identity and orders.item_number"
    if rules.identity == "sku":
        if orders.item_number == "sku":
            yield fits(what, "both go by the SKU")
            return
        yield doubtful(
            what,
            f"products make sizes whose SKU is the item number, and orders look for "
            f"items by {orders.item_number}",
            'Set orders.item_number = "sku"; or, where the EAN is the item number, '
            'products.identity = "ean".',
        )
        return
    by_ean = [
        one.inventory_number
        for one in wanted
        if same_ean(one.inventory_number) not in set(map(same_ean, barcodes(one)))
    ]
    if orders.item_number == "ean" and not by_ean:
        yield fits(what, "both go by the EAN, which is the item number")
        return
    yield doubtful(
        what,
        f"products are known by their EAN, and orders look for items by "
        f"{orders.item_number}; {len(by_ean)} of {len(wanted)} items have another "
        f"number than their EAN: {first_of(by_ean) or '-'}",
        'Set orders.item_number = "ean" where the EAN is the item number; else set '
        'products.identity = "sku", or name the item of each SKU under [orders.items].',
    )


def catalogue_rows(
    settings: Connection, items: Sequence[Item], products: Sequence[Product]
) -> Iterator[CheckRow]:
    """What has no partner on the other side, and what has one in another spelling."""
    rules = settings.products
    sizes = [
        size
        for product in products
        if not product.is_bundle
        for variant in product.variants
        for size in variant.product_sizes
    ]
    by_sku = rules.identity == "sku"
    wanted = [one for one in items if is_in_scope(one, rules)]
    numbers = {same_code(one.inventory_number): one for one in wanted}
    eans = {same_ean(ean): one for one in wanted for ean in barcodes(one)}
    found = {
        one.id: numbers.get(same_code(named or one.sku))
        if (named := named_item(one.sku, settings.orders)) is not None or by_sku
        else eans.get(same_ean(one.ean or ""))
        for one in sizes
    }
    lone = [one.sku or str(one.id) for one in sizes if found[one.id] is None]
    there = {one.inventory_number for one in found.values() if one is not None}
    spelled = [
        f"{one.sku} is {item.inventory_number}"
        for one in sizes
        if (item := found[one.id]) is not None
        and one.sku != item.inventory_number
        and same_code(one.sku) == same_code(item.inventory_number)
    ]
    if by_sku and spelled:
        fix = (
            "Write them alike on both sides: products are linked all the same, but orders "
            "and stock compare them letter by letter."
        )
        told = f"{len(spelled)} differ in case only: {first_of(spelled)}"
        yield doubtful("spelling of SKUs", told, fix)
    name = "SKU" if by_sku else "EAN"
    if lone:
        fix = (
            "Create the items in Visma.net, or correct the numbers; nothing is changed."
        )
        told = f"{len(lone)} of {len(sizes)} have no item: {first_of(lone)}"
        yield doubtful(f"sizes of Centra by {name}", told, fix)
    else:
        yield fits(f"sizes of Centra by {name}", f"all {len(sizes)} have an item")
    new = [
        one.inventory_number
        for one in wanted
        if sells(one, rules) and one.inventory_number not in there
    ]
    becomes = (
        "are made, but for those that a row here parks"
        if rules.create
        else "are left out (products.create)"
    )
    told = (
        f"{len(new)} are not in Centra and {becomes}: {first_of(new)}" if new else "all"
    )
    yield fits(f"items in Centra by {name}", told)
