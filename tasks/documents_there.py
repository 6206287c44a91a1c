"""Asks whether a document is there still; one that cannot be read is."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Literal, TypeVar

from pydantic import ValidationError

from connectors.answers import NOT_FOUND
from connectors.errors import RecordError

__all__ = ["GONE", "ask"]

GONE: Literal["gone"] = "gone"
Document = TypeVar("Document")


async def ask(asked: Awaitable[Document]) -> Document | Literal["gone"] | None:
    """Return the document, `GONE` if there is none, or None where it cannot be read.

    Nobody may take a document for deleted because of an answer that nobody understands,
    and one such document stops no other.
    """
    try:
        return await asked
    except ValidationError:
        return None
    except RecordError as error:
        return GONE if error.code == NOT_FOUND else None
