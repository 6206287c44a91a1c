"""What happens after an order: shipping, invoices, returns, credit."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from settings.base import Frozen

__all__ = [
    "CreditNoteRules",
    "CreditStatusRules",
    "FulfilmentRules",
    "InvoiceRules",
    "ReturnRules",
]


class FulfilmentRules(Frozen):
    """What is done in Centra when Visma.net has shipped."""

    capture: bool = Field(
        default=True, description="Capture the payment; a failed one stops the rest."
    )
    complete: bool = Field(
        default=True, description="Complete the shipment, with its tracking number."
    )
    send_email: bool = Field(
        default=False, description="Let Centra mail the customer about it."
    )
    carriers: dict[str, str] = Field(
        default_factory=dict, description="Carrier in Centra by ship-via of Visma.net."
    )


class InvoiceRules(Frozen):
    """How invoices of Visma.net are shown on the orders of Centra."""

    attribute: str = Field(
        "visma_invoices", description="Centra's attribute type for orders."
    )
    element: str = Field("list", description="Its text element.")
    pdf_url: str | None = Field(
        None, description="Link template with {number}; none: no link is written."
    )
    mark_paid: bool = Field(
        default=True,
        description="Mark wholesale shipments as paid once their invoice is.",
    )


class ReturnRules(Frozen):
    """How returns and refunds are booked."""

    order_type: str = Field(
        "RC", description="Visma.net type of a return order, where stock is kept."
    )
    reason_code: str | None = Field(
        None, description="Of the lines of return orders, where Visma.net asks for it."
    )
    return_cost_item: str = Field("RETURNCOST", description="Non-stock item.")
    allowance_item: str = Field(
        "ALLOWANCE", description="Non-stock item of a credit without a return."
    )
    compensation_item: str = Field(
        "COMPENSATION",
        description="Non-stock item of store credit that a return gives back: a debt.",
    )
    refund_within_days: int = Field(
        14,
        ge=0,
        description="A credit note of a return that is open for longer is listed: its "
        "refund may have been paid outside Centra.",
    )


class CreditNoteRules(Frozen):
    """How credit notes of Visma.net are shown in Centra."""

    attribute: str = Field(
        "visma_credit_notes", description="Centra's attribute type for orders."
    )
    element: str = Field("list", description="Its text element.")
    by_hand: Literal["exception", "return"] = Field(
        "exception",
        description="What becomes of a credit note made by hand: something to look "
        "at, or a return in Centra (never a refund of money).",
    )


class CreditStatusRules(Frozen):
    """How a wholesale customer's credit is shown on its Centra account."""

    enabled: bool = Field(default=False, description="Carry credit status at all.")
    attribute: str = Field(
        "visma_credit", description="Centra's attribute type for accounts."
    )
    element: str = Field("status", description="Its text element.")
    set_limit: bool = Field(
        default=True, description="Also write the credit limit of the account."
    )
    deactivate_blocked: bool = Field(
        default=False, description="Set accounts of blocked customers inactive."
    )
