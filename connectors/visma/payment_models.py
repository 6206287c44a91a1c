"""Customer payments of Visma.net ERP: what is written, and what is read back.

Source: the DTOs PaymentUpdateDto, PaymentDto and their lines of the ERP
specification. A payment may pay invoices and credit notes (`payment_lines`), and
may be reserved for sales orders (`orders_to_apply`); on reads the plain amounts are
in the payment's currency, those called `InCurrency` in the company's.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import AliasChoices, Field, model_validator

from connectors.wire import Incoming, Outgoing

__all__ = [
    "DocumentType",
    "OrderToApply",
    "PaymentLine",
    "PaymentRow",
    "PaymentType",
    "PaymentWrite",
    "SettledLine",
    "SettledOrder",
]

PaymentType = Literal["Payment", "Prepayment", "Refund"]
DocumentType = Literal["Invoice", "CreditNote", "Payment", "Prepayment"]

_RELEASED = frozenset({"Open", "Closed"})


class PaymentLine(Outgoing):
    """A document that a payment settles, with how much; never above its balance."""

    operation: Literal["Insert", "Update", "Delete"] = "Insert"
    document_type: DocumentType
    ref_nbr: str
    amount_paid: Decimal


class OrderToApply(Outgoing):
    """A sales order that a payment is reserved for, until its invoice takes it."""

    operation: Literal["Insert", "Update", "Delete"] = "Insert"
    order_type: str
    order_number: str
    applied_to_order: Decimal


class PaymentWrite(Outgoing):
    """A payment to create or change; a field left None is left alone."""

    type: PaymentType
    hold: bool | None = None
    application_date: str | None = None
    application_period: str | None = Field(None, description="MMYYYY.")
    payment_ref: str | None = Field(None, max_length=40)
    customer: str | None = None
    payment_method: str | None = None
    cash_account: str | None = None
    currency: str | None = None
    payment_amount: Decimal | None = None
    invoice_text: str | None = Field(None, max_length=50)
    branch: str | None = None
    orders_to_apply: tuple[OrderToApply, ...] | None = None
    payment_lines: tuple[PaymentLine, ...] | None = None


class SettledLine(Incoming):
    """A document that a payment settles, as it is read back."""

    document_type: str = ""
    ref_nbr: str = ""
    amount_paid: Decimal = Decimal(0)


class SettledOrder(Incoming):
    """A sales order that a payment is reserved for, as it is read back."""

    order_type: str = ""
    order_no: str = ""
    applied_to_order: Decimal = Decimal(0)


class PaymentRow(Incoming):
    """A customer payment, as lists and single reads show it."""

    type: str
    ref_nbr: str
    status: str = ""
    hold: bool | None = None
    application_date: str | None = None
    application_period: str | None = None
    payment_ref: str | None = None
    invoice_text: str | None = None
    customer_number: str | None = None
    payment_method_id: str | None = None
    cash_account: str | None = None
    currency: str | None = None
    payment_amount: Decimal = Decimal(0)
    available_balance: Decimal = Decimal(0)
    amount_in_base: Decimal | None = Field(
        None,
        validation_alias=AliasChoices("paymentAmountInCurrency", "amount_in_base"),
    )
    branch: str | None = None
    last_modified_date_time: str | None = None
    lines: tuple[SettledLine, ...] = Field(
        (), validation_alias=AliasChoices("paymentLines", "lines")
    )
    orders: tuple[SettledOrder, ...] = Field(
        (), validation_alias=AliasChoices("ordersToApply", "orders")
    )

    @property
    def is_released(self) -> bool:
        """Whether the payment is in the books."""
        return self.status in _RELEASED

    @property
    def is_void(self) -> bool:
        """Whether the payment counts for nothing any more."""
        return self.status == "Voided" or self.type in {"VoidPayment", "VoidRefund"}

    @property
    def on(self) -> date | None:
        """The day of the payment, or None where the list does not tell it."""
        text = (self.application_date or "")[:10]
        return date.fromisoformat(text) if text else None

    @model_validator(mode="before")
    @classmethod
    def _bare_keys(cls, data: Any) -> Any:  # noqa: ANN401 - any wire value
        # On the wire the customer is {number, name}, the method {id, description}.
        if not isinstance(data, dict):
            return data
        found: dict[str, Any] = {}
        if isinstance(customer := data.get("customer"), dict):
            found["customerNumber"] = customer.get("number")
        if isinstance(method := data.get("paymentMethod"), dict):
            found["paymentMethodId"] = method.get("id")
        return {**data, **found}
