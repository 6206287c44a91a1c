"""An invoice that is to be written, with what it must come to; kept as JSON."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict

from connectors.visma.ledger_writes import NewInvoice
from mapping.documents import Document
from mapping.drafts import digest
from mapping.identity import CustomerNeed
from mapping.rates import ExchangeRate

__all__ = ["InvoiceDraft", "figures_hash"]


class InvoiceDraft(BaseModel):
    """The invoice that answers a shipment; its customer's number may be open (`?`).

    `figures` is the hash of what counts in the books: an invoice that was made is
    not touched for a new address.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    invoice: NewInvoice
    customer: CustomerNeed
    expected_total: Decimal
    expected_tax: Decimal
    tax_by_rate: dict[str, Decimal]
    tax_differences: dict[str, Decimal]
    credit: Decimal
    currency: str
    notes: tuple[str, ...]
    figures: str
    order_number: int
    order_total: Decimal
    is_released: bool
    """Whether the connector is to release it once its figures are proved."""
    rate: ExchangeRate | None = None
    """The exchange rate that was stamped on it; none in the company's own currency."""
    on: date | None = None
    """The day of its shipment."""

    @property
    def hash(self) -> str:
        """The same for the same document: what tells that nothing has changed."""
        customer = self.customer.number or self.customer.key
        return digest({"invoice": self.invoice, "customer": customer})

    def with_customer(self, number: str) -> InvoiceDraft:
        """Return the draft for the customer that was found or made."""
        invoice = self.invoice.model_copy(update={"customer_number": number})
        return self.model_copy(update={"invoice": invoice})


def figures_hash(document: Document, header: dict[str, Any]) -> str:
    """Return the hash of a document's amounts and of the header fields that count."""
    lines = [
        [one.key, one.kind.value, one.quantity, one.net, one.vat, one.gross, one.rate]
        for one in document.lines
    ]
    return digest({"lines": lines, "total": document.total, **header})[:16]
