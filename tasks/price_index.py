"""The sales prices of Visma.net, kept in the ledger and brought up to date by deltas.

Only the price lists that the settings name; codes and item numbers in any case, as
Visma.net takes them. A price stays with its item when that gets another number, of which
no delta of prices tells. What was deleted never shows in a delta: a
full reading finds it. Nothing here depends on the day; which price is in force is asked
anew in every run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain

from connectors.visma.item_models import Item
from connectors.visma.prices import PriceTable, SalesPrice
from ledger import IndexRow, Unit
from mapping.barcodes import same_code
from mapping.price_sources import ItemPrice
from settings.connection import Connection
from settings.prices import PricelistRule
from tasks.direction import Ends
from tasks.item_index import ITEM
from tasks.target_index import v1_time
from tasks.vanished import VISMA, refuse_loss

__all__ = [
    "KnownPrices",
    "item_price",
    "read_all_sales_prices",
    "refresh_sales_prices",
    "tables_of",
]

SALES_PRICE = "sales_price"
_BASE = PriceTable("Base")


def tables_of(rule: PricelistRule) -> list[PriceTable]:
    """The price lists of Visma.net that a pricelist is made of, its own first."""
    own = (
        PriceTable("CustomerPriceClass", rule.price_class)
        if rule.price_class
        else _BASE
    )
    return [own, *([_BASE] if "base" in rule.fallback else [])]


async def refresh_sales_prices(ends: Ends) -> None:
    """Read the prices that changed since the last reading; all of a list that is new.

    The mark of each list is Visma.net's own time, and moves with the last page.
    """
    for table in _all_tables(ends.settings):
        with ends.books.read() as unit:
            mark = unit.cursors.get(_subject(table))
        await _read(ends, table, datetime.fromisoformat(mark) if mark else None)


async def read_all_sales_prices(ends: Ends) -> None:
    """Read every price, and mark those that Visma.net has no more.

    Raises:
        AbortError: More prices of a list are missing than the settings allow.
        RetryableError: A list is not whole; nothing of it is marked.
    """
    for table in _all_tables(ends.settings):
        seen = await _read(ends, table, None)
        with ends.books.begin() as unit:
            there = _there(unit, table)
            known, gone = set(there), there.keys() - seen
            refuse_loss(
                f"Visma.net's list of sales prices ({table}) has",
                len(gone),
                len(known),
                ends.settings.prices.max_gone_share,
                setting="prices.max_gone_share",
                advice=VISMA,
            )
            unit.index.put(SALES_PRICE, [_gone(there[one]) for one in gone])


class KnownPrices:
    """All prices that the settings name, as the ledger has them: read once a run."""

    def __init__(self, unit: Unit, settings: Connection) -> None:
        """Read them, whenever they are in force."""
        items = set(unit.index.keys(ITEM, "id"))
        self._found: defaultdict[str, defaultdict[int | str, list[ItemPrice]]]
        self._found = defaultdict(lambda: defaultdict(list))
        for row in _known(unit, _all_tables(settings)):
            price = ItemPrice.model_validate_json(row.detail["json"])
            own = row.detail.get("item_id", "")
            item = int(own) if own in items else same_code(row.detail["item"])
            self._found[same_code(row.key)][item].append(price)

    def of(self, rule: PricelistRule, item: Item) -> list[ItemPrice]:
        """The prices of an item that a pricelist may be made of.

        Those that were read with the number it has, or had then.
        """
        names = item.inventory_id, same_code(item.inventory_number)
        return [
            price
            for table in tables_of(rule)
            for name in names
            for price in self._found[_key(table)][name]
        ]

    def currencies(self, rule: PricelistRule) -> set[str]:
        """The currencies of all prices that a pricelist may be made of."""
        return {
            price.currency
            for table in tables_of(rule)
            for some in self._found[_key(table)].values()
            for price in some
            if not price.is_gone
        }


def item_price(row: SalesPrice, table: PriceTable) -> ItemPrice:
    """What counts of a row of a price list."""
    return ItemPrice(
        is_base=table.kind == "Base",
        unit=row.unit,
        break_quantity=row.break_qty,
        price=row.price,
        currency=row.currency,
        effective_on=row.effective_date,
        expires_on=row.expiration_date,
        promotion=row.promotion,
        warehouse=row.warehouse,
    )


def _all_tables(settings: Connection) -> list[PriceTable]:
    rules = settings.prices.pricelists.values()
    tables = {_key(table): table for rule in rules for table in tables_of(rule)}
    return list(tables.values())


async def _read(ends: Ends, table: PriceTable, since: datetime | None) -> set[str]:
    seen: set[str] = set()
    newest = since
    async for page in ends.visma.iter_sales_price_pages(table, v1_time(ends, since)):
        seen.update(str(row.record_id) for row in page)
        times = [at for row in page if (at := _modified_at(row))]
        newest = max([*times, *([newest] if newest else [])], default=None)
        with ends.books.begin() as unit:
            unit.index.put(SALES_PRICE, list(_rows(unit, page, table)))
    if newest is not None:
        with ends.books.begin() as unit:
            unit.cursors.advance(_subject(table), newest)
    return seen


def _rows(
    unit: Unit, page: Sequence[SalesPrice], table: PriceTable
) -> Iterator[IndexRow]:
    items = unit.index.find(ITEM, "number", {row.inventory_id for row in page})
    for row in page:
        price = item_price(row, table)
        detail = {"item": row.inventory_id, "json": price.model_dump_json()}
        if row.inventory_id in items:
            detail["item_id"] = items[row.inventory_id][0].target_id
        yield IndexRow(SALES_PRICE, "table", _key(table), str(row.record_id), detail)


def _there(unit: Unit, table: PriceTable) -> dict[str, IndexRow]:
    """The rows of a list that are not known to be gone, by their id."""
    return {
        row.target_id: row
        for row in _known(unit, [table])
        if not ItemPrice.model_validate_json(row.detail["json"]).is_gone
    }


def _known(unit: Unit, tables: Sequence[PriceTable]) -> list[IndexRow]:
    """The rows of some lists, stored under whichever spelling of their codes."""
    wanted = {_key(table) for table in tables}
    stored = unit.index.keys(SALES_PRICE, "table")
    keys = [one for one in stored if same_code(one) in wanted]
    return list(
        chain.from_iterable(unit.index.find(SALES_PRICE, "table", keys).values())
    )


def _gone(row: IndexRow) -> IndexRow:
    price = ItemPrice.model_validate_json(row.detail["json"])
    gone = price.model_copy(update={"is_gone": True}).model_dump_json()
    return replace(row, detail={**row.detail, "json": gone})


def _key(table: PriceTable) -> str:
    return same_code(f"{table.kind}/{table.code}")


def _subject(table: PriceTable) -> str:
    return f"visma.prices:{_key(table)}"


def _modified_at(row: SalesPrice) -> datetime | None:
    """Visma.net's own time; it is compared with nothing but itself."""
    text = row.last_modified_date_time
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None
