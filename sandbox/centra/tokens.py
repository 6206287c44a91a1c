"""Integration API tokens: whose, for what, until when."""

from dataclasses import dataclass
from datetime import datetime

from sandbox.centra.permissions import EVERYTHING

__all__ = ["Token"]


@dataclass(frozen=True)
class Token:
    """One token. Tokens of one integration share its event queue and its external ids."""

    value: str
    integration: str = "connector"
    permissions: frozenset[str] = EVERYTHING
    store_ids: frozenset[int] = frozenset()
    expires_at: datetime | None = None

    def allows(self, permission: str) -> bool:
        """Tell whether the token has a permission; writing does not include reading."""
        return permission in self.permissions

    def sees_store(self, store_id: int | None) -> bool:
        """Tell whether objects of a store are visible to the token."""
        return not self.store_ids or store_id is None or store_id in self.store_ids

    def is_valid(self, now: datetime) -> bool:
        """Tell whether the token still works."""
        return self.expires_at is None or now < self.expires_at
