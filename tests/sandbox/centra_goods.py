"""Writing goods to the sandbox's Centra, as an integration does."""

from typing import Any

from tests.sandbox.centra_stand import Stand

__all__ = ["a_product", "a_variant", "change", "events_of", "listen", "set_prices"]

_FIELDS = {
    "createProduct": ("ProductCreateInput", "product { id name productNumber status }"),
    "updateProduct": ("ProductUpdateInput", "product { id name updatedAt }"),
    "createProductVariant": (
        "ProductVariantCreateInput",
        "productVariant { id sizeChart { name } productSizes { id SKU EAN isActive } }",
    ),
    "updateProductVariant": (
        "ProductVariantUpdateInput",
        "productVariant { id status updatedAt productSizes { SKU } }",
    ),
    "createProductSize": ("ProductSizeCreateInput", "productSize { id SKU }"),
    "updateProductSize": ("ProductSizeUpdateInput", "productSize { SKU EAN isActive }"),
    "createSizeChart": ("SizeChartCreateInput", "sizeChart { id sizes { id name } }"),
}


async def change(
    stand: Stand, name: str, given: dict[str, Any], *, of: int | None = None
) -> dict[str, Any]:
    """Do one mutation of goods; `of` is the id of what an update changes."""
    type_, fields = _FIELDS[name]
    head, arguments = f"$input: {type_}!", "input: $input"
    if of is not None:
        arguments = f"id: {of}, {arguments}"
    query = (
        f"mutation M({head}) {{ {name}({arguments}) "
        f"{{ {fields} userErrors {{ message path }} userWarnings {{ message }} }} }}"
    )
    return dict((await stand.ask(query, {"input": given}))[name])


async def a_product(stand: Stand, **more: Any) -> int:
    """Create a product and return its id."""
    given = {
        "name": "Tröja",
        "status": "ACTIVE",
        "productNumber": "NH3001",
        "externalId": "N-NH3001",
    }
    done = await change(stand, "createProduct", given | more)
    assert done["userErrors"] == []
    return int(done["product"]["id"])


async def a_variant(stand: Stand, product: int, **more: Any) -> dict[str, Any]:
    """Create a variant in S and M and return it."""
    given = {
        "product": {"id": product},
        "name": "Blå",
        "status": "ACTIVE",
        "variantNumber": "BLU",
        "sizeChart": {"id": 1},
        "productSizes": [
            {"size": {"name": name}, "sizeNumber": name, "EAN": ean, "isActive": True}
            for name, ean in (("S", "7350000000001"), ("M", "7350000000002"))
        ],
        "externalId": "N-NH3001/BLU",
    }
    done = await change(stand, "createProductVariant", given | more)
    assert done["userErrors"] == []
    return dict(done["productVariant"])


async def set_prices(
    stand: Stand, pricelist: int, *rows: dict[str, Any], token: str | None = None
) -> dict[str, Any]:
    """Set prices on one pricelist; rows need not say that nothing is overridden."""
    given = {
        "pricelist": {"id": pricelist},
        "productPrices": [{"overrideIndividualVariantPrices": False} | r for r in rows],
    }
    query = (
        "mutation P($input: ProductPricesSetInput!) { setPrices(input: $input) { pricelist { name } "
        "products { id } userErrors { message path } userWarnings { message path } } }"
    )
    data = await stand.ask(query, {"input": given}, token=token)
    return dict(data["setPrices"])


async def listen(stand: Stand, *types: str) -> None:
    """Listen to all events of some types."""
    rows = ", ".join(f"{{objectType: {name}}}" for name in types)
    await stand.ask(
        f"mutation {{ setEventListeners(input: [{rows}]) {{ userErrors {{ message }} }} }}"
    )


async def events_of(stand: Stand) -> list[tuple[str, str, int]]:
    """Return the events that wait, as type, change and reference, and confirm them."""
    data = await stand.ask(
        "{ events(limit: 200) { id objectType changeType objectReference } }"
    )
    ids = [event["id"] for event in data["events"]]
    query = (
        "mutation C($ids: [Int!]!) { confirmEvents(input: {eventsIds: $ids}) "
        "{ userErrors { message } } }"
    )
    await stand.ask(query, {"ids": ids})
    return [
        (e["objectType"], e["changeType"], e["objectReference"]) for e in data["events"]
    ]
