"""The bodies of invoice and credit note writes in ERP v1 and v2."""

from collections.abc import Mapping

from sandbox.visma.fields import (
    Boolean,
    Listed,
    Nested,
    Number,
    Plain,
    Shape,
    Text,
    Time,
    Whole,
)

__all__ = ["CREDIT_NOTE_FIELDS", "INVOICE_FIELDS", "KEPT"]

_ADDRESS = Nested(
    {
        "overrideAddress": Boolean(),
        "addressLine1": Text(50),
        "addressLine2": Text(50),
        "addressLine3": Text(50),
        "postalCode": Text(20),
        "city": Text(50),
        "countryId": Text(2),
        "county": Text(50),
    }
)
_CONTACT = Nested(
    {
        "overrideContact": Boolean(),
        "name": Text(255),
        "attention": Text(255),
        "email": Text(255),
        "phone1": Text(50),
    }
)
_LINE = Nested(
    {
        "operation": Plain(),
        "lineNumber": Whole(),
        "inventoryNumber": Text(30),
        "description": Text(256),
        "quantity": Number(),
        "unitPriceInCurrency": Number(),
        "manualAmountInCurrency": Number(),
        "accountNumber": Text(10),
        "vatCodeId": Text(10),
        "uom": Text(6),
        "discountPercent": Number(-100, 100),
        "discountAmountInCurrency": Number(),
        "manualDiscount": Boolean(),
        "discountCode": Text(10),
        "subaccount": Listed(flat=True),
        "salesperson": Text(15),
        "taskId": Text(30),
        "termStartDate": Time(),
        "termEndDate": Time(),
        "note": Text(),
        "branchNumber": Text(30),
    }
)
_TAXES = Listed(
    Nested({"taxId": Text(60), "taxableAmount": Number(), "vatAmount": Number()})
)
_APPLICATIONS = Listed(
    Nested(
        {
            "operation": Plain(),
            "documentType": Text(),
            "refNbr": Text(15),
            "amountPaid": Number(),
        }
    )
)
_HEADER: Mapping[str, Shape] = {
    "currencyId": Text(5),
    "customerRefNumber": Text(40),
    "externalReference": Text(40),
    "contact": Whole(),
    "project": Text(30),
    "customerVatZoneId": Text(10),
    "invoiceContact": _CONTACT,
    "overrideNumberSeries": Boolean(),
    "sendToAutoInvoice": Boolean(),
    "exchangeRate": Number(),
    "referenceNumber": Text(15),
    "customerNumber": Text(30),
    "childCustomerNumber": Text(30),
    "consolidateInvoices": Boolean(),
    "documentDate": Time(),
    "origInvoiceDate": Time(),
    "hold": Boolean(),
    "postPeriod": Text(6),
    "financialPeriod": Text(6),
    "invoiceText": Text(50),
    "locationId": Text(10),
    "salesPersonID": Whole(),
    "salesperson": Text(15),
    "note": Text(),
    "branchNumber": Text(30),
    "cashAccount": Text(10),
    "dontPrint": Boolean(),
    "dontEmail": Boolean(),
}
KEPT = (
    "sendToAutoInvoice",
    "origInvoiceDate",
    "invoiceText",
    "note",
    "cashAccount",
    "dontPrint",
    "dontEmail",
    "paymentMethodId",
    "excludeDebtCollection",
    "accountingCostRef",
    "originatorDocRef",
    "contractDocRef",
)

INVOICE_FIELDS: Mapping[str, Shape] = {
    **_HEADER,
    "paymentMethodId": Text(10),
    "creditTermsId": Text(10),
    "cashDiscountDate": Time(),
    "documentDueDate": Time(),
    "customerProject": Text(),
    "paymentReference": Text(40),
    "taxDetailLines": _TAXES,
    "invoiceLines": Listed(_LINE),
    "billingAddress": _ADDRESS,
    "startDate": Time(),
    "endDate": Time(),
    "accountingCostRef": Text(),
    "originatorDocRef": Text(),
    "contractDocRef": Text(),
    "revoked": Boolean(),
    "excludeDebtCollection": Boolean(),
}
CREDIT_NOTE_FIELDS: Mapping[str, Shape] = {
    **_HEADER,
    "lines": Listed(_LINE),
    "taxDetails": _TAXES,
    "applicationLines": _APPLICATIONS,
    "invoiceAddress": _ADDRESS,
}
