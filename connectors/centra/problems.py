"""Centra's three levels of errors: HTTP, `errors` of the answer, `userErrors` of a write."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from connectors.answers import Answer, Call, Peer, unclear
from connectors.errors import (
    ConfigError,
    ConnectorError,
    RecordError,
    RetryableError,
)
from connectors.redaction import redact

__all__ = [
    "Complaint",
    "RefusedError",
    "complaints_of",
    "error_of_errors",
    "error_of_user_errors",
    "judge",
]

_PERMISSION = re.compile(r"need\s+([\w.]+:\w+)\s+permission", re.IGNORECASE)
_UNKNOWN_FIELD = re.compile(
    r"Cannot query field|Unknown (?:argument|type)|is not defined by"
)
_LOGIN_STATUSES = frozenset({401, 429})
_SERVER_ERROR = 500


class Complaint(NamedTuple):
    """A sentence of `userErrors` or `userWarnings`, and the input it is about."""

    message: str
    path: tuple[str, ...]

    def __str__(self) -> str:
        """The sentence, with the input's path if it has one."""
        return (
            f"{self.message} (at {'.'.join(self.path)})" if self.path else self.message
        )

    def row_of(self, field: str) -> int | None:
        """The position in a list of the input that it is about; None: of none."""
        if field not in self.path:
            return None
        after = self.path[self.path.index(field) + 1 :]
        return int(after[0]) if after and after[0].isdecimal() else None


class RefusedError(RecordError):
    """Centra refused a mutation as a whole; `complaints` say what of it."""

    def __init__(
        self,
        message: str,
        complaints: Sequence[Complaint],
        *,
        request_id: str | None = None,
    ) -> None:
        """Keep what Centra said, row by row."""
        self.complaints = tuple(complaints)
        super().__init__(
            message,
            code="CENTRA_REFUSED",
            fix="Correct what the message names in Centra or in the settings, then retry.",
            request_id=request_id,
        )


def judge(answer: Answer, call: Call, peer: Peer) -> ConnectorError | None:
    """Read a failed answer that still holds GraphQL errors."""
    body = answer.body
    if answer.status in _LOGIN_STATUSES or answer.status >= _SERVER_ERROR:
        return None
    if isinstance(body, Mapping) and body.get("errors"):
        return error_of_errors(body["errors"], call, peer, answer.request_id)
    if answer.status == HTTPStatus.NOT_FOUND:
        message = f"{peer} is no GraphQL address; write the one that ends in /graphql"
        return ConfigError(message, request_id=answer.request_id)
    return None


def error_of_errors(
    errors: Sequence[Any], call: Call, peer: Peer, request_id: str | None
) -> ConnectorError:
    """Turn the top-level `errors` into the error that says what to do next."""
    rows = [one for one in errors if isinstance(one, Mapping)]
    texts = [redact(str(row.get("message", ""))) for row in rows]
    said = "; ".join(dict.fromkeys(text for text in texts if text)) or "no reason given"
    categories = {_category(row) for row in rows}
    if "authorization" in categories:
        return ConfigError(_missing(said, peer), request_id=request_id)
    if "authentication" in categories:
        message = f"{peer} refuses {peer.login.name}: {said}; {peer.login.refused}"
        return ConfigError(message, request_id=request_id)
    if "graphql" in categories or _UNKNOWN_FIELD.search(said):
        message = (
            f"{peer} does not understand {call.operation}: {said}; if it names an "
            "unverified field, set centra.verified_fields = false, else update the connector"
        )
        return ConfigError(message, request_id=request_id)
    if not call.repeatable:
        return unclear(call, peer, f"answered with an error ({said})", request_id)
    message = f"{peer} could not answer {call.operation}: {said}"
    return RetryableError(message, request_id=request_id)


def error_of_user_errors(
    errors: Sequence[Any], call: Call, peer: Peer, request_id: str | None
) -> RefusedError:
    """Turn the `userErrors` of a mutation into a refusal of the record."""
    complaints = complaints_of(errors)
    said = "; ".join(map(str, complaints))
    return RefusedError(
        f"{peer} refuses {call.operation}: {said}", complaints, request_id=request_id
    )


def complaints_of(rows: Sequence[Any] | None) -> tuple[Complaint, ...]:
    """Read `userErrors` or `userWarnings`."""
    return tuple(_complaint(one) for one in rows or ())


def _complaint(row: Any) -> Complaint:  # noqa: ANN401 - any wire value
    if not isinstance(row, Mapping):
        return Complaint(redact(str(row)), ())
    path = tuple(str(part) for part in row.get("path") or ())
    return Complaint(redact(str(row.get("message") or "no reason given")), path)


def _missing(said: str, peer: Peer) -> str:
    names = sorted(set(_PERMISSION.findall(said)))
    if not names:
        return f"{peer} does not allow this to {peer.login.name}: {said}"
    plural = "permission" if len(names) == 1 else "permissions"
    return (
        f"{peer.login.name} for {peer} lacks the {plural} {', '.join(names)}: "
        "add it in AMS, System > API Tokens"
    )


def _category(row: Mapping[str, Any]) -> str:
    extensions = row.get("extensions")
    if isinstance(extensions, Mapping):
        return str(extensions.get("category", "")).lower()
    return ""
