"""The sandbox's Centra schema against the facts about the real one."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    NamedTypeNode,
    Undefined,
    build_schema,
    parse,
)

from sandbox.centra.play import edit_order
from sandbox.centra.schema import schema
from tests.sandbox.centra_stand import Stand, every_field

UNVERIFIED = Path(__file__).parents[2] / "sandbox/centra/unverified.graphql"

EXTRA_ARGUMENTS = {
    "Query.customers(limit)",
    "Query.customers(page)",
    "Query.accounts(where)",
    "Query.accounts(limit)",
    "Query.accounts(page)",
}


def _apis() -> Path:
    folder = os.environ.get("CENTRA_VISMA_APIS")
    if folder and (Path(folder) / "centra.graphql").exists():
        return Path(folder)
    if os.environ.get("CI") == "true":
        pytest.fail("CENTRA_VISMA_APIS does not name the folder of the API facts")
    pytest.skip("CENTRA_VISMA_APIS is not set: there is nothing to compare with")


def _evidenced() -> GraphQLSchema:
    texts = (_apis() / name for name in ("centra.graphql", "centra.stubs.graphql"))
    return build_schema("\n".join(path.read_text(encoding="utf-8") for path in texts))


def _is_placeholder(type_: Any) -> bool:
    fields = getattr(type_, "fields", {})
    return isinstance(type_, GraphQLScalarType) or "_undocumented" in fields


def _shared(theirs: GraphQLSchema) -> Iterator[tuple[str, Any, Any]]:
    for name, type_ in schema().type_map.items():
        known = theirs.type_map.get(name)
        if not name.startswith("__") and known and not _is_placeholder(known):
            yield name, type_, known


def _members(node: Any) -> Iterator[NamedTypeNode]:
    yield from node.types


def _unverified_names() -> set[str]:
    """Return the types, fields and values that unverified.graphql declares."""
    names: set[str] = set()
    for node in parse(UNVERIFIED.read_text(encoding="utf-8")).definitions:
        type_name = node.name.value  # type: ignore[attr-defined]
        if not node.kind.endswith("extension"):
            names.add(type_name)
        for part in (
            *(getattr(node, "fields", ()) or ()),
            *(getattr(node, "values", ()) or ()),
            *(_members(node) if node.kind.startswith("union") else ()),
        ):
            names.add(f"{type_name}.{part.name.value}")
    return names


def test_what_both_schemas_name_is_the_same() -> None:
    """A type, a field, an argument or an input that both name has the same form."""
    theirs, differences = _evidenced(), []
    for name, ours, known in _shared(theirs):
        if type(ours) is not type(known):
            differences.append(f"{name} is a {type(known).__name__}")
        elif isinstance(ours, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in ours.fields.items():
                other = known.fields.get(field_name)
                if other is None:
                    continue
                if str(field.type) != str(other.type):
                    differences.append(f"{name}.{field_name}: {other.type}")
                for argument_name, argument in field.args.items():
                    expected = other.args.get(argument_name)
                    if expected is not None and (
                        str(argument.type) != str(expected.type)
                        or argument.default_value != expected.default_value
                    ):
                        differences.append(f"{name}.{field_name}({argument_name})")
        elif isinstance(ours, GraphQLInputObjectType):
            differences += [
                f"{name}.{field_name}: {known.fields[field_name].type}"
                for field_name, field in ours.fields.items()
                if field_name in known.fields
                and (
                    str(field.type) != str(known.fields[field_name].type)
                    or field.default_value != known.fields[field_name].default_value
                )
            ]
    assert differences == []


def test_what_only_the_sandbox_names_is_listed_as_unverified() -> None:
    """Nothing is in the sandbox beyond the evidence, unless unverified.graphql says so."""
    theirs = _evidenced()
    listed = _unverified_names()
    extra: set[str] = set()
    for name, ours in schema().type_map.items():
        known = theirs.type_map.get(name)
        if name.startswith("__"):
            continue
        if known is None:
            extra.add(name)
        elif isinstance(ours, GraphQLEnumType):
            extra |= {
                f"{name}.{value}" for value in ours.values if value not in known.values
            }  # type: ignore[union-attr]
        elif isinstance(ours, GraphQLUnionType):
            members = {member.name for member in known.types}  # type: ignore[union-attr]
            extra |= {f"{name}.{m.name}" for m in ours.types if m.name not in members}
        elif not isinstance(ours, GraphQLScalarType):
            extra |= {
                f"{name}.{field}" for field in ours.fields if field not in known.fields
            }  # type: ignore[union-attr]
    fields_of_listed = {name for name in listed if name.split(".")[0] in extra}
    assert extra - listed == set()
    assert listed - extra - fields_of_listed == set()


def test_only_listed_arguments_are_extra() -> None:
    """An argument that the evidence does not know is one of a few."""
    theirs = _evidenced()
    extra = {
        f"{name}.{field_name}({argument})"
        for name, ours, known in _shared(theirs)
        if isinstance(ours, GraphQLObjectType)
        for field_name, field in ours.fields.items()
        if field_name in known.fields
        for argument in field.args
        if argument not in known.fields[field_name].args
    }
    assert extra == EXTRA_ARGUMENTS


def test_inputs_that_must_be_given_are_the_same() -> None:
    """An input that the real API demands is demanded here too."""
    missing = [
        f"{name}.{field_name}"
        for name, ours, known in _shared(_evidenced())
        if isinstance(ours, GraphQLInputObjectType)
        for field_name, field in known.fields.items()
        if str(field.type).endswith("!")
        and field.default_value is Undefined
        and field_name not in ours.fields
    ]
    assert missing == []


async def test_the_schema_can_be_read_by_introspection() -> None:
    """Introspection is open to any valid token."""
    data = await Stand().ask("{ __schema { queryType { name } types { name } } }")
    assert data["__schema"]["queryType"] == {"name": "Query"}
    assert {"name": "WholesaleOrder"} in data["__schema"]["types"]


async def test_every_field_of_every_order_can_be_read() -> None:
    """No field of orders, accounts and customers fails on any order of the seed."""
    stand = Stand()
    sent = [order for order in stand.instance.orders.values() if order.shipments]
    for order in sent[:3]:
        edit_order(stand.instance, order, {"action": "return", "shipping": True})
    for root, type_name in (
        ("orders(limit: 200)", "Order"),
        ("accounts(limit: 200)", "Account"),
        ("customers(limit: 200)", "Customer"),
        ("shipments(limit: 200)", "Shipment"),
        ("returns(limit: 200)", "Return"),
        ("products(limit: 200)", "Product"),
        ("productVariants(limit: 200)", "ProductVariant"),
        ("productSizes(limit: 200)", "ProductSize"),
        ("sizeCharts(limit: 200)", "SizeChart"),
        ("attributeTypes", "AttributeType"),
        ("stores", "Store"),
        ("markets", "Market"),
        ("pricelists", "Pricelist"),
        ("currencies", "Currency"),
        ("countries", "Country"),
        ("rateLimits", "RateLimit"),
    ):
        rows = await stand.ask(f"{{ {root} {{ {every_field(schema(), type_name)} }} }}")
        assert next(iter(rows.values()))
