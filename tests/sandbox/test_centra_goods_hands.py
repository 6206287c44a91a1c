"""People at the goods of the sandbox's Centra."""

from typing import Any

import httpx

from tests.sandbox.centra_goods import events_of, listen
from tests.sandbox.centra_stand import Stand


async def by_hand(stand: Stand, key: str, **wish: Any) -> httpx.Response:
    """Do something to goods by the control API."""
    path = f"/_sandbox/centra/nordhem/goods/{key}"
    return await stand.request("POST", path, json=wish)


async def test_people_rename_deactivate_and_correct_codes() -> None:
    """Each moves the time of the product and tells the integration."""
    stand = Stand()
    await listen(stand, "Product", "ProductVariant", "ProductSize")
    size = stand.instance.size_of("NH1104NAVM")
    variant, product = size.variant, size.variant.product
    done = await by_hand(stand, "NH1104", action="rename", name="Merinopolo II")
    assert done.json() == {"product": "NH1104", "status": "ACTIVE"}
    assert product.name == "Merinopolo II"
    assert await events_of(stand) == [("Product", "UPDATED", product.id)]
    await by_hand(stand, "NH1104NAVM", action="change_ean", ean="7350000000009")
    assert stand.instance.catalogue.by_key("EAN", "7350000000009") == [size]
    assert await events_of(stand) == [
        ("ProductSize", "UPDATED", size.id),
        ("ProductVariant", "UPDATED", variant.id),
        ("Product", "DEPENDENT_DATA_CHANGED", product.id),
    ]
    for level in ("size", "variant", "product"):
        await by_hand(stand, "NH1104NAVM", action="deactivate", level=level)
    assert (size.is_active, variant.status) == (False, "INACTIVE")
    assert product.status == "INACTIVE"
    await by_hand(stand, "NH1104", action="activate")
    assert product.status == "ACTIVE"
    assert product.updated_at == stand.world.clock.now()


async def test_people_set_prices_that_the_interface_allows_and_the_api_does_not() -> (
    None
):
    """By hand a price may be zero, of a product or of one variant."""
    stand = Stand()
    await listen(stand, "Pricelist")
    lists = stand.instance.pricelists.values()
    pricelist = next(p for p in lists if p.name == "Retail NOK")
    of_variant = stand.instance.prices.of_variant
    navy = stand.instance.size_of("NH1104NAVM").variant
    black = stand.instance.size_of("NH1104BLKM").variant
    await by_hand(
        stand, "NH1104", action="set_price", pricelist="Retail NOK", price="0"
    )
    await by_hand(
        stand,
        "NH1104NAVM",
        action="set_price",
        pricelist="Retail NOK",
        price="749.50",
        level="variant",
    )
    assert of_variant(pricelist, navy) == 74_950
    assert of_variant(pricelist, black) == 0
    assert await events_of(stand) == [("Pricelist", "UPDATED", pricelist.id)] * 2


async def test_a_deleted_variant_is_gone_but_its_orders_stay() -> None:
    """What was sold keeps its own copy of names and numbers, and points to nothing."""
    stand = Stand()
    await listen(stand, "ProductVariant", "ProductSize")
    order = next(
        order
        for order in stand.instance.orders.values()
        if order.lines[0].product_size and order.lines[0].kind == "Product"
    )
    size = order.lines[0].product_size
    assert size is not None
    sku, variant = size.sku, size.variant
    sizes = [("ProductSize", "DELETED", s.id) for s in variant.product_sizes]
    await by_hand(stand, sku, action="delete_variant")
    assert await events_of(stand) == [
        *sizes,
        ("ProductVariant", "DELETED", variant.id),
    ]
    data = await stand.ask(
        f"{{ orders(where: {{number: [{order.number}]}}) {{ lines(includeFullyCancelled: true) "
        "{ productNumber productName size product { id } productVariant { id } "
        "productSize { SKU } } } }"
    )
    line = data["orders"][0]["lines"][0]
    assert line["productNumber"] == variant.product.product_number
    assert line["product"] is line["productVariant"] is line["productSize"] is None
    query = f'{{ productSizes(where: {{SKU: ["{sku}"]}}) {{ id }} }}'
    assert (await stand.ask(query))["productSizes"] == []
    assert variant not in variant.product.variants


async def test_what_people_cannot_do_is_said() -> None:
    """A wrong key, action, level, store or pricelist answers 400 and changes nothing."""
    stand = Stand()
    product = stand.instance.size_of("NH1104NAVM").variant.product
    before = (product.name, product.status, product.updated_at, len(product.displays))
    for key, wish in (
        ("nowhere", {"action": "rename", "name": "x"}),
        ("NH1104", {"action": "sing"}),
        ("NH1104", {"action": "rename"}),
        ("NH1104", {"action": "change_ean", "ean": "1"}),
        ("NH1104", {"action": "deactivate", "level": "shelf"}),
        ("NH1104", {"action": "show", "store": 9}),
        ("NH1104", {"action": "set_price", "pricelist": "x", "price": "1"}),
    ):
        response = await by_hand(stand, key, **wish)
        assert response.status_code == 400, wish
        assert response.json()["error"]
    assert before == (
        product.name,
        product.status,
        product.updated_at,
        len(product.displays),
    )
