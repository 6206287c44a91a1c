"""Writers of what comes to no total: nothing of it is read back, and nothing is held."""

from __future__ import annotations

from collections.abc import Mapping

from ledger import Claim
from tasks.direction import Ends, Sent

__all__ = ["SetAgain", "WithoutTotal"]


class WithoutTotal:
    """A writer whose documents have no total that could differ, or prove it before they end."""

    async def figures(self, target_id: str, ends: Ends) -> Mapping[str, str]:
        """Answer nothing."""
        del target_id, ends
        return {}

    async def hold(self, target_id: str, ends: Ends) -> bool:
        """Do nothing."""
        del target_id, ends
        return False


class SetAgain(WithoutTotal):
    """A writer of values: setting one again changes nothing if it was set."""

    async def probe(self, claim: Claim, ends: Ends) -> Sent | None:
        """Find nothing out, so that it is sent again."""
        del claim, ends
        return None
