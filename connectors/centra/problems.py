"""Centra's three levels of errors: HTTP, `errors` of the answer, `userErrors` of a write."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from connectors.answers import Answer, Call, Peer, unclear
from connectors.errors import (
    ConfigError,
    ConnectorError,
    RecordError,
    RetryableError,
)
from connectors.redaction import redact

__all__ = ["error_of_errors", "error_of_user_errors", "judge"]

_PERMISSION = re.compile(r"need\s+([\w.]+:\w+)\s+permission", re.IGNORECASE)
_UNKNOWN_FIELD = re.compile(
    r"Cannot query field|Unknown (?:argument|type)|is not defined by"
)
_LOGIN_STATUSES = frozenset({401, 429})
_SERVER_ERROR = 500


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
) -> RecordError:
    """Turn the `userErrors` of a mutation into a refusal of the record."""
    said = "; ".join(_worded(one) for one in errors)
    return RecordError(
        f"{peer} refuses {call.operation}: {said}",
        code="CENTRA_REFUSED",
        fix="Correct what the message names in Centra or in the settings, then retry.",
        request_id=request_id,
    )


def _worded(row: Any) -> str:  # noqa: ANN401 - any wire value
    if not isinstance(row, Mapping):
        return redact(str(row))
    path = ".".join(str(part) for part in row.get("path") or ())
    text = redact(str(row.get("message") or "no reason given"))
    return f"{text} (at {path})" if path else text


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
