"""The sandbox's own executor against that of graphql-core."""

from typing import Any

import pytest
from graphql import (
    ExecutionResult,
    GraphQLResolveInfo,
    execute_sync,
    parse,
)

from sandbox.centra.documents import Operation, prepare
from sandbox.centra.execute import _snake, run
from sandbox.centra.registry import Request, resolver_of
from sandbox.centra.schema import schema
from tests.sandbox.centra_stand import NOW, a_world, every_field

QUERIES = {
    "orders": f"{{ orders(limit: 200) {{ {every_field(schema(), 'Order', 4)} }} }}",
    "accounts": f"{{ accounts {{ {every_field(schema(), 'Account')} }} }}",
    "products": f"{{ products(limit: 200) {{ {every_field(schema(), 'Product')} }} }}",
    "connection": "{ orderConnection(first: 5) { totalCount pageInfo { hasNextPage endCursor } "
    "edges { cursor node { number } } } }",
    "fragments": """
        query Q($with: Boolean!) {
          a: orders(limit: 3) { ...Part number @skip(if: $with) }
          b: orders(limit: 2, page: 2) { ...Part ... @include(if: $with) { status } }
        }
        fragment Part on Order {
          number totals { lineValues { value } } totals { shipping { value valueInCents } }
          ... on WholesaleOrder { account { name } }
          gross: grandTotal { value } net: grandTotal(includingTax: false) { value }
          lines { ... on BundleItemOrderLine { bundleLine { id } } id }
        }""",
}


def _by_graphql_core(query: str, request: Request, variables: dict[str, Any]) -> Any:
    def resolve(source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        resolver = resolver_of(info.parent_type, info.field_name)
        if resolver is None:
            return getattr(source, _snake(info.field_name))
        return resolver(source, request, arguments)

    result = execute_sync(
        schema(),
        parse(query),
        field_resolver=resolve,
        type_resolver=lambda value, *_: value.typename,
        variable_values=variables,
    )
    assert isinstance(result, ExecutionResult)
    assert not result.errors, result.errors
    return result.data


@pytest.mark.parametrize("name", QUERIES)
def test_both_executors_answer_alike(name: str) -> None:
    """What the sandbox answers is what graphql-core answers, leaf types checked by it."""
    instance = a_world(orders=120).centra["nordhem"]
    request = Request(instance, instance.tokens["centra-nordhem-token"], NOW)
    variables = {"with": True} if "$with" in QUERIES[name] else {}
    operation = prepare(QUERIES[name], None)
    assert isinstance(operation, Operation), operation
    outcome = run(operation, variables, request)
    assert outcome.errors == []
    assert outcome.data == _by_graphql_core(QUERIES[name], request, variables)
    assert outcome.data
