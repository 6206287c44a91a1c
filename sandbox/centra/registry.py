"""Which function answers which field, and who asks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, GraphQLObjectType

from sandbox.centra.permissions import permission_for

if TYPE_CHECKING:
    from sandbox.centra.store import CentraInstance
    from sandbox.centra.tokens import Token

__all__ = ["Request", "Resolver", "refuse", "resolver_of", "resolves"]

Resolver = Callable[[Any, "Request", Mapping[str, Any]], Any]

_RESOLVERS: dict[tuple[str, str], Resolver] = {}


@dataclass
class Request:
    """One authenticated call: who asks, whom, and when."""

    instance: "CentraInstance"
    token: "Token"
    now: datetime
    permissions_used: set[str] = field(default_factory=set)
    is_refused: bool = False
    """Whether the payment provider refuses what it is asked for in this call."""
    lag: float | None = None
    """How many seconds lists do not show what this call makes."""

    def refusal(self, type_: GraphQLObjectType, name: str) -> dict[str, Any] | None:
        """Return the error for a field that the token may not read, or None."""
        permission = permission_for(type_, name)
        if permission is None:
            return None
        if self.token.allows(permission):
            self.permissions_used.add(permission)
            return None
        return {
            "message": f"You need {permission} permission to access {name}.",
            "extensions": {"category": "authorization"},
        }


def resolves(type_name: str, *names: str) -> Callable[[Resolver], Resolver]:
    """Register a function for fields of a type, or of an interface and all its types."""

    def register(resolver: Resolver) -> Resolver:
        for name in names:
            _RESOLVERS[type_name, name] = resolver
        return resolver

    return register


@lru_cache(maxsize=4096)
def resolver_of(type_: GraphQLObjectType, name: str) -> Resolver | None:
    """Return the function of a field; None means an attribute of the same name."""
    for owner in (type_, *type_.interfaces):
        if found := _RESOLVERS.get((owner.name, name)):
            return found
    return None


def refuse(message: str, category: str = "user") -> GraphQLError:
    """Return a top-level error of Centra's form."""
    return GraphQLError(message, extensions={"category": category})
