"""The GraphQL schema: all `.graphql` files of this folder together."""

from functools import cache
from pathlib import Path

from graphql import GraphQLSchema, build_schema

__all__ = ["schema", "schema_text"]

_FOLDER = Path(__file__).parent


@cache
def schema_text() -> str:
    """Return the whole schema language text."""
    return "\n".join(
        path.read_text(encoding="utf-8") for path in sorted(_FOLDER.glob("*.graphql"))
    )


@cache
def schema() -> GraphQLSchema:
    """Return the built and checked schema."""
    return build_schema(schema_text())
