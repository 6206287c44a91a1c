"""Inventory adjustments: what is sent, how one is found, and how a release ends."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import httpx
import pytest

from connectors.errors import InDoubtError
from connectors.visma.adjustment_models import (
    Adjustment,
    AdjustmentWrite,
    NewAdjustmentLine,
)
from tests.connectors_.test_visma_client import a_visma, ok


def a_row(number="000010", **more):
    """Return an adjustment as the list shows it."""
    return {
        "referenceNumber": number,
        "status": "Balanced",
        "hold": False,
        "date": "2026-03-10T00:00:00",
        "externalReference": "N-A7",
        "lastModifiedDateTime": "2026-03-10T10:00:00",
        "timestamp": "AAAAAAAB8uU=",
        "adjusmentLines": [
            {
                "lineNumber": 1,
                "inventoryItem": {"number": "A-S ", "description": "Shirt"},
                "warehouse": {"id": "1", "description": "Main"},
                "reasonCode": {"id": "COUNT", "description": "Counted"},
                "quantity": -2.0,
            }
        ],
        "metadata": {"totalCount": 1, "maxPageSize": 1000},
    } | more


def test_an_adjustment_is_read_with_its_lines():
    """Item, warehouse and reason are objects on the wire, and their ids here."""
    row = Adjustment.model_validate(a_row())

    [line] = row.lines
    assert (line.item, line.warehouse, line.reason_code) == ("A-S", "1", "COUNT")
    assert line.quantity == Decimal(-2)
    assert row.etag == "AAAAAAAB8uU="
    assert (row.is_released, row.is_held) == (False, False)


@pytest.mark.parametrize(
    ("status", "released", "held"),
    [("Hold", False, True), ("Balanced", False, False), ("Released", True, False)],
)
def test_only_released_ones_have_changed_quantities(status, released, held):
    """A draft counts nothing yet."""
    row = Adjustment.model_validate(a_row(status=status))

    assert (row.is_released, row.is_held) == (released, held)


async def test_one_is_found_by_its_exact_reference_on_every_page():
    """No filter knows the reference: rows of that day and later are read and compared."""
    first = [a_row("1", externalReference="N-A77"), a_row("2")]
    for row in first:
        row["metadata"] = {"totalCount": 3, "maxPageSize": 2}
    visma, script = a_visma(ok(first), ok([a_row("3", externalReference="n-a7")]))

    found = await visma.find_adjustments("N-A7", since=date(2026, 3, 10))

    assert [one.reference_number for one in found] == ["2"]
    asked = [dict(request.url.params) for request in script.requests]
    assert [one["pageNumber"] for one in asked] == ["1", "2"]
    assert {(one["date"], one["dateCondition"]) for one in asked} == {
        ("2026-03-10", ">=")
    }


async def test_values_are_wrapped_and_lines_are_not():
    """Each value goes out as {"value": x}; the operation of a line is plain."""
    location = {"Location": "https://erp.example/v1/inventoryadjustment/000011"}
    visma, script = a_visma(httpx.Response(201, headers=location))

    number = await visma.create_adjustment(
        AdjustmentWrite(
            hold=True,
            date="2026-03-10T00:00:00",
            external_reference="N-A7",
            adjustment_lines=(
                NewAdjustmentLine(
                    inventory_number="A-S", warehouse_id="1", quantity=Decimal(-2)
                ),
            ),
        )
    )

    assert number == "000011"
    assert script.bodies == [
        {
            "hold": {"value": True},
            "date": {"value": "2026-03-10T00:00:00"},
            "externalReference": {"value": "N-A7"},
            "adjustmentLines": [
                {
                    "operation": "Insert",
                    "inventoryNumber": {"value": "A-S"},
                    "warehouseId": {"value": "1"},
                    "quantity": {"value": -2},
                }
            ],
        }
    ]


async def test_a_create_whose_answer_is_lost_is_not_sent_again():
    """It may stand there: it is in doubt, after one request."""
    visma, script = a_visma(httpx.ReadTimeout("late"))

    with pytest.raises(InDoubtError):
        await visma.create_adjustment(AdjustmentWrite(hold=True))

    assert len(script.requests) == 1


async def test_a_change_names_the_version_it_was_read_in():
    """Somebody who was faster is not overwritten."""
    etagged = httpx.Response(200, json=a_row(), headers={"ETag": '"v7"'})
    visma, script = a_visma(etagged, httpx.Response(204))

    row = await visma.get_adjustment("000010")
    await visma.update_adjustment("000010", AdjustmentWrite(hold=False), row.etag)

    assert row.etag == '"v7"'
    assert script.requests[-1].headers["If-Match"] == '"v7"'


async def test_a_release_tells_what_came_of_it():
    """A good status may hold a failure, and its reason."""
    answer = {"actionId": None, "actionResult": "Failed", "errorInfo": "Negative"}
    visma, _ = a_visma(ok(answer))

    result = await visma.release_adjustment("000010")

    assert (result.has_failed, result.error_info) == (True, "Negative")
