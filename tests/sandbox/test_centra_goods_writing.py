"""What an integration writes into the catalogue of the sandbox's Centra."""

from typing import Any

import pytest

from sandbox.centra.conversions import Conversions
from sandbox.faults import ConnectionCut
from tests.sandbox.centra_goods import a_product, a_variant, change, events_of, listen
from tests.sandbox.centra_stand import Stand, a_world


def counts(stand: Stand) -> tuple[int, int, int, int]:
    """Return how many products, variants, sizes and charts there are."""
    goods = stand.instance.catalogue
    return (
        len(goods.products),
        len(goods.variants),
        len(goods.product_sizes),
        len(goods.size_charts),
    )


def internal(stand: Stand, object_type: str, external_id: str) -> int | None:
    """Return what an external id of the connector means."""
    conversions: Conversions = stand.instance.conversions
    return conversions.internal("connector", object_type, external_id)


async def test_a_style_is_made_as_product_variant_and_sizes() -> None:
    """The SKU is product number, variant number and size number; sizes are of the chart."""
    stand = Stand()
    product = await a_product(stand)
    variant = await a_variant(stand, product)
    assert variant["sizeChart"] == {"name": "Kläder"}
    assert [(s["SKU"], s["EAN"]) for s in variant["productSizes"]] == [
        ("NH3001BLUS", "7350000000001"),
        ("NH3001BLUM", "7350000000002"),
    ]
    assert internal(stand, "Product", "N-NH3001") == product
    assert internal(stand, "ProductVariant", "N-NH3001/BLU") == variant["id"]
    size = {"externalId": "Kläder|L"}
    given = {
        "productVariant": {"externalId": "N-NH3001/BLU"},
        "size": size,
        "sizeNumber": "L",
        "isActive": False,
    }
    done = await change(stand, "createProductSize", given)
    assert done["productSize"]["SKU"] == "NH3001BLUL"
    assert stand.instance.size_of("NH3001BLUL").is_active is False


async def test_several_mutations_of_one_request_build_on_each_other() -> None:
    """External ids tie them together, and each counts in the bucket of mutations."""
    stand = Stand()
    data = await stand.ask(
        """mutation {
          createProduct(input: {name: "Hatt", status: ACTIVE, productNumber: "NH3009", externalId: "p"})
            { product { id } }
          createProductVariant(input: {product: {externalId: "p"}, name: "Röd", status: ACTIVE,
            variantNumber: "RED", sizeChart: {id: 3}, productSizes: [{size: {name: "One size"},
            sizeNumber: "OS", isActive: true}]}) { productVariant { productSizes { SKU } } }
        }"""
    )
    made = data["createProductVariant"]["productVariant"]
    assert made == {"productSizes": [{"SKU": "NH3009REDOS"}]}
    buckets = stand.instance.limits.buckets(stand.world.clock.now())
    used = {b.type: b.used_quota for b in buckets if b.interval_seconds == "ONE_HOUR"}
    assert used["MUTATION_COUNT"] == 2
    assert used["REQUEST_COUNT"] == 1


async def test_a_known_external_id_makes_a_second_product_and_moves_to_it() -> None:
    """Creating is not idempotent: nothing is refused, and the first one loses its id."""
    stand = Stand()
    first = await a_product(stand)
    second = await a_product(stand)
    assert first != second
    assert internal(stand, "Product", "N-NH3001") == second
    one, two = await a_variant(stand, second), await a_variant(stand, second)
    assert one["id"] != two["id"]
    assert internal(stand, "ProductVariant", "N-NH3001/BLU") == two["id"]
    data = await stand.ask('{ productSizes(where: {SKU: ["NH3001BLUS"]}) { id } }')
    assert len(data["productSizes"]) == 2


async def test_a_size_chart_is_set_only_once() -> None:
    """A variant without a chart takes one; from then on any chart is refused, the same too."""
    stand = Stand()
    product = await a_product(stand)
    bare = {"sizeChart": None, "productSizes": None}
    variant = await a_variant(stand, product, **bare)
    of = variant["id"]
    first = await change(stand, "updateProductVariant", {"sizeChart": {"id": 1}}, of=of)
    assert first["userErrors"] == []
    for chart in (1, 2):
        again = await change(
            stand,
            "updateProductVariant",
            {"sizeChart": {"id": chart}, "status": "INACTIVE"},
            of=of,
        )
        assert again["productVariant"] is None
        assert again["userErrors"] == [
            {
                "message": "Size chart can be set only once",
                "path": ["input", "sizeChart"],
            }
        ]
    made = stand.instance.catalogue.variants[of]
    assert made.size_chart is stand.instance.catalogue.size_charts[1]
    assert made.status == "ACTIVE"


@pytest.mark.parametrize(
    ("name", "given", "path"),
    [
        ("createProduct", {"name": " ", "status": "ACTIVE"}, ["input", "name"]),
        ("createProduct", {"name": "x"}, ["input", "status"]),
        (
            "createProduct",
            {"name": "x", "status": "ACTIVE", "externalId": "x" * 256},
            ["input", "externalId"],
        ),
        (
            "createProduct",
            {"name": "x", "status": "ACTIVE", "brand": {"id": 9}},
            ["input", "brand"],
        ),
        (
            "createProduct",
            {"name": "x", "status": "ACTIVE", "countryOfOrigin": {"code": "XX"}},
            ["input", "countryOfOrigin"],
        ),
        (
            "createProductVariant",
            {"product": {"externalId": "?"}, "name": "x", "status": "ACTIVE"},
            ["input", "product"],
        ),
        (
            "createProductVariant",
            {
                "product": {"id": 1},
                "name": "x",
                "status": "ACTIVE",
                "sizeChart": {"id": 1},
                "productSizes": [
                    {"size": {"name": "S"}, "isActive": True},
                    {"size": {"name": "36-40"}, "isActive": True},
                ],
            },
            ["input", "productSizes", "1", "size"],
        ),
        (
            "createProductVariant",
            {
                "product": {"id": 1},
                "name": "x",
                "status": "ACTIVE",
                "sizeChart": {"id": 1},
                "productSizes": [{"size": {"name": "S"}, "isActive": True}] * 2,
            },
            ["input", "productSizes", "1", "size"],
        ),
        (
            "createProductVariant",
            {
                "product": {"id": 1},
                "name": "x",
                "status": "ACTIVE",
                "productSizes": [{"size": {"name": "S"}, "isActive": True}],
            },
            ["input", "sizeChart"],
        ),
        (
            "createProductSize",
            {"productVariant": {"id": 1}, "size": {"name": "S"}, "isActive": True},
            ["input", "size"],
        ),
        (
            "createProductSize",
            {
                "productVariant": {"id": 1},
                "size": {"externalId": "Byxor|28"},
                "isActive": True,
            },
            ["input", "size"],
        ),
        (
            "createSizeChart",
            {"name": "A|B", "sizes": [{"name": "S"}]},
            ["input", "name"],
        ),
        (
            "createSizeChart",
            {"name": "A", "sizes": [{"name": "S"}, {"name": "S"}]},
            ["input", "sizes", "1", "name"],
        ),
    ],
)
async def test_what_cannot_be_made_is_a_user_error_and_makes_nothing(
    name: str, given: dict[str, Any], path: list[str]
) -> None:
    """The path names the field; no product, variant, size or chart is there afterwards."""
    stand = Stand()
    before = counts(stand)
    done = await change(stand, name, given)
    assert [error["path"] for error in done["userErrors"]] == [path]
    assert counts(stand) == before


async def test_a_size_is_activated_once() -> None:
    """The slot of a chart holds one size of a variant."""
    stand = Stand()
    product = await a_product(stand)
    variant = await a_variant(stand, product)
    given = {
        "productVariant": {"id": variant["id"]},
        "size": {"name": "S"},
        "sizeNumber": "S",
        "isActive": True,
    }
    done = await change(stand, "createProductSize", given)
    assert done["userErrors"][0]["message"] == "Product size S exists already"
    assert len(stand.instance.catalogue.by_key("SKU", "NH3001BLUS")) == 1


async def test_numbers_and_codes_change_what_is_found() -> None:
    """An SKU follows each of its three numbers; one EAN may be on two sizes."""
    stand = Stand()
    product = await a_product(stand)
    variant = await a_variant(stand, product)
    small, medium = (size["id"] for size in variant["productSizes"])
    await change(stand, "updateProduct", {"productNumber": "NH3002"}, of=product)
    await change(
        stand, "updateProductVariant", {"variantNumber": "RED"}, of=variant["id"]
    )
    done = await change(
        stand,
        "updateProductSize",
        {"EAN": "7350000000002", "sizeNumber": "SMALL", "isActive": False},
        of=small,
    )
    assert done["productSize"] == {
        "SKU": "NH3002REDSMALL",
        "EAN": "7350000000002",
        "isActive": False,
    }
    find = stand.instance.catalogue.by_key
    assert [size.id for size in find("EAN", "7350000000002")] == [small, medium]
    assert find("SKU", "NH3001BLUS") == []
    assert find("EAN", "7350000000001") == []


async def test_every_change_moves_the_time_of_what_it_belongs_to() -> None:
    """A size moves its variant and product, a variant its product."""
    stand = Stand()
    product_id = await a_product(stand)
    variant_id = (await a_variant(stand, product_id))["id"]
    product = stand.instance.catalogue.products[product_id]
    variant = stand.instance.catalogue.variants[variant_id]
    size_id = variant.product_sizes[0].id
    for name, given, of, moved in (
        ("updateProduct", {"name": "Ny"}, product_id, [product]),
        ("updateProductVariant", {"name": "Ny"}, variant_id, [variant, product]),
        ("updateProductSize", {"EAN": "1"}, size_id, [variant, product]),
    ):
        stand.world.clock.advance(60)
        before = variant.updated_at
        await change(stand, name, given, of=of)
        now = stand.world.clock.now()
        assert [thing.updated_at for thing in moved] == [now] * len(moved)  # type: ignore[attr-defined]
        assert (variant.updated_at == before) == (variant not in moved)


async def test_own_writes_come_back_as_events() -> None:
    """Who writes is told like everybody else, with the object as it is now."""
    stand = Stand()
    await listen(stand, "Product", "ProductVariant", "ProductSize", "SizeChart")
    product = await a_product(stand)
    assert await events_of(stand) == [("Product", "CREATED", product)]
    variant = await a_variant(stand, product)
    small, medium = (size["id"] for size in variant["productSizes"])
    assert await events_of(stand) == [
        ("ProductVariant", "CREATED", variant["id"]),
        ("Product", "DEPENDENT_DATA_CHANGED", product),
        ("ProductSize", "CREATED", small),
        ("ProductSize", "CREATED", medium),
    ]
    await change(stand, "updateProductSize", {"EAN": "1"}, of=small)
    query = (
        "{ events(limit: 200) { objectType object { ... on Product { productNumber } "
        "... on ProductVariant { variantNumber } } } }"
    )
    assert (await stand.ask(query))["events"] == [
        {"objectType": "ProductSize", "object": None},
        {"objectType": "ProductVariant", "object": {"variantNumber": "BLU"}},
        {"objectType": "Product", "object": {"productNumber": "NH3001"}},
    ]


async def test_a_size_chart_is_made_twice_and_its_sizes_have_ids_of_their_own() -> None:
    """The same name is no error; the external id `Chart|Size` then means the newer chart."""
    stand = Stand()
    given = {"name": "Barn", "sizes": [{"name": "92"}, {"name": "98"}]}
    first = (await change(stand, "createSizeChart", given))["sizeChart"]
    second = (await change(stand, "createSizeChart", given))["sizeChart"]
    assert [size["name"] for size in first["sizes"]] == ["92", "98"]
    product = await a_product(stand)
    sizes = [{"size": {"externalId": "Barn|92"}, "isActive": True}]
    variant = await a_variant(
        stand, product, sizeChart={"id": second["id"]}, productSizes=sizes
    )
    assert len(variant["productSizes"]) == 1
    given = {
        "product": {"id": product},
        "name": "x",
        "status": "ACTIVE",
        "sizeChart": {"id": first["id"]},
        "productSizes": sizes,
    }
    done = await change(stand, "createProductVariant", given)
    assert [e["path"] for e in done["userErrors"]] == [
        ["input", "productSizes", "0", "size"]
    ]


async def test_external_ids_of_sizes_have_a_form() -> None:
    """`Chart name|Size name` is enforced when one is set by hand."""
    stand = Stand()
    query = (
        "mutation S($id: String!) { setIdConversions(input: [{objectType: Size, internalId: 1, "
        "externalId: $id}]) { userErrors { path } } }"
    )
    for wrong in ("XS", "Kläder|", "|XS", "a|b|c"):
        done = await stand.ask(query, {"id": wrong})
        assert done["setIdConversions"]["userErrors"], wrong
        assert internal(stand, "Size", wrong) is None
    done = await stand.ask(query, {"id": "Clothes|XS"})
    assert done["setIdConversions"]["userErrors"] == []
    assert internal(stand, "Size", "Clothes|XS") == 1


async def test_goods_take_attributes() -> None:
    """By their id, when made, when changed, or alone; what is not set up is refused."""
    stand = Stand()
    product = await a_product(stand)

    def code(value: str, name: str = "colour") -> dict[str, Any]:
        entry = {
            "attributeTypeName": name,
            "attributeElementKey": "code",
            "attributeElementValue": value,
        }
        return {"assignDynamicAttributes": [entry]}

    variant = stand.instance.catalogue.variants[
        (await a_variant(stand, product, **code("19-4024")))["id"]
    ]
    assert [a.value for a in variant.attributes] == ["19-4024"]
    await change(stand, "updateProductVariant", code("19-4025"), of=variant.id)
    assert [a.value for a in variant.attributes] == ["19-4025"]
    wrong = code("x", name="nowhere")
    done = await change(stand, "updateProductVariant", wrong, of=variant.id)
    assert done["userErrors"][0]["path"] == ["input", "assignDynamicAttributes", "0"]
    assert [a.value for a in variant.attributes] == ["19-4025"]
    query = (
        "mutation { assignAttributes(input: {objectType: Product, objectId: %d, dynamicAttributes: "
        '[{attributeTypeName: "material", attributeElementKey: "text", attributeElementValue: '
        '"Ull"}]}) { object { ... on Product { attributes { type { name } elements { key } } } } '
        "userErrors { message } } }"
    )
    stand.world.clock.advance(60)
    data = await stand.ask(query % product)
    assert data["assignAttributes"]["object"] == {
        "attributes": [{"type": {"name": "material"}, "elements": [{"key": "text"}]}]
    }
    made = stand.instance.catalogue.products[product]
    assert made.updated_at == stand.world.clock.now()


async def test_writing_goods_needs_its_permissions() -> None:
    """Without it nothing is made, and the error names what is missing."""
    stand = Stand()
    before = counts(stand)
    make_variant = (
        'createProductVariant(input: {product: {id: 1}, name: "x", status: ACTIVE}) '
        "{ productVariant { id } }"
    )
    for permission, mutation in (
        (
            "Product:write",
            'createProduct(input: {name: "x", status: ACTIVE}) { product { id } }',
        ),
        ("ProductVariant:write", make_variant),
        (
            "SizeChart:write",
            'createSizeChart(input: {name: "x", sizes: []}) { sizeChart { id } }',
        ),
    ):
        await stand.add_token("poor", without=[permission])
        response = await stand.post(f"mutation {{ {mutation} }}", token="poor")
        assert permission in response.json()["errors"][0]["message"]
    assert counts(stand) == before


@pytest.mark.parametrize(
    ("fault", "made"),
    [("before_commit", 0), ("drop", 0), ("after_commit", 1), ("cut", 1)],
)
async def test_the_end_of_a_create_may_be_unclear(fault: str, made: int) -> None:
    """Before the commit nothing is there; after it the product is, whatever was answered."""
    stand = Stand(a_world(orders=0))
    before = len(stand.instance.catalogue.products)
    stand.world.faults.add(fault, "centra.mutation.createProduct")
    with pytest.raises((AssertionError, ConnectionCut)):
        await a_product(stand)
    assert len(stand.instance.catalogue.products) == before + made
    assert (internal(stand, "Product", "N-NH3001") is not None) == bool(made)


async def test_what_was_made_may_show_late() -> None:
    """It is there and has its external id, but no list tells of it for a while."""
    stand = Stand()
    fault = stand.world.faults.add(
        "late_visibility", "centra.mutation.createProduct", seconds=90
    )
    product = await a_product(stand)
    variant = await a_variant(stand, product)
    assert fault.played == 1
    assert internal(stand, "Product", "N-NH3001") == product
    queries = (
        f"{{ rows: products(where: {{id: [{product}]}}) {{ id }} }}",
        f"{{ rows: productVariants(where: {{id: [{variant['id']}]}}) {{ id }} }}",
        '{ rows: productSizes(where: {SKU: ["NH3001BLUS"]}) { id } }',
    )
    for query in queries:
        assert (await stand.ask(query))["rows"] == []
    stand.world.clock.advance(90)
    for query in queries:
        assert len((await stand.ask(query))["rows"]) == 1
