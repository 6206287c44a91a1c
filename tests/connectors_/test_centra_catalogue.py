"""Centra's catalogue: products last changed first, charts and warehouses."""

from datetime import UTC, datetime

import pytest

from connectors.errors import ConfigError
from tests.connectors_.test_centra_client import a_centra, an_answer, collect


def a_product(product_id, updated_at="2026-03-01T10:00:00+01:00", **more):
    """Return a product as Centra sends it."""
    return {
        "id": product_id,
        "name": f"Product {product_id}",
        "status": "ACTIVE",
        "productNumber": f"P{product_id}",
        "updatedAt": updated_at,
        "isBundle": None,
        "variants": [
            {
                "id": product_id * 10,
                "variantNumber": "RED",
                "productSizes": [
                    {
                        "id": product_id * 100,
                        "sizeNumber": "M",
                        "SKU": f"P{product_id}REDM",
                        "EAN": None,
                    }
                ],
            }
        ],
    } | more


def products(*rows):
    """Return a page of products."""
    return an_answer({"products": list(rows)})


def wheres(script):
    """Return the filters that were sent."""
    return [body["variables"].get("where") for body in script.bodies]


async def test_changed_products_are_read_until_the_first_older_one():
    """The newest come first, so an older one ends the reading: one page if idle."""
    since = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    centra, script = a_centra(
        products(a_product(3), a_product(2)),
        products(a_product(1), a_product(9, "2026-03-01T09:59:59+01:00")),
    )
    pages = await collect(centra.iter_catalogue_pages(changed_from=since))

    assert [[one.id for one in page] for page in pages] == [[3, 2], [1]]
    assert [body["variables"]["page"] for body in script.bodies] == [1, 2]
    assert script.bodies[0]["operationName"] == "Catalogue"
    assert pages[0][0].variants[0].product_sizes[0].sku == "P3REDM"
    assert pages[0][0].variants[0].product_sizes[0].ean is None


async def test_a_product_without_a_time_counts_as_changed():
    """Nothing proves that it did not change."""
    since = datetime(2026, 3, 9, tzinfo=UTC)
    centra, _ = a_centra(products(a_product(1, None)))

    ((found,),) = await collect(centra.iter_catalogue_pages(changed_from=since))
    assert found.id == 1


async def test_wanted_products_are_filtered_by_a_verified_store():
    """One request for those ids, and no list at all for none."""
    centra, script = a_centra(products(a_product(2)), verified_fields=True)

    ((found,),) = await collect(centra.iter_product_pages(ids=[2]))
    assert await collect(centra.iter_product_pages(ids=[])) == []
    assert found.id == 2
    assert wheres(script) == [{"id": [2]}]


async def test_so_many_products_are_wanted_at_once_as_one_page_holds():
    """None of them moves to another page, past the reader, when it is edited meanwhile."""
    centra, script = a_centra(
        products(a_product(1), a_product(2)),
        products(a_product(3)),
        page_size=2,
        verified_fields=True,
    )
    pages = await collect(centra.iter_catalogue_pages(ids=[1, 2, 3]))

    assert [[one.id for one in page] for page in pages] == [[1, 2], [3]]
    assert wheres(script) == [{"id": [1, 2]}, {"id": [3]}]
    assert [body["variables"]["page"] for body in script.bodies] == [1, 1]


async def test_wanted_products_are_looked_for_where_no_filter_was_verified():
    """The list is read until all are found, and no unverified filter is sent."""
    centra, script = a_centra(
        products(a_product(3), a_product(2)), products(a_product(1), a_product(9))
    )
    pages = await collect(centra.iter_product_pages(ids=[1, 2]))

    assert [one.id for page in pages for one in page] == [2, 1]
    assert wheres(script) == [None, None]


def variants_of(product_id, first, count):
    """Return variants as Centra lists them on their own."""
    return [
        {
            "id": number,
            "product": {"id": product_id},
            "variantNumber": f"V{number}",
            "productSizes": [{"id": number * 10, "SKU": f"S{number}"}],
        }
        for number in range(first, first + count)
    ]


async def test_a_product_that_shows_twenty_variants_is_read_whole():
    """Its variants are read on their own, page by page; those of short lists are not."""
    cut = a_product(1, variants=variants_of(1, 1, 20))
    centra, script = a_centra(
        products(cut, a_product(2)),
        an_answer({"productVariants": variants_of(1, 1, 25)}),
        an_answer({"productVariants": variants_of(1, 26, 3)}),
        page_size=100,
        verified_fields=True,
    )
    ((whole, short),) = await collect(centra.iter_catalogue_pages())

    assert [one.id for one in whole.variants] == [*range(1, 29)]
    assert whole.variants[27].product_sizes[0].sku == "S28"
    assert len(short.variants) == 1
    asked = [body["variables"] for body in script.bodies[1:]]
    assert asked == [
        {"ids": [1], "limit": 25, "page": 1},
        {"ids": [1], "limit": 25, "page": 2},
    ]


async def test_variants_of_other_products_are_not_taken():
    """The filter is unverified: what it lets through by mistake stays where it is."""
    cut = a_product(1, variants=variants_of(1, 1, 20))
    listed = [*variants_of(1, 21, 2), *variants_of(7, 70, 2)]
    centra, _ = a_centra(
        products(cut),
        an_answer({"productVariants": listed}),
        page_size=100,
        verified_fields=True,
    )
    ((whole,),) = await collect(centra.iter_catalogue_pages())

    assert [one.id for one in whole.variants] == [*range(1, 23)]


async def test_a_store_that_was_not_verified_is_told_what_may_be_missing(caplog):
    """Nothing else can be asked there: the sentence names product and setting."""
    cut = a_product(1, variants=variants_of(1, 1, 20))
    centra, script = a_centra(products(cut), page_size=100)

    ((shown,),) = await collect(centra.iter_catalogue_pages())

    assert len(shown.variants) == 20
    assert len(script.requests) == 1
    assert "variants of product P1 and may leave out others" in caplog.text
    assert "centra.verified_fields = true" in caplog.text


async def test_size_charts_are_read_in_full():
    """Page by page, until a page is not full; sizes keep their order."""
    rows = [
        {
            "id": 5,
            "name": "Tops",
            "sizes": [{"id": 2, "name": "S"}, {"id": 1, "name": "M"}],
        },
        {"id": 6, "name": "Shoes", "sizes": []},
    ]
    centra, script = a_centra(
        an_answer({"sizeCharts": rows}),
        an_answer({"sizeCharts": []}),
        verified_fields=True,
    )
    charts = await centra.get_size_charts()

    assert [one.name for one in charts] == ["Tops", "Shoes"]
    assert [size.name for size in charts[0].sizes] == ["S", "M"]
    assert [body["variables"]["page"] for body in script.bodies] == [1, 2]


async def test_a_list_that_nobody_verified_is_not_asked_for():
    """The setting to change is named, and nothing is sent."""
    centra, script = a_centra(an_answer({}))

    with pytest.raises(ConfigError, match=r"set centra\.verified_fields"):
        await centra.get_size_charts()
    assert script.requests == []
