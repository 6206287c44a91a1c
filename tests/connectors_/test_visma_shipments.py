"""Shipments of Visma.net: lists, changes and actions, on the wire."""

from datetime import date
from decimal import Decimal

import httpx
import pytest

from connectors.errors import InDoubtError
from connectors.visma.client import VismaClient
from connectors.visma.shipment_models import (
    ShipmentLineUpdate,
    ShipmentUpdate,
)
from tests.connectors_.builders import Script, a_client


def a_visma(*answers):
    """Return a client of both services, and what they were asked."""
    script = Script(*answers)
    erp = a_client(script, base_url="https://erp.example")
    service = a_client(script, base_url="https://orders.example")
    return VismaClient(erp, service), script


def a_row(number, **more):
    """Return a shipment as the ERP sends it."""
    return {
        "shipmentNumber": number,
        "shipmentType": "Issue",
        "status": "Confirmed",
        "operation": "Issue",
        "shipmentDate": "2026-03-09T00:00:00",
        "shipVia": {"id": "POSTNORD", "description": "PostNord"},
        "fromWarehouse": {"id": "01", "description": "Main"},
        "deliveryContact": {"name": "Kim Berg", "email": "kim@example.se"},
        "shipmentDetailLines": [
            {
                "lineNumber": 1,
                "orderType": "SO",
                "orderNbr": "000012",
                "orderLineNbr": 2,
                "inventoryNumber": "NH1",
                "shippedQty": 2.0,
            }
        ],
        "shipmentOrderLines": [
            {"orderType": "SO", "orderNbr": "000012", "invoiceNbr": "200001"}
        ],
        "shipmentPackageLines": [{"lineNumber": 1, "trackingNumber": "PN1"}],
        "metadata": {"totalCount": 1, "maxPageSize": 500},
    } | more


async def test_a_shipment_is_read_without_the_person_who_gets_it():
    """Names and addresses are no business of ours; codes come as objects."""
    client, script = a_visma(httpx.Response(200, json=[a_row("000101")]))
    [(shipment,)] = [page async for page in client.iter_shipment_pages("2026-03-01")]

    assert shipment.has_left
    assert shipment.sales_orders == ("SO/000012",)
    assert (shipment.ship_via, shipment.from_warehouse) == ("POSTNORD", "01")
    assert shipment.shipment_detail_lines[0].shipped_qty == Decimal(2)
    assert shipment.shipment_package_lines[0].tracking_number == "PN1"
    assert "Kim" not in shipment.model_dump_json()
    assert dict(script.requests[0].url.params) == {
        "pageSize": "500",
        "includeCustomFreeFields": "true",
        "lastModifiedDateTime": "2026-03-01",
        "lastModifiedDateTimeCondition": ">=",
        "pageNumber": "1",
    }


@pytest.mark.parametrize("status", ["Open", "Hold", "Cancelled", None, "Receipted"])
async def test_goods_that_are_not_confirmed_have_not_left(status):
    """A picking list is no shipment."""
    client, _ = a_visma(httpx.Response(200, json=a_row("000101", status=status)))

    assert not (await client.get_shipment("000101")).has_left


async def test_an_action_body_is_flat_and_its_result_is_read():
    """Actions do not wrap their values; a failure may come with 200."""
    failed = {"actionResult": "Failed", "errorInfo": "Nothing to ship"}
    client, script = a_visma(httpx.Response(200, json=failed))
    result = await client.create_order_shipment(
        "SO", "000012", on=date(2026, 3, 9), warehouse="01"
    )

    assert result.has_failed
    assert result.error_info == "Nothing to ship"
    assert script.requests[0].url.path == "/v2/salesorder/000012/action/createShipment"
    assert script.bodies[0] == {
        "orderType": "SO",
        "shipmentDate": "2026-03-09T00:00:00",
        "shipmentWarehouse": "01",
        "operation": "I",
    }


async def test_an_action_that_answers_without_a_body_tells_nothing():
    """The specification has 204 for some actions: then the document itself is asked."""
    client, _ = a_visma(httpx.Response(204))
    result = await client.prepare_invoice("SO", "000012")

    assert result.reference_number is None
    assert not result.has_failed


async def test_lines_are_lowered_and_left_out_by_their_number():
    """A change wraps its values, keeps lists and operations bare, and omits the rest."""
    client, script = a_visma(httpx.Response(204))
    lines = (
        ShipmentLineUpdate(operation="Update", line_number=1, shipped_qty=Decimal(1)),
        ShipmentLineUpdate(operation="Delete", line_number=2),
    )
    await client.update_shipment(
        "000101", ShipmentUpdate(custom_str1="N-S9", shipment_detail_lines=lines)
    )

    assert script.bodies[0] == {
        "customStr1": {"value": "N-S9"},
        "shipmentDetailLines": [
            {
                "operation": "Update",
                "lineNumber": {"value": 1},
                "shippedQty": {"value": 1},
            },
            {"operation": "Delete", "lineNumber": {"value": 2}},
        ],
    }


async def test_a_lost_confirmation_is_in_doubt():
    """The goods may have left: it is looked up, not repeated."""
    client, script = a_visma(httpx.ReadTimeout("gone"))
    with pytest.raises(InDoubtError):
        await client.confirm_shipment("000101")

    assert len(script.requests) == 1


async def test_an_order_tells_its_shipments_and_their_invoices():
    """The SalesOrder service is the only way from an order to its shipments."""
    rows = [{"id": "000101", "status": "Invoiced", "invoiceId": "200001"}, {"id": None}]
    client, script = a_visma(httpx.Response(200, json=rows))
    found = await client.get_order_shipments("SO", "000012")

    assert [(one.id, one.invoice_id) for one in found] == [("000101", "200001")]
    assert script.requests[0].url.path == "/api/v3/SalesOrders/SO/000012/shipment"
