"""The bodies of item and cross-reference writes in ERP v1."""

from collections.abc import Mapping
from typing import Final

from sandbox.visma.fields import Boolean, Listed, Nested, Number, Plain, Shape, Text

__all__ = ["ITEM_FIELDS", "REFERENCE_FIELDS"]

REFERENCE_FIELDS: Final[Mapping[str, Shape]] = {
    "alternateType": Text(),
    "bAccount": Text(30),
    "alternateID": Text(50),
    "description": Text(256),
    "uom": Text(6),
}
_ACCOUNTS = (
    "expenseAccrualAccount",
    "inventoryAccount",
    "expenseAccount",
    "cogsAccount",
    "expenseNonTaxableAccount",
    "expenseEuAccount",
    "expenseImportAccount",
    "salesAccount",
    "salesNonTaxableAccount",
    "salesEuAccount",
    "salesExportAccount",
)
_SUBACCOUNTS = ("expenseSubaccount", "cogsSubaccount", "salesSubaccount")

# Packaging and intrastat stand bare, their members do not.
ITEM_FIELDS: Final[Mapping[str, Shape]] = {
    "inventoryNumber": Text(30),
    "status": Text(),
    "type": Text(),
    "description": Text(256),
    "body": Text(),
    "itemClass": Text(10),
    "postingClass": Text(10),
    "vatCode": Text(10),
    "defaultPrice": Number(least=0),
    "baseUnit": Text(6),
    "salesUnit": Text(6),
    "purchaseUnit": Text(6),
    "attributeLines": Listed(
        Nested({"attributeId": Text(10), "attributeValue": Text(255)})
    ),
    "packaging": Nested(
        {
            "baseItemWeight": Number(least=0),
            "weightUOM": Text(6),
            "baseItemVolume": Number(least=0),
            "volumeUOM": Text(6),
        },
        wrapped=False,
    ),
    "intrastat": Nested(
        {
            "cN8": Text(8),
            "countryOfOrigin": Text(2),
            "supplementaryMeasureUnit": Text(6),
        },
        wrapped=False,
    ),
    "supplierDetails": Listed(),
    "crossReferences": Listed(Nested({"operation": Plain(), **REFERENCE_FIELDS})),
    "defaultWarehouse": Text(30),
    "defaultIssueFrom": Text(30),
    "defaultReceiptTo": Text(30),
    "kitItem": Boolean(),
    "note": Text(),
    **{name: Text(10) for name in _ACCOUNTS},
    **{name: Listed(flat=True) for name in _SUBACCOUNTS},
}
