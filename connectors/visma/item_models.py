"""Items of Visma.net as the ERP API shows them. Source: its reference, Inventory."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field, field_validator

from connectors.wire import Incoming

__all__ = [
    "CrossReference",
    "Item",
    "ItemAttribute",
    "ItemClass",
    "ItemUnits",
    "VatCategory",
]


class ItemClass(Incoming):
    """The class of an item."""

    id: str = ""
    description: str = ""


class ItemAttribute(Incoming):
    """An attribute of an item; `value` is a key where the attribute is a list."""

    id: str = ""
    value: str = ""
    description: str = ""


class CrossReference(Incoming):
    """Another number of an item; a barcode is of one unit of measure."""

    alternate_type: str = ""
    alternate_id: str = Field("", alias="alternateID")
    uom: str = ""


class _Intrastat(Incoming):
    commodity_code: str = Field("", alias="cN8")
    country_of_origin: str = ""


class VatCategory(Incoming):
    """The VAT category of an item; the reference calls it its VAT code."""

    id: str = ""


class ItemUnits(Incoming):
    """The unit that an item is counted in, and the one it is sold by."""

    inventory_number: str
    base_unit: str = ""
    sales_unit: str = ""

    @field_validator("inventory_number")
    @classmethod
    def _without_blanks(cls, value: str) -> str:
        return value.strip()  # numbers of segmented keys are filled up with blanks


class Item(ItemUnits):
    """An item; `stock_item` tells goods of the warehouse from charges.

    Attributes and cross references are there only if they were asked for.
    """

    inventory_id: int = 0
    status: str = ""
    type: str = ""
    stock_item: bool = True
    kit_item: bool = False
    description: str = ""
    item_class: ItemClass = ItemClass()
    vat_code: VatCategory = VatCategory()
    default_price: Decimal | None = None
    cross_references: tuple[CrossReference, ...] = ()
    attributes: tuple[ItemAttribute, ...] = ()
    intrastat: _Intrastat = _Intrastat()
    last_modified_date_time: str | None = None

    def attribute(self, name: str) -> str:
        """The value of an attribute; empty where the item has none."""
        found = (one.value.strip() for one in self.attributes if one.id == name)
        return next(found, "")
