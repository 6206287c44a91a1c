"""Runs an operation: the query becomes a tree of closures once, then plain data runs through it.

A page of a hundred orders has tens of thousands of fields; graphql-core parses, validates and
coerces, but its executor would take most of the sandbox's time. The two agree, see the tests.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSkipDirective,
    GraphQLUnionType,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    execute_sync,
    get_nullable_type,
    is_leaf_type,
)
from graphql.execution import get_directive_values, get_variable_values
from graphql.execution.values import get_argument_values

from sandbox.centra.documents import Operation
from sandbox.centra.registry import Request, resolver_of
from sandbox.centra.schema import schema

__all__ = ["Outcome", "run"]

Complete = Callable[[Any], Any]
Bound = Callable[[Any], Any]


@dataclass
class Outcome:
    """What an operation came to."""

    data: dict[str, Any] | None
    errors: list[GraphQLError] = field(default_factory=list)


def run(
    operation: Operation, variables: Mapping[str, Any], request: Request
) -> Outcome:
    """Run a prepared operation; the errors of a root field leave the other ones alone."""
    coerced = get_variable_values(
        schema(), operation.node.variable_definitions or (), dict(variables)
    )
    if isinstance(coerced, list):
        return Outcome(None, list(coerced))
    return _Run(operation, coerced, request).outcome(dict(variables))


class _Run:
    def __init__(self, operation: Operation, variables: Any, request: Request) -> None:  # noqa: ANN401  # graphql-core keeps the type to itself
        self._operation = operation
        self._variables = variables
        self._request = request
        self._errors: list[GraphQLError] = []

    def outcome(self, raw_variables: dict[str, Any]) -> Outcome:
        root = self._operation.root_type
        data: dict[str, Any] | None = {}
        grouped = self._collect(root, [self._operation.node.selection_set])
        for key, nodes in grouped.items():
            name = nodes[0].name.value
            if name in {"__schema", "__type"}:
                data = {**(data or {}), **self._introspect(nodes[0], raw_variables)}
                continue
            if name == "__typename":
                data = {**(data or {}), key: root.name}
                continue
            nullable = not isinstance(root.fields[name].type, GraphQLNonNull)
            try:
                bound, complete = self._field(root, nodes, (key,))
                value = bound(None)
                value = complete(value) if value is not None or not nullable else None
            except GraphQLError as error:
                self._errors.append(
                    GraphQLError(
                        error.message, nodes, path=[key], extensions=error.extensions
                    )
                )
                value = None
                if not nullable:
                    data = None
            if data is not None:
                data[key] = value
        return Outcome(data, self._errors)

    def _introspect(self, node: FieldNode, raw: dict[str, Any]) -> dict[str, Any]:
        operation = OperationDefinitionNode(
            operation=OperationType.QUERY,
            variable_definitions=self._operation.node.variable_definitions,
            selection_set=SelectionSetNode(selections=(node,)),
        )
        document = DocumentNode(
            definitions=(operation, *self._operation.fragments.values())
        )
        result = execute_sync(schema(), document, variable_values=raw)
        assert isinstance(result, ExecutionResult)  # noqa: S101  # nothing is deferred
        self._errors.extend(result.errors or [])
        return result.data or {}

    def _collect(
        self, type_: GraphQLObjectType, sets: Iterable[SelectionSetNode]
    ) -> dict[str, list[FieldNode]]:
        grouped: dict[str, list[FieldNode]] = {}
        for selection_set in sets:
            self._collect_into(grouped, type_, selection_set)
        return grouped

    def _collect_into(
        self,
        grouped: dict[str, list[FieldNode]],
        type_: GraphQLObjectType,
        selection_set: SelectionSetNode,
    ) -> None:
        for node in selection_set.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                grouped.setdefault(key, []).append(node)
                continue
            part: Any = (
                self._operation.fragments[node.name.value]
                if isinstance(node, FragmentSpreadNode)
                else node
            )
            condition = part.type_condition
            if condition is None or _fits(type_, condition.name.value):
                self._collect_into(grouped, type_, part.selection_set)

    def _included(self, node: Any) -> bool:  # noqa: ANN401
        if not node.directives:
            return True
        skip = get_directive_values(GraphQLSkipDirective, node, self._variables)
        if skip and skip["if"]:
            return False
        include = get_directive_values(GraphQLIncludeDirective, node, self._variables)
        return include is None or bool(include["if"])

    def _field(
        self, type_: GraphQLObjectType, nodes: list[FieldNode], path: tuple[str, ...]
    ) -> tuple[Bound, Complete]:
        name = nodes[0].name.value
        definition: GraphQLField = type_.fields[name]
        complete = self._complete(definition.type, nodes, path)
        if refusal := self._request.refusal(type_, name):
            if isinstance(definition.type, GraphQLNonNull):
                raise GraphQLError(**refusal)
            self._errors.append(GraphQLError(**refusal, path=list(path)))
            return (lambda _source: None), complete
        resolver = resolver_of(type_, name)
        if resolver is None:
            return attrgetter(_snake(name)), complete
        arguments = get_argument_values(definition, nodes[0], self._variables)
        request = self._request
        return (lambda source: resolver(source, request, arguments)), complete

    def _complete(
        self, type_: GraphQLOutputType, nodes: list[FieldNode], path: tuple[str, ...]
    ) -> Complete:
        if isinstance(type_, GraphQLNonNull):
            return _required(self._complete(type_.of_type, nodes, path), path)
        if isinstance(type_, GraphQLList):
            item = self._complete(type_.of_type, nodes, path)
            return lambda values: [item(value) for value in values]
        if isinstance(type_, GraphQLObjectType):
            return self._object(type_, nodes, path)
        if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
            return self._abstract(nodes, path)
        return _as_it_is

    def _abstract(self, nodes: list[FieldNode], path: tuple[str, ...]) -> Complete:
        plans: dict[str, Complete] = {}

        def complete(source: Any) -> Any:  # noqa: ANN401
            plan = plans.get(source.typename)
            if plan is None:
                type_ = schema().type_map[source.typename]
                assert isinstance(type_, GraphQLObjectType)  # noqa: S101
                plan = plans[source.typename] = self._object(type_, nodes, path)
            return plan(source)

        return complete

    def _object(
        self,
        type_: GraphQLObjectType,
        nodes: list[FieldNode],
        path: tuple[str, ...],
    ) -> Complete:
        grouped = self._collect(
            type_, [node.selection_set for node in nodes if node.selection_set]
        )
        always: dict[str, str] = {}
        plan: list[tuple[str, Bound, Complete, bool, bool]] = []
        for key, group in grouped.items():
            name = group[0].name.value
            if name == "__typename":
                always[key] = type_.name
                continue
            bound, complete = self._field(type_, group, (*path, key))
            kind = type_.fields[name].type
            required = isinstance(kind, GraphQLNonNull)
            is_plain = is_leaf_type(get_nullable_type(kind))
            plan.append((key, bound, complete, required, is_plain))

        def complete_object(source: Any) -> dict[str, Any]:  # noqa: ANN401
            out: dict[str, Any] = dict(always)
            for key, bound, complete, required, is_plain in plan:
                value = bound(source)
                if value is None:
                    out[key] = complete(value) if required else None
                else:
                    out[key] = value if is_plain else complete(value)
            return out

        return complete_object


def _as_it_is(value: Any) -> Any:  # noqa: ANN401
    return value


def _required(inner: Complete, path: tuple[str, ...]) -> Complete:
    def complete(value: Any) -> Any:  # noqa: ANN401
        if value is None:
            where = ".".join(path)
            raise GraphQLError(f"Cannot return null for non-nullable field {where}.")
        return inner(value)

    return complete


@lru_cache(maxsize=1024)
def _snake(name: str) -> str:
    words: list[str] = []
    for position, letter in enumerate(name):
        before = name[position - 1] if position else ""
        if letter.isupper() and position and not before.isupper():
            words.append("_")
        words.append(letter.lower())
    return "".join(words)


@lru_cache(maxsize=1024)
def _fits(type_: GraphQLObjectType, condition: str) -> bool:
    if type_.name == condition:
        return True
    wider = schema().type_map[condition]
    return isinstance(
        wider, GraphQLInterfaceType | GraphQLUnionType
    ) and schema().is_sub_type(wider, type_)
