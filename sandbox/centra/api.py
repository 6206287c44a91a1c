"""One call of the Integration API, from its text to its answer, HTTP aside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphql import GraphQLError

from sandbox.centra.cost import survey
from sandbox.centra.documents import Operation
from sandbox.centra.execute import run
from sandbox.centra.registry import Request
from sandbox.centra.resolvers import (  # noqa: F401  # importing them registers their fields
    attributes,
    changes,
    customers,
    goods,
    goods_changes,
    integration,
    lines,
    orders,
    prices,
    returning,
    returns,
    shipments,
    shipping,
    stock,
    stocking,
    sums,
    values,
)

__all__ = ["NOT_WRITES", "Answer", "answer", "error_body", "operation_names"]

NOT_WRITES = {"confirmEvents", "setEventListeners", "unsetEventListeners"}
"""Mutations that only tend the integration's own queue."""


@dataclass(frozen=True)
class Answer:
    """The body of an answer and its HTTP status."""

    body: dict[str, Any]
    status: int = 200


def operation_names(operation: Operation) -> tuple[tuple[str, ...], bool]:
    """Return the names to count a call under, and whether it is a write."""
    kind = "mutation" if operation.is_mutation else "query"
    fields = [node.name.value for node in operation.root_fields()]
    names = [f"centra.{kind}.{operation.name}"]
    if operation.is_mutation:
        names += [f"centra.mutation.{name}" for name in fields]
    return tuple(dict.fromkeys(names)), operation.is_mutation and bool(
        set(fields) - NOT_WRITES
    )


def answer(
    operation: Operation,
    variables: Mapping[str, Any],
    request: Request,
    *,
    limited: bool,
) -> Answer | datetime:
    """Run a call, or return when a rate limit will let it through."""
    seen = survey(operation, variables)
    limits = request.instance.limits
    resumes_at = limits.charge(seen.cost, request.now, enforced=limited)
    if resumes_at is not None:
        return resumes_at
    outcome = run(operation, variables, request)
    body: dict[str, Any] = {}
    if outcome.errors:
        body["errors"] = [error_body(error) for error in outcome.errors]
    body["data"] = outcome.data
    extensions: dict[str, Any] = {
        "complexity": seen.cost.complexity,
        "permissionsUsed": sorted(request.permissions_used),
        "appVersion": request.instance.app_version,
    }
    if seen.deprecated:
        extensions["deprecatedFieldsUsed"] = seen.deprecated
    body["extensions"] = extensions
    missing = any(
        (error.extensions or {}).get("category") == "not_found"
        for error in outcome.errors
    )
    return Answer(body, 404 if missing else 200)


def error_body(error: GraphQLError) -> dict[str, Any]:
    """Return an error in Centra's form, with a category."""
    formatted: dict[str, Any] = dict(error.formatted)
    formatted["extensions"] = {"category": "graphql", **(error.extensions or {})}
    return formatted
