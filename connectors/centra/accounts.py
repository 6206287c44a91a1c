"""Changes wholesale accounts of Centra."""

from __future__ import annotations

from typing import Any, Literal

from connectors.centra.graph import Graph

__all__ = ["AccountStatus", "Accounts"]

AccountStatus = Literal["ACTIVE", "INACTIVE"]


class Accounts:
    """The mutation of accounts; the same values twice are the same account."""

    def __init__(self, graph: Graph) -> None:
        """Work through the GraphQL endpoint."""
        self._graph = graph

    async def update(
        self,
        account_id: int,
        *,
        credit_limit: int | None = None,
        status: AccountStatus | None = None,
    ) -> None:
        """Change what is given, and nothing else; nothing given is nothing sent.

        Raises:
            RecordError: Centra refuses it, or has no such account.
        """
        given: dict[str, Any] = {"creditLimit": credit_limit, "status": status}
        changed = {name: value for name, value in given.items() if value is not None}
        if changed:
            variables = {"id": account_id, "input": changed}
            await self._graph.run("update_account", variables, write=True)
