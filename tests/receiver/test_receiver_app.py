"""What the receiver takes, what it refuses, and that neither is ever logged."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from pydantic import SecretStr

from connectors.errors import RetryableError
from console.receiver_app import LARGEST_BODY
from tests.receiver.calls import (
    SECRET,
    T,
    a_centra_body,
    centra_headers,
    centra_v1,
    visma_signature,
)
from tests.receiver.stand import OTHER_SECRET, Stand, a_client, a_stand

CENTRA = "/webhooks/centra/nordhem"
VISMA = "/webhooks/visma/nordhem"
BODY = a_centra_body(("order", 2735))


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """Two connections with secrets of their own."""
    with a_stand(tmp_path) as stand:
        yield stand


@pytest.fixture
async def client(stand: Stand) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who calls it."""
    async with a_client(stand) as client:
        yield client


async def test_a_signed_call_is_stored(stand: Stand, client: httpx.AsyncClient) -> None:
    """Answered with what it held; each of its directions waits for a run."""
    answer = await client.post(CENTRA, content=BODY, headers=centra_headers(BODY))
    assert (answer.status_code, answer.json()) == (
        200,
        {"events": 1, "repeated": False},
    )
    assert stand.hints() == {"orders": 1, "payments": 1}
    assert stand.hints("fjord") == {}


async def test_a_call_that_is_made_again_has_no_effect(
    stand: Stand, client: httpx.AsyncClient
) -> None:
    """Centra's retry of a call that timed out, and whoever replays it: 200, and nothing."""
    headers = centra_headers(BODY)
    await client.post(CENTRA, content=BODY, headers=headers)
    shouted = f"t={T},v1={'0' * 64},v1={centra_v1(BODY).upper()}"
    for again in (headers, {"X-Centra-Signature": shouted}):
        answer = await client.post(CENTRA, content=BODY, headers=again)
        assert (answer.status_code, answer.json()["repeated"]) == (200, True)
    assert stand.hints() == {"orders": 1, "payments": 1}


async def test_the_same_event_signed_anew_counts(
    stand: Stand, client: httpx.AsyncClient
) -> None:
    """A later call with the same body is a call of its own."""
    for t in (T, T + 1):
        await client.post(CENTRA, content=BODY, headers=centra_headers(BODY, t=t))
    assert stand.hints() == {"orders": 2, "payments": 2}


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({}, "missing"),
        ({"X-Centra-Signature": "nonsense"}, "unreadable"),
        (centra_headers(BODY, secret="another"), "wrong"),
        (centra_headers(BODY, secret=OTHER_SECRET), "wrong"),
        (centra_headers(BODY + b"&"), "wrong"),
        (centra_headers(BODY, t=T - 301), "expired"),
        (centra_headers(BODY, t=T + 301), "expired"),
    ],
)
async def test_a_call_without_its_right_signature_is_refused(
    stand: Stand, client: httpx.AsyncClient, headers: dict[str, str], why: str
) -> None:
    """Missing, forged, of another connection, of another body, old, of the future: 401."""
    answer = await client.post(CENTRA, content=BODY, headers=headers)
    assert (answer.status_code, answer.json()) == (
        401,
        {"error": f"the signature is {why}"},
    )
    assert stand.hints() == {}
    assert stand.receiver.refused == {why: 1}


async def test_a_replay_after_the_window_is_refused(
    stand: Stand, client: httpx.AsyncClient
) -> None:
    """What was right once is right for five minutes."""
    headers = centra_headers(BODY)
    await client.post(CENTRA, content=BODY, headers=headers)
    stand.clock.now += timedelta(seconds=301)
    answer = await client.post(CENTRA, content=BODY, headers=headers)
    assert answer.status_code == 401
    assert stand.hints() == {"orders": 1, "payments": 1}


async def test_a_call_of_the_future_is_remembered_while_it_counts(
    stand: Stand, client: httpx.AsyncClient
) -> None:
    """Its time ends almost two windows after it came; until then it is a repeat."""
    headers = centra_headers(BODY, t=T + 300)
    await client.post(CENTRA, content=BODY, headers=headers)
    stand.clock.now += timedelta(seconds=600)
    answer = await client.post(CENTRA, content=BODY, headers=headers)
    assert (answer.status_code, answer.json()["repeated"]) == (200, True)
    assert stand.hints() == {"orders": 1, "payments": 1}


async def test_two_connections_have_secrets_of_their_own(
    stand: Stand, client: httpx.AsyncClient
) -> None:
    """A call that one of them takes is forged for the other."""
    headers = centra_headers(BODY, secret=OTHER_SECRET)
    answer = await client.post("/webhooks/centra/fjord", content=BODY, headers=headers)
    assert answer.status_code == 200
    assert stand.hints("fjord") == {"orders": 1, "payments": 1}
    assert stand.hints("nordhem") == {}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/webhooks/centra/unknown", 404),
        ("POST", "/webhooks/centra/bare", 404),
        ("POST", "/webhooks/visma/fjord", 404),
        ("POST", "/webhooks/centra/", 404),
        ("POST", "/webhooks/centra/nordhem/x", 404),
        ("POST", "/webhooks/centra/..%2fcentra%2fnordhem", 404),
        ("POST", "/webhooks/centra/%2e%2e", 404),
        ("POST", "/webhooks/centra/NORDHEM", 404),
        ("POST", "/webhooks/centra/nordhem%00", 404),
        ("POST", "/webhooks/other/nordhem", 404),
        ("POST", "/", 404),
        ("GET", CENTRA, 405),
        ("PUT", CENTRA, 405),
        ("DELETE", VISMA, 405),
        ("POST", "/health", 405),
    ],
)
async def test_there_is_nothing_else(
    stand: Stand, client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    """No other connection, path or method; a name is never taken for a path."""
    answer = await client.request(
        method, path, content=BODY, headers=centra_headers(BODY)
    )
    assert answer.status_code == status
    assert stand.hints() == {}


async def test_health_tells_nothing(client: httpx.AsyncClient) -> None:
    """It is reachable by anybody."""
    answer = await client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    "body",
    [
        b'{"events": []}',
        b"payload={",
        b"payload=%FF",
        urlencode({"payload": "7"}).encode(),
    ],
)
async def test_a_signed_call_that_cannot_be_read_is_refused(
    stand: Stand, client: httpx.AsyncClient, body: bytes
) -> None:
    """Not form-encoded, no JSON, no events: 400, and nothing is stored."""
    answer = await client.post(CENTRA, content=body, headers=centra_headers(body))
    assert answer.status_code == 400
    assert stand.hints() == {}


async def test_unknown_types_are_counted_and_taken(
    stand: Stand, client: httpx.AsyncClient
) -> None:
    """An error would make Centra repeat what nobody will ever need."""
    body = a_centra_body(("voucher", 1), ("voucher", 2))
    for t in (T, T + 1):
        answer = await client.post(
            CENTRA, content=body, headers=centra_headers(body, t=t)
        )
        assert answer.status_code == 200
    assert stand.receiver.unknown == {"centra voucher": 2}
    assert stand.hints() == {}


async def test_a_body_over_the_limit_is_refused(
    stand: Stand, client: httpx.AsyncClient
) -> None:
    """By what its length says, and by what it is where it says nothing."""
    body = b"payload=" + b"x" * LARGEST_BODY

    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 10_000):
            yield body[start : start + 10_000]

    for content in (body, parts()):
        answer = await client.post(
            CENTRA, content=content, headers=centra_headers(body)
        )
        assert answer.status_code == 413
    assert stand.hints() == {}


async def test_a_call_of_visma_net_is_stored(
    stand: Stand, client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever its header is called; it is named once, so that it can be set."""
    caplog.set_level(logging.INFO)
    for number in (1, 2):
        body = json.dumps({"event": "AR Invoice Changed", "id": number}).encode()
        headers = {"X-Visma-Any": visma_signature(body)}
        answer = await client.post(VISMA, content=body, headers=headers)
        assert answer.status_code == 200
    assert stand.hints() == {"invoices": 2, "credit_notes": 2}
    assert len([one for one in caplog.messages if "'x-visma-any'" in one]) == 1


async def test_a_call_of_visma_net_counts_once_while_it_is_remembered(
    stand: Stand, client: httpx.AsyncClient
) -> None:
    """No time is signed, so a replay wakes at most once in a quarter of an hour."""
    body = b'{"event": "Shipment Changed"}'
    headers = {"X-Signature": visma_signature(body)}
    repeated = []
    for minutes in (0, 7, 7, 2):
        stand.clock.now += timedelta(minutes=minutes)
        answer = await client.post(VISMA, content=body, headers=headers)
        repeated.append(answer.json()["repeated"])
    assert repeated == [False, True, True, False]
    assert stand.hints() == {"fulfilment": 2, "stock": 2}


@pytest.mark.parametrize(
    "headers", [{}, {"X-Signature": visma_signature(b"{}", secret="x")}]
)
async def test_a_call_of_visma_net_without_its_signature_is_refused(
    stand: Stand, client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    """Missing and forged: 401."""
    answer = await client.post(VISMA, content=b"{}", headers=headers)
    assert answer.status_code == 401
    assert stand.hints() == {}


async def test_a_ledger_that_is_busy_is_told(
    stand: Stand, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 says: call again; nothing is answered 200 that was not stored."""

    def busy(*given: object) -> set[str]:
        raise RetryableError("the database is locked")

    monkeypatch.setattr(stand.receiver.inbox, "_store", busy)
    answer = await client.post(CENTRA, content=BODY, headers=centra_headers(BODY))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")

    monkeypatch.undo()
    answer = await client.post(CENTRA, content=BODY, headers=centra_headers(BODY))
    assert answer.json() == {"events": 1, "repeated": False}
    assert stand.hints() == {"orders": 1, "payments": 1}


async def test_nothing_of_a_body_or_a_secret_is_logged(
    stand: Stand, client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither of what is taken, nor of what is refused."""
    caplog.set_level(logging.DEBUG)
    body = a_centra_body(("order", 77_123_456), action="a-very-secret-action")
    headers = centra_headers(body)
    await client.post(CENTRA, content=body, headers=headers)
    await client.post(CENTRA, content=body + b"&x=1", headers=headers)
    await client.post(
        CENTRA, content=b"payload=%7B", headers=centra_headers(b"payload=%7B")
    )
    told = " ".join(
        one.getMessage() for one in caplog.records if one.name.startswith("console")
    )
    assert "refused" in told
    for hidden in (SECRET, "77123456", "very-secret", centra_v1(body)):
        assert hidden not in told


async def test_a_new_secret_counts_without_a_restart(
    stand: Stand, client: httpx.AsyncClient
) -> None:
    """It is looked up again after half a minute."""
    url, headers = "/webhooks/centra/bare", centra_headers(BODY)
    assert (await client.post(url, content=BODY, headers=headers)).status_code == 404
    stand.env.ledger.secrets("bare").put("centra_webhook_secret", SecretStr(SECRET))
    stand.clock.now += timedelta(seconds=31)
    assert (await client.post(url, content=BODY, headers=headers)).status_code == 200
    assert stand.hints("bare") == {"orders": 1, "payments": 1}
