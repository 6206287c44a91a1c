"""What a payment settles: the documents that stand now, shared out over all money.

Read from the index alone, so that all payments of a sale see the same documents and
none takes what is another's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from connectors.centra.sale_models import Sale
from connectors.errors import RecordError
from ledger import Unit
from mapping.customer_payments import PaymentDraft
from mapping.references import goodwill_reference, read_reference
from mapping.references import return_order_reference as return_order
from mapping.rounding import ZERO
from mapping.scope import left_out, store_of
from mapping.settling import OpenDocument, Want, share_out
from settings.connection import Connection
from tasks.customers import linked_number
from tasks.direction import WaitingError
from tasks.known_payments import KnownPayment
from tasks.ledger_documents import LedgerDocument
from tasks.sale_documents import (
    credit_notes_of,
    documents_by_reference,
    sales_orders_of,
)
from tasks.sale_money import SaleMoney, Settlement

__all__ = ["payer_of", "settlement_of"]

_RESERVABLE = frozenset(
    {"Open", "Hold", "BackOrder", "Shipping", "CreditHold", "PendingApproval"}
)


def settlement_of(
    unit: Unit, settings: Connection, sale: Sale, draft: PaymentDraft
) -> Settlement:
    """Return what a movement settles now.

    Raises:
        WaitingError: Order, customer or credit note is not there yet.
        RecordError: There is nothing that it could ever settle.
    """
    if draft.way == "in":
        return _Taken(unit, settings, sale, draft).settlement()
    return _GivenBack(unit, settings, sale, draft).settlement()


def payer_of(
    unit: Unit, settings: Connection, sale: Sale, draft: PaymentDraft
) -> str | None:
    """Whose payment it is, as far as documents tell; whatever else is wrong."""
    if draft.way == "in":
        try:
            return _Taken(unit, settings, sale, draft).customer()
        except (WaitingError, RecordError):
            return None
    return _GivenBack(unit, settings, sale, draft).customer()


class _Taken(SaleMoney):
    """Money that was taken: it pays invoices, or is reserved for the sales order."""

    def settlement(self) -> Settlement:
        released = [one for one in self.invoices if one.is_released]
        self.refuse_other_currency(self.invoices)
        customer = self.customer()
        documents = [self._invoice(one) for one in released]
        documents += self._orders()
        wants = [
            Want(one.source_id, self.money(one), one.shipment)
            for one in self.moved
            if one.way == "in"
        ]
        shares = share_out(wants, documents).get(self.draft.source_id, ())
        return self.ended(shares, customer)

    def _invoice(self, one: LedgerDocument) -> OpenDocument:
        return OpenDocument(
            kind="Invoice",
            number=one.number,
            on=date.fromisoformat(one.on) if one.on else None,
            open=self.open_of("Invoice", one.number, one.balance),
            shipments=frozenset(self._shipments_of(one)),
        )

    def _shipments_of(self, one: LedgerDocument) -> set[int]:
        """The shipments of Centra that an invoice is for: by reference, or linked."""
        own: set[int] = {shipment.id for shipment in self.sale.shipments}
        if len(own) == 1:
            return own
        read = (read_reference(self.settings.prefix, ref) for ref in one.references)
        named = {r.id for r in read if r is not None and r.kind == "shipment"}
        links = self.unit.links
        told = links.many("fulfilment", [f"V{number}" for number in one.shipments])
        named |= {int(x.target_id) for x in told.values() if x.target_id.isdecimal()}
        made = links.many("fulfilment", [str(one) for one in own])
        named |= {
            int(x.source_id) for x in made.values() if x.target_id in one.shipments
        }
        return named & own

    def _orders(self) -> list[OpenDocument]:
        """Sales orders that money can be reserved for: what is not invoiced of them."""
        documents = []
        for target_id in sales_orders_of(self.unit, self.settings, self.sale.number):
            detail = self._order_detail(target_id)
            if detail.get("status") not in _RESERVABLE:
                continue
            invoiced = sum((one.total for one in self.invoices), ZERO)
            reserved = sum(
                (p.reserved for found in self.known.values() for p in found), ZERO
            )
            room = Decimal(detail.get("total") or 0) - invoiced - reserved
            documents.append(OpenDocument("Order", target_id, None, max(room, ZERO)))
        return documents

    def _order_detail(self, target_id: str) -> dict[str, str]:
        rows = self.unit.index.of_target("sales_order", target_id)
        return next((row.detail for row in rows if "total" in row.detail), {})

    def customer(self) -> str:
        """Whose payment it is: the customer's who owes it.

        Raises:
            WaitingError: The order, or its customer, is still to come.
            RecordError: No order or invoice will come.
        """
        for one in self.invoices:
            if one.customer:
                return one.customer
        orders = sales_orders_of(self.unit, self.settings, self.sale.number)
        for target_id in orders:
            if customer := self._order_detail(target_id).get("customer"):
                return customer
        if orders:
            raise WaitingError  # only just made, not read back yet
        self._refuse_without_order()
        if store_of(self.sale, self.settings).post_as == "sales_order":
            raise WaitingError
        key = self.draft.customer_key
        number = self.draft.customer_number or (linked_number(self.unit, key))
        if not number:
            raise WaitingError
        return number

    def _refuse_without_order(self) -> None:
        self.refuse_old_sale()
        order, record = self.sale.number, self.draft.reference
        rule = left_out(self.sale, self.settings)
        if rule is not None and rule.code == "CANCELLED_BEFORE":
            message = (
                f"payment {record} was taken for order {order}, which was cancelled "
                "before Visma.net had it"
            )
            raise RecordError(
                message,
                code="PAYMENT_WITHOUT_ORDER",
                fix="Refund it, and book both in Visma.net by hand, then set this "
                "aside.",
                record_id=record,
            )


class _GivenBack(SaleMoney):
    """Money that was given back: it settles credit notes, or what was paid too much."""

    def settlement(self) -> Settlement:
        notes = self._notes()
        self.refuse_other_currency(notes)
        documents = [self._note(one) for one in notes if one.is_released]
        paid = self._paid()
        if notes or not self.invoices:
            documents += [self._payment(one) for one in paid if one.is_released]
        shares = share_out(self._wants(), documents).get(self.draft.source_id, ())
        covered = sum((one.amount for one in shares), ZERO)
        if covered < self.draft.amount:
            self._refuse(notes, paid, covered)
        return self.ended(shares, self.customer() or "")

    def customer(self) -> str | None:
        """Whose money it was: the customer's who was credited, or who had paid."""
        customers = [one.customer for one in self._notes()]
        customers += [one.customer for one in self._paid()]
        return next(filter(None, customers), None)

    def _paid(self) -> list[KnownPayment]:
        return [p for m in self.moved if m.way == "in" if (p := self.booked(m))]

    def _wants(self) -> list[Want]:
        """What of this and of the other refunds of the same kind is to be covered."""
        same = self._return_id(self.draft.source_id)
        return [
            Want(one.source_id, one.amount)
            for one in self.moved
            if one.way == "out"
            and self.booked(one) is None
            and self._return_id(one.source_id) == same
            and (same is not None or one.source_id == self.draft.source_id)
        ]

    def _notes(self) -> list[LedgerDocument]:
        unit, settings = self.unit, self.settings
        return_id = self._return_id(self.draft.source_id)
        if return_id is None:
            reference = goodwill_reference(settings.prefix, int(self.draft.source_id))
            found = documents_by_reference(unit, "credit_note", [reference])
            return [one for one in found if one.counts]
        reference = return_order(settings.prefix, self.sale.number, return_id)
        hits = unit.index.find("sales_order", "reference", [reference])
        orders = [row.target_id for rows in hits.values() for row in rows]
        found = credit_notes_of(unit, settings, return_id, orders)
        live = [one for one in found if not one.is_void]
        # What was undone is left to its opposite, if the return was credited anew.
        return [one for one in live if one.counts] or live

    def _return_id(self, source_id: str) -> int | None:
        hits = self.unit.index.find("refund_entry", "entry", [source_id])
        ids = [int(row.target_id) for rows in hits.values() for row in rows]
        return ids[0] if ids else None

    def _note(self, one: LedgerDocument) -> OpenDocument:
        on = date.fromisoformat(one.on) if one.on else None
        open_of = self.open_of("CreditNote", one.number, one.balance)
        return OpenDocument("CreditNote", one.number, on, open_of)

    def _payment(self, one: KnownPayment) -> OpenDocument:
        kind: Literal["Payment", "Prepayment"] = "Payment"
        if one.type == "Prepayment":
            kind = "Prepayment"
        # No day, so after all credit notes: it is for what they do not explain.
        return OpenDocument(
            kind, one.number, None, self.open_of(kind, one.number, one.available)
        )

    def _refuse(
        self,
        notes: Sequence[LedgerDocument],
        paid: Sequence[KnownPayment],
        covered: Decimal,
    ) -> None:
        is_draft = any(not one.is_released for one in notes)
        is_draft |= any(not one.is_released for one in paid)
        taken = [one for one in self.moved if one.way == "in"]
        if is_draft or any(self.booked(one) is None for one in taken):
            raise WaitingError
        if not notes:
            self.refuse_old_sale()
            raise WaitingError
        draft = self.draft
        message = (
            f"refund {draft.reference} of {draft.amount} {draft.currency} was paid out, "
            f"but only {covered} is open on the credit notes and payments of order "
            f"{self.sale.number}"
        )
        raise RecordError(
            message,
            code="REFUND_NOT_COVERED",
            fix="Make the missing credit note (or see why it was applied elsewhere), "
            "then retry.",
            record_id=draft.reference,
        )
