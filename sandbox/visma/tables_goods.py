"""The tables of a company that have to do with goods: warehouses and attributes."""

from collections.abc import Iterable
from typing import Any

from sandbox.visma.company import Company

__all__ = ["attribute_rows", "warehouse_rows"]


def warehouse_rows(company: Company) -> Iterable[dict[str, Any]]:
    """Yield the warehouses, each with its only location."""
    branch = next(iter(company.setup.branches), "")
    for warehouse, title in company.setup.warehouses.items():
        yield {
            "warehouseID": warehouse,
            "branch": {"number": branch},
            "active": True,
            "description": title,
            "receiptLocation": {"id": "1", "description": "Default"},
            "shipLocation": {"id": "1", "description": "Default"},
            "returnLocation": {"id": "1", "description": "Default"},
            "locations": [
                {
                    "locationId": "1",
                    "description": "Default",
                    "active": True,
                    "inclQtyAvail": True,
                    "salesValid": True,
                    "receiptsValid": True,
                }
            ],
        }


def attribute_rows(company: Company) -> Iterable[dict[str, Any]]:
    """Yield the attributes, those with values to choose from with these values."""
    for attribute, title in company.setup.attributes.items():
        values = company.setup.attribute_values.get(attribute, {})
        yield {
            "attributeID": attribute,
            "description": title,
            "controlType": "Combo" if values else "Text",
            "internal": False,
            "details": [
                {
                    "valueId": value,
                    "description": text,
                    "sortOrder": position,
                    "disabled": False,
                }
                for position, (value, text) in enumerate(values.items(), 1)
            ],
        }
