"""Query documents: parsed and validated once, however often they are sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    OperationDefinitionNode,
    OperationType,
    parse,
    validate,
)

from sandbox.centra.schema import schema

__all__ = ["Operation", "prepare"]


@dataclass(frozen=True)
class Operation:
    """One operation out of a checked document."""

    document: DocumentNode
    node: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]

    @property
    def name(self) -> str:
        """Its name, or `anonymous`."""
        return self.node.name.value if self.node.name else "anonymous"

    @property
    def is_mutation(self) -> bool:
        """Whether it changes something."""
        return self.node.operation is OperationType.MUTATION

    @property
    def root_type(self) -> GraphQLObjectType:
        """The type of its root fields."""
        root = schema().get_root_type(self.node.operation)
        assert root is not None  # noqa: S101  # validation has refused subscriptions
        return root

    def root_fields(self) -> list[FieldNode]:
        """Return the root fields as they are written, fragments aside."""
        return [
            node
            for node in self.node.selection_set.selections
            if isinstance(node, FieldNode)
        ]


@lru_cache(maxsize=256)
def _checked(query: str) -> DocumentNode | tuple[GraphQLError, ...]:
    try:
        document = parse(query)
    except GraphQLError as error:
        return (error,)
    return tuple(validate(schema(), document)) or document


def prepare(query: str, name: str | None) -> Operation | list[GraphQLError]:
    """Parse and validate a query, and find the operation that is meant."""
    checked = _checked(query)
    if isinstance(checked, tuple):
        return list(checked)
    operations = [
        node
        for node in checked.definitions
        if isinstance(node, OperationDefinitionNode)
        and (name is None or (node.name is not None and node.name.value == name))
    ]
    if len(operations) != 1:
        wanted = f' named "{name}"' if name else ", exactly one"
        return [GraphQLError(f"The document must hold an operation{wanted}.")]
    fragments = {
        node.name.value: node
        for node in checked.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    return Operation(checked, operations[0], fragments)
