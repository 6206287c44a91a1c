"""What the merchant decides about products: how items become styles, and whose fields are whose."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from settings.base import Frozen

__all__ = ["FieldOwners", "Owner", "ProductAttribute", "ProductRules"]

Owner = Literal["visma", "centra", "create"]
"""Who decides a field: `create` is written once, when it is made, and Centra's then."""

_GROUPS = frozenset({"style", "colour", "size"})


class FieldOwners(Frozen):
    """Who owns each field of a product of Centra."""

    product_name: Owner = Field("create", description="Name of the product.")
    product_status: Owner = Field(
        "visma", description="Active while an item of the style is for sale."
    )
    harmonized_code: Owner = Field("visma", description="Commodity code of the style.")
    country_of_origin: Owner = Field("visma", description="Country of the style.")
    variant_name: Owner = Field("create", description="Name of the colour.")
    variant_status: Owner = Field(
        "visma", description="Active while an item of the colour is for sale."
    )
    ean: Owner = Field("visma", description="Barcode of the size.")
    size_active: Owner = Field(
        "visma", description="Whether the size is for sale, as the item's status says."
    )
    attributes: Owner = Field("visma", description="All of [[products.attributes]].")


class ProductAttribute(Frozen):
    """An item attribute of Visma.net, and the attribute of Centra that it becomes."""

    attribute: str = Field(min_length=1, description="Attribute id in Visma.net.")
    on: Literal["product", "variant"] = "product"
    type: str = Field(min_length=1, description="Attribute type in Centra.")
    element: str = Field(min_length=1, description="Its text element.")


class ProductRules(Frozen):
    """How items of Visma.net become products, variants and sizes of Centra."""

    style_from: Literal["attributes", "pattern", "item_class"] | None = Field(
        None, description="What says which items are one style; none: carry none over."
    )
    style_attribute: str | None = Field(
        None, description='Where style_from is "attributes": the style\'s number.'
    )
    colour_attribute: str | None = Field(None, description="Attribute of the colour.")
    size_attribute: str | None = Field(None, description="Attribute of the size.")
    pattern: str | None = Field(
        None, description="Groups style, colour, size of a whole item number."
    )
    default_colour: str | None = Field(
        None, description="Colour of items that have none; none: they are parked."
    )
    default_size: str | None = Field(
        None, description="Size of items that have none; none: they are parked."
    )
    identity: Literal["sku", "ean"] = Field(
        "sku", description="What an item and its size in Centra have in common."
    )
    create: bool = Field(
        default=True, description="Make what Centra lacks; else only link and update."
    )
    item_classes: tuple[str, ...] = Field(
        (), description="Only items of these classes; empty: all stock items."
    )
    only: dict[str, str] = Field(
        default_factory=dict, description="Only items with these attribute values."
    )
    max_gone_share: Decimal = Field(
        Decimal("0.1"),
        ge=0,
        le=1,
        description="Of all items; when more (and more than ten) are gone, a run stops.",
    )
    max_off_sale_share: Decimal = Field(
        Decimal("0.2"),
        ge=0,
        le=1,
        description="Of the goods for sale; more to be taken off must be approved.",
    )
    name_attribute: str | None = Field(
        None, description="Attribute with the style's name; else of the description."
    )
    colours: dict[str, str] = Field(
        default_factory=dict, description="Name in Centra by colour of Visma.net."
    )
    sizes: dict[str, str] = Field(
        default_factory=dict, description="Size in Centra's chart by size of Visma.net."
    )
    size_charts: dict[str, Annotated[tuple[str, ...], Field(min_length=1)]] = Field(
        default_factory=dict, description="Sizes of each chart, in order."
    )
    chart_attribute: str | None = Field(
        None, description="Attribute that names the chart; else the first that fits."
    )
    attributes: tuple[ProductAttribute, ...] = ()
    owners: FieldOwners = FieldOwners()

    @field_validator("pattern")
    @classmethod
    def _can_be_tried(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            groups = set(re.compile(value).groupindex)
        except re.error as error:
            message = f"this is no regular expression: {error}"
            raise ValueError(message) from error
        if unknown := groups - _GROUPS:
            message = (
                f"groups are style, colour and size, not {', '.join(sorted(unknown))}"
            )
            raise ValueError(message)
        return value

    @field_validator("size_charts")
    @classmethod
    def _sizes_differ(
        cls, value: dict[str, tuple[str, ...]]
    ) -> dict[str, tuple[str, ...]]:
        for name, sizes in value.items():
            if len(set(sizes)) < len(sizes):
                message = f"chart '{name}' names a size twice"
                raise ValueError(message)
            if "|" in name or any("|" in size for size in sizes):
                message = f"'|' in chart '{name}': Centra writes sizes as 'Chart|Size'"
                raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _says_all_three(self) -> ProductRules:
        """A style that can be told, and a way to the size of each item."""
        needed = {
            "attributes": ("style_attribute", self.style_attribute),
            "pattern": ("pattern", self.pattern),
        }.get(self.style_from or "")
        if needed and not needed[1]:
            message = f'style_from = "{self.style_from}" needs {needed[0]}'
            raise ValueError(message)
        if self.style_from is None:
            return self
        groups = (
            set(re.compile(self.pattern).groupindex)
            if self.pattern and self.style_from == "pattern"
            else set()
        )
        if self.style_from == "pattern" and "style" not in groups:
            message = "pattern has no group 'style': write (?P<style>...)"
            raise ValueError(message)
        for name, attribute, default in (
            ("colour", self.colour_attribute, self.default_colour),
            ("size", self.size_attribute, self.default_size),
        ):
            if name not in groups and attribute is None and default is None:
                message = f"nothing says an item's {name}: set {name}_attribute"
                raise ValueError(message)
        return self
