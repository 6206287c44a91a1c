"""How an item is made and changed, over the API or by hand: its checks, its attributes, its numbers."""

from dataclasses import replace
from typing import Any, get_args

from sandbox.visma.company import Company
from sandbox.visma.erp import ErpError, equal
from sandbox.visma.goods_records import AlternateType, CrossReference, Item

__all__ = [
    "ITEM_STATUSES",
    "add_reference",
    "change_item",
    "change_reference",
    "create_item",
    "reference_of",
]

ITEM_STATUSES = (
    "Active",
    "NoSales",
    "NoPurchases",
    "NoRequest",
    "Inactive",
    "MarkedForDeletion",
)
_STOCK_KINDS = ("FinishedGoodItem", "ComponentPartItem", "SubassemblyItem")
_OTHER_KINDS = (
    "NonStockItem",
    "LaborItem",
    "ServiceItem",
    "ChargeItem",
    "ExpenseItem",
)
_TAKEN = "Error: Another process has added the '{}' record. Your changes will be lost."
_MEMBERS = {
    "status": "status",
    "type": "kind",
    "description": "description",
    "itemClass": "item_class",
    "postingClass": "posting_class",
    "vatCode": "vat_category",
    "defaultPrice": "default_price",
    "baseUnit": "unit",
    "salesUnit": "sales_unit",
    "purchaseUnit": "purchase_unit",
    "defaultWarehouse": "default_warehouse",
    "kitItem": "kit",
    "salesAccount": "account",
}
_CLEARABLE = {"body": "body", "note": "note"}


def create_item(company: Company, body: dict[str, Any]) -> Item:
    """Make an item from a body whose fields were checked, with the defaults of its class.

    Raises:
        ErpError: something is missing or unknown, or the number is taken.
    """
    for name in ("inventoryNumber", "description", "itemClass"):
        if not str(body.get(name) or "").strip():
            raise ErpError(f"Error creating document. Error: '{name}' cannot be empty.")
    number = str(body["inventoryNumber"]).strip()
    if company.find_item(number) is not None:
        raise ErpError(f"Error creating document. {_TAKEN.format('InventoryItem')}")
    _check(company, body, str(body["itemClass"]))
    group = company.setup.item_classes[body["itemClass"]]
    kind = body.get("type") or group.kind
    item = company.add_item(
        number,
        body["description"],
        stock=kind in _STOCK_KINDS,
        vat_category=group.vat_category,
        kind=kind,
        on_hand={},
        item_class=group.id,
    )
    item.posting_class = group.posting_class
    try:
        _write(company, item, body)
    except ErpError:
        del company.items[item.key]
        raise
    return item


def change_item(company: Company, item: Item, body: dict[str, Any]) -> None:
    """Change the given fields of an item; what is not given stays.

    Raises:
        ErpError: something is unknown or cannot be changed; nothing is changed then.
    """
    number = body.get("inventoryNumber")
    if number is not None and not equal(str(number), item.number):
        raise ErpError(
            "Error updating document. Error: 'inventoryNumber' cannot be changed; there is an "
            "action for it."
        )
    kind = body.get("type")
    if kind is not None and (kind in _STOCK_KINDS) != item.stock:
        raise ErpError(f"Error updating document. Error: '{kind}' is not valid here.")
    _check(company, body, body.get("itemClass") or item.item_class)
    before = replace(
        item,
        references=[replace(one) for one in item.references],
        attributes=dict(item.attributes),
    )
    try:
        _write(company, item, body)
    except ErpError:
        company.items[item.key] = before
        raise
    company.goods.touch(item)


def _check(company: Company, body: dict[str, Any], item_class: str) -> None:
    """Check every name; some look-ups fail inside the ERP and come out as 500."""
    setup = company.setup
    posting = {group.posting_class: "" for group in setup.item_classes.values()}
    kinds = dict.fromkeys((*_STOCK_KINDS, *_OTHER_KINDS))
    for name, table, what, status in (
        ("itemClass", setup.item_classes, "Item class", 500),
        ("postingClass", posting, "Posting class", 500),
        ("vatCode", setup.categories, "TaxCategoryID", 500),
        ("status", dict.fromkeys(ITEM_STATUSES), "Item status", 400),
        ("type", kinds, "Type", 400),
        ("baseUnit", setup.units, "UOM", 500),
        ("salesUnit", setup.units, "UOM", 500),
        ("purchaseUnit", setup.units, "UOM", 500),
        ("defaultWarehouse", setup.warehouses, "Warehouse", 500),
        ("salesAccount", dict.fromkeys(setup.accounts), "Account", 500),
    ):
        value = body.get(name)
        if value is not None and value not in table:
            raise ErpError(
                f"Error: {what} '{value}' cannot be found in the system.", status
            )
    country = (body.get("intrastat") or {}).get("countryOfOrigin")
    if country and country not in setup.countries:
        raise ErpError(f"Error: CountryID '{country}' cannot be found.")
    allowed = setup.item_classes[item_class].attributes
    for line in body.get("attributeLines") or []:
        attribute, value = line.get("attributeId"), line.get("attributeValue")
        if attribute not in allowed:
            raise ErpError(
                f"Error: Attribute '{attribute}' cannot be found in the system."
            )
        choices = setup.attribute_values.get(attribute)
        if value and choices is not None and value not in choices:
            raise ErpError(
                f"Error: The value '{value}' is not valid for the attribute '{attribute}'."
            )


def _write(company: Company, item: Item, body: dict[str, Any]) -> None:
    for name, member in _MEMBERS.items():
        if body.get(name) is not None:
            setattr(item, member, body[name])
    for name, member in _CLEARABLE.items():
        if name in body:
            setattr(item, member, body[name])
    for name in ("packaging", "intrastat"):
        if body.get(name):
            merged = getattr(item, name) | body[name]
            kept = {key: value for key, value in merged.items() if value is not None}
            setattr(item, name, kept)
    group = company.setup.item_classes[item.item_class]
    item.attributes = {
        attribute: value
        for attribute, value in item.attributes.items()
        if attribute in group.attributes
    }
    for line in body.get("attributeLines") or []:
        value = line.get("attributeValue")
        if value:
            item.attributes[line["attributeId"]] = value
        else:
            item.attributes.pop(line["attributeId"], None)
    for line in body.get("crossReferences") or []:
        _write_reference(company, item, line)


def _write_reference(company: Company, item: Item, line: dict[str, Any]) -> None:
    operation = line.get("operation")
    if operation not in {"Insert", "Update", "Delete"}:
        raise ErpError("Error: 'operation' of a cross reference is missing.")
    if operation == "Insert":
        add_reference(company, item, line)
        return
    found = reference_of(item, line.get("alternateType"), line.get("alternateID"))
    if operation == "Delete":
        item.references.remove(found)
    else:
        change_reference(company, item, found, line)


def reference_of(item: Item, kind: str | None, number: str | None) -> CrossReference:
    """Return a cross reference of an item.

    Raises:
        ErpError: it has none like that.
    """
    for one in item.references:
        if equal(kind, one.kind) and equal(number or "", one.number):
            return one
    message = f"Cross reference '{kind} {number}' cannot be found in the system."
    raise ErpError(message, 404)


def add_reference(company: Company, item: Item, given: dict[str, Any]) -> None:
    """Give an item another number; the same one may stand on other items.

    Raises:
        ErpError: it has this one already, or a field is missing or unknown.
    """
    kind: Any = given.get("alternateType")
    number = (given.get("alternateID") or "").strip()
    if kind not in get_args(AlternateType):
        raise ErpError(f"Error converting value '{kind}' to type 'AlternateTypes'.")
    if not number:
        raise ErpError("Error: 'alternateID' cannot be empty.")
    _check_reference(company, given)
    if any((one.kind, one.number) == (kind, number) for one in item.references):
        raise ErpError(_TAKEN.format("INItemXRef"))
    item.references.append(
        CrossReference(
            kind=kind,
            number=number,
            description=given.get("description"),
            unit=given.get("uom"),
            account=given.get("bAccount"),
        )
    )


def change_reference(
    company: Company, item: Item, reference: CrossReference, given: dict[str, Any]
) -> None:
    """Change a cross reference; a new number takes the place of the old one.

    Raises:
        ErpError: the item has the new one already, or something is unknown.
    """
    _check_reference(company, given)
    kind = given.get("alternateType") or reference.kind
    number = (given.get("alternateID") or "").strip() or reference.number
    if kind not in get_args(AlternateType):
        raise ErpError(f"Error converting value '{kind}' to type 'AlternateTypes'.")
    if any(
        one is not reference and (one.kind, one.number) == (kind, number)
        for one in item.references
    ):
        raise ErpError(_TAKEN.format("INItemXRef"))
    reference.kind, reference.number = kind, number
    for name, member in (
        ("description", "description"),
        ("uom", "unit"),
        ("bAccount", "account"),
    ):
        if name in given:
            setattr(reference, member, given[name])


def _check_reference(company: Company, given: dict[str, Any]) -> None:
    unit, account = given.get("uom"), given.get("bAccount")
    if unit is not None and unit not in company.setup.units:
        raise ErpError(f"Error: UOM '{unit}' cannot be found in the system.", 500)
    if account is not None and account not in company.customers:
        raise ErpError(
            f"Error: BAccount '{account}' cannot be found in the system.", 500
        )
