"""How an invoice or a credit note is undone: by its opposite; a draft is deleted."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.visma.ledger_models import Application, InvoiceRow
from ledger import Unit
from mapping.opposites import (
    Figured,
    UndoDraft,
    figures_of,
    opposite_credit_note,
    opposite_invoice,
)
from mapping.references import opposite_reference, read_reference
from mapping.rounding import ZERO
from tasks.commands import command
from tasks.known_payments import find_payment
from tasks.ledger_documents import CREDIT_NOTE, INVOICE
from tasks.sale_documents import find_credit_note
from tasks.undo_conflicts import cannot, refuse_credited, words
from tasks.undoable import ShownLine, Undoable, UndoWork

__all__ = ["LedgerUndo"]

_WORDS = {"CreditNote": CREDIT_NOTE, "VoidPayment": "void"}


class LedgerUndo(UndoWork):
    """Undoes documents of the customer ledger."""

    async def invoice(self) -> Undoable:
        """Work out the credit note that answers an invoice.

        Raises:
            RecordError: It cannot be undone.
        """
        row = await self.visma.get_invoice(self.link.target_id)
        if loose := self._not_booked(row):
            return loose
        self._refuse_credited()
        self._refuse_settled(row, row.applications)
        draft = await self._answer(row)
        return self._of_ledger(draft, row, (f"settles {self.name}",))

    async def credit_note(self) -> Undoable:
        """Work out the invoice that answers a credit note.

        Raises:
            RecordError: It cannot be undone.
        """
        row = await self.visma.get_credit_note(self.link.target_id)
        if loose := self._not_booked(row):
            return loose
        others = [one for one in row.applications if one.doc_type != "Invoice"]
        self._refuse_settled(row, others)
        draft = await self._answer(row)
        applied = sum((one.amount_paid for one in row.applications), ZERO)
        open_ = "stays open against it" if row.balance else "stays settled"
        frees = [f"{self.name} {open_}"]
        if applied:
            named = ", ".join(one.ref_nbr or "?" for one in row.applications)
            frees.append(f"invoice {named} stays {applied:,f} lower")
        return self._of_ledger(draft, row, tuple(frees))

    # -- what invoices and credit notes share

    async def _answer(self, row: InvoiceRow) -> UndoDraft:
        """What takes a document back: an invoice by a credit note, and the reverse."""
        posted = self.posted()
        reference = opposite_reference(row.external_reference or "")
        is_invoice = self.link.target_kind == INVOICE
        note = invoice = None
        if is_invoice:
            note = opposite_credit_note(row, reference, posted, hold=True)
        else:
            invoice = opposite_invoice(row, reference, posted, hold=True)
        return UndoDraft(
            how="credit_note" if is_invoice else "invoice",
            kind=self.link.target_kind,
            number=row.reference_number,
            reference=reference,
            on=posted.on,
            post_period=posted.post_period,
            period=self.period(posted),
            figures=await self._figures(row),
            credit_note=note,
            invoice=invoice,
        )

    def _of_ledger(
        self, draft: UndoDraft, row: InvoiceRow, frees: tuple[str, ...]
    ) -> Undoable:
        return Undoable(
            draft=draft,
            was=draft.figures,
            was_on=(row.document_date or "")[:10],
            was_reference=row.external_reference or "",
            lines=tuple(
                ShownLine(
                    line.inventory_number or line.description or "",
                    account=line.account or "",
                    vat_category=line.vat_code or "",
                    quantity=line.quantity,
                    amount=line.amount,
                )
                for line in row.lines
            ),
            frees=frees,
        )

    def _not_booked(self, row: InvoiceRow) -> Undoable | None:
        """What becomes of a document that is in no book; None of one that is in."""
        self.refuse_foreign(row.external_reference)
        if row.status == "Voided":
            raise self.undone("it is voided")
        return None if row.is_released else self._deleted(row)

    def _deleted(self, row: InvoiceRow) -> Undoable:
        """A draft is in no book yet: there is nothing to answer, so it goes."""
        draft = UndoDraft(
            how="delete",
            kind=self.link.target_kind,
            number=row.reference_number,
            reference=row.external_reference or "",
            on=self.today().on,
            period="",
            figures=figures_of(row),
        )
        return self._of_ledger(draft, row, (f"{self.name} is a draft: it is deleted",))

    async def _figures(self, row: InvoiceRow) -> Figured:
        """What a document comes to; only lists are sure to show its VAT per rate."""
        if row.tax_details or not row.vat_total:
            return figures_of(row)
        is_invoice = self.link.target_kind == INVOICE
        find = self.visma.find_invoices if is_invoice else self.visma.find_credit_notes
        for one in await find(row.external_reference or ""):
            if one.reference_number == row.reference_number:
                return figures_of(one)
        return figures_of(row)

    # -- refusals

    def _refuse_credited(self) -> None:
        """Stop at what came back of it: that would be credited twice."""
        link = self.link
        with self.ends.books.read() as unit:
            record = unit.records.get(link.direction, link.source_id)
            if record is not None:
                refuse_credited(unit, link.target_id, link.source_id, record.label)

    def _refuse_settled(self, row: InvoiceRow, others: Sequence[Application]) -> None:
        """Stop at what settles a document: it would be left hanging in the air."""
        if others:
            self._refuse_settled_by(others[0])
        is_invoice = self.link.target_kind == INVOICE
        if is_invoice and row.balance != row.amount:
            raise cannot(
                f"{self.name} of {row.amount:,f} {row.currency_id} has only "
                f"{row.balance or ZERO:,f} open",
                "Take back in Visma.net what settled the rest, then try again.",
            )

    def _refuse_settled_by(self, other: Application) -> None:
        number, kind = other.ref_nbr or "?", (other.doc_type or "document")
        shown = words(_WORDS.get(kind, kind.lower()), number)
        with self.ends.books.read() as unit:
            own = _reference_of(unit, kind, number)
        if read_reference(self.ends.settings.prefix, own) is not None:
            raise cannot(
                f"{self.name} is settled by {shown} ({own})",
                f"Undo that first: {command(f'undo {number}', self.ends.settings.name)}.",
            )
        raise cannot(
            f"{self.name} is settled by {shown}, which the connector did not make",
            "Take it off in Visma.net by hand, if it is to be; then try again.",
        )


def _reference_of(unit: Unit, kind: str, number: str) -> str | None:
    """The reference that a document carries, as the index knows it."""
    if kind == "CreditNote":
        note = find_credit_note(unit, number)
        return next(iter(note.references), None) if note else None
    payment = find_payment(unit, number)
    return payment.reference if payment else None
