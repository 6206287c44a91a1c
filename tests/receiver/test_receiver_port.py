"""The receiver on a real port: how fast it answers, and who it does not wait for."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from console import impatience, receiver_app
from console.starting import LONGEST
from tests.receiver.calls import T, a_centra_body, centra_v1
from tests.receiver.stand import Stand, a_stand, on_a_port

BODY = a_centra_body(("order", 2735))
PATH = "/webhooks/centra/nordhem"


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """Two connections with secrets of their own."""
    with a_stand(tmp_path) as stand:
        yield stand


@pytest.fixture
def port(stand: Stand) -> Iterator[int]:
    """The port it listens on."""
    with on_a_port(stand.app) as (_, port):
        yield port


def _raw(port: int, data: bytes, *, seconds: float = 20) -> bytes:
    """Send bytes as they are; all that is answered until the connection is closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as line:
        line.sendall(data)
        parts = []
        while part := line.recv(65_536):
            parts.append(part)
        return b"".join(parts)


def _head(*more: str, method: str = "POST", length: int | None = len(BODY)) -> bytes:
    lines = [f"{method} {PATH} HTTP/1.1", "Host: x", "Connection: close", *more]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _signature(body: bytes = BODY, t: int = T) -> str:
    return f"X-Centra-Signature: t={t},v1={centra_v1(body, t=t)}"


def test_a_thousand_calls_are_answered_fast(stand: Stand, port: int) -> None:
    """Eight at a time, each stored for good; nineteen of twenty within 100 ms.

    The bound is five times that, as other tests share this machine.
    """

    def call(number: int) -> float:
        body = a_centra_body(("order", number))
        head = _head(_signature(body, T + number % 200), length=len(body))
        began = time.perf_counter()
        answer = _raw(port, head + body)
        assert answer.startswith(b"HTTP/1.1 200"), answer[:200]
        return time.perf_counter() - began

    with ThreadPoolExecutor(8) as pool:
        took = sorted(pool.map(call, range(1000)))
    assert took[950] < 0.5
    assert stand.hints() == {"orders": 1000, "payments": 1000}


def test_a_call_in_pieces_is_taken(stand: Stand, port: int) -> None:
    """Chunked, with its signature over the body and not over the pieces."""
    head = _head(_signature(), "Transfer-Encoding: chunked", length=None)
    half = len(BODY) // 2
    pieces = b"".join(
        f"{len(part):x}\r\n".encode() + part + b"\r\n"
        for part in (BODY[:half], BODY[half:], b"")
    )
    assert _raw(port, head + pieces).startswith(b"HTTP/1.1 200")
    assert stand.hints() == {"orders": 1, "payments": 1}


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (_head(_signature(), _signature()) + BODY, b"401"),
        (_head(_signature() + ", t=1") + BODY, b"401"),
        (_head("X-Centra-Signature: t=\xb2,v1=00") + BODY, b"401"),
        (_head(_signature(), length=300_000), b"413"),
        (_head(_signature(), "X-Long: " + "x" * 20_000) + BODY, b"431"),
        (_head(_signature(), "Content-Length: 3") + BODY, b"400"),
        (_head("Content-Length: -1", length=None), b"400"),
        (_head("Content-Length: 1_0", length=None), b"400"),
        (_head(method="GET", length=None), b"405"),
        (_head("Upgrade: websocket", length=0), b"401"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
        (
            b"POST /webhooks/centra/../centra/nordhem HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            b"404",
        ),
        (
            b"POST http://other/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            b"404",
        ),
    ],
)
def test_what_is_no_proper_call_is_refused(
    stand: Stand, port: int, request_: bytes, status: bytes
) -> None:
    """Doubled and huge headers, wrong lengths, other protocols and paths; it goes on."""
    answer = _raw(port, request_)
    assert answer[9:12] == status, answer[:200]
    assert stand.hints() == {}
    assert _raw(port, _head(_signature()) + BODY).startswith(b"HTTP/1.1 200")


def test_endless_pieces_are_cut_off(stand: Stand, port: int) -> None:
    """A body without a length and without an end is read up to the limit, and refused.

    One byte more is all that is sent: a system may reset a connection that is closed
    while something lies there unread, and the answer with it.
    """
    head = _head(_signature(), "Transfer-Encoding: chunked", length=None)
    piece = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    assert receiver_app.LARGEST_BODY == 8 * 0x8000
    answer = _raw(port, head + piece * 8 + b"1\r\nx\r\n")
    assert answer[9:12] == b"413"
    assert stand.hints() == {}


def test_who_sends_too_slowly_is_not_waited_for(
    stand: Stand, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither for headers nor for a body; and others are served meanwhile."""
    monkeypatch.setattr(impatience, "HEADER_SECONDS", 0.5)
    monkeypatch.setattr(receiver_app, "_BODY_SECONDS", 0.5)
    lines = [
        socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(40)
    ]
    for number, line in enumerate(lines):
        if number % 2:
            line.sendall(b"POST / HTTP/1.1\r\nX-Slow:")
    assert _raw(port, _head(_signature()) + BODY).startswith(b"HTTP/1.1 200")
    for line in lines:
        assert line.recv(100) == b""
        line.close()
    assert _raw(port, _head(_signature()) + BODY[:5])[9:12] == b"408"
    assert stand.hints() == {"orders": 1, "payments": 1}


def test_what_crashed_before_a_start_is_started_by_the_next_process(
    tmp_path: Path,
) -> None:
    """The call was answered, so it is on disk; a new process finds and starts it."""
    with a_stand(tmp_path) as stand:
        stand.server.standing_of = "busy"
        with on_a_port(stand.app) as (_, port):
            assert _raw(port, _head(_signature()) + BODY).startswith(b"HTTP/1.1 200")
        assert stand.server.starts == []
    with a_stand(tmp_path) as stand:
        stand.clock.now += LONGEST
        with on_a_port(stand.app):
            deadline = time.monotonic() + 30
            while len(stand.server.starts) < 2 and time.monotonic() < deadline:
                Event().wait(0.05)
        assert sorted(stand.server.starts) == ["orders/nordhem", "payments/nordhem"]
