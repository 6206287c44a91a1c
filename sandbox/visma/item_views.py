"""Items, their classes, cross references and warehouses as ERP v1 shows them."""

from collections.abc import Container, Mapping
from typing import Final

from sandbox.visma.company import Company
from sandbox.visma.erp import times
from sandbox.visma.goods_records import CrossReference, Item, ItemClass
from sandbox.visma.wire import local_text, version_text

__all__ = [
    "EXPANSIONS",
    "attribute_details",
    "class_view",
    "item_view",
    "reference_view",
]

EXPANSIONS: Final = (
    "CrossReference",
    "Attachment",
    "Attribute",
    "WarehouseDetail",
    "AccountInformation",
    "InventoryUnits",
    "SupplierDetails",
    "SalesCategories",
    "Note",
)
"""The parts of an item; in lists each has a switch of its own, which is on by default."""


def item_view(
    company: Company, item: Item, parts: Container[str] = EXPANSIONS
) -> dict[str, object]:
    """Return an item as v1 shows it, with some of its parts."""
    setup = company.setup
    group = setup.item_classes.get(item.item_class)
    has_attributes = "Attribute" in parts
    view: dict[str, object] = {
        "inventoryId": item.internal_id,
        "inventoryNumber": item.number,
        "status": item.status,
        "type": item.kind,
        "description": item.description,
        "body": item.body,
        "itemClass": (
            class_view(company, group, with_attributes=has_attributes)
            if group
            else {"id": item.item_class, "type": item.kind}
        ),
        "postingClass": {"id": item.posting_class, "description": item.posting_class},
        "vatCode": {
            "id": item.vat_category,
            "description": setup.categories.get(item.vat_category),
        },
        "defaultPrice": item.default_price,
        "recommendedPrice": item.recommended_price,
        "priceClass": _named(item.price_class, setup.price_classes),
        "baseUnit": item.unit,
        "salesUnit": item.sales_unit or item.unit,
        "purchaseUnit": item.purchase_unit or item.unit,
        "stockItem": item.stock,
        "kitItem": item.kit,
        "defaultWarehouse": _named(item.default_warehouse, setup.warehouses),
        "packaging": item.packaging or None,
        "intrastat": item.intrastat or None,
        "lastModifiedDateTime": times(company, item)["lastModifiedDateTime"],
        "timestamp": version_text(item.version),
    }
    return view | _parts(company, item, parts)


def _parts(company: Company, item: Item, parts: Container[str]) -> dict[str, object]:
    shown: dict[str, object] = {}
    if "CrossReference" in parts:
        shown["crossReferences"] = [
            reference_view(item, reference) for reference in item.references
        ]
    if "Attachment" in parts:
        shown["attachments"] = []
    if "Attribute" in parts:
        shown["attributes"] = _attributes(company, item)
    if "WarehouseDetail" in parts:
        shown["warehouseDetails"] = _warehouses(company, item)
    if "AccountInformation" in parts:
        shown["accountInformation"] = {
            "salesAccount": {"type": "Income", "number": item.account}
        }
    if "InventoryUnits" in parts:
        shown["inventoryUnits"] = []
    if "SupplierDetails" in parts:
        shown["supplierDetails"] = []
    if "SalesCategories" in parts:
        shown["salesCategories"] = [
            {
                "categoryId": category,
                "description": company.setup.sales_categories[category],
            }
            for category in item.sales_categories
        ]
    if "Note" in parts:
        shown["note"] = item.note
    return shown


def _named(key: str | None, table: Mapping[str, str]) -> dict[str, object] | None:
    return {"id": key, "description": table.get(key)} if key else None


def _attributes(company: Company, item: Item) -> list[dict[str, object]]:
    """Return all attributes of the item's class; those that have no value have an empty one."""
    group = company.setup.item_classes.get(item.item_class)
    return [
        {
            "id": attribute,
            "value": item.attributes.get(attribute, ""),
            "description": company.setup.attributes.get(attribute, attribute),
        }
        for attribute in (group.attributes if group else ())
    ]


def reference_view(item: Item, reference: CrossReference) -> dict[str, object]:
    """Return a cross reference of an item."""
    view: dict[str, object] = {
        "alternateType": reference.kind,
        "alternateID": reference.number,
        "timestamp": version_text(item.version),
    }
    if reference.account:
        view["bAccount"] = {"number": reference.account}
    if reference.description:
        view["description"] = reference.description
    if reference.unit:
        view["uom"] = reference.unit
    return view


def class_view(
    company: Company, group: ItemClass, *, with_attributes: bool = True
) -> dict[str, object]:
    """Return an item class, with its attributes and the values that they may have."""
    view: dict[str, object] = {
        "type": group.kind,
        "id": group.id,
        "description": group.description,
    }
    if with_attributes:
        view["attributes"] = [
            {
                "attributeId": attribute,
                "description": company.setup.attributes[attribute],
                "sortOrder": position,
                "required": False,
                "attributeType": (
                    "Combo" if attribute in company.setup.attribute_values else "Text"
                ),
                "details": [
                    {"id": value, "description": title}
                    for value, title in attribute_details(company, attribute).items()
                ],
            }
            for position, attribute in enumerate(group.attributes, 1)
        ]
    return view


def attribute_details(company: Company, attribute: str) -> Mapping[str, str]:
    """Return the values of an attribute that is chosen from a list; none for free text."""
    return company.setup.attribute_values.get(attribute, {})


def _warehouses(company: Company, item: Item) -> list[dict[str, object]]:
    setup, zone = company.setup, company.zone
    usual = item.default_warehouse or next(iter(setup.warehouses), None)
    return [
        {
            "isDefault": position.warehouse == usual,
            "warehouse": position.warehouse,
            "quantityOnHand": position.figures.on_hand,
            "available": position.figures.available,
            "availableForShipment": position.figures.for_shipment,
            "lastModifiedDateTime": local_text(position.changed_at, zone),
        }
        for position in company.goods.positions(item, setup.warehouses)
    ]
