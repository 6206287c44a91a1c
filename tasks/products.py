"""Items of Visma.net as a source of products: each change leads to all of its style.

A style, each of its colours, and each item that is more than a part of a new colour are
records of their own, so that what is wrong with one is parked alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time

from connectors.errors import ConfigError, RecordError
from connectors.visma.item_models import Item
from ledger import RecordState, SourceEntry, Unit
from mapping.item_parts import find_style, parts_of
from mapping.product_matches import find_product
from mapping.product_sizes import colour_of, sells
from mapping.product_sources import StyleSource
from mapping.product_wishes import (
    parse_source,
    size_source,
    style_source,
    variant_source,
)
from mapping.products import colours_of, new_chart, wish_of
from mapping.scope import LeftOut
from settings.connection import Connection
from settings.products import ProductRules
from tasks.catalogue_index import refresh_catalogue
from tasks.centra_sales import fingerprint
from tasks.direction import Ends, Page, Window
from tasks.item_index import (
    ITEM,
    StoredItem,
    find_items,
    put_items,
    read_all_items,
    refresh_items,
    styles_of_items,
)
from tasks.map import in_parts
from tasks.style_sources import Sources, of_colour, of_product
from tasks.target_index import v1_time

__all__ = ["is_carried", "read_styles", "refresh_products"]

_AT_ONCE = 25
"""Styles looked at together: their products are one page of Centra's list."""

_NOT_CARRIED = {"items": {"__all__": {"last_modified_date_time", "default_price"}}}

_UNDONE: tuple[RecordState, ...] = ("read", "mapped", "parked")


def is_carried(settings: Connection) -> bool:
    """Whether products are carried at all.

    Raises:
        ConfigError: They are, and the store's schema was not verified.
    """
    if settings.products.style_from is None:
        return False
    if not settings.centra.verified_fields:
        message = (
            "products.style_from is set, and products need fields of Centra that no "
            "public page shows: run 'centra-visma check --live', then set "
            "centra.verified_fields = true"
        )
        raise ConfigError(message)
    return True


async def refresh_products(ends: Ends) -> None:
    """Know all items of Visma.net and all sizes of Centra; nothing where it is off."""
    if is_carried(ends.settings):
        await refresh_items(ends)
        await refresh_catalogue(ends)


async def read_styles(ends: Ends, window: Window) -> AsyncIterator[Page]:
    """Read the styles of items that changed, and those that are not done yet.

    Or those that are asked for: all of them (`full`, which also finds what Visma.net has
    no more), those whose items changed in a window, or given styles, items or records.
    """
    if not is_carried(ends.settings):
        return
    if window.full:
        await read_all_items(ends)
        await refresh_catalogue(ends, full=True)
    wanted = await _wanted(ends, window)
    sources, entries = Sources(ends), _Entries(ends)
    yield Page(tuple(entries.of_loose(wanted.loose)), missing=tuple(wanted.missing))
    for styles in in_parts(sorted(wanted.styles), _AT_ONCE):
        found = await sources.of_styles(styles)
        yield Page(tuple(entries.of_sources(found)))
    with ends.books.begin() as unit:  # only now is everything stored
        unit.cursors.slept(ITEM, wanted.woken)


@dataclass
class _Wanted:
    """What a run looks at: styles, items without one, and what was asked for in vain."""

    styles: set[str] = field(default_factory=set)
    loose: list[StoredItem] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    woken: list[int] = field(default_factory=list)


async def _wanted(ends: Ends, window: Window) -> _Wanted:
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
        undone = unit.records.in_states("products", _UNDONE)
        more, loose_too = _styles_of_records(unit, undone, rules)
    known = {one.inventory_id: one for one in (*loose, *loose_too)}
    return _Wanted(styles | more, list(known.values()), woken=woken)


async def _changed_within(ends: Ends, window: Window) -> _Wanted:
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
    return _Wanted(styles, loose)


async def _asked_for(ends: Ends, ids: Sequence[str]) -> _Wanted:
    """Records of this direction, and styles and items by their number."""
    rules = ends.settings.products
    bare = [one.strip() for one in ids if _kind(one) is None]
    with ends.books.read() as unit:
        own = [one for one in ids if _kind(one) is not None]
        styles, loose = _styles_of_records(unit, own, rules)
        known = set(unit.index.keys(ITEM, "style")) if bare else set()
    wanted = _Wanted(styles | (set(bare) & known), loose)
    for number in bare:
        if number in known:
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
        style = find_style(item, rules)
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
    """The styles that records belong to, and the items of those that have none."""
    styles: set[str] = set()
    numbers: list[str] = []
    for one in source_ids:
        kind, parts = parse_source(one)
        if kind in {"style", "variant"}:
            styles.add(parts[0])
        elif kind == "size":
            numbers.append(parts[0])
    items = list(find_items(unit, numbers).values())
    styles |= {find_style(one, rules) for one in items} - {""}
    return styles, [one for one in items if not find_style(one, rules)]


class _Entries:
    """Makes the records of styles, of their colours, and of single items."""

    def __init__(self, ends: Ends) -> None:
        self._ends = ends
        self._settings = ends.settings
        self._rules = ends.settings.products
        self._charts: set[str] = set()

    def of_loose(self, items: Sequence[StoredItem]) -> Iterator[SourceEntry]:
        """Items that nothing tells the style of: those for sale, and known ones."""
        names = [size_source(one.inventory_number) for one in items]
        with self._ends.books.read() as unit:
            known = unit.records.known("products", names)
        for name, item in zip(names, items, strict=True):
            if name in known or (sells(item, self._rules) and not item.is_gone):
                gone = (item.inventory_number,) if item.is_gone else ()
                there = () if item.is_gone else (item,)
                source = StyleSource(items=there, gone=gone)
                yield self._entry(name, item.inventory_number, source)

    def of_sources(self, sources: Sequence[StyleSource]) -> Iterator[SourceEntry]:
        """All records of some styles, in the order in which they are to be sent."""
        numbers = [
            size_source(number)
            for source in sources
            for number in (
                *(one.inventory_number for one in source.items),
                *source.gone,
            )
        ]
        with self._ends.books.read() as unit:
            known = unit.records.known("products", numbers)
        for source in sources:
            yield from self._of_source(source, known)

    def _of_source(self, source: StyleSource, known: set[str]) -> Iterator[SourceEntry]:
        rules = self._rules
        if source.items:
            part = of_product(source, rules)
            yield self._entry(style_source(source.style), source.style, part)
        try:
            product = find_product(source, rules)
        except RecordError:
            return  # what hangs on the style waits until that is settled
        for name in colours_of(source, rules):
            yield from self._of_colour(of_colour(source, name, rules), name, known)
        for item in source.items:
            own = size_source(item.inventory_number)
            if not _is_placed(item, rules) and (own in known or sells(item, rules)):
                alone = source.model_copy(update={"items": (item,), "gone": ()})
                yield self._entry(own, item.inventory_number, alone)
        for number in source.gone:
            own = size_source(number)
            if own in known or product is not None:
                alone = source.model_copy(update={"items": (), "gone": (number,)})
                yield self._entry(own, number, alone)

    def _of_colour(
        self, source: StyleSource, name: str, known: set[str]
    ) -> Iterator[SourceEntry]:
        label = f"{source.style}/{name}"
        try:
            colour = colour_of(source, name, self._rules)
            chart = new_chart(source, name, self._settings)
        except RecordError:
            yield self._entry(variant_source(source.style, name), label, source)
            return
        if chart is not None and chart.source_id not in self._charts:
            self._charts.add(chart.source_id)
            yield self._entry(chart.source_id, chart.name, source)
        bare = source
        if colour.product is not None and colour.variant is not None:
            variant = colour.variant.model_copy(update={"sizes": ()})
            product = colour.product.model_copy(update={"variants": (variant,)})
            changes = {
                "products": (product,),
                "linked_variants": {name: variant.id},
                "charts": (),
                "shared_eans": {},
            }
            bare = source.model_copy(update=changes)
        yield self._entry(variant_source(source.style, name), label, bare)
        for item in source.items:
            number = item.inventory_number
            wish = colour.sizes.get(number)
            is_wrong = number in colour.wrong
            is_own = colour.variant is not None and wish is not None and wish.is_needed
            if is_wrong or is_own or size_source(number) in known:
                yield self._entry(size_source(number), number, source)

    def _entry(self, source_id: str, label: str, source: StyleSource) -> SourceEntry:
        """A record; it has changed when something else is to become of it."""
        body = source.model_dump_json(exclude=_NOT_CARRIED)
        return SourceEntry(
            source_id=source_id,
            label=label,
            fingerprint=fingerprint(source_id, self._outcome(source, source_id)),
            body=body.encode(),
        )

    def _outcome(self, source: StyleSource, source_id: str) -> str:
        try:
            wish = wish_of(source, source_id, self._settings)
        except RecordError as error:
            return f"{error.code} {error.message}"
        return wish.code if isinstance(wish, LeftOut) else wish.model_dump_json()


def _is_placed(item: Item, rules: ProductRules) -> bool:
    try:
        parts_of(item, rules)
    except RecordError:
        return False
    return True
