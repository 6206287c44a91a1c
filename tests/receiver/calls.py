"""Calls of webhooks as both systems make them, written from their own pages."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
T = int(NOW.timestamp())
SECRET = "whsec-nordhem"


def a_centra_body(*events: tuple[str, int], action: str = "update") -> bytes:
    """A form with one field `payload`, a JSON with a list of events."""
    told = [
        {
            "type": kind,
            "action": action,
            "date": "2026-03-02 10:30:00.000000",
            "id": number,
        }
        for kind, number in events
    ]
    return urlencode({"payload": json.dumps({"events": told})}).encode()


def centra_v1(body: bytes, *, secret: str = SECRET, t: int | str = T) -> str:
    """HMAC-SHA256 over time, dot and raw body, in hex."""
    signed = f"{t}.".encode() + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def centra_headers(
    body: bytes, *, secret: str = SECRET, t: int | str = T
) -> dict[str, str]:
    """The headers of a signed call."""
    return {
        "X-Centra-Signature": f"t={t},v1={centra_v1(body, secret=secret, t=t)}",
        "Content-Type": "application/x-www-form-urlencoded",
    }


def visma_signature(body: bytes, *, secret: str = SECRET) -> str:
    """HMAC-SHA256 over the raw body, in base64."""
    made = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return base64.b64encode(made).decode()


def hints_of(rows: Sequence) -> dict[str, int]:
    """How many calls wait for each direction."""
    return {row.direction: row.calls for row in rows}
