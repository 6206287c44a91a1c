"""The body of a customer write: which fields there are and how long they may be."""

from collections.abc import Mapping

from sandbox.visma.fields import Boolean, Listed, Nested, Number, Shape, Text, Whole

__all__ = ["CUSTOMER_FIELDS", "FLAGS"]

# Address lines are documented with 50; the others are the widths of the ERP's own screens.
_ADDRESS = Nested(
    {
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
        "name": Text(255),
        "attention": Text(255),
        "email": Text(255),
        "web": Text(255),
        "phone1": Text(50),
        "phone2": Text(50),
        "fax": Text(50),
    }
)
_GL_ACCOUNTS = Nested(
    {
        "customerLedgerAccount": Text(10),
        "salesAccount": Text(10),
        "salesNonTaxableAccount": Text(10),
        "salesEuAccount": Text(10),
        "salesExportAccount": Text(10),
        "salesSubaccount": Listed(),
    }
)
_ATTRIBUTE = Nested({"attributeId": Text(10), "attributeValue": Text(255)})

FLAGS = (
    "printInvoices",
    "acceptAutoInvoices",
    "sendInvoicesByEmail",
    "sendDunningLettersViaEMail",
    "printDunningLetters",
    "printStatements",
    "sendStatementsByEmail",
    "printMultiCurrencyStatements",
    "invoiceToDefaultLocation",
    "excludeDebtCollection",
)

CUSTOMER_FIELDS: Mapping[str, Shape] = {
    "number": Text(30),
    "name": Text(255),
    "status": Text(),
    "accountReference": Text(50),
    "numberOfEmployees": Whole(),
    "parentRecordNumber": Text(30),
    "currencyId": Text(5),
    "creditLimit": Number(),
    "creditDaysPastDue": Whole(),
    "overrideWithClassValues": Boolean(wrapped=False),
    "customerClassId": Text(10),
    "creditTermsId": Text(10),
    "vatRegistrationId": Text(50),
    "corporateId": Text(50),
    "vatZoneId": Text(10),
    "gln": Text(13),
    "note": Text(),
    "mainAddress": _ADDRESS,
    "mainContact": _CONTACT,
    "creditVerification": Text(),
    "invoiceAddress": _ADDRESS,
    "invoiceContact": _CONTACT,
    "statementType": Text(),
    "deliveryAddress": _ADDRESS,
    "deliveryContact": _CONTACT,
    "priceClassId": Text(10),
    "eInvoiceContract": Nested(
        {"fInvoiceContractID": Text(), "fInvoiceIntermediatorID": Text()}
    ),
    "defaultPaymentMethod": Nested(
        {"paymentMethodId": Text(10), "isDefault": Boolean()}
    ),
    "glAccounts": _GL_ACCOUNTS,
    "directDebitLines": Listed(),
    "attributeLines": Listed(_ATTRIBUTE),
    "overrideNumberSeries": Boolean(),
    **{flag: Boolean() for flag in FLAGS},
}
