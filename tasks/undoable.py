"""A document that is to be undone: what must be shown of it, whose it is, and on which day."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from connectors.errors import RecordError
from connectors.visma.models import Period
from ledger import LinkRow
from mapping.certificate_facts import PeriodOf
from mapping.dates import Book, PostingDate, document_date, first_day, posting_date
from mapping.opposites import Figured, UndoDraft
from mapping.references import read_reference
from tasks.direction import Ends
from tasks.known_adjustments import ADJUSTMENT
from tasks.known_payments import PAYMENT
from tasks.ledger_documents import CREDIT_NOTE, INVOICE
from tasks.standing import SALES_ORDER
from tasks.target_index import open_periods
from tasks.undo_conflicts import cannot, words

__all__ = ["UNDOABLE", "ShownLine", "UndoWork", "Undoable"]

UNDOABLE = (SALES_ORDER, INVOICE, CREDIT_NOTE, PAYMENT, ADJUSTMENT)
"""The kinds of documents that the connector writes in Visma.net."""


@dataclass(frozen=True)
class ShownLine:
    """A line of what would be written: what it is about, on which account, how much."""

    what: str
    account: str = ""
    vat_category: str = ""
    quantity: Decimal | None = None
    amount: Decimal | None = None


@dataclass(frozen=True)
class Undoable:
    """How a document is undone, and what a person must see before approving it."""

    draft: UndoDraft
    was: Figured | None
    was_on: str
    was_reference: str
    lines: tuple[ShownLine, ...]
    frees: tuple[str, ...] = ()
    """What is open again afterwards, or settled by it."""


class UndoWork:
    """What is asked of every document, whatever undoes it."""

    def __init__(self, link: LinkRow, ends: Ends) -> None:
        """Know what the document is linked to, and both systems."""
        self.link = link
        self.ends = ends
        self.visma = ends.visma
        self.name = words(link.target_kind, link.target_id)

    def refuse_foreign(self, reference: str | None) -> None:
        """Stop at a document that carries no reference of ours."""
        if read_reference(self.ends.settings.prefix, reference) is None:
            raise self.foreign()

    def foreign(self) -> RecordError:
        """Return the refusal of what another program made."""
        return cannot(
            f"{self.name} carries no reference of ours: another program made it",
            "Undo it where it was made, or in Visma.net by hand.",
        )

    def undone(self, how: str) -> RecordError:
        """Return the refusal of what was undone before."""
        return cannot(
            f"{self.name} is undone already: {how}", "Nothing is left to undo."
        )

    # -- days

    def today(self) -> PostingDate:
        """Return the day on which it is undone, if its period is open."""
        return PostingDate(document_date(self.ends.clock(), self.ends.settings.zone))

    def posted(self, book: Book = "customers") -> PostingDate:
        """Return today, or the first day of the next open period.

        The day goes along: what it is applied to is settled on that day.
        """
        periods = self.periods()
        posted = posting_date(
            self.today().on, periods, closed="shift", record_id=self.name, book=book
        )
        return PostingDate(first_day(posted, periods), posted.post_period)

    def period(self, posted: PostingDate) -> str:
        """Return the financial period of a posting date, as MMYYYY."""
        return posted.post_period or PeriodOf(self.periods()).name(posted.on)

    def periods(self) -> tuple[Period, ...]:
        """Return the financial periods that the ledger knows."""
        with self.ends.books.read() as unit:
            return open_periods(unit)
