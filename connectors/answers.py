"""What came back from the other side, and what each status of it means for us."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from connectors.errors import (
    ConfigError,
    ConnectorError,
    InDoubtError,
    QuotaError,
    RecordError,
    RetryableError,
)
from connectors.redaction import redact

__all__ = [
    "CHANGED_MEANWHILE",
    "LOCKED",
    "NOT_FOUND",
    "Answer",
    "Call",
    "Identity",
    "Judge",
    "Peer",
    "error_of",
    "request_id_of",
    "server_date",
    "unclear",
    "wait_of",
]

NOT_FOUND = "NOT_FOUND"
"""Code of a RecordError: the other side has no such record."""
CHANGED_MEANWHILE = "CHANGED_MEANWHILE"
"""Code of a RecordError: read the document again, then repeat the change."""
LOCKED = "LOCKED"
"""Code of a RecordError: someone works on the document; wait, read, repeat."""

_ID_HEADERS = (
    "X-Centra-Request-ID",
    "X-Request-ID",
    "X-Correlation-ID",
    "Request-Id",
)
_SENTENCES = ("message", "detail", "error_description", "title")
_VISMA_ID = re.compile(r"VismaId:\s*([0-9a-fA-F-]{8,40})")
_FIRST_EPOCH_SECOND = 1_000_000_000
_FIRST_EPOCH_MILLISECOND = 100_000_000_000
_SERVER_ERROR = 500


@dataclass(frozen=True)
class Answer:
    """An answer that was read whole; its body may hold personal data."""

    status: int
    headers: Mapping[str, str]
    body: Any = field(repr=False)
    text: str = field(repr=False)
    request_id: str | None = None

    @property
    def is_success(self) -> bool:
        """Whether the status says that it was done."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


@dataclass(frozen=True)
class Call:
    """What is asked: `repeatable` when asking twice does no harm."""

    operation: str
    repeatable: bool
    write: bool = False


@dataclass(frozen=True)
class Identity:
    """As whom we call, and what to do when that is refused or may not do it."""

    name: str = "the credentials"
    refused: str = "check them"
    forbidden: str = "add the permission"


@dataclass(frozen=True)
class Peer:
    """The other side as messages name it: title, setting of its address, our login."""

    name: str
    setting: str
    address: str
    login: Identity = field(default_factory=Identity)

    def __str__(self) -> str:
        """Name the other side and the setting that leads there."""
        return f"{self.name} ({self.setting} = {self.address})"


Judge = Callable[[Answer, Call, Peer], ConnectorError | None]
"""Reads the vendor's own error forms; None leaves it to the status."""


@dataclass(frozen=True)
class _Rule:
    """What a status means: the error, the sentence after the name, code and fix."""

    error: type[ConnectorError]
    sentence: str
    code: str = ""
    fix: str = ""


_CHANGED = _Rule(
    RecordError,
    "says that the document was changed in the meantime",
    CHANGED_MEANWHILE,
    "Nothing: it is read again and the change is repeated.",
)
_BUSY = _Rule(RetryableError, "is not available now; the call is repeated later")

_RULES: dict[int, _Rule] = {
    301: _Rule(ConfigError, "has moved; write the new address in the setting"),
    302: _Rule(ConfigError, "redirects the call; write the API's own address"),
    307: _Rule(ConfigError, "redirects the call; write the API's own address"),
    308: _Rule(ConfigError, "has moved; write the new address in the setting"),
    400: _Rule(
        RecordError,
        "refuses the request",
        "REFUSED",
        "Correct what the message names, then retry the record.",
    ),
    401: _Rule(ConfigError, "refuses {login.name}: {login.refused}"),
    402: _Rule(ConfigError, "says that the licence does not cover this"),
    403: _Rule(ConfigError, "does not allow this to {login.name}: {login.forbidden}"),
    404: _Rule(
        RecordError,
        "has no such record",
        NOT_FOUND,
        "Check whether it was deleted or renumbered.",
    ),
    405: _Rule(ConfigError, "does not know this operation; check the address"),
    407: _Rule(ConfigError, "is behind a proxy that wants a login; set HTTPS_PROXY"),
    408: _Rule(RetryableError, "did not receive the request in time"),
    409: _Rule(
        RecordError,
        "says that the document is in use",
        LOCKED,
        "Close the document in Visma.net if it is open; it is tried again.",
    ),
    410: _Rule(
        RecordError,
        "says that the record is gone",
        NOT_FOUND,
        "Check whether it was deleted or renumbered.",
    ),
    412: _CHANGED,
    413: _Rule(
        RecordError,
        "finds the request too large",
        "TOO_LARGE",
        "Split the document, or shorten its texts.",
    ),
    422: _Rule(
        RecordError,
        "refuses the values",
        "REFUSED",
        "Correct what the message names, then retry the record.",
    ),
    425: _BUSY,
    428: _CHANGED,
    429: _Rule(QuotaError, "has no calls left for us now"),
    500: _Rule(RetryableError, "failed inside"),
    502: _BUSY,
    503: _BUSY,
    504: _Rule(RetryableError, "took too long inside"),
}
_OTHER_CLIENT_ERROR = _Rule(
    RecordError,
    "refuses the request",
    "REFUSED",
    "Correct what the message names, then retry the record.",
)
_OTHER_SERVER_ERROR = _Rule(RetryableError, "failed")
_OTHER_REDIRECT = _Rule(ConfigError, "redirects the call; write the API's own address")

# After these the request was surely not carried out, whatever it was.
_NOT_DONE = frozenset({425, 429})


def error_of(
    answer: Answer, call: Call, peer: Peer, *, now: datetime
) -> ConnectorError:
    """Turn a failed answer into the error that says what to do next."""
    rule = _RULES.get(answer.status) or _fallback(answer.status)
    sentence = rule.sentence.format(login=peer.login)
    said = _said(answer)
    message = f"{peer} {sentence} (HTTP {answer.status}, {call.operation})"
    if said:
        message = f"{message}: {said}"
    if rule.error is RecordError:
        return RecordError(
            message, code=rule.code, fix=rule.fix, request_id=answer.request_id
        )
    if rule.error is ConfigError:
        return ConfigError(message, request_id=answer.request_id)
    if not call.repeatable and answer.status not in _NOT_DONE:
        return unclear(call, peer, f"answered HTTP {answer.status}", answer.request_id)
    wait = wait_of(answer.headers, now)
    kind = QuotaError if rule.error is QuotaError else RetryableError
    if wait is not None:
        message = f"{message}; it asks to wait {wait:.0f} s"
    return kind(message, wait_seconds=wait, request_id=answer.request_id)


def _said(answer: Answer) -> str:
    """Return the sentence in an error body, or the body itself if it is plain text."""
    body = answer.body
    if isinstance(body, Mapping):
        errors = body.get("errors")
        first = errors[0] if isinstance(errors, list) and errors else body
        for name in _SENTENCES if isinstance(first, Mapping) else ():
            if isinstance(first.get(name), str):
                return redact(first[name])
    text = redact(answer.text)
    return "" if "<html" in text[:200].lower() else text


def unclear(
    call: Call, peer: Peer, happened: str, request_id: str | None = None
) -> InDoubtError:
    """Return the error for a write whose end nobody knows."""
    message = (
        f"{peer} {happened} to {call.operation}: it may or may not have been done, "
        "so it is looked up before anything is sent again"
    )
    return InDoubtError(message, request_id=request_id)


def _fallback(status: int) -> _Rule:
    if status >= _SERVER_ERROR:
        return _OTHER_SERVER_ERROR
    if status >= HTTPStatus.BAD_REQUEST:
        return _OTHER_CLIENT_ERROR
    return _OTHER_REDIRECT


def wait_of(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read Retry-After: seconds, an HTTP date, an epoch or an ISO time.

    Centra's guide says "a timestamp", Visma.net's says seconds; a form that nobody
    knows counts as absent.
    """
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    until = _number_wait(value, now)
    if until is None:
        at = _time(value)
        until = None if at is None else (at - now).total_seconds()
    return None if until is None else max(0.0, until)


def _number_wait(value: str, now: datetime) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    if number >= _FIRST_EPOCH_MILLISECOND:
        return number / 1000 - now.timestamp()
    if number >= _FIRST_EPOCH_SECOND:
        return number - now.timestamp()
    return number if math.isfinite(number) else None


def _time(value: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            at = read(value)
        except (ValueError, IndexError):
            continue
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return None


def server_date(headers: Mapping[str, str]) -> datetime | None:
    """Return the other side's own time of an answer, if it told it."""
    value = headers.get("Date", "")
    return _time(value) if value else None


def request_id_of(headers: Mapping[str, str], text: str) -> str | None:
    """Return the other side's own id of a call, from its headers or its message."""
    found = [headers[name] for name in _ID_HEADERS if headers.get(name)][:1]
    if visma := _VISMA_ID.search(text):
        found.append(f"VismaId: {visma.group(1)}")
    return ", ".join(found) or None
