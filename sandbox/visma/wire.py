"""The wire of both Visma.net services: JSON with exact decimals, times, ETags, ids in paths."""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring
from zoneinfo import ZoneInfo

from starlette.responses import Response

__all__ = [
    "answer",
    "etag_of",
    "local_text",
    "matches",
    "parse_day",
    "parse_json",
    "parse_local",
    "parse_utc",
    "path_id",
    "utc_text",
    "version_text",
    "write_json",
]

_LOCAL = re.compile(r"^\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?)?$")


def parse_json(raw: bytes) -> object:
    """Read JSON with numbers as written.

    Raises:
        ValueError: it is not JSON.
    """
    return json.loads(raw, parse_float=Decimal)


def write_json(value: object) -> str:
    """Write JSON; a Decimal becomes the number that it is, without float dust."""
    pieces: list[str] = []
    _write(value, pieces)
    return "".join(pieces)


def _write(value: object, pieces: list[str]) -> None:
    """Append JSON; what pages are full of is asked for first: they can have a million values."""
    if isinstance(value, str):
        pieces.append(encode_basestring(value))
    elif isinstance(value, Decimal):
        pieces.append(f"{value:f}")
    elif value is None:
        pieces.append("null")
    elif isinstance(value, bool):
        pieces.append("true" if value else "false")
    elif isinstance(value, int):
        pieces.append(str(value))
    elif isinstance(value, list | tuple):
        _write_list(value, pieces)
    elif isinstance(value, dict | Mapping):
        _write_object(value, pieces)
    else:
        message = f"the sandbox cannot write a {type(value).__name__} as JSON"
        raise TypeError(message)


def _write_object(value: Mapping[object, object], pieces: list[str]) -> None:
    separator = "{"
    for key, member in value.items():
        name = _written_key(str(key))
        if type(member) is str:
            pieces.append(f"{separator}{name}:{encode_basestring(member)}")
        elif type(member) is Decimal:
            pieces.append(f"{separator}{name}:{member:f}")
        else:
            pieces.append(f"{separator}{name}:")
            _write(member, pieces)
        separator = ","
    pieces.append("}" if value else "{}")


@lru_cache(4096)
def _written_key(key: str) -> str:
    return encode_basestring(key)


def _write_list(value: Sequence[object], pieces: list[str]) -> None:
    separator = "["
    for member in value:
        pieces.append(separator)
        _write(member, pieces)
        separator = ","
    pieces.append("]" if value else "[]")


def answer(
    content: object = None, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a JSON answer, or an empty one when there is no content."""
    if content is None:
        return Response(status_code=status, headers=dict(headers or {}))
    return Response(
        write_json(content).encode(errors="replace"),
        status_code=status,
        headers=dict(headers or {}),
        media_type="application/json; charset=utf-8",
    )


def path_id(raw: str) -> str:
    """Decode a path segment: `b64(...)` holds the base64url of an id with reserved characters."""
    if raw.startswith("b64(") and raw.endswith(")"):
        coded = raw[4:-1]
        try:
            return base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError):
            return raw
    return raw


def version_text(version: int) -> str:
    """Return a record version as the eight bytes in base64 that both services show."""
    return base64.b64encode(version.to_bytes(8, "big")).decode()


def etag_of(version: int) -> str:
    """Return the ETag header of a record version."""
    return f'"{version_text(version)}"'


def matches(if_match: str, version: int) -> bool:
    """Tell whether an If-Match header names this version, quoted or not."""
    given = {part.strip().removeprefix("W/").strip('"') for part in if_match.split(",")}
    return "*" in given or version_text(version) in given


def utc_text(at: datetime) -> str:
    """Write a time as SalesOrder v3 does: in UTC."""
    return (
        at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
    )


def local_text(at: datetime, zone: ZoneInfo) -> str:
    """Write a time as ERP v1 does: local, without an offset."""
    return at.astimezone(zone).replace(tzinfo=None).isoformat(timespec="milliseconds")


def parse_utc(text: str) -> datetime:
    """Read a v3 time: UTC unless it says otherwise.

    Raises:
        ValueError: it is not a time.
    """
    # An unencoded "+" of an offset arrives as a blank.
    at = datetime.fromisoformat(text.replace(" ", "+") if text.count(":") > 2 else text)  # noqa: PLR2004
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def parse_day(text: str) -> date:
    """Read the day of a v1 date; a time of day and an offset are cut off, unheard.

    Raises:
        ValueError: it is not a date.
    """
    return date.fromisoformat(text[:10])


def parse_local(text: str, zone: ZoneInfo) -> datetime:
    """Read a v1 time, which may not carry a zone.

    Raises:
        ValueError: it is not a time, or it has a zone suffix.
    """
    if not _LOCAL.match(text):
        message = f"String '{text}' was not recognized as a valid DateTime."
        raise ValueError(message)
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)
