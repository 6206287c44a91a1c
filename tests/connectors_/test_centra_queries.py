"""Every GraphQL document against Centra's schema, and every field of Order by a document."""

import re
from collections.abc import Iterator
from functools import cache

import pytest
from graphql import (
    FragmentDefinitionNode,
    GraphQLSchema,
    OperationDefinitionNode,
    build_ast_schema,
    concat_ast,
    extend_schema,
    parse,
    validate,
)
from pydantic import BaseModel

from connectors.centra import models
from connectors.centra.documents import Query, load_query, query_names
from tests.connectors_.builders import apis_folder

# Need an unverified field or argument as such; nothing of them is asked for without it.
ONLY_VERIFIED_STORES = {
    "create_size_chart",
    "update_product",
    "update_product_size",
    "size_charts",
    "stock_changes",
    "stock_of_variants",
    "variants_of_products",
    "warehouses",
}


@cache
def schema(*, with_unverified: bool) -> GraphQLSchema:
    """Build the schema that the documents are checked against."""
    folder = apis_folder()
    texts = [
        (folder / name).read_text()
        for name in ("centra.graphql", "centra.stubs.graphql")
    ]
    built = build_ast_schema(concat_ast([parse(text) for text in texts]))
    if not with_unverified:
        return built
    # Arguments cannot be added by an extension, so two fields are stated anew.
    return extend_schema(built, parse(unverified()), assume_valid_sdl=True)


def unverified() -> str:
    """Return our own list of fields without public evidence."""
    from importlib.resources import files  # noqa: PLC0415

    return files("connectors.centra").joinpath("unverified.graphql").read_text()


@pytest.mark.parametrize("name", query_names())
def test_document_is_valid_with_unverified_fields(name):
    """A store that verified our extra fields can answer each document."""
    document = parse(load_query(name, verified_fields=True).text)

    assert validate(schema(with_unverified=True), document) == []


@pytest.mark.parametrize("name", sorted(set(query_names()) - ONLY_VERIFIED_STORES))
def test_document_is_valid_by_public_evidence_alone(name):
    """Any other store can answer each document too."""
    document = parse(load_query(name, verified_fields=False).text)

    assert validate(schema(with_unverified=False), document) == []


@pytest.mark.parametrize("name", query_names())
def test_document_holds_one_named_operation_and_only_used_fragments(name):
    """What is sent is paid for, so nothing idle is sent."""
    query = load_query(name, verified_fields=True)
    document = parse(query.text)
    operations = [
        node
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
    ]
    fragments = {
        node.name.value
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }

    assert [node.name and node.name.value for node in operations] == [query.operation]
    assert all(f"...{fragment}" in query.text for fragment in fragments)
    assert "#" not in query.text


def test_unverified_lines_are_left_out():
    """The plain document has none of the fields that lack evidence."""
    plain = load_query("orders", verified_fields=False).text
    full = load_query("orders", verified_fields=True).text

    assert "bundleLine" not in plain
    assert "companyRegistrationNumber" not in plain
    assert "bundle: bundleLine" in full
    assert "organizationNumber: companyRegistrationNumber" in full


def test_every_unverified_field_has_its_evidence():
    """Each extension is preceded by a comment that says where the name is from."""
    blocks = re.split(r"\n\n+", unverified().strip())[1:]

    assert blocks
    for block in blocks:
        assert block.startswith(("#", "extend input CustomerFilter"))


def test_document_without_an_operation_is_refused():
    """A fragment file is no document to send."""
    with pytest.raises(ValueError, match="holds no named operation"):
        Query("order_fields", verified_fields=True)


def names_of(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Name each field of a model as the wire does, nested ones dotted."""
    for name, field in model.model_fields.items():
        wire = field.alias or name
        yield f"{prefix}{wire}"
        for inner in inner_models(field.annotation):
            yield from names_of(inner, f"{prefix}{wire}.")


def inner_models(annotation) -> Iterator[type[BaseModel]]:
    """Find the models inside a type annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for one in getattr(annotation, "__args__", ()):
        yield from inner_models(one)


def asked_for(name: str) -> set[str]:
    """Return the dotted paths that a document selects."""
    document = parse(load_query(name, verified_fields=True).text)
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    found: set[str] = set()

    def walk(selections, prefix):
        for node in selections.selections:
            if node.kind == "fragment_spread":
                walk(fragments[node.name.value].selection_set, prefix)
            elif node.kind == "inline_fragment":
                walk(node.selection_set, prefix)
            else:
                key = node.alias.value if node.alias else node.name.value
                found.add(f"{prefix}{key}")
                if node.selection_set:
                    walk(node.selection_set, f"{prefix}{key}.")

    walk(fragments["OrderFields"].selection_set, "")
    return found


# Fields that a nested model has for another use of it, or that come out of a sibling.
NOT_IN_ORDERS = {
    "grandTotal.currency.isBase",
    "grandTotal.currency.currentBaseRate",
    "account.vatNumber",  # of its billing address
    "deliveryWindows.beginOn",
    "deliveryWindows.endOn",
}


def test_order_document_feeds_every_field_of_order():
    """A field of the model that no document asks for would always be empty."""
    wanted = set(names_of(models.Order)) - NOT_IN_ORDERS
    assert wanted - asked_for("orders") == set()


def test_order_document_asks_for_nothing_unused():
    """A field that is asked for and not read costs complexity for nothing."""
    assert asked_for("orders") - set(names_of(models.Order)) == set()
