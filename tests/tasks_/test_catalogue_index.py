"""The index of Centra's sizes: brought up to date by what changed, or in full."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.centra.catalogue_models import Product
from connectors.errors import AbortError
from tasks.catalogue_index import refresh_catalogue
from tasks.direction import Ends
from tests.tasks_.stand import NOW, Stand


class Shelf:
    """A catalogue that tells what it was asked for."""

    def __init__(self, *products: Product) -> None:
        self.products = list(products)
        self.asked: list[datetime | list[int] | None] = []

    async def iter_catalogue_pages(
        self,
        *,
        changed_from: datetime | None = None,
        ids: Sequence[int] | None = None,
    ) -> AsyncIterator[tuple[Product, ...]]:
        """Tell products that changed since, or some, newest first, one a page."""
        self.asked.append(changed_from if ids is None else list(ids))
        newest_first = sorted(self.products, key=lambda one: one.updated_at)[::-1]
        for one in newest_first:
            is_new = changed_from is None or one.updated_at >= changed_from
            if is_new and (ids is None or one.id in ids):
                yield (one,)


def a_product(number: int, *sizes: str, minutes: float = 0) -> Product:
    """Make a product with one variant that has these sizes."""
    return Product.model_validate(
        {
            "id": number,
            "productNumber": f"P{number}",
            "updatedAt": (NOW - timedelta(hours=1) + timedelta(minutes=minutes)),
            "variants": [
                {
                    "id": number * 10,
                    "variantNumber": "RED",
                    "productSizes": [
                        {"id": number * 100 + i, "SKU": f"P{number}{one}", "EAN": one}
                        for i, one in enumerate(sizes)
                    ],
                }
            ],
        }
    )


def ends(stand: Stand, shelf: Any) -> Ends:
    """Stand between a ledger and a catalogue."""
    books = stand.environment.books("nordhem")
    return Ends(stand.settings, books, shelf, None, stand.world.clock.now)  # type: ignore[arg-type]


def skus(stand: Stand) -> list[str]:
    """Return every SKU of the index."""
    with stand.environment.books("nordhem").read() as unit:
        return sorted(unit.catalogue.frame()["sku"])


async def test_the_first_reading_is_of_everything_and_the_next_of_what_changed(
    stand: Stand,
) -> None:
    """The mark is Centra's own newest time; the overlap is read again.

    After everything was read, what changed meanwhile is read, too.
    """
    shelf = Shelf(a_product(1, "S", "M"), a_product(2, "M", minutes=30))
    at = ends(stand, shelf)
    await refresh_catalogue(at)
    shelf.products.append(a_product(3, "L", minutes=40))
    shelf.products[1] = a_product(2, "M", "L", minutes=35)
    await refresh_catalogue(at)
    await refresh_catalogue(at)

    assert skus(stand) == ["P1M", "P1S", "P2L", "P2M", "P3L"]
    newest = NOW - timedelta(minutes=30)
    overlap = timedelta(minutes=10)
    assert shelf.asked == [
        None,
        newest - overlap,
        newest - overlap,
        newest + timedelta(minutes=10) - overlap,
    ]


async def test_only_a_full_reading_forgets_what_is_gone(stand: Stand) -> None:
    """A deleted product is in no delta: it stays until everything is read."""
    shelf = Shelf(a_product(1, "S"), a_product(2, "M"))
    at = ends(stand, shelf)
    await refresh_catalogue(at)
    stand.world.clock.advance(1)
    del shelf.products[0]
    await refresh_catalogue(at)
    assert skus(stand) == ["P1S", "P2M"]

    await refresh_catalogue(at, full=True)
    assert skus(stand) == ["P2M"]
    assert shelf.asked[3:] == [None, [1], NOW - timedelta(minutes=70)]


async def test_a_time_ahead_hides_nothing_that_changed_meanwhile(stand: Stand) -> None:
    """What changed since everything was begun to be read is asked for by our own time."""
    shelf = Shelf(a_product(1, "S", minutes=9999), a_product(2, "M"))
    await refresh_catalogue(ends(stand, shelf))

    assert shelf.asked == [None, stand.world.clock.now() - timedelta(minutes=10)]


async def test_products_and_variants_without_sizes_are_known(stand: Stand) -> None:
    """A product that nobody can sell yet is found by its number all the same."""
    bare = Product.model_validate({"id": 7, "productNumber": "P7", "updatedAt": NOW})
    await refresh_catalogue(ends(stand, Shelf(bare, a_product(8))))
    with stand.environment.books("nordhem").read() as unit:
        found = unit.catalogue.of_numbers(["P7", "P8"])

    assert [(r.variant_id, r.size_id) for r in found["P7"]] == [(0, 0)]
    assert [(r.variant_id, r.size_id) for r in found["P8"]] == [(80, 0)]
    assert skus(stand) == []


async def test_a_list_that_lacks_all_is_not_believed(stand: Stand) -> None:
    """An empty answer of Centra is a wrong store or a lost right: nothing is forgotten."""
    shelf = Shelf(*(a_product(one, f"S{one}") for one in range(1, 31)))
    at = ends(stand, shelf)
    await refresh_catalogue(at)
    stand.world.clock.advance(1)
    kept = list(shelf.products)

    for left in ([], kept[:15]):
        shelf.products = left
        with pytest.raises(AbortError, match="Centra's list of products has"):
            await refresh_catalogue(at, full=True)
        assert len(skus(stand)) == 30

    shelf.products = kept[:28]
    await refresh_catalogue(at, full=True)
    assert len(skus(stand)) == 28
