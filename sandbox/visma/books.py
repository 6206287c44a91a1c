"""The customer ledger of a company: its documents, their numbers, and what belongs to what."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sandbox.visma.journal import Journal
from sandbox.visma.journal_records import JournalTransaction
from sandbox.visma.ledger_records import Invoice, OrderKey, Payment, Shipment

__all__ = ["Books"]


@dataclass(frozen=True)
class _Pending:
    due_at: datetime
    work: Callable[[], None]


class Books:
    """Shipments, invoices, credit notes and payments, found by number and by order."""

    def __init__(self) -> None:
        self.shipments: dict[str, Shipment] = {}
        self.invoices: dict[str, Invoice] = {}
        self.credit_notes: dict[str, Invoice] = {}
        self.payments: dict[str, Payment] = {}
        self.journal = Journal()
        self.journals: dict[str, JournalTransaction] = {}
        """What was written into the general ledger itself, by number."""
        self.locked: set[tuple[str, str]] = set()
        self._numbers = {
            "shipment": 0,
            "document": 200_000,
            "payment": 300_000,
            "journal": 0,
        }
        self._shipments_of: defaultdict[OrderKey, list[str]] = defaultdict(list)
        self._documents_of: defaultdict[OrderKey, list[Invoice]] = defaultdict(list)
        self._payments_of: defaultdict[OrderKey, list[str]] = defaultdict(list)
        self._pending: list[_Pending] = []
        self.returns_of: defaultdict[str, set[OrderKey]] = defaultdict(set)
        self.freight_billed: set[OrderKey] = set()

    def next_number(self, series: str) -> str:
        """Return the next number of a series, six digits."""
        while True:
            self._numbers[series] += 1
            number = f"{self._numbers[series]:06d}"
            if not any(
                number in kept
                for kept in (self.invoices, self.credit_notes, self.payments)
            ):
                return number

    def next_journal(self) -> str:
        """Return the next free number of a journal transaction."""
        while True:
            self._numbers["journal"] += 1
            number = f"GL{self._numbers['journal']:06d}"
            if number not in self.journals:
                return number

    def of_kind(self, kind: str) -> dict[str, Invoice]:
        """Return the invoices or the credit notes."""
        return self.credit_notes if kind == "CreditNote" else self.invoices

    def add_document(self, document: Invoice) -> None:
        """Keep an invoice or credit note and note the orders that it bills."""
        self.of_kind(document.kind)[document.number] = document
        for order in document.orders:
            self._documents_of[order].append(document)

    def remove_document(self, document: Invoice) -> None:
        """Take a draft out of the books."""
        del self.of_kind(document.kind)[document.number]
        for order in document.orders:
            self._documents_of[order].remove(document)

    def documents_of(self, order: OrderKey) -> list[Invoice]:
        """Return the invoices and credit notes of an order, the oldest first."""
        return self._documents_of[order]

    def add_shipment(self, shipment: Shipment) -> None:
        """Keep a shipment and note the orders that it belongs to."""
        self.shipments[shipment.number] = shipment
        for order in shipment.orders:
            if shipment.number not in self._shipments_of[order]:
                self._shipments_of[order].append(shipment.number)

    def shipments_of(self, order: OrderKey) -> Iterator[Shipment]:
        """Return the shipments of an order, the oldest first, cancelled ones too."""
        return (self.shipments[number] for number in self._shipments_of[order])

    def add_payment(self, payment: Payment) -> None:
        """Keep a payment and note the orders that it is reserved for."""
        self.payments[payment.number] = payment
        for one in payment.orders:
            if payment.number not in self._payments_of[one.order]:
                self._payments_of[one.order].append(payment.number)

    def payments_of(self, order: OrderKey) -> Iterator[Payment]:
        """Return the payments that are or were reserved for an order."""
        return (
            payment
            for payment in map(self.payments.__getitem__, self._payments_of[order])
            if any(one.order == order for one in payment.orders)
        )

    # what runs in the background

    def later(self, due_at: datetime, work: Callable[[], None]) -> None:
        """Do something when the clock has come that far."""
        self._pending.append(_Pending(due_at, work))

    def catch_up(self, now: datetime) -> None:
        """Do what has become due, the oldest first."""
        if not self._pending:
            return
        due = sorted(
            (one for one in self._pending if one.due_at <= now),
            key=lambda one: one.due_at,
        )
        self._pending = [one for one in self._pending if one.due_at > now]
        for one in due:
            one.work()
