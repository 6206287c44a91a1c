"""Prices of Visma.net as a source: what each product should cost on each pricelist today.

All of it is worked out in every run from what the ledger keeps, so a price that begins or
ends today is noticed like one that somebody changed. Centra is asked only for what is to
be written, or was written since.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from connectors.centra.catalogue_models import Product
from connectors.errors import RecordError
from ledger import LinkRow, RecordRow, SourceEntry
from mapping.barcodes import same_code
from mapping.drafts import digest
from mapping.price_sources import PricelistSource, PriceSource
from mapping.prices import (
    PriceWish,
    check_pricelist,
    price_source,
    pricelist_source,
    source_to_wish,
    stands,
    troubles_of,
)
from tasks.catalogue_index import refresh_catalogue
from tasks.centra_sales import fingerprint
from tasks.direction import Ends, Page, Window
from tasks.item_index import read_all_items, refresh_items
from tasks.map import in_parts
from tasks.price_index import KnownPrices, read_all_sales_prices, refresh_sales_prices
from tasks.price_off_sale import LeftRecord, left_records, records_of
from tasks.price_sources import (
    ProductSource,
    find_pricelists,
    pricelist_sources,
    product_sources,
    shown_on,
)
from tasks.products import is_carried
from tasks.sent_prices import sent_prices
from tasks.wanted_styles import UNDONE

__all__ = ["read_prices", "refresh_prices"]

_OF_CENTRA = {"shown", "sent", "stood", "fell", "usual", "rule"}
"""What a source says of Centra, and of what was written there: no part of its price."""

_AT_ONCE = 100
"""Products whose displays are asked for together."""


async def refresh_prices(ends: Ends) -> None:
    """Know all prices, items and sizes; nothing where no pricelist is named."""
    if not ends.settings.prices.pricelists:
        return
    if not is_carried(ends.settings):
        await refresh_items(ends)
        await refresh_catalogue(ends)
    await refresh_sales_prices(ends)


async def read_prices(ends: Ends, window: Window) -> AsyncIterator[Page]:
    """Read the prices that are not what they were, and those that are not proved yet.

    Or those that are asked for: all of them against what Centra shows (`full`, which also
    finds prices that Visma.net has no more), or those of given records, items or products.
    There is no reading of a window: a price is what it is today.
    """
    settings = ends.settings
    if not settings.prices.pricelists:
        return
    if window.full:
        if not is_carried(settings):
            await read_all_items(ends)
            await refresh_catalogue(ends, full=True)
        await read_all_sales_prices(ends)
    there = await ends.centra.get_pricelists()
    found = find_pricelists(settings.prices.pricelists, there)
    day = ends.clock().astimezone(ZoneInfo(settings.time_zone)).date()
    with ends.books.read() as unit:
        undone = set(unit.records.in_states("products", UNDONE))
        prices = KnownPrices(unit, settings)
        lists = list(pricelist_sources(prices, settings, there))
        wrong = {one.name for one in lists if _trouble_of(one)}
        fine = {name: one for name, one in found.items() if name not in wrong}
        sources = list(product_sources(unit, prices, settings, fine, day))
        left = list(left_records(unit, settings, undone, sources, fine, window.ids))
    reader = _Reader(ends, undone)
    told = (
        _entry(pricelist_source(one.name), one.name, digest(one), one)
        for one in lists
        if one.name in wrong or pricelist_source(one.name) in undone
    )
    missing = reader.missing(sources, window) if fine else ()
    yield Page((*told, *reader.left(left)), missing=tuple(missing))
    for some in in_parts(reader.wanted(sources, window), _AT_ONCE):
        shown = await reader.shown({one.product_id for one in some})
        yield Page(
            tuple(reader.entries(some, shown, again=window.full or bool(window.ids)))
        )


def _trouble_of(source: PricelistSource) -> RecordError | None:
    """Why a pricelist cannot be priced: told once, and not for each product."""
    try:
        check_pricelist(source)
    except RecordError as error:
        return error
    return None


class _Reader:
    """Makes the records of prices: one a product and pricelist, others where it is wrong."""

    def __init__(self, ends: Ends, undone: set[str]) -> None:
        self._ends = ends
        self._settings = ends.settings
        self._undone = undone

    def left(self, records: Sequence[LeftRecord]) -> Iterator[SourceEntry]:
        """The records that are not done, and that no item for sale leads to any more."""
        for one in records:
            fingerprint = self._wanted_hash(one.source)
            yield _entry(one.source_id, one.label, fingerprint, one.source)

    def missing(
        self, sources: Sequence[ProductSource], window: Window
    ) -> Iterator[str]:
        """A sentence for each id that leads to nothing; goods tell it where they go, too."""
        if is_carried(self._settings):
            return
        names = set(chain.from_iterable(one.names for one in sources))
        with self._ends.books.read() as unit:
            known = unit.records.known("products", window.ids)
        for one in window.ids:
            if one not in known and same_code(one) not in names:
                yield (
                    f"no product in Centra has the number {one}, or a size whose item "
                    f"{one} is for sale in Visma.net"
                )

    def wanted(
        self, sources: Sequence[ProductSource], window: Window
    ) -> list[PriceSource]:
        """The sources that are to be looked at, in the order of their products."""
        asked = {*window.ids, *map(same_code, window.ids)}
        with self._ends.books.read() as unit:
            known = unit.records.rows("products", [_own(one.source) for one in sources])
        found = [
            one.source
            for one in sources
            if window.full
            or (
                self._is_asked_for(one, asked)
                if asked
                else self._is_new(one.source, known.get(_own(one.source)))
            )
        ]
        return sorted(found, key=lambda one: (one.product_id, one.pricelist_id))

    def _is_asked_for(self, one: ProductSource, asked: set[str]) -> bool:
        return not asked.isdisjoint({*records_of(one.source), *one.names})

    def _is_new(self, source: PriceSource, record: RecordRow | None) -> bool:
        """Whether a price is another one, was never settled, or is not proved yet."""
        if record is None or record.state in {"read", "mapped"}:
            return True
        return record.fingerprint != self._wanted_hash(source)

    def _wanted_hash(self, source: PriceSource) -> str:
        rule = self._settings.prices.pricelists[source.pricelist]
        plain = source.model_dump_json(exclude=_OF_CENTRA)
        return fingerprint(plain, rule.model_dump_json())

    async def shown(self, product_ids: set[int]) -> dict[int, Product]:
        """What Centra shows of some products."""
        pages = self._ends.centra.iter_shown_price_pages(sorted(product_ids))
        return {one.id: one async for page in pages for one in page}

    def entries(
        self,
        sources: Sequence[PriceSource],
        shown: Mapping[int, Product],
        *,
        again: bool,
    ) -> Iterator[SourceEntry]:
        """The records of some prices, with what was sent and what is shown of each.

        `again`: set what is shown wrong once more, though it was set as it should be.
        """
        references = [one.reference for one in sources]
        own = [_own(one) for one in sources]
        with self._ends.books.read() as unit:
            sent = sent_prices(unit, references)
            known = unit.records.rows("products", own)
            links = unit.links.many("products", own)
        hours = timedelta(hours=self._settings.prices.change_hours)
        start = self._ends.clock() - hours
        for source, reference in zip(sources, references, strict=True):
            product, last = shown.get(source.product_id), sent.get(reference)
            full = source.model_copy(
                update={
                    "shown": shown_on(product, source.pricelist_id),
                    "sent": last.prices if last else {},
                    "stood": last.stood(start) if last else {},
                    "fell": last.fell if last else (),
                    "usual": last.usual if last else {},
                    "rule": last.rule if last else "",
                }
            )
            name = _own(source)
            mark = self._mark(full, known.get(name), links.get(name), again=again)
            yield from self._of_product(full, mark)

    def _of_product(self, source: PriceSource, mark: str) -> Iterator[SourceEntry]:
        own, label = _own(source), f"{source.product_number} {source.pricelist}"
        yield _entry(own, label, mark, source)
        wanted = self._wanted_hash(source)
        numbers = {
            price_source(source.pricelist_id, source.product_id, one.id): one.number
            for one in source.variants
        }
        troubles = {
            price_source(source.pricelist_id, source.product_id, one)
            for one in troubles_of(source, self._settings)
        }
        for name in sorted(troubles | (self._undone & numbers.keys())):
            number = f"{source.product_number}/{numbers[name]} {source.pricelist}"
            yield _entry(name, number, wanted, source)

    def _mark(
        self,
        source: PriceSource,
        record: RecordRow | None,
        link: LinkRow | None,
        *,
        again: bool,
    ) -> str:
        """The fingerprint of a price: what is wanted, and what is shown where it is wrong.

        `again`: one that was set is another one while it is shown wrong. So it is set
        once more by each run that compares, and by no other.
        """
        wanted = self._wanted_hash(source)
        if not self._is_wrong(source):
            return wanted
        mark = f"{wanted}:{digest(source.shown)}"
        if record is None:
            return mark
        if again and link and record.state == "settled":
            return f"{mark}:{link.revision}"
        return record.fingerprint if record.fingerprint.startswith(mark) else mark

    def _is_wrong(self, source: PriceSource) -> bool:
        """Whether Centra shows another price: it is looked at again once it is written."""
        try:
            wish = source_to_wish(source, self._settings)
        except RecordError:
            return False
        return isinstance(wish, PriceWish) and stands(wish, source) is False


def _own(source: PriceSource) -> str:
    return price_source(source.pricelist_id, source.product_id)


def _entry(
    source_id: str, label: str, fingerprint: str, source: BaseModel
) -> SourceEntry:
    return SourceEntry(
        source_id=source_id,
        label=label,
        fingerprint=fingerprint,
        body=source.model_dump_json().encode(),
    )
