"""Centra's sales: orders with shipments, returns, and the events of what hangs on orders."""

from datetime import UTC, datetime
from decimal import Decimal

from connectors.centra.sale_models import read_return, read_sale
from tests.connectors_.test_centra_client import (
    MONEY,
    a_centra,
    an_answer,
    an_order,
    collect,
)


def a_shipment(shipment_id, **more):
    """Return a shipment as Centra sends it."""
    return {
        "id": shipment_id,
        "number": f"1-{shipment_id}",
        "createdAt": "2026-03-01T10:00:00+01:00",
        "updatedAt": "2026-03-02T10:00:00+01:00",
        "isShipped": True,
        "shippedAt": "2026-03-02T23:30:00+01:00",
        "isCaptured": None,
        "grandTotal": MONEY,
        "currencyBaseRate": 1,
        "lines": [
            {
                "id": 5,
                "quantity": 2,
                "gross": MONEY,
                "net": {"value": 80.08},
                "orderLine": {"id": 11},
                "appliedTaxRules": [],
            }
        ],
        "totals": {"shipping": None, "discounts": {"value": 0.30}},
    } | more


def a_return(return_id, **more):
    """Return a return as Centra sends it."""
    names = ("lineValues", "shipping", "handling", "discounts", "returnCost")
    taxes = ("taxIncluded", "taxAdded", "taxDeducted")
    return {
        "id": return_id,
        "returnStatus": "COMPLETED",
        "createdAt": "2026-03-05T10:00:00+01:00",
        "grandTotal": MONEY,
        "totals": dict.fromkeys((*names, *taxes), MONEY),
        "lines": [],
        "refundPaymentHistory": [{"id": 70}],
        "shipment": {"id": 9, "number": "1-9"},
        "order": an_order(1, shipments=[a_shipment(9)]),
    } | more


def sales_page(*orders, total=None):
    """Return a page of sales."""
    data = {"orders": list(orders), "orderConnection": {"totalCount": total}}
    return an_answer(data)


async def test_sales_carry_their_shipments_and_come_back_from_their_bytes():
    """What the ledger keeps of a sale is read back as it was, decimals exact."""
    order = an_order(1, shipments=[a_shipment(9), a_shipment(10, isShipped=False)])
    centra, script = a_centra(sales_page(order, total=1))
    (page,) = await collect(centra.iter_sale_pages(numbers=[1]))
    (found,) = page.found

    assert [one.id for one in found.model.shipments] == [9, 10]
    assert found.model.shipment(9).totals.discounts.value == Decimal("0.3")
    assert found.model.shipment(9).totals.shipping is None
    assert found.model.shipment(11) is None
    assert read_sale(found.raw) == found.model
    assert script.bodies[0]["variables"]["where"] == {"number": [1]}
    assert script.bodies[0]["operationName"] == "Sales"


async def test_heavy_pages_are_smaller():
    """Orders with shipments cost more complexity, so fewer are asked for at once."""
    centra, script = a_centra(sales_page(total=0), page_size=200)
    await collect(centra.iter_sale_pages())

    assert script.bodies[0]["variables"]["limit"] == 10


async def test_unverified_totals_of_shipments_are_not_asked_for():
    """A store whose schema lacks them still answers."""
    centra, script = a_centra(sales_page(total=0))
    await collect(centra.iter_sale_pages())

    assert (
        "handlingTaxRules { ...TaxFields }\n    discountTaxRules"
        not in script.bodies[0]["query"]
        .split("fragment ShipmentFields")[1]
        .split("fragment")[0]
    )


async def test_returns_are_read_by_creation_with_the_sale_they_undo():
    """Returns have no filter by time of change; each brings its order and shipments."""
    centra, script = a_centra(an_answer({"returns": [a_return(3)]}))
    start = datetime(2026, 3, 1, tzinfo=UTC)
    (page,) = await collect(centra.iter_return_pages(created_from=start))
    (found,) = page.found

    assert found.model.is_completed
    assert found.model.order.shipment(9).number == "1-9"
    assert [one.id for one in found.model.refund_payment_history] == [70]
    assert read_return(found.raw) == found.model
    assert script.bodies[0]["variables"]["where"] == {
        "createdAt": {"from": "2026-03-01T00:00:00+00:00"}
    }


async def test_a_status_that_nobody_has_seen_is_not_final():
    """The literals of the status are not documented: only 'completed' books anything."""
    centra, _ = a_centra(an_answer({"returns": [a_return(3, returnStatus="NEW_ONE")]}))
    (page,) = await collect(centra.iter_return_pages(ids=[3]))

    assert not page.found[0].model.is_completed


async def test_one_unreadable_sale_does_not_stop_the_page():
    """It is parked by its number; the reason names the field and no person."""
    centra, _ = a_centra(
        sales_page(an_order(1, grandTotal=None), an_order(2), total=2),
        sales_page(total=2),
    )
    (page,) = await collect(centra.iter_sale_pages())
    (lost,) = page.lost

    assert [found.model.number for found in page.found] == [2]
    assert (lost.id, lost.error.code) == (1, "SALE_UNREADABLE")
    assert "grandTotal" in str(lost.error)
    assert "example.se" not in str(lost.error)


async def test_events_tell_the_order_they_hang_on():
    """There is no list of payment entries: an event is of use with its order's number."""
    event = {"changeType": "CREATED", "createdAt": "2026-03-01T10:00:00+01:00"}
    centra, _ = a_centra(
        an_answer(
            {
                "events": [
                    event
                    | {"id": 1, "objectType": "Shipment", "objectReference": 9}
                    | {"object": {"order": {"number": 101}}},
                    event
                    | {"id": 2, "objectType": "PaymentHistoryEntry"}
                    | {"objectReference": 70, "object": {"paid": {"number": 102}}},
                    event
                    | {"id": 3, "objectType": "Shipment", "objectReference": 10}
                    | {"object": None},
                ]
            }
        )
    )
    events = await centra.get_events(["Shipment"], with_order=True)

    assert [one.order_number for one in events] == [101, 102, None]
