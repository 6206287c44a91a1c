"""The write convention of ERP v1 and v2: `{"value": x}` around each value.

Wrapped are scalars and nested objects. Not wrapped are lists, and a few fields
that the write models keep flat. SalesOrder v3 is flat everywhere.
Source: API reference of Visma.net ERP, write models.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.visma.models import CustomerWrite

__all__ = ["customer_body", "wrap"]

# Kept as they are, members included.
_FLAT = frozenset(
    {"operation", "overrideWithClassValues", "rotRutDetails", "subaccount"}
)
# Flat themselves, with wrapped members.
_FLAT_OUTSIDE = frozenset({"intrastat", "packaging"})


def wrap(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an ERP write as they go on the wire."""
    return {name: _wrapped(name, value) for name, value in fields.items()}


def customer_body(customer: CustomerWrite) -> dict[str, Any]:
    """Return the body of POST and PUT /v1/customer; fields left None are left out."""
    fields = customer.model_dump(by_alias=True, exclude_none=True)
    attributes = fields.pop("attributes", {})
    if attributes:
        fields["attributeLines"] = [
            {"attributeId": name, "attributeValue": value}
            for name, value in attributes.items()
        ]
    return wrap(fields)


def _wrapped(name: str, value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    if name in _FLAT:
        return value
    if isinstance(value, list | tuple):
        return [wrap(one) if isinstance(one, Mapping) else one for one in value]
    if isinstance(value, Mapping):
        inner = wrap(value)
        return inner if name in _FLAT_OUTSIDE else {"value": inner}
    return {"value": value}
