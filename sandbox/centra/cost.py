"""What a query costs, and which old fields it still uses, worked out from its text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLUnionType,
    IntValueNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

from sandbox.centra.documents import Operation
from sandbox.centra.quotas import Cost
from sandbox.centra.schema import schema

__all__ = ["Survey", "survey"]

_DEFAULT_LIMIT = 20
_NESTED_LIST = 10
_SIZES = ("limit", "first", "last")
_WITH_QUANTITIES = {"Stock", "StockTotals"}
_QUANTITY = 5
"""A quantity of stock, but what is free to allocate: that one costs nothing."""


@dataclass
class Survey:
    """What reading the query alone tells: nobody outside knows Centra's own weights.

    A field weighs 1, a quantity of stock more, and so many times that as the lists around it may
    have rows.
    """

    cost: Cost
    deprecated: list[dict[str, str]] = field(default_factory=list)


def survey(operation: Operation, variables: Mapping[str, Any]) -> Survey:
    """Weigh an operation."""
    walk = _Walk(operation, variables)
    complexity = walk.weigh(operation.node.selection_set, operation.root_type.name, 1)
    mutations = len(operation.root_fields()) if operation.is_mutation else 0
    return Survey(Cost(1, mutations, complexity), list(walk.deprecated.values()))


class _Walk:
    def __init__(self, operation: Operation, variables: Mapping[str, Any]) -> None:
        self._fragments = operation.fragments
        self._variables = variables
        self.deprecated: dict[str, dict[str, str]] = {}

    def weigh(self, selections: SelectionSetNode, type_name: str, times: int) -> int:
        total = 0
        for node in selections.selections:
            if isinstance(node, FieldNode):
                total += self._field(node, type_name, times)
                continue
            part: Any = (
                self._fragments[node.name.value]
                if isinstance(node, FragmentSpreadNode)
                else node
            )
            condition = part.type_condition
            inner = condition.name.value if condition else type_name
            total += self.weigh(part.selection_set, inner, times)
        return total

    def _field(self, node: FieldNode, type_name: str, times: int) -> int:
        owner = schema().type_map[type_name]
        name = node.name.value
        if name.startswith("__") or isinstance(owner, GraphQLUnionType):
            return 0
        assert isinstance(owner, GraphQLObjectType | GraphQLInterfaceType)  # noqa: S101
        definition = owner.fields[name]
        if definition.deprecation_reason:
            coordinate = f"{type_name}.{name}"
            self.deprecated[coordinate] = {
                "field": coordinate,
                "reason": definition.deprecation_reason,
            }
        if node.selection_set is None:
            return times * _weight(type_name, name)
        type_ = definition.type
        if isinstance(type_, GraphQLNonNull):
            type_ = type_.of_type
        rows = 1
        if isinstance(type_, GraphQLList) or type_name == "Query":
            rows = self._rows(node, type_name, is_list=isinstance(type_, GraphQLList))
        inner = get_named_type(type_).name
        return times + self.weigh(node.selection_set, inner, times * rows)

    def _rows(self, node: FieldNode, type_name: str, *, is_list: bool) -> int:
        for argument in node.arguments or ():
            if argument.name.value in _SIZES:
                value = argument.value
                if isinstance(value, IntValueNode):
                    return int(value.value)
                if isinstance(value, VariableNode):
                    given = self._variables.get(value.name.value)
                    return given if isinstance(given, int) else _DEFAULT_LIMIT
        if not is_list or type_name.endswith("Connection"):
            return 1
        return _DEFAULT_LIMIT if type_name == "Query" else _NESTED_LIST


def _weight(type_name: str, name: str) -> int:
    if type_name not in _WITH_QUANTITIES:
        return 1
    return 0 if name == "freeToAllocateQuantity" else _QUANTITY
