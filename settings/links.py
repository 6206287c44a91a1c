"""Where people look at the documents of both systems, in their browser."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from settings.base import Frozen

__all__ = ["CentraKind", "LinkRules", "VismaKind"]

CentraKind = Literal["order", "shipment", "return", "product"]
VismaKind = Literal[
    "sales_order",
    "invoice",
    "credit_note",
    "customer",
    "payment",
    "journal",
    "shipment",
    "adjustment",
]
_PLACES = {"id", "type"}


def _address(value: str) -> str:
    """Check an address with a place for the number.

    Raises:
        ValueError: It is no address, or has no such place, or has another one.
    """
    places = re.findall(r"{([^{}]*)}", value)
    rest = re.sub(r"{[^{}]*}", "", value)
    is_whole = "id" in places and set(places) <= _PLACES and not set("{}") & set(rest)
    if not re.match(r"https?://[^/\s{}]+(/|$)", value) or not is_whole:
        message = (
            f"'{value}' is no address with a place for the number; write it like "
            "'https://erp.example/orders/{id}'"
        )
        raise ValueError(message)
    if re.search(r"[\s<>()\"]", value):
        message = (
            f"'{value}' holds a space, bracket or quote; write it as %20 and so on"
        )
        raise ValueError(message)
    return value


Template = Annotated[str, AfterValidator(_address)]


class LinkRules(Frozen):
    """Addresses in which `{id}` becomes a document's number."""

    centra: dict[CentraKind, Template] = Field(
        default_factory=dict, description="By what it is, in Centra."
    )
    visma: dict[VismaKind, Template] = Field(
        default_factory=dict, description="By what it is, in Visma.net."
    )
