"""Checks requests that were sent against the vendors' own schema files."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
from graphql import (
    GraphQLSchema,
    build_ast_schema,
    concat_ast,
    extend_schema,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values
from jsonschema import Draft202012Validator

from tests.sandbox.visma_schemas import Schemas

__all__ = ["Contract"]

_FILES = {
    "/erp": "visma-erp.openapi.json",
    "/salesorder": "visma-salesorder-v3.openapi.json",
}


@dataclass
class Contract:
    """The vendors' files, and which operations were seen to keep to them."""

    folder: Path
    verified_fields: bool
    seen: set[str] = field(default_factory=set)

    def check(self, request: httpx.Request, response: httpx.Response | None) -> None:
        """Assert that one exchange, request and 2xx answer, is as the files say."""
        path = request.url.path
        if path.startswith("/centra/"):
            self._check_query(request)
            return
        prefix = next((prefix for prefix in _FILES if path.startswith(prefix)), None)
        if prefix is None:
            assert path.startswith("/visma-connect/"), path
            return
        self._check_request(request, prefix)
        if response is not None:
            Schemas(_documents(self.folder), set()).check(response)

    def _check_request(self, request: httpx.Request, prefix: str) -> None:
        document = _documents(self.folder)[prefix]
        template = _template(document, request.url.path.removeprefix(prefix))
        methods = document["paths"][template]
        method = request.method.lower()
        name = f"{request.method} {template}"
        assert method in methods, f"{name}: the method is not declared"
        operation = methods[method]
        parameters = [*methods.get("parameters", ()), *operation.get("parameters", ())]
        declared = {one["name"]: one for one in parameters if one["in"] == "query"}
        for key, value in request.url.params.multi_items():
            assert key in declared, f"{name}: the parameter {key} is not declared"
            problem = _parameter_problem(declared[key]["schema"], value)
            assert problem is None, f"{name}: {key}={value}: {problem}"
        self._check_headers(request, parameters, name)
        self._check_body(request, prefix, operation, name)
        self.seen.add(name)

    def _check_headers(
        self, request: httpx.Request, parameters: list[dict[str, Any]], name: str
    ) -> None:
        for one in parameters:
            if one["in"] == "header" and one.get("required"):
                assert one["name"] in request.headers, (
                    f"{name}: {one['name']} is missing"
                )

    def _check_body(
        self,
        request: httpx.Request,
        prefix: str,
        operation: dict[str, Any],
        name: str,
    ) -> None:
        declared = operation.get("requestBody")
        if not request.content:
            required = declared is not None and declared.get("required", False)
            assert not required, f"{name}: a body is missing"
            return
        assert declared is not None, f"{name}: no body is declared"
        media = declared["content"]
        schema = media.get("application/json", next(iter(media.values())))["schema"]
        rooted = {**strict(schema), "components": _components(self.folder, prefix)}
        errors = Draft202012Validator(rooted).iter_errors(json.loads(request.content))
        found = [f"{error.json_path}: {error.message}" for error in errors]
        assert not found, f"{name}: {found[:5]}"

    def _check_query(self, request: httpx.Request) -> None:
        sent = json.loads(request.content)
        schema = _graphql(self.folder, verified_fields=self.verified_fields)
        document = parse(sent["query"])
        name = f"centra {sent['operationName']}"
        errors = validate(schema, document)
        assert not errors, f"{name}: {errors[:3]}"
        [operation] = [
            one for one in document.definitions if one.kind == "operation_definition"
        ]
        values = get_variable_values(
            schema, operation.variable_definitions or (), sent.get("variables") or {}
        )
        assert not isinstance(values, list), f"{name}: {values[:3]}"
        self.seen.add(name)


def strict(node: Any) -> Any:
    """Turn OpenAPI 3.0 into JSON schema, and refuse fields that nobody declared."""
    if isinstance(node, list):
        return [strict(one) for one in node]
    if not isinstance(node, dict):
        return node
    plain = {key: strict(value) for key, value in node.items() if key != "nullable"}
    if isinstance(plain.get("properties"), dict) and "type" in plain:
        plain.setdefault("additionalProperties", False)
    if node.get("nullable") and isinstance(plain.get("type"), str):
        plain["type"] = [plain["type"], "null"]
    return plain


@cache
def _documents(folder: Path) -> dict[str, dict[str, Any]]:
    return {
        prefix: json.loads((folder / name).read_text(encoding="utf-8"))
        for prefix, name in _FILES.items()
    }


@cache
def _components(folder: Path, prefix: str) -> dict[str, Any]:
    return {"schemas": strict(_documents(folder)[prefix]["components"]["schemas"])}


@cache
def _graphql(folder: Path, *, verified_fields: bool) -> GraphQLSchema:
    """Centra's public schema; with our own list where a store has verified it."""
    names = ("centra.graphql", "centra.stubs.graphql")
    texts = [(folder / name).read_text(encoding="utf-8") for name in names]
    built = build_ast_schema(concat_ast([parse(text) for text in texts]))
    if not verified_fields:
        return built
    own = files("connectors.centra").joinpath("unverified.graphql").read_text("utf-8")
    # Arguments cannot be added by an extension, so some fields are stated anew.
    return extend_schema(built, parse(own), assume_valid_sdl=True)


def _template(document: dict[str, Any], path: str) -> str:
    """The declared path that fits; fixed segments win over parameters."""
    fitting = [
        template
        for template in document["paths"]
        if re.fullmatch(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(template)), path)
    ]
    assert fitting, f"{path} is not in the OpenAPI file"
    return min(fitting, key=lambda template: template.count("{"))


def _parameter_problem(schema: dict[str, Any], value: str) -> str | None:
    """What is wrong with a query parameter, which is always a text on the wire."""
    kind = schema.get("type")
    if kind == "array":
        return None
    if kind in {"integer", "number"} and not re.fullmatch(r"-?\d+(\.\d+)?", value):
        return f"is no {kind}"
    if kind == "boolean" and value not in {"true", "false"}:
        return "is no boolean"
    if value not in schema.get("enum", [value]):
        return f"is none of {schema['enum']}"
    return None
