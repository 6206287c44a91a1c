"""What should stand in Centra of a style: wishes, as they are kept and sent.

A wish with an `id` changes what is there, one without makes it. A field that is None is
left as it is; the lists hold only what differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict

from connectors.errors import RecordError

__all__ = [
    "AttributeWish",
    "ChartWish",
    "ProductWish",
    "SizeWish",
    "Status",
    "VariantWish",
    "chart_source",
    "external_id",
    "parse_source",
    "size_source",
    "style_source",
    "variant_source",
]

Status = Literal["ACTIVE", "INACTIVE"]
_LONGEST = 255  # characters of an external id, by Centra's guide of ID conversion


class _Wish(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    source_id: str
    id: int | None = None

    @property
    def is_create(self) -> bool:
        """Whether Centra has nothing of it yet."""
        return self.id is None


class AttributeWish(BaseModel):
    """A text of a dynamic attribute."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: str
    element: str
    value: str


class ChartWish(_Wish):
    """A size chart with its sizes in order; it is only ever made."""

    name: str
    sizes: tuple[str, ...]
    external_id: str


class ProductWish(_Wish):
    """A product."""

    external_id: str
    number: str
    name: str | None = None
    status: Status | None = None
    harmonized_code: str | None = None
    country_of_origin: str | None = None
    attributes: tuple[AttributeWish, ...] = ()

    @property
    def is_needed(self) -> bool:
        """Whether anything is to be written."""
        fields = (self.name, self.status, self.harmonized_code, self.country_of_origin)
        return self.is_create or any(fields) or bool(self.attributes)


class SizeWish(_Wish):
    """A size of a variant; `size_id` is that of the chart, where the chart is there.

    `variant` is the source id of its variant, `variant_id` the id where it is known.
    """

    item: str
    variant: str
    size: str
    variant_id: int | None = None
    size_id: int | None = None
    size_number: str | None = None
    ean: str | None = None
    is_active: bool | None = None

    @property
    def is_needed(self) -> bool:
        """Whether anything is to be written."""
        return self.is_create or self.ean is not None or self.is_active is not None


class VariantWish(_Wish):
    """A variant; one that is made brings its sizes along."""

    external_id: str
    product: str
    number: str
    product_id: int | None = None
    name: str | None = None
    status: Status | None = None
    chart: str = ""
    chart_id: int | None = None
    sizes: tuple[SizeWish, ...] = ()
    attributes: tuple[AttributeWish, ...] = ()

    @property
    def is_needed(self) -> bool:
        """Whether anything is to be written."""
        fields = (self.name, self.status)
        return self.is_create or any(fields) or bool(self.attributes)


def chart_source(name: str) -> str:
    """The record of a size chart."""
    return f"chart:{name}"


def style_source(style: str) -> str:
    """The record of a style."""
    return f"style:{_safe(style)}"


def variant_source(style: str, colour: str) -> str:
    """The record of a colour; a slash in either part cannot be taken for the one between."""
    return f"variant:{_safe(style)}/{_safe(colour)}"


def size_source(item: str) -> str:
    """The record of an item."""
    return f"size:{item}"


def parse_source(source_id: str) -> tuple[str, Sequence[str]]:
    """The kind of a record, and what it is of."""
    kind, _, rest = source_id.partition(":")
    if kind in {"chart", "size"}:
        return kind, (rest,)
    return kind, [unquote(one) for one in rest.split("/")]


def external_id(prefix: str, *parts: str) -> str:
    """The external id of what the connector makes for a style, a colour or a chart.

    Raises:
        RecordError: It is longer than Centra keeps.
    """
    value = prefix + "/".join(map(_safe, parts))
    if len(value) > _LONGEST:
        raise RecordError(
            f"The external id {value} is longer than the {_LONGEST} characters that "
            "Centra keeps",
            code="EXTERNAL_ID_TOO_LONG",
            fix="Shorten style and colour in Visma.net.",
            record_id="/".join(parts),
        )
    return value


def _safe(part: str) -> str:
    return part.replace("%", "%25").replace("/", "%2F")
