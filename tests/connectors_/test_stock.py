"""Stock on the wire: quantities of Visma.net read by page, and set in Centra once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from connectors.centra.problems import RefusedError
from connectors.centra.stock import ShelfRow, StockRow
from connectors.errors import ConfigError, InDoubtError
from connectors.visma.availability import Availability
from connectors.visma.client import VismaClient
from tests.connectors_.builders import Script, a_client
from tests.connectors_.test_centra_client import a_centra, an_answer

CHANGED = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)
ROWS = [StockRow("SKU", "A-S", 4), StockRow("EAN", "7350001", 0)]


def a_visma(*answers):
    """Return a client, and what its SalesOrder service was asked."""
    script = Script(*answers)
    erp = a_client(Script(httpx.Response(404)), base_url="https://erp.example")
    service = a_client(script, base_url="https://orders.example")
    return VismaClient(erp, service), script


def an_item(number, *places):
    """Return an item of the list with the given (warehouse, on hand) pairs."""
    return {
        "inventoryId": number,
        "availability": [
            {
                "warehouseId": f"{warehouse} ",
                "quantityOnHand": on_hand,
                "quantityAvailable": 3,
                "quantityAvailableForShipment": 2.5,
                "lastModified": "2026-03-09T08:30:00",
            }
            for warehouse, on_hand in places
        ],
    }


def a_list(*items, following=None, total=None):
    """Return a page of the list."""
    total = len(items) if total is None else total
    body = {"value": list(items), "nextPage": following, "totalCount": total}
    return httpx.Response(200, json=body)


async def read(pages):
    """Read all pages into one list."""
    return [row async for page in pages for row in page]


async def test_quantities_come_by_item_and_warehouse_in_pages_from_0():
    """Each number is exact, its time is UTC, and pages go on while there is a next one."""
    visma, script = a_visma(
        a_list(an_item("A-S", ("1", 7), ("2", 0)), following="there", total=2),
        a_list(an_item("B-M", ("1", 1)), total=2),
    )
    rows = await read(visma.iter_availability_pages(modified_since=CHANGED))

    assert rows == [
        Availability("A-S", "1", Decimal(7), Decimal(3), Decimal("2.5"), CHANGED),
        Availability("A-S", "2", Decimal(0), Decimal(3), Decimal("2.5"), CHANGED),
        Availability("B-M", "1", Decimal(1), Decimal(3), Decimal("2.5"), CHANGED),
    ]
    asked = [dict(request.url.params) for request in script.requests]
    assert [one["pageIndex"] for one in asked] == ["0", "1"]
    assert {one["modifiedSince"] for one in asked} == {"2026-03-09T08:30:00.000Z"}


@pytest.mark.parametrize("told", [None, "many", True])
async def test_a_quantity_that_is_no_number_is_none(told):
    """The other quantities and rows are read all the same."""
    odd = an_item("A-S", ("1", told))
    visma, _ = a_visma(a_list(odd, an_item("B-M", ("1", 1))))
    rows = await read(visma.iter_availability_pages())

    assert [(one.item, one.on_hand, one.available) for one in rows] == [
        ("A-S", None, Decimal(3)),
        ("B-M", Decimal(1), Decimal(3)),
    ]


@pytest.mark.parametrize(
    ("date", "told_at"),
    [
        ("Mon, 09 Mar 2026 08:31:00 GMT", CHANGED + timedelta(minutes=1)),
        ("yesterday", None),
        (None, None),
    ],
)
async def test_rows_tell_the_clock_of_the_server(date, told_at):
    """As its Date header says it; an answer without one that can be read tells none."""
    answer = a_list(an_item("A-S", ("1", 7)))
    if date:
        answer.headers["Date"] = date
    visma, _ = a_visma(answer)

    assert [row.told_at for row in await read(visma.iter_availability_pages())] == [
        told_at
    ]


async def test_given_items_are_asked_for_a_hundred_at_once_and_looked_at_again():
    """A parameter that is not understood is ignored, so what was not asked for is dropped."""
    visma, script = a_visma(a_list(an_item("I-0", ("1", 1)), an_item("X", ("1", 9))))
    rows = await read(
        visma.iter_availability_pages(items=[f"i-{n}" for n in range(150)])
    )

    assert {row.item for row in rows} == {"I-0"}
    counts = [len(one.url.params.get_list("inventoryId")) for one in script.requests]
    assert counts == [100, 50]


async def test_an_item_without_warehouses_has_no_quantity_at_all():
    """What an answer does not hold is not zero."""
    bare = {"inventoryId": "A-S", "availability": None}
    visma, _ = a_visma(a_list(bare))

    assert await read(visma.iter_availability_pages()) == []


def an_end(errors=(), warnings=(), changes=({"id": 8},)):
    """Return an answer to setStock."""
    payload = {
        "stockChanges": list(changes),
        "userErrors": list(errors),
        "userWarnings": list(warnings),
    }
    return an_answer({"setStock": payload})


async def test_stock_is_set_absolutely_by_sku_and_ean_in_one_call():
    """PHYSICAL, by the identifier that each row has."""
    centra, script = a_centra(an_end())
    answer = await centra.set_stock(3, ROWS, "N-stock 3/0")

    assert answer == ((8,), {}, ())
    assert script.bodies[0]["variables"]["input"] == {
        "warehouse": {"id": 3},
        "description": "N-stock 3/0",
        "stockQuantityType": "PHYSICAL",
        "productSizes": [
            {"productSize": {"SKU": "A-S"}, "quantity": 4},
            {"productSize": {"EAN": "7350001"}, "quantity": 0},
        ],
    }


async def test_a_warning_skips_its_row_and_one_without_a_row_leaves_all_unclear():
    """Centra saves the other rows; which ones, only their path tells."""
    warnings = [
        {"message": "No such size", "path": ["input", "productSizes", "1"]},
        {"message": "Something was clamped", "path": None},
    ]
    centra, _ = a_centra(an_end(warnings=warnings))
    answer = await centra.set_stock(3, ROWS, "N-stock 3/0")

    assert answer.skipped == {1: "No such size"}
    assert answer.unclear == ("Something was clamped",)


async def test_a_refusal_names_the_rows_it_is_about():
    """With userErrors nothing was set."""
    wrong = {"message": "No such size", "path": ["input", "productSizes", 0, "SKU"]}
    centra, _ = a_centra(an_end(errors=[wrong]))
    with pytest.raises(RefusedError, match="No such size") as refused:
        await centra.set_stock(3, ROWS, "N-stock 3/0")

    assert [one.row_of("productSizes") for one in refused.value.complaints] == [0]
    assert refused.value.code == "CENTRA_REFUSED"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ReadTimeout("gone"),
        an_answer({"setStock": None}),
        httpx.Response(502),
        an_answer(None, errors=[{"message": "Internal server error"}]),
    ],
    ids=["lost", "without_payload", "gateway", "internal"],
)
async def test_stock_whose_answer_is_lost_is_in_doubt_and_not_sent_again(answer):
    """A second request could arrive after a newer figure, and undo it."""
    centra, script = a_centra(answer)
    with pytest.raises(InDoubtError):
        await centra.set_stock(3, ROWS, "N-stock 3/0")

    assert len(script.requests) == 1


async def test_shelves_are_read_by_variant_and_only_what_was_asked_for():
    """Each size of a variant in each warehouse, in whole units."""
    row = {
        "warehouse": {"id": 3},
        "productSize": {"id": 31},
        "physicalQuantity": 9,
        "allocatedQuantity": 2,
        "freeToAllocateQuantity": 7,
    }
    variants = [{"id": 11, "stock": [row]}, {"id": 12, "stock": [row]}]
    centra, script = a_centra(
        an_answer({"productVariants": variants}), verified_fields=True
    )

    shelves = [one async for one in centra.iter_shelves([11])]

    assert shelves == [(11, (ShelfRow(3, 31, 9, 2, 7),))]
    assert script.bodies[0]["variables"] == {
        "ids": [11],
        "limit": 1,
        "page": 1,
        "rows": 100,
        "rowsPage": 1,
    }


async def test_the_shelves_of_a_variant_with_many_are_read_page_by_page():
    """A full page of rows has another one behind it, of that variant alone."""

    def a_row(size: int) -> dict[str, object]:
        return {
            "warehouse": {"id": 3},
            "productSize": {"id": size},
            "physicalQuantity": size,
            "allocatedQuantity": 0,
            "freeToAllocateQuantity": size,
        }

    first = [
        {"id": 11, "stock": [a_row(size) for size in range(100)]},
        {"id": 12, "stock": [a_row(500)]},
    ]
    centra, script = a_centra(
        an_answer({"productVariants": first}),
        an_answer({"productVariants": [{"id": 11, "stock": [a_row(100)]}]}),
        verified_fields=True,
    )

    shelves = dict([one async for one in centra.iter_shelves([11, 12])])

    assert [row.physical for row in shelves[11]] == list(range(101))
    assert [row.physical for row in shelves[12]] == [500]
    asked = [body["variables"] for body in script.bodies]
    assert [(one["ids"], one["rowsPage"]) for one in asked] == [
        ([11, 12], 1),
        ([11], 2),
    ]


async def test_warehouses_are_read_by_page():
    """A full page has another one behind it."""
    first = [{"id": n, "name": f"W{n}"} for n in range(100)]
    centra, script = a_centra(
        an_answer({"warehouses": first}),
        an_answer({"warehouses": [{"id": 100, "name": "Last", "threshold": 1}]}),
        verified_fields=True,
    )
    found = await centra.get_warehouses()

    assert (len(found), found[-1].name, found[-1].threshold) == (101, "Last", 1)
    assert [one["variables"]["page"] for one in script.bodies] == [1, 2]


async def test_what_no_public_schema_shows_is_not_asked_for_unless_verified():
    """The sentence names the setting, and no call is made."""
    centra, script = a_centra(an_answer({}))
    with pytest.raises(ConfigError, match="verified_fields"):
        [one async for one in centra.iter_shelves([11])]
    with pytest.raises(ConfigError, match="verified_fields"):
        await centra.get_warehouses()

    assert script.requests == []
