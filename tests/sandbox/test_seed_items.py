"""The goods of a planted world on the Visma.net side: items, attributes, prices, stock."""

from datetime import date
from decimal import Decimal

import httpx

from sandbox.app import build_world, create_app
from sandbox.clock import Clock
from sandbox.seed.stock import quantity_of
from sandbox.visma.company import Company
from sandbox.visma.goods_records import SalesPrice
from sandbox.world import World
from tests.sandbox.visma_stand import NOW, SERVICE, Stand

TODAY = date(2026, 3, 10)


def a_world() -> World:
    """Return a planted world whose clock stands still."""
    return build_world(orders=20, clock=Clock(NOW, frozen=True))


def prices_of(company: Company, item: str, currency: str = "SEK") -> list[SalesPrice]:
    """Return the rows of an item in a currency that the web shop could take."""
    return [
        row
        for row in company.goods.prices.values()
        if (row.inventory_id, row.currency, row.code) == (item, currency, "WEB")
    ]


def test_items_say_which_style_colour_and_size_they_are() -> None:
    """Attributes of each item are those of its size in Centra, and belong to its class."""
    world = a_world()
    for name in ("nordhem", "fjord"):
        company = world.visma[name]
        for size in world.centra[name].catalogue.product_sizes.values():
            item = company.find_item(size.sku)
            if item is None:
                continue
            variant = size.variant
            assert item.attributes == {
                "STYLE": variant.product.product_number,
                "COLOUR": variant.variant_number,
                "SIZE": size.description,
                "WEBSHOP": "1",
            }
            group = company.setup.item_classes[item.item_class]
            assert set(item.attributes) <= set(group.attributes)
            colours = company.setup.attribute_values["COLOUR"]
            assert colours[item.attributes["COLOUR"]] == variant.name
            assert [one.number for one in item.references] == [size.ean]


def test_prices_are_those_of_the_shop() -> None:
    """What consumers pay in Centra is the price class of the web shop, to the penny."""
    world = a_world()
    instance, company = world.centra["nordhem"], world.visma["nordhem"]
    for size in instance.catalogue.product_sizes.values():
        if company.find_item(size.sku) is None:
            continue
        for currency in ("SEK", "EUR", "JPY"):
            denominator = instance.currencies[currency].denominator
            usual = prices_of(company, size.sku, currency)[0]
            asked = size.variant.product.prices[currency]
            assert usual.price * denominator == asked
            assert usual.effective_on < TODAY
            assert usual.expires_on is None


def test_prices_that_do_not_count_today() -> None:
    """One style gets dearer later, one costs less by the ten, one sale is over and one is on."""
    company = a_world().visma["nordhem"]
    rows = {
        style: [
            (row.price, row.break_quantity, row.effective_on, row.expires_on)
            for row in prices_of(company, f"{style}")
        ]
        for style in ("NH1001BLKM", "NH1203BLKM", "NH1102NAVM", "NH1503ECROS")
    }
    start = date(2025, 2, 3)
    assert rows == {
        "NH1001BLKM": [
            (Decimal(4299), 0, start, None),
            (Decimal(4499), 0, date(2026, 3, 24), None),
        ],
        "NH1203BLKM": [
            (Decimal(299), 0, start, None),
            (Decimal(249), 10, start, None),
        ],
        "NH1102NAVM": [
            (Decimal(1249), 0, start, None),
            (Decimal(949), 0, date(2026, 1, 9), date(2026, 2, 8)),
        ],
        "NH1503ECROS": [
            (Decimal(399), 0, start, None),
            (Decimal(369), 0, date(2026, 3, 3), date(2026, 3, 17)),
        ],
    }


def test_stock_is_that_of_the_table_and_never_runs_out() -> None:
    """Each warehouse has what the table says, and every item may be shipped below zero."""
    for company in a_world().visma.values():
        stock = [item for item in company.items.values() if item.stock]
        assert len(stock) > 150
        for item in stock:
            assert item.on_hand == {
                warehouse: quantity_of(item.number, warehouse)
                for warehouse in ("MAIN", "RETAIL")
            }
            assert item.allows_negative


def test_what_centra_does_not_know_is_named_by_kind() -> None:
    """The planted items are what their kind says: no colour, one EAN twice, and so on."""
    world = a_world()
    company, kinds = world.visma["nordhem"], {}
    for planted in world.planted_items:
        kinds.setdefault(planted.kind, []).append(company.items[planted.item])
    assert {kind: len(items) for kind, items in kinds.items()} == {
        "new style": 6,
        "new size": 1,
        "no colour": 1,
        "EAN twice": 2,
        "inactive": 1,
        "reserved characters": 1,
    }
    assert "COLOUR" not in kinds["no colour"][0].attributes
    first, second = kinds["EAN twice"]
    assert first.references == second.references
    assert kinds["inactive"][0].status == "Inactive"
    assert kinds["reserved characters"][0].number == "NH16+05NAV32"
    [size] = kinds["new size"]
    sizes = world.centra["nordhem"].catalogue
    [sibling] = sizes.by_key("SKU", "NH1104NAVXL")
    chart = sibling.variant.size_chart
    assert chart is not None
    assert size.attributes["SIZE"] in [one.name for one in chart.sizes]


async def test_a_planted_world_fits_the_specification() -> None:
    """Items, prices and stock of a planted world have the vendor's fields and types only."""
    world = a_world()
    transport = httpx.ASGITransport(create_app(world))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://sandbox"
    ) as client:
        stand = Stand(world, client, world.visma["nordhem"])
        answer = await stand.connect(tenant_id=stand.company.tenant_id, scope=SERVICE)
        stand.token = answer.json()["access_token"]
        items = (await stand.get("/erp/v1/inventory", pageSize=5000)).json()
        assert len(items) == len(stand.company.items)
        path = "/erp/v1/inventory/b64(TkgxNiswNU5BVjMy)"
        one = (await stand.get(path)).json()
        categories = [row["description"] for row in one["salesCategories"]]
        assert categories == ["Women", "Men"]
        assert one["intrastat"] == {"cN8": "62019300", "countryOfOrigin": "SE"}
        prices = (await stand.get("/erp/v1/customerSalesPrice", pageSize=1000)).json()
        assert len(prices) == 1000
        stock = (await stand.get("/salesorder/api/v3/Inventory", expand="All")).json()
        assert len(stock["value"]) == stock["totalCount"] > 150
