"""Centra's catalogue, kept in the ledger: how an item of Visma.net finds its size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from connectors.centra import catalogue_models as centra
from ledger import CatalogueRow
from tasks.direction import Ends
from tasks.vanished import CENTRA, refuse_loss

__all__ = ["catalogue_rows", "read_products", "refresh_catalogue"]

_SUBJECT = "centra.catalogue"


async def refresh_catalogue(ends: Ends, *, full: bool = False) -> None:
    """Read the products that changed since the last reading, into the catalogue.

    All of them when it is empty or when asked; then what Centra has no more is
    forgotten. The mark is the newest time of change seen, and moves with the last page:
    a reading that dies before is begun again.

    Raises:
        AbortError: All of them lack too many that were known before.
    """
    begun_at = ends.clock()
    with ends.books.read() as unit:
        mark = unit.cursors.get(_SUBJECT)
        full = full or mark is None or unit.catalogue.is_empty()
        known = unit.catalogue.count() if full else 0
    since = None if full or mark is None else datetime.fromisoformat(mark)
    times = [since] if since else []
    times += await _take_in(ends, changed_from=since)
    if full:
        first = times[0] if times else None
        times += await _read_missed(ends, begun_at, first)
    with ends.books.begin() as unit:
        if full:
            refuse_loss(
                "Centra's list of products has",
                len(unit.catalogue.unseen(begun_at)),
                known,
                ends.settings.products.max_gone_share,
                setting="products.max_gone_share",
                advice=CENTRA,
            )
            unit.catalogue.forget_unseen(begun_at)
        if times:
            unit.cursors.advance(_SUBJECT, max(times))


async def _read_missed(
    ends: Ends, begun_at: datetime, first: datetime | None
) -> list[datetime]:
    """Read what a reading of everything has passed over: pages shift while they are read.

    Known products that it did not show, by their ids, as others may have been deleted
    before them; then what changed since its first page, whose newest time is `first`.
    """
    with ends.books.read() as unit:
        unseen = unit.catalogue.unseen(begun_at)
        since = unit.cursors.as_far_as_past(first) if first else None
    await read_products(ends, unseen)
    return await _take_in(ends, changed_from=since) if since else []


async def read_products(ends: Ends, ids: Sequence[int]) -> None:
    """Bring some products of the catalogue up to date."""
    if ids:
        await _take_in(ends, ids=ids)


async def _take_in(
    ends: Ends,
    *,
    changed_from: datetime | None = None,
    ids: Sequence[int] | None = None,
) -> list[datetime]:
    """Store products page by page; answers the newest time of change of each page.

    Those that changed since a time: with an overlap before it.
    """
    overlap = timedelta(minutes=ends.settings.limits.overlap_minutes_centra)
    since = changed_from - overlap if changed_from else None
    newest: list[datetime] = []
    async for page in ends.centra.iter_catalogue_pages(changed_from=since, ids=ids):
        newest += sorted(one.updated_at for one in page if one.updated_at)[-1:]
        with ends.books.begin() as unit:
            unit.catalogue.put([row for one in page for row in catalogue_rows(one)])
    return newest


def catalogue_rows(product: centra.Product) -> Iterator[CatalogueRow]:
    """The rows of a product: one a size, or one that says that there is none."""
    for variant in product.variants:
        for size in variant.product_sizes:
            yield _row(product, variant, size)
        if not variant.product_sizes:
            yield _row(product, variant, None)
    if not product.variants:
        yield _row(product, None, None)


def _row(
    product: centra.Product,
    variant: centra.ProductVariant | None,
    size: centra.ProductSize | None,
) -> CatalogueRow:
    name = size.size.name if size and size.size else None
    return CatalogueRow(
        product_id=product.id,
        variant_id=variant.id if variant else 0,
        size_id=size.id if size else 0,
        sku=size.sku if size else "",
        ean=(size.ean or "") if size else "",
        size_name=name or (size.size_number if size else ""),
        size_active=size.is_active if size else None,
        variant_number=variant.variant_number if variant else "",
        variant_status=variant.status if variant else "",
        product_number=product.product_number,
        product_name=product.name,
        product_status=product.status,
    )
