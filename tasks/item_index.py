"""The items of Visma.net, kept in the ledger and brought up to date by deltas.

A product is made of many items, so one that changed leads to all of its style. What
changed is woken in the transaction that stores it, and sleeps when its style was read:
a run that dies in between loses nothing. What Visma.net has no more stays here, marked
as gone: a delta never shows it, a full reading does. A number is of one item: of the one
that was read with it last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from datetime import UTC, datetime
from itertools import chain

from connectors.visma.item_models import Item
from ledger import IndexRow, Unit
from mapping.barcodes import same_code, same_ean
from mapping.drafts import digest
from mapping.item_parts import barcodes, find_style
from settings.products import ProductRules
from tasks.direction import Ends
from tasks.target_index import v1_time
from tasks.vanished import VISMA, refuse_loss

__all__ = [
    "ITEM",
    "StoredItem",
    "all_items",
    "find_items",
    "find_items_by_ean",
    "items_of_styles",
    "put_items",
    "read_all_items",
    "refresh_items",
    "style_key",
    "styles_of_items",
]

ITEM = "item"
_SUBJECT = "visma.items"
_RULES = "visma.items.rules"
_KEYED = (
    "styles and numbers in any case, barcodes as GTIN-14, a number of one item, "
    "with VAT categories"
)
"""How items are looked up and what is kept; when that changes, all are read anew."""


class StoredItem(Item):
    """An item as it was read last; `is_gone` when a full reading did not find it."""

    is_gone: bool = False


async def refresh_items(ends: Ends) -> None:
    """Read the items that changed since the last reading, and wake them.

    All of them when nothing is known yet, or when other settings tell the styles. The
    mark is Visma.net's own time, and moves with the last page.
    """
    rules = ends.settings.products
    by = digest(
        [
            rules.style_from,
            rules.style_attribute,
            rules.pattern,
            rules.item_classes,
            _KEYED,
        ]
    )
    with ends.books.read() as unit:
        mark = unit.cursors.get(_SUBJECT)
        is_same = unit.cursors.get(_RULES) == by and not unit.index.is_empty(ITEM)
    since = datetime.fromisoformat(mark) if mark and is_same else None
    newest = since
    async for page in _pages(ends, since):
        times = [at for one in page if (at := _modified_at(one))]
        newest = max([*times, *([newest] if newest else [])], default=None)
        with ends.books.begin() as unit:
            put_items(unit, page, rules, ends.clock())
    with ends.books.begin() as unit:
        unit.cursors.move(_RULES, by)
        if newest is not None:
            unit.cursors.advance(_SUBJECT, newest)


async def read_all_items(ends: Ends) -> None:
    """Read every item, and mark those that Visma.net has no more.

    Raises:
        AbortError: More of them are missing than the settings allow.
        RetryableError: The list is not whole; nothing is marked.
    """
    seen: set[str] = set()
    async for page in _pages(ends, None):
        seen.update(str(one.inventory_id) for one in page)
        with ends.books.begin() as unit:
            put_items(unit, page, ends.settings.products, ends.clock())
    with ends.books.begin() as unit:
        known = set(unit.index.keys(ITEM, "id"))
        gone = [one for one in _by_id(unit, known - seen) if not one.is_gone]
        refuse_loss(
            "Visma.net's list of items has",
            len(gone),
            len(gone) + len(known & seen),
            ends.settings.products.max_gone_share,
            setting="products.max_gone_share",
            advice=VISMA,
        )
        marked = [one.model_copy(update={"is_gone": True}) for one in gone]
        _store(unit, marked, ends.settings.products)
        _wake(unit, marked, ends.clock())


def put_items(
    unit: Unit, items: Sequence[Item], rules: ProductRules, at: datetime
) -> None:
    """Store items as they were just read, and wake those that are not as they were.

    One that left a style wakes those that stay in it: they may be its last; one that has a
    barcode, or had it, wakes the others with it. One that was entered anew, or renumbered,
    is in place of the one that had its number.
    """
    rows = [StoredItem.model_validate(one.model_dump()) for one in items]
    known = {
        one.inventory_id: one
        for one in _by_id(unit, [str(row.inventory_id) for row in rows])
    }
    changed = [
        row for row in rows if _plain(row) != _plain(known.get(row.inventory_id))
    ]
    left = {
        style_key(before, rules)
        for row in changed
        if (before := known.get(row.inventory_id))
        and style_key(before, rules) != style_key(row, rules)
    }
    former = _former(unit, rows)
    left |= {style_key(one, rules) for one in former}
    unit.index.remove(ITEM, {str(one.inventory_id) for one in former})
    # put anew even if they did not change: other settings may give another style
    _store(unit, rows, rules)
    stay = chain.from_iterable(items_of_styles(unit, left - {""}).values())
    eans = {
        same_ean(ean)
        for row in changed
        for one in (row, known.get(row.inventory_id))
        if one is not None
        for ean in barcodes(one)
    }
    alike = chain.from_iterable(find_items_by_ean(unit, eans).values())
    _wake(
        unit, {one.inventory_id: one for one in (*changed, *stay, *alike)}.values(), at
    )


def items_of_styles(unit: Unit, styles: Collection[str]) -> dict[str, list[StoredItem]]:
    """All items of some styles, those that are gone too, in the order of their numbers.

    Styles are named by their `style_key`.
    """
    hits = unit.index.find(ITEM, "style", styles)
    ids = {style: [row.target_id for row in rows] for style, rows in hits.items()}
    items = {
        str(one.inventory_id): one
        for one in _by_id(unit, list(chain.from_iterable(ids.values())))
    }
    return {
        style: sorted((items[each] for each in some), key=lambda i: i.inventory_number)
        for style, some in ids.items()
    }


def all_items(unit: Unit) -> list[StoredItem]:
    """Every item that Visma.net still has."""
    ids = unit.index.keys(ITEM, "id")
    return [one for one in _by_id(unit, ids) if not one.is_gone]


def find_items(unit: Unit, numbers: Collection[str]) -> dict[str, StoredItem]:
    """Items by number; a number that nothing has is left out."""
    found = _by_id(unit, _ids_by_number(unit, numbers))
    return {one.inventory_number: one for one in found}


def find_items_by_ean(unit: Unit, eans: Collection[str]) -> dict[str, list[StoredItem]]:
    """Items by barcode of their sales unit, those that Visma.net still has.

    Barcodes are what `mapping.barcodes.same_ean` makes of them.
    """
    hits = unit.index.find(ITEM, "ean", eans)
    ids = [row.target_id for row in chain.from_iterable(hits.values())]
    found: defaultdict[str, list[StoredItem]] = defaultdict(list)
    for one in _by_id(unit, ids):
        for ean in set(map(same_ean, barcodes(one))) & set(eans):
            if not one.is_gone:
                found[ean].append(one)
    return dict(found)


def styles_of_items(
    unit: Unit, ids: Iterable[int], rules: ProductRules
) -> tuple[set[str], list[StoredItem]]:
    """The styles of items by their internal ids, and the items that have none."""
    found = _by_id(unit, [str(one) for one in ids])
    styles = {style_key(one, rules) for one in found} - {""}
    return styles, [one for one in found if not find_style(one, rules)]


def style_key(item: Item, rules: ProductRules) -> str:
    """The style of an item as it is looked up: in any case; empty where it has none."""
    return same_code(find_style(item, rules))


async def _pages(ends: Ends, since: datetime | None) -> AsyncIterator[tuple[Item, ...]]:
    async for page in ends.visma.iter_item_pages(
        modified_since=v1_time(ends, since), details=True
    ):
        yield page


def _modified_at(item: Item) -> datetime | None:
    """Visma.net's own time; it is compared with nothing but itself."""
    text = item.last_modified_date_time
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def _former(unit: Unit, rows: Sequence[StoredItem]) -> list[StoredItem]:
    """Items under other ids that are known by the numbers of what was just read."""
    read = {str(row.inventory_id) for row in rows}
    ids = _ids_by_number(unit, {row.inventory_number for row in rows})
    return _by_id(unit, ids - read)


def _ids_by_number(unit: Unit, numbers: Collection[str]) -> set[str]:
    hits = unit.index.find(ITEM, "number", numbers)
    return {row.target_id for row in chain.from_iterable(hits.values())}


def _by_id(unit: Unit, ids: Collection[str]) -> list[StoredItem]:
    rows = chain.from_iterable(unit.index.find(ITEM, "id", ids).values())
    return [StoredItem.model_validate_json(row.detail["json"]) for row in rows]


def _store(unit: Unit, items: Sequence[StoredItem], rules: ProductRules) -> None:
    unit.index.put(ITEM, list(chain.from_iterable(_keys(one, rules) for one in items)))


def _keys(item: StoredItem, rules: ProductRules) -> Iterable[IndexRow]:
    target = str(item.inventory_id)
    detail = {"json": item.model_dump_json()}
    yield IndexRow(ITEM, "id", target, target, detail)
    yield IndexRow(ITEM, "number", item.inventory_number, target)
    if style := style_key(item, rules):
        yield IndexRow(ITEM, "style", style, target)
    for ean in barcodes(item):
        yield IndexRow(ITEM, "ean", same_ean(ean), target)


def _plain(item: StoredItem | None) -> str:
    """What counts as a change: the time of the last one does not, nor what prices need."""
    if item is None:
        return ""
    return item.model_dump_json(
        exclude={"last_modified_date_time", "default_price", "vat_code"}
    )


def _wake(unit: Unit, items: Iterable[StoredItem], at: datetime) -> None:
    unit.cursors.wake(ITEM, [one.inventory_id for one in items], at)
