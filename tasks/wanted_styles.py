"""Which styles a run looks at: what changed, what is not done, or what was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time

from ledger import RecordState, Unit
from mapping.barcodes import same_code
from mapping.product_wishes import parse_source
from settings.products import ProductRules
from tasks.direction import Ends, Window
from tasks.item_index import (
    ITEM,
    StoredItem,
    find_items,
    put_items,
    style_key,
    styles_of_items,
)
from tasks.target_index import v1_time

__all__ = ["UNDONE", "Wanted", "wanted_styles"]

UNDONE: tuple[RecordState, ...] = ("read", "mapped", "parked")
"""States of records that are to be looked at again, though nothing of them changed."""


@dataclass
class Wanted:
    """What a run looks at: styles (by key), items without one, what was asked in vain.

    `records` are those that led there, and may belong to nothing any more.
    """

    styles: set[str] = field(default_factory=set)
    loose: list[StoredItem] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    woken: list[int] = field(default_factory=list)


async def wanted_styles(ends: Ends, window: Window) -> Wanted:
    """What a run looks at: by ids, by a window of changes, or what was woken."""
    rules = ends.settings.products
    if window.ids:
        return await _asked_for(ends, window.ids)
    if window.since or window.until:
        return await _changed_within(ends, window)
    with ends.books.begin() as unit:
        woken = unit.cursors.woken(ITEM)
    with ends.books.read() as unit:
        if window.full:
            woken = [int(one) for one in unit.index.keys(ITEM, "id")]
        styles, loose = styles_of_items(unit, woken, rules)
        undone = unit.records.in_states("products", UNDONE)
        more, loose_too = _styles_of_records(unit, undone, rules)
    known = {one.inventory_number: one for one in (*loose, *loose_too)}
    return Wanted(styles | more, list(known.values()), records=undone, woken=woken)


async def _changed_within(ends: Ends, window: Window) -> Wanted:
    """Items whose change Visma.net dates into a window; the mark does not move."""
    rules = ends.settings.products
    start = datetime.combine(ends.settings.start_on, time(), UTC)
    since = v1_time(ends, window.since or start)
    found: list[int] = []
    async for page in ends.visma.iter_item_pages(modified_since=since, details=True):
        with ends.books.begin() as unit:
            put_items(unit, page, rules, ends.clock())
        found += [
            one.inventory_id
            for one in page
            if window.until is None
            or one.last_modified_date_time is None
            or datetime.fromisoformat(one.last_modified_date_time).replace(tzinfo=UTC)
            < window.until
        ]
    with ends.books.read() as unit:
        styles, loose = styles_of_items(unit, found, rules)
    return Wanted(styles, loose)


async def _asked_for(ends: Ends, ids: Sequence[str]) -> Wanted:
    """Records of this direction, and styles and items by their number."""
    rules = ends.settings.products
    bare = [one.strip() for one in ids if _kind(one) is None]
    with ends.books.read() as unit:
        own = [one for one in ids if _kind(one) is not None]
        # a chart is known by the colours that wait for it
        waiting = any(_kind(one) == "chart" for one in own)
        more = unit.records.in_states("products", UNDONE) if waiting else []
        styles, loose = _styles_of_records(unit, [*own, *more], rules)
        known = set(unit.index.keys(ITEM, "style")) if bare else set()
    named = set(map(same_code, bare)) & known
    wanted = Wanted(styles | named, loose, records=own)
    for number in bare:
        if same_code(number) in known:
            continue
        item = await ends.visma.find_item(number)
        if item is None:
            wanted.missing.append(
                f"there is no item and no style {number} in Visma.net"
            )
            continue
        with ends.books.begin() as unit:
            put_items(unit, [item], rules, ends.clock())
            stored = find_items(unit, [item.inventory_number])
        style = style_key(item, rules)
        if style:
            wanted.styles.add(style)
        else:
            wanted.loose += stored.values()
    return wanted


def _kind(source_id: str) -> str | None:
    kind, separator, _ = source_id.partition(":")
    return kind if separator and kind in {"chart", "style", "variant", "size"} else None


def _styles_of_records(
    unit: Unit, source_ids: Sequence[str], rules: ProductRules
) -> tuple[set[str], list[StoredItem]]:
    """The styles that records belong to, and the items of those that have none.

    An item that is known by its number no more, as after it was renumbered, is gone.
    """
    styles: set[str] = set()
    numbers: list[str] = []
    for one in source_ids:
        kind, parts = parse_source(one)
        if kind in {"style", "variant"}:
            styles.add(same_code(parts[0]))
        elif kind == "size":
            numbers.append(parts[0])
    found = find_items(unit, numbers)
    lost = set(numbers) - found.keys()
    items = [
        *found.values(),
        *(StoredItem(inventory_number=one, is_gone=True) for one in sorted(lost)),
    ]
    styles |= {style_key(one, rules) for one in items} - {""}
    return styles, [one for one in items if not style_key(one, rules)]
