"""Checks of prices: every pricelist has prices in its currency, and every item one of them.

What does not fit stops single prices or a list, and nothing else, so it is a warning.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from connectors.centra.client import CentraClient
from connectors.errors import RecordError
from connectors.visma.client import VismaClient
from connectors.visma.item_models import Item
from mapping.barcodes import same_code
from mapping.item_prices import price_of_item
from mapping.price_sources import ItemPrice
from mapping.prices import check_pricelist
from mapping.product_colours import sells
from settings.connection import Connection
from settings.prices import PricelistRule
from tasks.check_rows import CheckRow, doubtful, fits
from tasks.price_index import item_price, tables_of
from tasks.price_sources import priced_item, pricelist_named

__all__ = ["price_rows"]

_Prices = Mapping[str, Sequence[ItemPrice]]


async def price_rows(
    settings: Connection,
    centra: CentraClient,
    visma: VismaClient,
    items: Sequence[Item],
    today: date,
) -> list[CheckRow]:
    """One row a pricelist that can be priced, and one for each thing that is wrong.

    `items` are all of Visma.net.
    """
    rules = settings.prices.pricelists
    if not rules:
        return []
    there = await centra.get_pricelists()
    for_sale = [one for one in items if sells(one, settings.products)]
    rows: list[CheckRow] = []
    for name, rule in rules.items():
        prices = await _prices(visma, rule)
        currencies = {one.currency for some in prices.values() for one in some}
        source = pricelist_named(name, settings, there, currencies)
        what = f"pricelist {name}"
        try:
            check_pricelist(source)
        except RecordError as error:
            rows.append(doubtful(what, error.message, error.fix))
            continue
        rows += _item_rows(
            what, settings, rule, source.currency, for_sale, prices, today
        )
    return rows


async def _prices(visma: VismaClient, rule: PricelistRule) -> _Prices:
    found: defaultdict[str, list[ItemPrice]] = defaultdict(list)
    for table in tables_of(rule):
        async for page in visma.iter_sales_price_pages(table):
            for one in page:
                found[same_code(one.inventory_id)].append(item_price(one, table))
    return found


def _item_rows(
    what: str,
    settings: Connection,
    rule: PricelistRule,
    currency: str,
    items: Sequence[Item],
    prices: _Prices,
    today: date,
) -> Iterator[CheckRow]:
    """How many items have a price, and why the others have none."""
    wrong: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], str] = {}
    good = without = 0
    for item in items:
        own = prices.get(same_code(item.inventory_number), ())
        one = priced_item(item, own, rule, currency, today)
        try:
            found = price_of_item(one, currency, rule, settings)
        except RecordError as error:
            key = (error.code, error.fix)
            wrong[key] += 1
            first.setdefault(key, error.message)
            continue
        good += found is not None
        without += found is None
    yield fits(what, f"{good} items have a price in {currency}, {without} have none")
    for (code, fix), count in wrong.most_common():
        found_ = f"{count} items would be parked ({code}): {first[code, fix]}"
        yield doubtful(what, found_, fix)
