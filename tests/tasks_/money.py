"""What Visma.net has of a sale, put into the index by hand, to settle money with."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.centra.sale_models import Sale
from connectors.visma.ledger_models import InvoiceRow
from connectors.visma.payment_models import PaymentRow
from ledger import ConnectionLedger, IndexRow, Keyring, Ledger
from mapping.customer_payments import PaymentDraft, movement_to_payment
from settings.connection import Connection
from tasks.known_payments import PAYMENT, payment_keys
from tasks.ledger_documents import CREDIT_NOTE, INVOICE, invoice_keys
from tasks.sale_money import Settlement
from tasks.settlement import settlement_of
from tests.cluster import ledger_address
from tests.mapping_.builders import a_connection

__all__ = [
    "Index",
    "a_credit_note",
    "a_payment_row",
    "an_invoice",
    "draft_of",
    "settings",
]

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
METHODS = {
    "Klarna": {"method": "KLARNA", "cash_account": "1580"},
    "Gift card": {"method": "GIFTCARD", "cash_account": "2421"},
    "Invoice": {"method": "INVOICE"},
}


def settings(post_as: str = "invoice", **changes: Any) -> Connection:
    """A connection of one store that posts one way, for collective customers."""
    store = {
        "post_as": post_as,
        "dtc_customers": "collective",
        "collective": [{"number": "10001"}],
        "releases": "connector",
    }
    return a_connection(payment_methods=METHODS, stores={"*": store}, **changes)


def an_invoice(number: str, balance: str, **more: Any) -> InvoiceRow:
    """A released invoice of shipment 9, open with its balance."""
    fields: dict[str, Any] = {
        "referenceNumber": number,
        "documentType": "Invoice",
        "status": "Open",
        "customer": {"number": "10001"},
        "externalReference": "N-S9",
        "documentDate": "2026-03-05T00:00:00",
        "amount": Decimal("100.00"),
        "balance": Decimal(balance),
        "currencyId": "SEK",
    }
    return InvoiceRow.model_validate(fields | more)


def a_credit_note(number: str, balance: str, **more: Any) -> InvoiceRow:
    """A released credit note of return 3, open with its balance."""
    fields = {"documentType": "CreditNote", "externalReference": "N-R3"}
    return an_invoice(number, balance, **(fields | more))


def a_payment_row(
    number: str, reference: str, amount: str, available: str, **more: Any
) -> PaymentRow:
    """A released payment."""
    fields: dict[str, Any] = {
        "refNbr": number,
        "type": "Payment",
        "status": "Open",
        "paymentRef": reference,
        "customer": {"number": "10001"},
        "currency": "SEK",
        "applicationDate": "2026-03-04T00:00:00",
        "paymentAmount": Decimal(amount),
        "availableBalance": Decimal(available),
    }
    return PaymentRow.model_validate(fields | more)


def draft_of(sale: Sale, source_id: str, connection: Connection) -> PaymentDraft:
    """The payment of one entry, which is not left out."""
    draft = movement_to_payment(sale, source_id, connection=connection)
    assert isinstance(draft, PaymentDraft), draft
    return draft


class Index:
    """A ledger whose index is filled by hand."""

    def __init__(self, folder: Path, connection: Connection) -> None:
        """Open an empty one."""
        self.settings = connection
        keys = Keyring([Keyring.generate()])
        url = ledger_address(folder)
        self._ledger = Ledger.open(
            url, keys, clock=lambda: NOW, owner="test", durable=False
        )
        self.books: ConnectionLedger = self._ledger.of(connection.name)

    def close(self) -> None:
        """Close the database."""
        self._ledger.close()

    def has(self, *rows: InvoiceRow | PaymentRow) -> None:
        """Know documents as they were read just now."""
        with self.books.begin() as unit:
            for row in rows:
                if isinstance(row, PaymentRow):
                    unit.index.put(PAYMENT, list(payment_keys(row)))
                else:
                    is_note = row.document_type == "CreditNote"
                    kind = CREDIT_NOTE if is_note else INVOICE
                    unit.index.put(kind, list(invoice_keys(row)))

    def has_order(self, total: str, status: str = "Open", **more: str) -> None:
        """Know the sales order of order 1001."""
        detail = {
            "type": "SO",
            "status": status,
            "total": total,
            "tax": "0",
            "currency": "SEK",
            "customer": "10001",
        }
        row = IndexRow("sales_order", "reference", "N-1001", "SO/000001", detail | more)
        with self.books.begin() as unit:
            unit.index.put("sales_order", [row])

    def refunds(self, entry: str, return_id: str) -> None:
        """Know to which return a refund belongs."""
        row = IndexRow("refund_entry", "entry", entry, return_id, {})
        with self.books.begin() as unit:
            unit.index.add("refund_entry", [row])

    def settle(self, sale: Sale, source_id: str) -> Settlement:
        """What one entry settles now."""
        draft = draft_of(sale, source_id, self.settings)
        with self.books.read() as unit:
            return settlement_of(unit, self.settings, sale, draft)
