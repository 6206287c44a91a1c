"""What a webhook is about decides which directions look; what is unknown is counted."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
import yaml

from console.webhook_events import (
    CENTRA,
    VISMA,
    Said,
    UnreadableCallError,
    read_centra,
    read_visma,
)
from tests.docs_.pages import ROOT
from tests.receiver.calls import a_centra_body


@pytest.mark.parametrize(
    ("kind", "directions"),
    [
        ("order", ("orders", "payments")),
        ("shipment", ("fulfilment", "payments")),
        ("return", ("refunds",)),
        ("customer", ("customers",)),
        ("account", ("customers",)),
    ],
)
def test_each_type_of_centra_wakes_its_directions(
    kind: str, directions: tuple[str, ...]
) -> None:
    """All five types that the plugin knows."""
    assert read_centra(a_centra_body((kind, 7))) == Said(1, directions, ())


def test_many_events_of_one_call_wake_each_direction_once() -> None:
    """A hundred events come in one call; an unknown type is named and wakes nobody."""
    events = [("order", number) for number in range(98)]
    body = a_centra_body(*events, ("return", 3), ("voucher\n<x>", 9))
    assert read_centra(body) == Said(
        100, ("orders", "payments", "refunds"), ("voucher??x?",)
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"events": []}',
        b"payload=",
        b"payload={",
        b"payload=[]",
        b"payload=%7B%7D",
        b"payload=%FF",
        b"\xff\xfe",
        b"payload=%7B%22events%22%3A1%7D",
        b"payload=%7B%22events%22%3A%5B%5D%7D&payload=%7B%22events%22%3A%5B%5D%7D",
        b"&".join(b"a=%d" % number for number in range(50)),
        b"payload=" + b"[" * 50_000,
        b"payload=" + b"9" * 50_000,
    ],
)
def test_what_is_no_form_with_a_list_of_events_cannot_be_read(body: bytes) -> None:
    """JSON without a form, a form without JSON, JSON without events, two payloads."""
    with pytest.raises(UnreadableCallError):
        read_centra(body)


@pytest.mark.parametrize("event", [None, 7, {}, {"type": None}, {"type": ["order"]}])
def test_an_event_that_is_none_is_counted_as_unknown(event: object) -> None:
    """One bad event does not lose the good ones beside it."""
    payload = json.dumps({"events": [event, {"type": "order", "id": 1}]})
    said = read_centra(urlencode({"payload": payload}).encode())
    assert said.directions == ("orders", "payments")
    assert len(said.unknown) == 1


@pytest.mark.parametrize(
    ("call", "directions"),
    [
        (
            {
                "event": "SALESORDER_CREATED",
                "source": "visma.net.erp.salesorderservice",
            },
            (),
        ),
        ({"eventType": "AR Invoice Status Changed"}, ("credit_notes", "invoices")),
        (
            {"ResourceUri": "https://host/controller/api/v1/customerInvoice/10"},
            ("credit_notes", "invoices"),
        ),
        ({"resource": {"type": "Shipment", "id": "000123"}}, ("fulfilment", "stock")),
        ({"data": [{"resource_type": "inventory_item"}]}, ("products",)),
        ({"eventName": "customer.changed", "id": 1}, ("credit_status",)),
        (
            [{"event": "Customer Changed"}, {"event": "Shipment Changed"}],
            ("credit_status", "fulfilment", "stock"),
        ),
    ],
)
def test_a_resource_of_visma_net_is_found_whatever_the_form(
    call: object, directions: tuple[str, ...]
) -> None:
    """The form of a call is not published: any field that tells what it is about counts."""
    said = read_visma(json.dumps(call).encode())
    assert (said.directions, said.unknown) == (directions, ())


@pytest.mark.parametrize(
    "call", [{}, [], 7, None, {"event": "Supplier Changed"}, {"a": {"b": "invoice"}}]
)
def test_an_unknown_resource_of_visma_net_wakes_nobody(call: object) -> None:
    """It is counted, under what it calls itself."""
    said = read_visma(json.dumps(call).encode())
    assert said.directions == ()
    assert said.unknown or call == []


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"payload=1", b"[" * 50_000])
def test_a_call_of_visma_net_that_is_no_json_cannot_be_read(body: bytes) -> None:
    """Nothing can be told from it."""
    with pytest.raises(UnreadableCallError):
        read_visma(body)


def test_every_direction_that_is_woken_is_deployed() -> None:
    """A hint for a direction that nobody could start would never be answered."""
    deployed = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
    flows = {one["entrypoint"].split(".")[-1] for one in deployed["deployments"]}
    woken = {
        name for table in (CENTRA, VISMA) for names in table.values() for name in names
    }
    assert woken <= flows
