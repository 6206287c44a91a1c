"""Shipments of Centra: each step is sent once, and told apart from its warnings."""

from datetime import UTC, datetime

import httpx
import pytest

from connectors.centra.shipping import NewShipment, NewShipmentLine, Parcel
from connectors.errors import InDoubtError, RecordError
from tests.connectors_.test_centra_client import a_centra, an_answer

NO_PROBLEM = {"userErrors": [], "userWarnings": []}
SHIPMENT = NewShipment(
    101,
    [NewShipmentLine(11, 2), NewShipmentLine(12, 1)],
    Parcel(carrier="PostNord", tracking_number="PN1"),
)


async def test_a_shipment_is_good_to_go_and_captures_nothing():
    """A failed capture inside createShipment is a mere warning, so it is not asked for."""
    made = {"shipment": {"id": 9, "number": "101-1"}, **NO_PROBLEM}
    centra, script = a_centra(an_answer({"createShipment": made}))

    assert await centra.create_shipment(SHIPMENT) == 9
    assert script.bodies[0]["variables"]["input"] == {
        "order": {"number": 101},
        "lines": [
            {"orderLine": {"id": 11}, "quantity": 2},
            {"orderLine": {"id": 12}, "quantity": 1},
        ],
        "isGoodToGo": True,
        "shipmentInfo": {"carrier": "PostNord", "trackingNumber": "PN1"},
    }


@pytest.mark.parametrize(
    "answer",
    [httpx.ReadTimeout("gone"), an_answer({"createShipment": NO_PROBLEM})],
    ids=["lost", "without_id"],
)
async def test_a_shipment_of_unknown_id_is_in_doubt(answer):
    """Making it again would make a second one, so it is sent once."""
    centra, script = a_centra(answer)
    with pytest.raises(InDoubtError):
        await centra.create_shipment(SHIPMENT)

    assert len(script.requests) == 1


@pytest.mark.parametrize(
    ("entry", "is_captured"),
    [
        ({"id": 1, "status": "SUCCESS", "entryType": "CAPTURE"}, True),
        ({"id": 1, "status": "PENDING", "entryType": "CAPTURE_REQUEST"}, False),
        (None, False),
    ],
)
async def test_a_capture_says_whether_it_is_done(entry, is_captured):
    """A request is no capture, and neither is an answer that names no entry."""
    payload = {"shipment": {"id": 9, "isCaptured": is_captured}, **NO_PROBLEM}
    payload |= {"paymentHistoryEntry": entry}
    centra, _ = a_centra(an_answer({"captureShipment": payload}))
    captured = await centra.capture_shipment(9)

    assert captured.is_captured is is_captured
    assert captured.entry_type == (entry["entryType"] if entry else None)


async def test_a_capture_that_fails_with_a_warning_is_not_done():
    """Success with a warning is no success: the warning comes along."""
    payload = {"shipment": {"id": 9, "isCaptured": False}, "userErrors": []}
    payload |= {"userWarnings": [{"message": "Capture declined", "path": []}]}
    centra, _ = a_centra(an_answer({"captureShipment": payload}))
    captured = await centra.capture_shipment(9)

    assert not captured.is_captured
    assert captured.warnings == ("Capture declined",)


async def test_a_lost_capture_is_in_doubt_and_not_repeated():
    """Money is not taken twice because an answer was lost."""
    centra, script = a_centra(httpx.ReadTimeout("gone"))
    with pytest.raises(InDoubtError):
        await centra.capture_shipment(9)

    assert len(script.requests) == 1


async def test_completing_states_an_offset_and_the_tracking_number():
    """Without an offset Centra would read the time in a zone of its own."""
    payload = {"shipment": {"id": 9, "isShipped": True}, **NO_PROBLEM}
    centra, script = a_centra(an_answer({"completeShipment": payload}))
    at = datetime(2026, 3, 10, 9, tzinfo=UTC)

    assert await centra.complete_shipment(
        9, shipped_at=at, send_email=False, parcel=Parcel(tracking_number="PN1")
    )
    assert script.bodies[0]["variables"] == {
        "id": 9,
        "input": {
            "shippedAt": "2026-03-10T09:00:00+00:00",
            "sendEmail": False,
            "shipmentInfo": {"trackingNumber": "PN1"},
        },
    }


async def test_a_refused_completion_is_a_refusal():
    """What Centra says is the reason."""
    problem = {"message": "shippedAt cannot be in the future", "path": []}
    payload = {"shipment": None, "userErrors": [problem], "userWarnings": []}
    centra, _ = a_centra(an_answer({"completeShipment": payload}))
    with pytest.raises(RecordError, match="cannot be in the future"):
        await centra.complete_shipment(
            9,
            shipped_at=datetime(2026, 3, 10, tzinfo=UTC),
            send_email=False,
            parcel=Parcel(),
        )


async def test_marking_paid_may_be_repeated():
    """The same mark twice is one mark."""
    payload = {"shipment": {"id": 9, "isPaid": True}, **NO_PROBLEM}
    centra, script = a_centra(an_answer({"updateShipment": payload}))
    await centra.mark_shipment_paid(9)

    assert script.bodies[0]["variables"] == {"id": 9, "input": {"isPaid": True}}
    assert centra.writes == {"UpdateShipment": 1}
