"""What Centra has taken from its stock, read in small answers."""

from datetime import UTC, datetime

import pytest

from connectors.centra.taking_models import ShippedLine
from tests.connectors_.test_centra_client import a_centra, an_answer, collect

SALE = {
    "number": 7,
    "status": "PROCESSING",
    "orderDate": "2026-03-01T10:00:00+01:00",
    "updatedAt": "2026-03-02T10:00:00+01:00",
    "store": {"id": 1, "name": "Retail"},
    "lines": [
        {
            "__typename": "ProductOrderLine",
            "id": 11,
            "productNumber": "P",
            "size": "M",
            "quantity": 3,
            "productSize": None,
        }
    ],
    "shipments": [
        {"id": 9, "isShipped": True},
        {"id": 8, "isShipped": True},
        {"id": 10, "isShipped": None},
    ],
}


async def test_sales_come_with_what_was_sold_and_what_left():
    """The list alone tells whether the goods of a shipment must be asked for."""
    page = {"orders": [SALE], "orderConnection": {"totalCount": 1}}
    centra, script = a_centra(an_answer(page))
    start = datetime(2026, 3, 1, tzinfo=UTC)
    ((sale,),) = await collect(centra.iter_stock_sale_pages(updated_from=start))

    assert (sale.number, sale.shipped, sale.lines[0].quantity) == (7, (8, 9), 3)
    assert sale.lines[0].product_size is None
    assert script.bodies[0]["variables"]["where"] == {
        "updatedAt": {"from": "2026-03-01T00:00:00+00:00"}
    }
    assert "allocations" not in script.bodies[0]["query"]


async def test_goods_are_asked_for_five_orders_at_a_time():
    """Each line has a list of allocations, so a page of a hundred would be heavy."""
    row = {"number": 7, "shipments": [{"id": 9, "isShipped": True, "lines": []}]}
    centra, script = a_centra(
        an_answer({"orders": [row]}), an_answer({"orders": [{"number": 6}]})
    )
    goods = await centra.get_shipped_goods([*range(1, 8)])

    assert {number: [one.id for one in parts] for number, parts in goods.items()} == {
        7: [9],
        6: [],
    }
    assert [len(body["variables"]["where"]["number"]) for body in script.bodies] == [
        5,
        2,
    ]


@pytest.mark.parametrize(
    ("allocations", "found"),
    [
        ([(3, 1)], {1: 3}),
        ([(1, 1), (2, 5)], {1: 1, 5: 2}),
        ([(2, 1)], {1: 2, None: 1}),
        ([(1, None)], {None: 3}),
        ([(5, 1)], {1: 3}),
        ([], {None: 3}),
    ],
)
def test_units_by_warehouse(allocations, found):
    """What no allocation accounts for has an unknown warehouse; none is made up."""
    line = ShippedLine.model_validate(
        {
            "quantity": 3,
            "orderLine": {"id": 11},
            "allocations": [
                {"quantity": n, "warehouse": {"id": place} if place else None}
                for n, place in allocations
            ],
        }
    )
    assert line.by_warehouse() == found


async def test_returns_say_whether_and_where_goods_are_for_sale_again():
    """The status is final only if it is one of those that were seen."""
    row = {
        "id": 3,
        "returnStatus": "COMPLETED",
        "createdAt": "2026-03-05T10:00:00+01:00",
        "returnedToStock": True,
        "returnWarehouse": {"id": 2},
        "order": {"number": 7},
        "lines": [{"quantity": 1, "orderLine": SALE["lines"][0]}],
    }
    centra, script = a_centra(
        an_answer({"returns": [row, row | {"id": 4, "returnStatus": "NEW"}]}),
        an_answer({"returns": []}),
    )
    ((first, second),) = await collect(centra.iter_stock_return_pages(ids=[3, 4]))

    assert (first.is_completed, second.is_completed) == (True, False)
    assert (first.returned_to_stock, first.return_warehouse.id) == (True, 2)
    assert script.bodies[0]["variables"]["where"] == {"id": [3, 4]}
