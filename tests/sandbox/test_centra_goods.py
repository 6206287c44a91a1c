"""The catalogue of the sandbox's Centra, as it is read."""

from typing import Any

from sandbox.centra.filters import DEFAULT_LIMIT
from tests.sandbox.centra_goods import a_product, a_variant
from tests.sandbox.centra_stand import Stand

GOODS = """{ products(where: {productNumber: {equals: "NH1504"}}) {
  name status productNumber isBundle isSerializableProduct brand { name } folder { name }
  countryOfOrigin { code } harmonizedCommodityCode createdAt updatedAt
  variants { name status variantNumber sizeChart { name sizes { name } } product { productNumber }
    productSizes { SKU EAN sizeNumber description isActive preorder size { name } } } } }"""


async def test_a_product_is_read_with_its_variants_and_sizes() -> None:
    """A size is one of its variant's chart; its SKU is the three numbers in one."""
    (product,) = (await Stand().ask(GOODS))["products"]
    (variant,) = product.pop("variants")
    assert product == {
        "name": "Raggsockor 2-pack",
        "status": "ACTIVE",
        "productNumber": "NH1504",
        "isBundle": False,
        "isSerializableProduct": False,
        "brand": {"name": "Nordhem"},
        "folder": None,
        "countryOfOrigin": {"code": "SE"},
        "harmonizedCommodityCode": "62019300",
        "createdAt": "2026-07-14T14:00:00+02:00",
        "updatedAt": "2026-07-14T14:00:00+02:00",
    }
    assert variant["sizeChart"] == {
        "name": "Strumpor",
        "sizes": [{"name": "36-40"}, {"name": "41-45"}],
    }
    assert variant["product"] == {"productNumber": "NH1504"}
    small = variant["productSizes"][0]
    assert small["SKU"] == "NH1504" + variant["variantNumber"] + small["sizeNumber"]
    assert (small["sizeNumber"], small["description"]) == ("3640", "36-40")
    assert (small["size"], small["isActive"]) == ({"name": "36-40"}, True)


async def test_products_come_in_pages_by_the_time_they_changed() -> None:
    """Pages count from 1, hold twenty unless told otherwise, and sort by updatedAt."""
    stand = Stand()
    catalogue = stand.instance.catalogue
    assert len((await stand.ask("{ products { id } }"))["products"]) == DEFAULT_LIMIT
    seen: list[str] = []
    for page in (1, 2, 3, 4):
        data = await stand.ask(
            f"{{ products(sort: [updatedAt_DESC], limit: 10, page: {page}) "
            "{ id updatedAt } }"
        )
        seen += [row["updatedAt"] for row in data["products"]]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(catalogue.products)


async def test_products_are_found_by_every_filter() -> None:
    """By id, number, name, status and the time of the last change, all of which must hold."""
    stand = Stand()
    for where, expected in (
        ("{id: [2, 3]}", ["NH1002", "NH1003"]),
        ('{productNumber: {contains: "nh200"}}', ["NH2001", "NH2002", "NH2003"]),
        ("{status: [INACTIVE]}", ["NH2002"]),
        ('{name: {contains: "keps"}, status: [ACTIVE]}', []),
        ('{updatedAt: {from: "2026-07-21T00:00:00+02:00"}}', ["NH2002", "NH2003"]),
    ):
        data = await stand.ask(f"{{ products(where: {where}) {{ productNumber }} }}")
        assert [p["productNumber"] for p in data["products"]] == expected, where


async def test_sizes_are_found_by_sku_and_by_ean_two_of_them_included() -> None:
    """One EAN on two sizes finds both; the codes of a filter must all hold."""
    stand = Stand()
    shared = stand.instance.size_of("NH2003ECRM").ean

    async def skus(where: str) -> list[str]:
        data = await stand.ask(f"{{ productSizes(where: {where}) {{ SKU }} }}")
        return [size["SKU"] for size in data["productSizes"]]

    assert await skus('{SKU: ["NH1104NAVM", "none"]}') == ["NH1104NAVM"]
    assert await skus(f'{{EAN: ["{shared}"]}}') == ["NH2003ECRM", "NH2003ECRL"]
    assert await skus(f'{{EAN: ["{shared}"], SKU: ["NH1104NAVM"]}}') == []


async def test_variants_are_found_by_their_product() -> None:
    """All variants of a product, in the order asked for."""
    data = await Stand().ask(
        "{ productVariants(where: {productId: [6]}, sort: [id_DESC]) { variantNumber } }"
    )
    numbers = [variant["variantNumber"] for variant in data["productVariants"]]
    assert numbers == ["ECR", "GRN", "NAV"]


async def test_a_display_has_the_prices_of_its_own_store() -> None:
    """Consumers' prices in one store, wholesale prices in the other; the unprepared has none."""
    stand = Stand()
    query = (
        "{ products(where: {id: [1]}) { displays(where: {storeId: [%d]}) { name "
        "prices { pricelist { name } price { value currency { code } } } } } }"
    )
    seen: dict[int, dict[str, float]] = {}
    for store in (1, 2):
        data = await stand.ask(query % store)
        (display,) = data["products"][0]["displays"]
        seen[store] = {
            price["pricelist"]["name"]: price["price"]["value"]
            for price in display["prices"]
        }
    assert seen[1]["Retail SEK"] == 4299
    assert seen[2]["Wholesale SEK"] == 1563.27
    assert not set(seen[1]) & set(seen[2])
    data = await stand.ask(
        '{ products(where: {productNumber: {equals: "NH2003"}}) { displays { id } } }'
    )
    assert data["products"] == [{"displays": []}]


async def test_a_token_of_one_store_sees_no_display_of_another() -> None:
    """Goods belong to no store, displays do."""
    stand = Stand()
    await stand.add_token("retail", stores=[1])
    data = await stand.ask(
        "{ products(where: {id: [1]}) { displays { id prices { pricelist { name } } } } }",
        token="retail",
    )
    (display,) = data["products"][0]["displays"]
    assert all(p["pricelist"]["name"].startswith("Retail") for p in display["prices"])


async def test_reading_goods_needs_its_permissions() -> None:
    """Each type has its own; without it the field is an error and null."""
    stand = Stand()
    asked: tuple[tuple[str, str], ...] = (
        ("Product:read", "{ products { id } }"),
        ("ProductVariant:read", "{ products { variants { id } } }"),
        ("ProductSize:read", "{ productSizes { id } }"),
        ("SizeChart:read", "{ sizeCharts { id } }"),
        ("Price:read", "{ products { displays { prices { price { value } } } } }"),
    )
    for permission, query in asked:
        await stand.add_token("poor", without=[permission])
        body: dict[str, Any] = (await stand.post(query, token="poor")).json()
        assert body["errors"][0]["extensions"] == {"category": "authorization"}
        assert permission in body["errors"][0]["message"]


async def test_nested_lists_of_goods_weigh_what_they_may_hold() -> None:
    """Two hundred products with their variants and sizes are more than a tenth of ten seconds."""
    response = await Stand().post(
        "{ products(limit: 200) { id variants { id productSizes { SKU EAN } } } }"
    )
    assert response.json()["extensions"]["complexity"] == 1 + 200 * (
        2 + 10 * (2 + 10 * 2)
    )


async def test_a_product_shows_twenty_variants_and_all_sizes_of_each() -> None:
    """The list of variants ends there without a word; `productVariants` has all of them."""
    stand = Stand()
    product = await a_product(stand)
    for number in range(25):
        await a_variant(stand, product, variantNumber=f"V{number}")
    shown = f"{{ products(where: {{id: [{product}]}}) {{ variants {{ id }} }} }}"
    listed = (
        f"{{ productVariants(where: {{productId: [{product}]}}, limit: 200) {{ id }} }}"
    )

    [found] = (await stand.ask(shown))["products"]

    assert len(found["variants"]) == DEFAULT_LIMIT
    assert len((await stand.ask(listed))["productVariants"]) == 25
    [variant] = stand.instance.catalogue.products[product].variants[:1]
    variant.product_sizes += [variant.product_sizes[0]] * 30
    sizes = f"{{ productVariants(where: {{id: [{variant.id}]}}) {{ productSizes {{ id }} }} }}"
    [read] = (await stand.ask(sizes))["productVariants"]
    assert len(read["productSizes"]) == len(variant.product_sizes) > 30
