"""Items of Visma.net as a source of products: each change leads to all of its style.

A style, each of its colours, and each item that is more than a part of a new colour are
records of their own, so that what is wrong with one is parked alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

from connectors.errors import ConfigError, RecordError
from connectors.visma.item_models import Item
from ledger import SourceEntry
from mapping.barcodes import same_code
from mapping.item_parts import parts_of
from mapping.product_matches import find_product
from mapping.product_sizes import colour_of
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
    read_all_items,
    refresh_items,
)
from tasks.made_goods import other_owner
from tasks.map import in_parts
from tasks.product_writers import CENTRA_PRODUCT, CENTRA_VARIANT
from tasks.style_sources import Sources, has_items, of_colour, of_product
from tasks.wanted_styles import wanted_styles

__all__ = ["is_carried", "read_styles", "refresh_products"]

_AT_ONCE = 25
"""Styles looked at together: their products are one page of Centra's list."""

_OF_ITEMS = {"__all__": {"last_modified_date_time", "default_price"}}
_NOT_CARRIED = {"items": _OF_ITEMS, "gone": _OF_ITEMS}


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
            "public page shows: set centra.verified_fields = true once the store has them"
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
    wanted = await wanted_styles(ends, window)
    sources, entries = Sources(ends), _Entries(ends)
    loose = await sources.of_loose(wanted.loose)
    yield Page(tuple(entries.of_loose(loose)), missing=tuple(wanted.missing))
    for styles in in_parts(sorted(wanted.styles), _AT_ONCE):
        found = await sources.of_styles(styles)
        yield Page(tuple(entries.of_sources(found)))
    yield Page(tuple(entries.of_nothing(wanted.records)))
    with ends.books.begin() as unit:  # only now is everything stored
        unit.cursors.slept(ITEM, wanted.woken)


class _Entries:
    """Makes the records of styles, of their colours, and of single items."""

    def __init__(self, ends: Ends) -> None:
        self._ends = ends
        self._settings = ends.settings
        self._rules = ends.settings.products
        self._charts: set[str] = set()
        self._made: set[str] = set()
        self._unclear: set[str] = set()

    def of_loose(self, sources: Sequence[StyleSource]) -> Iterator[SourceEntry]:
        """Items that nothing tells the style of: known ones, and those to do or told."""
        numbers = [
            one.inventory_number
            for source in sources
            for one in (*source.items, *source.gone)
        ]
        known = self._known(map(size_source, numbers))
        for number, source in zip(numbers, sources, strict=True):
            own = size_source(number)
            if own in known or self._matters(source, own):
                yield self._entry(own, number, source)

    def of_nothing(self, source_ids: Sequence[str]) -> Iterator[SourceEntry]:
        """Records of what nothing asks for any more, of those that are known.

        That is a style or colour that no item has, and a chart that no colour waits for.
        Sizes without an item are among the loose ones; what hangs on a style that is
        unclear waits.
        """
        left = [one for one in source_ids if one not in self._made]
        for one in sorted(self._known(left)):
            kind, parts = parse_source(one)
            is_clear = same_code(parts[0]) not in self._unclear
            if kind == "chart" or (kind in {"style", "variant"} and is_clear):
                yield self._entry(one, "/".join(parts), StyleSource(style=parts[0]))

    def of_sources(self, sources: Sequence[StyleSource]) -> Iterator[SourceEntry]:
        """All records of some styles, in the order in which they are to be sent."""
        numbers = [
            size_source(one.inventory_number)
            for source in sources
            for one in (*source.items, *source.gone)
        ]
        known = self._known(numbers)
        for source in sources:
            yield from self._of_source(source, known)

    def _known(self, source_ids: Iterable[str]) -> set[str]:
        with self._ends.books.read() as unit:
            return unit.records.known("products", set(source_ids))

    def _of_source(self, source: StyleSource, known: set[str]) -> Iterator[SourceEntry]:
        rules = self._rules
        if source.items:
            part = of_product(source, rules)
            own = style_source(source.style)
            id_ = part.linked_product if source.linked_product is None else None
            owner = self._owner(own, CENTRA_PRODUCT, id_)
            yield self._entry(own, source.style, part, owner)
        try:
            product = find_product(source, rules)
        except RecordError:
            self._unclear.add(same_code(source.style))
            return  # what hangs on the style waits until that is settled
        for name in colours_of(source, rules):
            yield from self._of_colour(of_colour(source, name, rules), name, known)
        for item in source.items:
            own = size_source(item.inventory_number)
            if _is_placed(item, rules):
                continue
            alone = source.model_copy(update={"items": (item,), "gone": ()})
            if own in known or self._matters(alone, own):
                yield self._entry(own, item.inventory_number, alone)
        for item in source.gone:
            own = size_source(item.inventory_number)
            if own in known or product is not None:
                alone = source.model_copy(update={"items": (), "gone": (item,)})
                yield self._entry(own, item.inventory_number, alone)

    def _of_colour(
        self, source: StyleSource, name: str, known: set[str]
    ) -> Iterator[SourceEntry]:
        own, label = variant_source(source.style, name), f"{source.style}/{name}"
        try:
            colour = colour_of(source, name, self._rules)
            chart = new_chart(source, name, self._settings)
        except RecordError:
            yield self._entry(own, label, source)
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
                "holders": {},
            }
            bare = source.model_copy(update=changes)
        found = colour.variant if name not in source.linked_variants else None
        id_ = found.id if found else None
        owner = self._owner(own, CENTRA_VARIANT, id_)
        yield self._entry(own, label, bare, owner)
        for item in source.items:
            number = item.inventory_number
            wish = colour.sizes.get(number)
            is_wrong = number in colour.wrong
            is_own = colour.variant is not None and wish is not None and wish.is_needed
            if is_wrong or is_own or size_source(number) in known:
                yield self._entry(size_source(number), number, source)

    def _owner(self, source_id: str, kind: str, target: int | None) -> str:
        """Which style or colour has what a record found, and whether items have it yet."""
        if target is None:
            return ""
        with self._ends.books.read() as unit:
            link = other_owner(unit, kind, target, source_id)
            if link is None:
                return ""
            is_used = has_items(unit, link.source_id, self._rules)
        return f"{link.source_id} {link.revision} {is_used}"

    def _entry(
        self, source_id: str, label: str, source: StyleSource, owner: str = ""
    ) -> SourceEntry:
        """A record; it has changed when something else is to become of it.

        Or when another `owner` has it, from whom it is taken over or not.
        """
        self._made.add(source_id)
        outcome = self._outcome(source, source_id)
        body = source.model_dump_json(exclude=_NOT_CARRIED)
        return SourceEntry(
            source_id=source_id,
            label=label,
            fingerprint=fingerprint(source_id, outcome, *filter(None, [owner])),
            body=body.encode(),
        )

    def _matters(self, source: StyleSource, source_id: str) -> bool:
        """Whether something is to be done of what is no record yet, or to be told."""
        try:
            return not isinstance(wish_of(source, source_id, self._settings), LeftOut)
        except RecordError:
            return True

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
