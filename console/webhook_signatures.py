"""Signatures of webhooks: whether a call is from who it says it is from, and when.

Centra signs the time and the raw body (`X-Centra-Signature: t=<unix>,v1=<hex>`, v1 is
HMAC-SHA256 over `<t>.<body>`); Visma.net signs the raw body alone (base64 of
HMAC-SHA256), in a header whose name it does not publish.
Sources: Centra, "Centra Webhook plugin"; Visma Developer Portal, "Webhooks".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import SecretStr

__all__ = ["Refused", "Signed", "check_centra", "check_visma"]

_TIME = re.compile(r"[0-9]{1,12}", re.ASCII)
_HEX = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)
_MOST_CANDIDATES = 8
_DIGEST_BYTES = 32
_LONGEST = 128
"""No signature in base64 is longer; what is, is not looked at."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A right signature. `digest` is the same for the same call, in whatever form."""

    digest: str
    header: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a signature is not taken: `missing`, `unreadable`, `wrong` or `expired`."""

    why: str


def check_centra(
    body: bytes,
    headers: Sequence[str],
    secret: SecretStr,
    *,
    now: float,
    window_seconds: int,
) -> Signed | Refused:
    """Check the values of all `X-Centra-Signature` headers of a call; now is unix time.

    Just one header, one time and at least one `v1` are taken. The time counts within
    the window, both ways, and only where the signature is right.
    """
    if not headers:
        return Refused("missing")
    if len(headers) > 1:
        return Refused("unreadable")
    pairs = [part.strip().partition("=") for part in headers[0].split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    given = [value for name, _, value in pairs if name == "v1"]
    if (
        len(times) != 1
        or not _TIME.fullmatch(times[0])
        or not 0 < len(given) <= _MOST_CANDIDATES
    ):
        return Refused("unreadable")
    made = hmac.new(
        secret.get_secret_value().encode(),
        times[0].encode() + b"." + body,
        hashlib.sha256,
    ).digest()
    candidates = [bytes.fromhex(one) for one in given if _HEX.fullmatch(one)]
    if not _is_any(made, candidates):
        return Refused("wrong")
    if abs(now - int(times[0])) > window_seconds:
        return Refused("expired")
    return Signed(made.hex(), "x-centra-signature")


def check_visma(
    body: bytes,
    headers: Iterable[tuple[str, str]],
    secret: SecretStr,
    *,
    header: str | None,
) -> Signed | Refused:
    """Check the headers of a call of Visma.net against the signature of its body.

    Without the name of the `header` each one is looked at: what equals the signature
    proves that its sender has the secret, whatever the header is called.
    """
    named = [
        (name, value)
        for name, value in headers
        if (header is None or name == header.lower()) and len(value) <= _LONGEST
    ]
    made = hmac.new(secret.get_secret_value().encode(), body, hashlib.sha256).digest()
    candidates = [(name, _decoded(value)) for name, value in named]
    readable = [(name, value) for name, value in candidates if value is not None]
    if not readable:
        return Refused("missing" if header is None or not named else "unreadable")
    right = [name for name, value in readable if hmac.compare_digest(made, value)]
    return Signed(made.hex(), right[0]) if right else Refused("wrong")


def _is_any(made: bytes, candidates: Iterable[bytes]) -> bool:
    """Compare with all of them, however early one fits."""
    return any([hmac.compare_digest(made, one) for one in candidates])  # noqa: C419


def _decoded(value: str) -> bytes | None:
    """What a header holds in base64, if that could be a signature."""
    try:
        decoded = base64.b64decode(value.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded if len(decoded) == _DIGEST_BYTES else None
