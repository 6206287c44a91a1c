"""The body of a journal transaction write in ERP v2."""

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

__all__ = ["JOURNAL_FIELDS"]

_LINE = Nested(
    {
        "operation": Plain(),
        "lineNumber": Whole(),
        "accountNumber": Text(10),
        "subaccount": Listed(flat=True),
        "project": Text(30),
        "projectTask": Text(30),
        "referenceNumber": Text(15),
        "transactionDescription": Text(60),
        "debitAmountInCurrency": Number(),
        "creditAmountInCurrency": Number(),
        "vatCodeId": Text(10),
        "vatId": Text(10),
        "branch": Text(30),
        "uom": Text(6),
        "quantity": Number(),
        "note": Text(),
    }
)
JOURNAL_FIELDS: Mapping[str, Shape] = {
    "batchNumber": Text(15),
    "hold": Boolean(),
    "transactionDate": Time(),
    "postPeriod": Text(6),
    "financialPeriod": Text(6),
    "ledger": Text(10),
    "currencyId": Text(5),
    "exchangeRate": Number(least=0),
    "autoReversing": Boolean(),
    "description": Text(60),
    "controlTotalInCurrency": Number(),
    "createVatTransaction": Boolean(),
    "skipVatAmountValidation": Boolean(),
    "transactionCode": Text(10),
    "branch": Text(30),
    "overrideNumberSeries": Boolean(),
    "journalTransactionLines": Listed(_LINE),
}
