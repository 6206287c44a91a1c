"""Prices of the sandbox's Centra: what is saved, what is skipped, and what is for sale."""

from typing import Any

import pytest

from sandbox.centra.places import Pricelist
from sandbox.centra.selling import why_not_for_sale
from tests.sandbox.centra_goods import (
    a_product,
    a_variant,
    change,
    events_of,
    listen,
    set_prices,
)
from tests.sandbox.centra_stand import Stand


def kr(value: float) -> dict[str, Any]:
    """Return an amount in Swedish kronor."""
    return {"value": value, "currencyIsoCode": "SEK"}


def retail_sek(stand: Stand) -> Pricelist:
    """Return the consumers' pricelist in Swedish kronor."""
    lists = stand.instance.pricelists.values()
    return next(pricelist for pricelist in lists if pricelist.name == "Retail SEK")


def price_of(stand: Stand, sku: str) -> int | None:
    """Return what a size costs on that list, in öre."""
    variant = stand.instance.size_of(sku).variant
    return stand.instance.prices.of_variant(retail_sek(stand), variant)


@pytest.mark.parametrize(
    ("row", "path"),
    [
        ({"product": {"id": 2}, "price": kr(0)}, ["price"]),
        ({"product": {"id": 2}, "price": kr(-5)}, ["price"]),
        ({"product": {"id": 2}, "price": kr(0.004)}, ["price"]),
        (
            {"product": {"id": 2}, "price": {"value": 9, "currencyIsoCode": "EUR"}},
            ["price"],
        ),
        (
            {"product": {"id": 2}, "price": kr(9), "recommendedRetailPrice": kr(0)},
            ["recommendedRetailPrice"],
        ),
        ({"product": {"externalId": "?"}, "price": kr(9)}, ["product"]),
        ({"product": {"id": 2}}, []),
        (
            {
                "product": {"id": 2},
                "price": kr(9),
                "individualVariantPrices": [
                    {"productVariant": {"id": 1}, "price": kr(9)}
                ],
            },
            ["individualVariantPrices", "0", "productVariant"],
        ),
    ],
)
async def test_a_row_that_cannot_be_saved_is_a_warning_and_the_others_are_saved(
    row: dict[str, Any], path: list[str]
) -> None:
    """The path names the row; nothing of it is saved, whatever else it says."""
    stand = Stand()
    before = price_of(stand, "NH1002NAVM")
    rows = (
        {"product": {"id": 1}, "price": kr(3999)},
        row,
        {"product": {"id": 3}, "price": kr(1699.50)},
    )
    done = await set_prices(stand, retail_sek(stand).id, *rows)
    assert done["userErrors"] == []
    assert [w["path"] for w in done["userWarnings"]] == [
        ["input", "productPrices", "1", *path]
    ]
    assert done["products"] == [{"id": 1}, {"id": 3}]
    assert price_of(stand, "NH1001BLKM") == 399_900
    assert price_of(stand, "NH1003NAVM") == 169_950
    assert price_of(stand, "NH1002NAVM") == before == 249_900


async def test_single_variants_keep_their_price_unless_it_is_overridden() -> None:
    """A product's price is that of all variants but those with their own."""
    stand = Stand()
    pricelist = retail_sek(stand).id
    black = stand.instance.size_of("NH1001BLKM").variant.id
    own = [{"productVariant": {"id": black}, "price": kr(4000)}]
    product = {"product": {"id": 1}}
    seen: list[tuple[int | None, int | None]] = []
    for row in (
        {"individualVariantPrices": own},
        {"price": kr(4100)},
        {"price": kr(4200), "overrideIndividualVariantPrices": True},
        {
            "price": kr(4300),
            "overrideIndividualVariantPrices": True,
            "individualVariantPrices": own,
        },
        {
            "individualVariantPrices": [
                {"productVariant": {"id": black}, "price": None}
            ],
        },
    ):
        done = await set_prices(stand, pricelist, product | row)
        assert done["userWarnings"] == []
        seen.append((price_of(stand, "NH1001BLKM"), price_of(stand, "NH1001GRNM")))
    assert seen == [
        (400_000, 429_900),
        (400_000, 410_000),
        (420_000, 420_000),
        (400_000, 430_000),
        (430_000, 430_000),
    ]


async def test_a_batch_sets_several_pricelists_or_none() -> None:
    """One unknown pricelist is a user error, and then no price of the call is saved."""
    stand = Stand()
    query = (
        "mutation B($input: [ProductPricesSetInput!]!) { setPricesBatch(input: $input) { "
        "pricelists { name } products { id } userErrors { path } userWarnings { path } } }"
    )

    def prices(pricelist: int, amount: dict[str, Any]) -> dict[str, Any]:
        row = {"product": {"id": 1}, "price": amount}
        row["overrideIndividualVariantPrices"] = False
        return {"pricelist": {"id": pricelist}, "productPrices": [row]}

    lists = {p.name: p.id for p in stand.instance.pricelists.values()}
    good = prices(lists["Retail SEK"], kr(3999))
    wrong = prices(lists["Retail NOK"], kr(3999))
    done = (await stand.ask(query, {"input": [good, prices(999, kr(1))]}))[
        "setPricesBatch"
    ]
    assert done["userErrors"] == [{"path": ["input", "1", "pricelist"]}]
    assert done["pricelists"] == done["products"] == []
    assert price_of(stand, "NH1001BLKM") == 429_900
    done = (await stand.ask(query, {"input": [good, wrong]}))["setPricesBatch"]
    assert done["userWarnings"] == [
        {"path": ["input", "1", "productPrices", "0", "price"]}
    ]
    assert done["pricelists"] == [{"name": "Retail SEK"}, {"name": "Retail NOK"}]
    assert price_of(stand, "NH1001BLKM") == 399_900


async def test_an_unknown_pricelist_or_one_of_another_store_is_a_user_error() -> None:
    """A token of one store does not see the other's."""
    stand = Stand()
    await stand.add_token("wholesale", stores=[2])
    row = {"product": {"id": 1}, "price": kr(1)}
    for pricelist, token in ((999, None), (retail_sek(stand).id, "wholesale")):
        done = await set_prices(stand, pricelist, row, token=token)
        assert [e["path"] for e in done["userErrors"]] == [["input", "pricelist"]]
    assert price_of(stand, "NH1001BLKM") == 429_900


async def test_a_pricelist_tells_once_that_its_prices_changed() -> None:
    """One event a call, as many rows as it has; none when every row was skipped."""
    stand = Stand()
    pricelist = retail_sek(stand).id
    await listen(stand, "Pricelist", "Product")
    await set_prices(stand, pricelist, {"product": {"id": 1}, "price": kr(0)})
    assert await events_of(stand) == []
    rows = ({"product": {"id": n}, "price": kr(100)} for n in (1, 2, 3))
    await set_prices(stand, pricelist, *rows)
    assert await events_of(stand) == [("Pricelist", "UPDATED", pricelist)]


async def test_setting_prices_needs_its_permission() -> None:
    """Without it no price is set."""
    stand = Stand()
    await stand.add_token("poor", without=["Price:write"])
    query = (
        "mutation { setPrices(input: {pricelist: {id: 1}, productPrices: []}) "
        "{ products { id } } }"
    )
    body = (await stand.post(query, token="poor")).json()
    assert body["errors"][0]["extensions"] == {"category": "authorization"}
    assert body["data"] == {"setPrices": None}


async def test_goods_are_for_sale_once_shown_priced_and_active() -> None:
    """Made by the API they are not; then display and price are missing, one after the other."""
    stand = Stand()
    product = await a_product(stand)
    variant = await a_variant(stand, product)
    size, pricelist = stand.instance.size_of("NH3001BLUS"), retail_sek(stand)

    def reason() -> str | None:
        return why_not_for_sale(stand.instance, size, pricelist)

    async def order() -> int:
        response = await stand.request(
            "POST",
            "/_sandbox/centra/nordhem/orders",
            json={"order": {"lines": [{"sku": "NH3001BLUS"}]}},
        )
        return response.status_code

    async def by_hand(action: str) -> None:
        path = "/_sandbox/centra/nordhem/goods/NH3001"
        done = await stand.request("POST", path, json={"action": action, "store": 1})
        assert done.status_code == 200

    before = len(stand.instance.orders)
    assert (reason(), await order()) == (
        "it is on no display of Nordhem webshop",
        400,
    )
    await by_hand("show")
    assert (reason(), await order()) == ("it has no price on Retail SEK", 400)
    assert len(stand.instance.orders) == before
    await set_prices(stand, pricelist.id, {"product": {"id": product}, "price": kr(99)})
    assert (reason(), await order()) == (None, 201)
    line = list(stand.instance.orders.values())[-1].lines[0]
    assert (line.unit_price, line.product_name) == (9900, "Tröja")
    await change(stand, "updateProductSize", {"isActive": False}, of=size.id)
    assert reason() == "its size is not active"
    await change(
        stand, "updateProductVariant", {"status": "INACTIVE"}, of=variant["id"]
    )
    assert reason() == "its variant is not active"
    await change(stand, "updateProduct", {"status": "INACTIVE"}, of=product)
    assert (reason(), await order()) == ("its product is not active", 400)
