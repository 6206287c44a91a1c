"""Checks answers of the sandbox against the vendor's two OpenAPI files."""

import base64
import binascii
import json
import os
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from jsonschema import Draft202012Validator, FormatChecker

FOLDER = "CENTRA_VISMA_APIS"
_FILES = {
    "/erp": "visma-erp.openapi.json",
    "/salesorder": "visma-salesorder-v3.openapi.json",
}
_OLDER = "visma-erp-2023.openapi.json"
_ONLY_OLDER = ("/v1/inventoryReceipt",)
"""What the newer file of the ERP leaves out stands in the older one, under an older prefix."""
_ACCEPTED = {"$ref": "#/components/schemas/BackgroundApiAcceptedDto"}
_OFFSET = re.compile(r"(?:Z|[+-]\d{2}:\d{2})$")


@dataclass(frozen=True)
class Schemas:
    """The two documents, and which operations were seen."""

    documents: dict[str, dict[str, Any]]
    seen: set[tuple[str, str]]

    @classmethod
    def from_environment(cls) -> "Schemas | None":
        """Read the documents from the folder that the environment names; None without one."""
        folder = os.environ.get(FOLDER)
        if not folder:
            return None
        return cls(
            {
                prefix: _read(Path(folder) / name)
                for prefix, name in (*_FILES.items(), (_OLDER, _OLDER))
            },
            set(),
        )

    def check(self, response: httpx.Response) -> None:
        """Assert that a 2xx answer with a body fits the schema of its operation."""
        path = response.request.url.path
        prefix = next((prefix for prefix in _FILES if path.startswith(prefix)), None)
        if prefix is None or not response.is_success:
            return
        document, asked = self.documents[prefix], path.removeprefix(prefix)
        if asked.startswith(_ONLY_OLDER):
            document, asked = self.documents[_OLDER], f"/controller/api{asked}"
        method = response.request.method.lower()
        template = _template(document, asked, method)
        operation = document["paths"][template][method]
        self.seen.add((method, template))
        answers = operation["responses"]
        declared = answers.get(str(response.status_code), answers.get("default"))
        assert declared is not None, (
            f"{method} {template} does not declare {response.status_code}"
        )
        if not response.content:
            return
        content = declared.get("content") or {}
        if (
            response.status_code == httpx.codes.ACCEPTED
        ):  # only some operations declare it
            content = {"application/json": {"schema": _ACCEPTED}}
        assert content, (
            f"{method} {template} declares no body for {response.status_code}"
        )
        schema = content.get("application/json", next(iter(content.values())))["schema"]
        validator = Draft202012Validator(
            {
                **_plain(schema),
                "components": _components(document),
            },
            format_checker=_formats(with_offset=prefix == "/salesorder"),
        )
        errors = [
            f"{error.json_path}: {error.message}"
            for error in validator.iter_errors(response.json())
        ]
        assert not errors, f"{method} {template}: {errors[:5]}"


@cache
def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def _components(document: dict[str, Any]) -> dict[str, Any]:
    """Return the schemas of a document, turned once: they are long."""
    if id(document) not in _TURNED:
        schemas = {"schemas": _plain(document["components"]["schemas"])}
        _TURNED[id(document)] = (
            document,
            schemas,
        )  # kept, so that the id stays its own
    return _TURNED[id(document)][1]


_TURNED: dict[int, tuple[dict[str, Any], dict[str, Any]]] = {}


def _plain(schema: Any) -> Any:
    """Turn OpenAPI 3.0 into JSON schema: nullable becomes a type, unknown fields are errors."""
    if isinstance(schema, list):
        return [_plain(member) for member in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: _plain(value) for key, value in schema.items() if key != "nullable"}
    if schema.get("nullable") is True and isinstance(schema.get("type"), str):
        plain["type"] = [schema["type"], "null"]
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        plain.setdefault("additionalProperties", False)
    return plain


def _template(document: dict[str, Any], path: str, method: str) -> str:
    """Return the path of the document that fits; fixed segments win over parameters."""
    fitting = [
        template
        for template, operations in document["paths"].items()
        if method in operations
        and re.fullmatch(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(template)), path)
    ]
    assert fitting, f"{path} is not in the OpenAPI file"
    return min(fitting, key=lambda template: template.count("{"))


def _formats(*, with_offset: bool) -> FormatChecker:
    checker = FormatChecker(())

    @checker.checks("date-time", raises=ValueError)
    def is_time(value: object) -> bool:
        if not isinstance(value, str):
            return True
        datetime.fromisoformat(value)
        return "T" in value and (not with_offset or bool(_OFFSET.search(value)))

    @checker.checks("byte", raises=binascii.Error)
    def is_base64(value: object) -> bool:
        if isinstance(value, str):
            base64.b64decode(value, validate=True)
        return True

    return checker
