"""A shop to ask: a world with a clock that stands still, and a client of its GraphQL endpoint."""

from datetime import UTC, datetime
from typing import Any

import httpx
from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
)

from sandbox.app import build_world, create_app
from sandbox.centra.store import CentraInstance
from sandbox.clock import Clock
from sandbox.world import Quotas, World

__all__ = ["NOW", "Stand", "a_world", "every_field"]

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def a_world(*, orders: int = 60, seed: int = 1, quotas: Quotas = "unlimited") -> World:
    """Return a world that is the same in every run."""
    return build_world(
        seed=seed, orders=orders, quotas=quotas, clock=Clock(NOW, frozen=True)
    )


class Stand:
    """A world and a client of one of its shops."""

    def __init__(self, world: World | None = None, instance: str = "nordhem") -> None:
        self.world = world or a_world()
        self.name = instance
        self._app = create_app(self.world)

    @property
    def instance(self) -> CentraInstance:
        """The shop itself."""
        return self.world.centra[self.name]

    async def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Call the sandbox."""
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://sandbox"
        ) as client:
            return await client.request(method, path, **more)

    async def post(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        token: str | None = None,
    ) -> httpx.Response:
        """Send a query with the shop's own token, or another one."""
        return await self.request(
            "POST",
            f"/centra/{self.name}/graphql",
            json={"query": query, "variables": variables or {}},
            headers={"Authorization": f"Bearer {token or f'centra-{self.name}-token'}"},
        )

    async def ask(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        token: str | None = None,
    ) -> dict[str, Any]:
        """Return the data of an answer without errors."""
        response = await self.post(query, variables, token=token)
        body = response.json()
        assert response.status_code == 200, body
        assert "errors" not in body, body["errors"]
        return dict(body["data"])

    async def add_token(self, value: str, **more: Any) -> None:
        """Add a token by the control API."""
        path = f"/_sandbox/centra/{self.name}/tokens"
        response = await self.request("POST", path, json={"token": value, **more})
        assert response.status_code == 201


def every_field(schema: GraphQLSchema, type_name: str, depth: int = 3) -> str:
    """Return a selection of all fields of a type, and of the types it can be, down to a depth."""
    type_ = schema.type_map[type_name]
    known: set[str] = set()
    parts = ["__typename"]
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        known = set(type_.fields)
        parts += _selections(schema, type_, known, depth)
    if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
        for member in schema.get_possible_types(type_):
            own = _selections(schema, member, set(member.fields) - known, depth)
            if own and known:
                parts.append(f"... on {member.name} {{ {' '.join(own)} }}")
            elif own:
                parts.append(f"... on {member.name} {{ id }}")
    return " ".join(parts)


def _selections(
    schema: GraphQLSchema,
    type_: GraphQLObjectType | GraphQLInterfaceType,
    names: set[str],
    depth: int,
) -> list[str]:
    parts = []
    for name in sorted(names):
        inner = get_named_type(type_.fields[name].type)
        if is_leaf_type(inner):
            parts.append(name)
        elif depth:
            parts.append(f"{name} {{ {every_field(schema, inner.name, depth - 1)} }}")
    return parts
