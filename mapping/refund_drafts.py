"""What is to be written for a return or a refund; kept by the ledger as JSON."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from connectors.visma.ledger_writes import NewCreditNote
from mapping.drafts import SalesOrderDraft, digest
from mapping.rates import ExchangeRate

__all__ = ["CreditNoteDraft", "ReturnOrderDraft", "ReversalDraft"]


class CreditNoteDraft(BaseModel):
    """The credit note that answers a return, or a refund without one.

    Customer and applied invoice are put in when it is sent: both are those of the
    sale's own invoice.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    credit_note: NewCreditNote
    sale: int
    shipment: int | None
    """The shipment that it undoes; None for a refund that belongs to no return."""
    applies: bool
    """Whether it is taken off the open invoice; else its refund settles it."""
    releases: bool
    """Whether the connector releases it, once its figures are proved."""
    expected_total: Decimal
    expected_tax: Decimal
    tax_by_rate: dict[str, Decimal]
    currency: str
    notes: tuple[str, ...] = ()
    rate: ExchangeRate | None = None
    """The exchange rate that was stamped on it; none in the company's own currency."""
    on: date | None = None
    """The day of the return or refund."""

    @property
    def hash(self) -> str:
        """The same for the same credit; its day is no part of it."""
        return digest(
            {
                "lines": [one.model_dump() for one in self.credit_note.lines or ()],
                "reference": self.credit_note.external_reference,
                "total": self.expected_total,
            }
        )


class ReturnOrderDraft(BaseModel):
    """The return order that answers a return, where stock is kept in Visma.net.

    Customer and invoice lines are put in when it is sent: they are those of the
    invoice of the shipment that came back.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    order: SalesOrderDraft
    sale: int
    shipment: int
    on: date
    receives: bool
    """Whether the connector receives the goods, as they came to Centra's warehouse."""
    prepares: bool
    """Whether it has Visma.net make the credit note."""
    releases: bool
    """Whether it releases the credit note, once its figures are proved."""
    applies: bool
    """Whether the credit note is taken off the open invoice."""

    @property
    def hash(self) -> str:
        """The same for the same credit; its day is no part of it."""
        wanted = self.order.sales_order
        return digest(
            {
                "lines": [line.model_dump() for line in wanted.order_lines],
                "reference": wanted.customer.order,
                "total": self.order.expected_total,
            }
        )


class ReversalDraft(BaseModel):
    """That what was booked for a return is to be undone, and on which day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    return_id: int
    reference: str
    """Of the opposite document, where what stands is in the books already."""
    on: str
    post_period: str | None = None
    releases: bool
    """Whether the connector releases the opposite document."""

    @property
    def hash(self) -> str:
        """The same for the same return; its day is no part of it."""
        return digest({"reversed": self.return_id})
