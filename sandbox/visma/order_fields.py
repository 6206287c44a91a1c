"""The bodies of sales order writes in SalesOrder v3: fields, types, lengths."""

from collections.abc import Mapping

from sandbox.visma.fields import (
    Boolean,
    Listed,
    Nested,
    Number,
    Pairs,
    Shape,
    Text,
    Time,
    Whole,
)

__all__ = [
    "ADD_LINES",
    "NEW_LINE",
    "NEW_ORDER",
    "PATCH_LINE",
    "PATCH_LINES",
    "PATCH_ORDER",
]

_ADDRESS: Mapping[str, Shape] = {
    "line1": Text(50),
    "line2": Text(50),
    "line3": Text(50),
    "postalCode": Text(20),
    "city": Text(50),
    "countryId": Text(2),
    "stateId": Text(50),
}
_CONTACT: Mapping[str, Shape] = {
    "name": Text(255),
    "attention": Text(255),
    "phone1": Text(50),
    "email": Text(255),
}
_OVERRIDES: Mapping[str, Shape] = {"overridesDefault": Boolean()}
_CUSTOM_FIELDS = Nested(
    {
        **{f"customStr{n}": Text(100) for n in range(1, 6)},
        **{f"customDec{n}": Number() for n in (1, 2)},
        **{f"customInt{n}": Whole() for n in (1, 2)},
        "customDateTimeUtc1": Time(),
    }
)
_PRINT = Nested(
    {
        "descriptionOnInvoice": Boolean(),
        "noteOnInternalDocuments": Boolean(),
        "noteOnExternalDocuments": Boolean(),
    }
)
_FREIGHT = Nested(
    {"cost": Number(), "premiumAmount": Number(), "taxCategoryId": Text(10)}
)
_PAYMENT = Nested(
    {"paymentMethodId": Text(), "cashAccountId": Text(10), "paymentReference": Text(40)}
)
_FINANCIAL = Nested(
    {
        "invoiceSeparately": Boolean(),
        "invoiceDate": Time(),
        "invoiceId": Text(15),
        "postPeriod": Text(6),
        "dueDate": Time(),
        "cashDiscountDate": Time(),
    }
)
_ROT_RUT = Nested(
    {
        "distributedAutomatically": Boolean(),
        "type": Text(),
        "apartment": Text(50),
        "estate": Text(50),
        "organisationNumber": Text(20),
        "distribution": Listed(
            Nested({"personalId": Text(20), "extra": Boolean(), "amount": Number()})
        ),
    }
)
_CUSTOMER: Mapping[str, Shape] = {
    "id": Text(),
    "contactId": Whole(),
    "order": Text(40),
    "refNo": Text(40),
    "locationId": Text(),
    "termsId": Text(),
}


def _shipping(address: Nested, contact: Nested) -> Nested:
    return Nested(
        {
            "scheduledDate": Time(),
            "shipSeparately": Boolean(),
            "rule": Text(),
            "address": address,
            "contact": contact,
            "preferredWarehouseId": Text(30),
            "intrastatTransactionTypeId": Whole(),
            "shipViaId": Text(15),
            "residentialDelivery": Boolean(),
            "saturdayDelivery": Boolean(),
            "insurance": Boolean(),
            "priority": Whole(),
            "zoneId": Text(15),
            "fobPointId": Text(15),
            "termsId": Text(15),
        }
    )


_HEADER: Mapping[str, Shape] = {
    "currencyId": Text(5),
    "date": Time(),
    "requestOn": Time(),
    "cancelBy": Time(),
    "description": Text(255),
    "status": Text(),
    "print": _PRINT,
    "financialInformation": _FINANCIAL,
    "ownerId": Text(),
    "taxZoneId": Text(),
    "note": Text(2048),
    "paymentSettings": _PAYMENT,
    "useReplacementCostForMarginAndProfit": Boolean(),
    "freight": _FREIGHT,
    "branchId": Text(30),
    "originalOrderType": Text(2),
    "originalOrderId": Text(15),
    "salesPersonId": Text(15),
    "projectId": Text(30),
    "isRotRutDeductible": Boolean(),
    "rotRutDetails": _ROT_RUT,
    "customFields": _CUSTOM_FIELDS,
}
_LINE: Mapping[str, Shape] = {
    "description": Text(256),
    "unitOfMeasure": Text(6),
    "shippingRule": Text(),
    "quantity": Number(),
    "unitCost": Number(),
    "unitPrice": Number(),
    "externalLink": Text(255),
    "warehouseId": Text(),
    "reasonCode": Text(),
    "taxCategoryId": Text(),
    "undershipThreshold": Number(0, 100),
    "overshipThreshold": Number(100, 999),
    "shipDate": Time(),
    "requestDate": Time(),
    "salesAccountId": Text(10),
    "subaccount": Pairs(),
    "note": Text(2048),
    "discountCode": Text(10),
    "discountPercent": Number(-100, 100),
    "discountAmount": Number(),
    "hasManualDiscount": Boolean(),
    "warehouseLocationId": Text(),
    "operation": Text(),
    "hasManualPrice": Boolean(),
    "branchId": Text(30),
    "commissionable": Boolean(),
    "salesPersonId": Text(15),
    "purchaseOrderSource": Text(),
    "supplierId": Text(),
    "supplierPrice": Number(),
    "projectTaskId": Text(30),
    "isRotRutDeductible": Boolean(),
    "sortOrder": Whole(),
    "invoiceLineNumber": Whole(),
    "invoiceNumber": Text(15),
    "invoiceType": Text(),
    "customFields": _CUSTOM_FIELDS,
    "inventoryAlternateId": Text(),
}

NEW_LINE = Nested(
    {
        **_LINE,
        "inventoryId": Text(required=True, nullable=False),
        "quantity": Number(nullable=False),
    }
)
PATCH_LINE = Nested(
    {**_LINE, "lineId": Whole(required=True, nullable=False), "completed": Boolean()}
)
NEW_ORDER: Mapping[str, Shape] = {
    **_HEADER,
    "type": Text(required=True, nullable=False),
    "orderId": Text(15),
    "overrideNumberSeries": Boolean(nullable=False),
    "customer": Nested({**_CUSTOMER, "gln": Text()}, required=True),
    "shipping": _shipping(Nested(_ADDRESS), Nested(_CONTACT)),
    "billing": Nested({"address": Nested(_ADDRESS), "contact": Nested(_CONTACT)}),
    "orderLines": Listed(NEW_LINE),
}
_PATCH_ADDRESS = Nested({**_ADDRESS, **_OVERRIDES})
_PATCH_CONTACT = Nested({**_CONTACT, **_OVERRIDES})
PATCH_ORDER: Mapping[str, Shape] = {
    **_HEADER,
    "customer": Nested(_CUSTOMER),
    "shipping": _shipping(_PATCH_ADDRESS, _PATCH_CONTACT),
    "billing": Nested({"address": _PATCH_ADDRESS, "contact": _PATCH_CONTACT}),
}
ADD_LINES: Mapping[str, Shape] = {"lines": Listed(NEW_LINE)}
PATCH_LINES: Mapping[str, Shape] = {"lines": Listed(PATCH_LINE)}
