"""What an order of Centra has taken: items, not bundles; what left, not what will."""

from __future__ import annotations

from typing import Any

from connectors.centra.taking_models import GoodsShipment, StockReturn, StockSale
from mapping.centra_taken import centra_taken, restocked
from mapping.stock_moves import CentraTaken
from settings.posting import OrderRules

RULES = OrderRules()


def a_line(line_id: int, sku: str | None, quantity: int = 1, **more: Any) -> Any:
    """Make an order line as Centra sends it."""
    return {
        "__typename": "ProductOrderLine",
        "id": line_id,
        "productNumber": f"P{line_id}",
        "quantity": quantity,
        "productSize": {"SKU": sku, "EAN": f"73{line_id}"} if sku else None,
    } | more


def a_sale(*lines: Any, status: str = "PROCESSING") -> StockSale:
    """Make an order with these lines."""
    return StockSale.model_validate(
        {
            "number": 7,
            "status": status,
            "orderDate": "2026-03-01T10:00:00+01:00",
            "updatedAt": "2026-03-01T10:00:00+01:00",
            "lines": list(lines),
        }
    )


def a_shipment(
    *parts: tuple[int, int], shipped: bool = True, place: int = 1
) -> GoodsShipment:
    """Make a shipment of units of lines, from one warehouse."""
    return GoodsShipment.model_validate(
        {
            "id": 9,
            "isShipped": shipped,
            "lines": [
                {
                    "quantity": units,
                    "orderLine": {"id": line},
                    "allocations": [{"quantity": units, "warehouse": {"id": place}}],
                }
                for line, units in parts
            ],
        }
    )


def test_only_shipments_that_left_have_taken_something():
    """Two lines of one item are one; what is not shipped is allocated, not taken."""
    sale = a_sale(a_line(1, "A", 3), a_line(2, "A", 1), a_line(3, "B", 2))
    shipments = [
        a_shipment((1, 2), (2, 1)),
        a_shipment((3, 1), place=2),
        a_shipment((1, 1), (3, 1), shipped=False),
    ]
    assert centra_taken(sale, shipments, RULES) == CentraTaken(
        {"A": 4, "B": 2}, {("A", 1): 3, ("B", 2): 1}, is_over=False
    )


def test_a_bundle_is_its_contents():
    """The bundle's own line takes nothing from any shelf; neither does a certificate."""
    sale = a_sale(
        a_line(1, "BUNDLE", 2, __typename="BundleOrderLine"),
        a_line(2, "A", 2, __typename="BundleItemOrderLine"),
        a_line(3, "B", 4, __typename="BundleItemOrderLine"),
        a_line(4, None, 1, __typename="GiftCertificateOrderLine"),
        status="SHIPPED",
    )
    shipment = a_shipment((1, 2), (2, 2), (3, 4), (4, 1))

    assert centra_taken(sale, [shipment], RULES) == CentraTaken(
        {"A": 2, "B": 4}, {("A", 1): 2, ("B", 1): 4}, is_over=True
    )


def test_items_are_named_as_on_sales_orders():
    """By EAN, or an exception of the settings; a deleted size has no stock any more."""
    rules = OrderRules(item_number="ean", items={"ODD": "ITEM-1"})
    sale = a_sale(a_line(1, "A"), a_line(2, "ODD"), a_line(3, None), status="CANCELLED")

    assert centra_taken(sale, (), rules) == CentraTaken(
        {"731": 1, "ITEM-1": 1}, {}, is_over=True
    )


def a_return(**more: Any) -> StockReturn:
    """Make a return of two units into warehouse 1."""
    return StockReturn.model_validate(
        {
            "id": 3,
            "returnStatus": "COMPLETED",
            "createdAt": "2026-03-05T10:00:00+01:00",
            "returnedToStock": True,
            "returnWarehouse": {"id": 1},
            "order": {"number": 7},
            "lines": [
                {"quantity": 2, "orderLine": a_line(1, "A")},
                {
                    "quantity": 1,
                    "orderLine": a_line(9, "X", __typename="BundleOrderLine"),
                },
            ],
        }
        | more
    )


def test_only_what_is_for_sale_again_was_put_back():
    """Not what was thrown away, nor what lies where nothing is sold from."""
    assert restocked(a_return(), [1, 2], RULES) == {(1, "A"): 2}
    assert restocked(a_return(returnedToStock=False), [1, 2], RULES) == {}
    assert restocked(a_return(), [2], RULES) == {}
    assert restocked(a_return(returnWarehouse=None), [1, 2], RULES) == {}
