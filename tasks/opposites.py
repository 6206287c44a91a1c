"""Opposite documents of the customer ledger: made once, proved, and put into the books."""

from __future__ import annotations

from connectors.visma.ledger_models import InvoiceRow
from connectors.visma.ledger_writes import NewCreditNote, NewInvoice
from mapping.opposites import Figured
from tasks.direction import Ends
from tasks.ledger_proof import Figures, LedgerBook, credit_note_book, invoice_book

__all__ = ["find_opposite", "finish_opposite", "stand_opposite"]


async def find_opposite(
    wanted: NewInvoice | NewCreditNote, label: str, ends: Ends
) -> InvoiceRow | None:
    """The document that carries the opposite's reference already.

    Raises:
        RecordError: Several carry it.
    """
    if isinstance(wanted, NewInvoice):
        book = invoice_book(ends.visma)
        return await book.find_one(wanted.external_reference or "", label)
    notes = credit_note_book(ends.visma)
    return await notes.find_one(wanted.external_reference or "", label)


async def stand_opposite(
    wanted: NewInvoice | NewCreditNote, figured: Figured, label: str, ends: Ends
) -> str:
    """Make an opposite, unless it stands; answer its number. It is no more than a draft.

    A draft of an earlier try that comes to something else is made anew.

    Raises:
        RecordError: Several documents carry its reference, or Visma.net refuses it.
    """
    found = await find_opposite(wanted, label, ends)
    if found is not None and (
        found.is_released or _figures(figured).difference(found) is None
    ):
        return found.reference_number
    visma = ends.visma
    if isinstance(wanted, NewInvoice):
        if found is not None:
            await visma.delete_invoice(found.reference_number)
        return await visma.create_invoice(wanted)
    if found is not None:
        await visma.delete_credit_note(found.reference_number)
    return await visma.create_credit_note(wanted)


async def finish_opposite(
    number: str,
    wanted: NewInvoice | NewCreditNote,
    figured: Figured,
    label: str,
    ends: Ends,
    *,
    releases: bool,
) -> None:
    """See that an opposite comes to what it must, and release it.

    Raises:
        RecordError: It does not, or Visma.net refuses to release it.
        WaitingError: Visma.net is still at it.
    """
    if isinstance(wanted, NewInvoice):
        await _finish(
            invoice_book(ends.visma), number, figured, label, releases=releases
        )
    else:
        book = credit_note_book(ends.visma)
        await _finish(book, number, figured, label, releases=releases)


async def _finish(
    book: LedgerBook[NewInvoice] | LedgerBook[NewCreditNote],
    number: str,
    figured: Figured,
    label: str,
    *,
    releases: bool,
) -> None:
    row = await book.prove(number, _figures(figured), label)
    if releases:
        await book.release(number, label, row if row.etag else None)


def _figures(one: Figured) -> Figures:
    return Figures(one.total, one.tax, one.currency, one.tax_by_rate or None)
