"""Prices of Visma.net for tests, and what stands of them in Centra.

The goods are the seed's: a Merino polo NH1104 in two colours, whose sizes have the item
numbers as their SKUs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sandbox.centra.goods import Product
from sandbox.centra.places import Pricelist
from sandbox.visma.goods_records import Item, SalesPrice
from tests.tasks_.stand import Stand, a_stand

__all__ = [
    "READ",
    "RETAIL",
    "SET",
    "SHOWN",
    "WEB",
    "a_priced_shop",
    "clear",
    "end",
    "items_of",
    "price",
    "price_all",
    "pricelist",
    "prices_in_centra",
    "product_named",
    "records",
    "show_each",
]

SET = "centra.mutation.SetPrices"
SHOWN = "centra.query.ShownPrices"
READ = "visma.GET /v1/customerSalesPrice"

RETAIL = "Retail SEK"
WEB: dict[str, Any] = {
    "price_class": "WEB",
    "includes_vat": True,
    "visma_includes_vat": True,
}
"""The price class of the web shop, with VAT on both sides."""


@contextmanager
def a_priced_shop(
    folder: Path,
    *,
    pricelists: dict[str, dict[str, Any]] | None = None,
    max_change: str = "0.3",
    **changes: Any,
) -> Iterator[Stand]:
    """A stand that carries prices to the retail pricelist in SEK, and no products.

    The prices of the seed are taken away: a test enters its own.
    """
    rules = {"pricelists": pricelists or {RETAIL: WEB}, "max_change": max_change}
    with a_stand(folder, prices=rules, **{"products": {}, **changes}) as stand:
        stand.company.goods.prices.clear()
        yield stand


def product_named(stand: Stand, number: str) -> Product:
    """The product of a number."""
    [found] = [
        one
        for one in stand.shop.catalogue.products.values()
        if one.product_number == number
    ]
    return found


def items_of(stand: Stand, number: str, variant: str = "") -> list[Item]:
    """The items of Visma.net that are sizes of a product, or of one variant of it."""
    return [
        item
        for one in product_named(stand, number).variants
        if not variant or one.variant_number == variant
        for size in one.product_sizes
        if (item := stand.company.find_item(size.sku)) is not None
    ]


def price(
    stand: Stand,
    item: Item,
    amount: str,
    *,
    currency: str = "SEK",
    code: str | None = "WEB",
    effective_on: date = date(2026, 1, 1),
    **more: Any,
) -> SalesPrice:
    """Enter a price of one item in Visma.net, now."""
    stand.world.clock.advance(1)
    return stand.company.goods.add_price(
        "CustomerPriceClass" if code else "Base",
        item,
        currency,
        Decimal(amount),
        code=code,
        effective_on=effective_on,
        **more,
    )


def price_all(
    stand: Stand, number: str, amount: str, variant: str = "", **more: Any
) -> list[SalesPrice]:
    """Enter one price for all items of a product, or of one variant of it."""
    return [
        price(stand, item, amount, **more) for item in items_of(stand, number, variant)
    ]


def end(stand: Stand, row: SalesPrice, on: date) -> None:
    """Let a price end on a day, now."""
    stand.world.clock.advance(1)
    row.expires_on = on
    stand.company.goods.touch(row)


def clear(stand: Stand, rows: list[SalesPrice]) -> None:
    """Delete prices in Visma.net: they are gone without a trace."""
    for row in rows:
        del stand.company.goods.prices[row.record_id]


def pricelist(stand: Stand, name: str = RETAIL) -> Pricelist:
    """A pricelist of Centra."""
    [found] = [one for one in stand.shop.pricelists.values() if one.name == name]
    return found


def prices_in_centra(
    stand: Stand, number: str, name: str = RETAIL
) -> dict[str, Decimal | None]:
    """What each variant of a product costs in Centra, by its number."""
    found = pricelist(stand, name)
    minor = {
        one.variant_number: stand.shop.prices.of_variant(found, one)
        for one in product_named(stand, number).variants
    }
    return {
        key: None if value is None else Decimal(value) / found.currency.denominator
        for key, value in minor.items()
    }


def show_each(stand: Stand, number: str) -> None:
    """Show each variant of a product on displays of its own."""
    product = product_named(stand, number)
    for display in list(product.displays):
        first, *others = display.product_variants
        display.product_variants[:] = [first]
        for one in others:
            own = {"id": stand.shop.next_id("display"), "product_variants": [one]}
            stand.shop.catalogue.add_display(replace(display, **own))


def records(stand: Stand) -> dict[str, str]:
    """The states of all records of prices, by their names."""
    states = ("read", "mapped", "settled", "left_out", "parked")
    with stand.environment.books("nordhem").read() as unit:
        return {
            row.label: row.state
            for state in states
            for name in unit.records.in_states("products", [state])
            if name.startswith("price:") and (row := unit.records.get("products", name))
        }
