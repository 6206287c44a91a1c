"""Tokens and where they are kept; the ledger brings the store, encrypted."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import SecretStr

__all__ = ["StoredToken", "TokenStore"]


@dataclass(frozen=True)
class StoredToken:
    """An access token, until when it is good, and what renews it."""

    access_token: SecretStr
    refresh_token: SecretStr | None
    expires_at: datetime
    scope: str


class TokenStore(Protocol):
    """Where the tokens of one connection are kept, shared by every worker."""

    def load(self, name: str) -> StoredToken | None:
        """Return the token kept under a name, or None."""
        ...

    def save(self, name: str, token: StoredToken) -> None:
        """Keep a token under a name in place of the one before."""
        ...

    def lock(self, name: str, seconds: float) -> AbstractContextManager[bool]:
        """Hold a name for a while; yields False when someone else holds it."""
        ...
