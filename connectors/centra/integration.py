"""What an integration keeps at Centra: external ids of objects, and attribute values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from connectors.centra.graph import Graph
from connectors.errors import RecordError
from connectors.wire import Incoming

__all__ = [
    "AttributeObject",
    "AttributeType",
    "AttributeValue",
    "ExternalId",
    "Integration",
]

AttributeObject = Literal["Account", "Customer", "Order", "Product", "ProductVariant"]
ConversionObject = Literal[
    "Account",
    "Customer",
    "Invoice",
    "Order",
    "PaymentHistoryEntry",
    "Product",
    "ProductVariant",
    "Return",
    "Shipment",
    "SizeChart",
]

_AT_ONCE = 100
_LONGEST = 255


@dataclass(frozen=True)
class ExternalId:
    """The name that our integration gives to one object of Centra.

    Unique for a type; an object has one, and a new one replaces it. `object_id` is
    the number of an order, and the id of anything else.
    """

    object_type: ConversionObject
    object_id: int
    value: str


@dataclass(frozen=True)
class AttributeValue:
    """A text of a dynamic attribute; its type and element must be set up in Centra."""

    type_name: str
    element: str
    value: str


class _Element(Incoming):
    key: str = ""


class AttributeType(Incoming):
    """A kind of attribute that is set up in Centra, and the elements it has."""

    name: str = ""
    object_type: str = ""
    elements: tuple[_Element, ...] = ()


class Integration:
    """External ids (ID conversion) and attributes; writing the same twice is once."""

    def __init__(self, graph: Graph) -> None:
        """Work through the GraphQL endpoint."""
        self._graph = graph

    async def set_external_ids(self, ids: Sequence[ExternalId]) -> None:
        """Give objects their external ids; what they had before is replaced.

        Raises:
            RecordError: Centra refuses one of them, or it is too long.
        """
        for one in ids:
            if len(one.value) > _LONGEST:
                message = (
                    f"the external id of {one.object_type} {one.object_id} is longer "
                    f"than the {_LONGEST} characters that Centra keeps"
                )
                raise RecordError(
                    message,
                    code="EXTERNAL_ID_TOO_LONG",
                    fix="Use a shorter prefix in the settings, then retry.",
                    record_id=str(one.object_id),
                )
        for start in range(0, len(ids), _AT_ONCE):
            entries = [
                {
                    "objectType": one.object_type,
                    "internalId": one.object_id,
                    "externalId": one.value,
                }
                for one in ids[start : start + _AT_ONCE]
            ]
            await self._graph.run(
                "set_id_conversions", {"entries": entries}, write=True
            )

    async def find_external_id(
        self, object_type: ConversionObject, value: str
    ) -> int | None:
        """Return the object that has exactly this external id, or None."""
        where = {"objectType": object_type, "externalId": {"equals": value}}
        result = await self._graph.run("id_conversions", {"where": where})
        # Filters are not trusted: an unknown one would answer with everything.
        for row in self._graph.rows(result, "idConversions"):
            if row.get("objectType") == object_type and row.get("externalId") == value:
                return int(row["internalId"])
        return None

    async def get_attribute_types(self) -> tuple[AttributeType, ...]:
        """Return every attribute type that is set up."""
        result = await self._graph.run("attribute_types")
        rows = self._graph.rows(result, "attributeTypes")
        return tuple(AttributeType.model_validate(row) for row in rows)

    async def assign_attributes(
        self,
        object_type: AttributeObject,
        object_id: int,
        values: Sequence[AttributeValue],
    ) -> tuple[str, ...]:
        """Write attribute texts of an object (of an order by number); return warnings.

        Raises:
            RecordError: Centra refuses them, mostly as the type is not set up.
        """
        attributes: list[dict[str, Any]] = [
            {
                "attributeTypeName": one.type_name,
                "attributeElementKey": one.element,
                "attributeElementValue": one.value,
            }
            for one in values
        ]
        result = await self._graph.run(
            "assign_attributes",
            {
                "input": {
                    "objectType": object_type,
                    "objectId": object_id,
                    "dynamicAttributes": attributes,
                }
            },
            write=True,
        )
        return result.warnings
