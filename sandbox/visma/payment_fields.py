"""The bodies of customer payment writes and actions in ERP v1."""

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

__all__ = ["DOCUMENT_TYPES", "PAYMENT_FIELDS", "PAYMENT_TYPES", "RELEASE_FIELDS"]

PAYMENT_TYPES = (
    "Payment",
    "CreditNote",
    "Prepayment",
    "Refund",
    "VoidPayment",
    "SmallBalanceWo",
    "VoidRefund",
    "Undefined",
)
DOCUMENT_TYPES = (
    "Invoice",
    "DebitNote",
    "CreditNote",
    "Payment",
    "VoidPayment",
    "Prepayment",
    "Refund",
    "FinCharge",
    "SmallBalanceWo",
    "SmallCreditWo",
    "CashSale",
    "CashReturn",
    "Undefined",
    "NoUpdate",
)
_LINE = Nested(
    {
        "operation": Plain(),
        "documentType": Text(),
        "refNbr": Text(15),
        "amountPaid": Number(),
        "cashDiscountTaken": Number(),
        "balanceWriteOff": Number(),
        "writeOffReasonCode": Text(20),
        "crossRate": Number(),
    }
)
_ORDER = Nested(
    {
        "operation": Plain(),
        "orderType": Text(2),
        "orderNumber": Text(15),
        "appliedToOrder": Number(),
    }
)
_CHARGE = Nested(
    {
        "operation": Plain(),
        "entryType": Text(10),
        "offsetAccount": Text(10),
        "offsetSubAccount": Text(),
        "description": Text(60),
        "amount": Number(),
        "lineNbr": Whole(),
    }
)
PAYMENT_FIELDS: Mapping[str, Shape] = {
    "referenceNumber": Text(15),
    "type": Text(),
    "hold": Boolean(),
    "applicationDate": Time(),
    "applicationPeriod": Text(6),
    "paymentRef": Text(40),
    "customer": Text(30),
    "location": Text(10),
    "paymentMethod": Text(10),
    "cashAccount": Text(10),
    "currency": Text(5),
    "paymentAmount": Number(),
    "invoiceText": Text(50),
    "branch": Text(30),
    "overrideNumberSeries": Boolean(),
    "ordersToApply": Listed(_ORDER),
    "financeCharges": Listed(_CHARGE),
    "paymentLines": Listed(_LINE),
}
RELEASE_FIELDS: Mapping[str, Shape] = {"type": Text()}
