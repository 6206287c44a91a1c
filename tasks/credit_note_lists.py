"""Credit notes of Visma.net as a source: each change leads to the list of its order.

What answers neither a return nor a refund is an entry of its own, to be looked at.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import chain

from connectors.visma.ledger_models import InvoiceRow
from ledger import SourceEntry, Unit
from mapping.credit_note_lists import LooseCreditNote, OrderCreditNotes, SeenCreditNote
from mapping.references import read_reference
from settings.connection import Connection
from tasks.centra_sales import person_of
from tasks.direction import Ends, Page, Window
from tasks.invoice_owners import owners_of
from tasks.ledger_documents import CREDIT_NOTE, LedgerDocument, invoice_keys
from tasks.ledger_lists import list_entry, read_ledger_lists
from tasks.refund_sources import GOODWILL, order_of_refund
from tasks.sale_documents import credit_notes_of_sale, find_credit_note

__all__ = ["LOOSE", "Answered", "answered_by", "read_credit_note_lists"]

LOOSE = "C"
"""Before the number of a credit note that answers no return."""

_AT_ONCE = 50


@dataclass(frozen=True)
class Answered:
    """What a credit note answers: a return, a refund without one, or neither."""

    orders: tuple[int, ...]
    return_id: int | None = None
    is_allowance: bool = False
    nowhere: str | None = None

    @property
    def is_by_hand(self) -> bool:
        """Whether it answers nothing that Centra knows of."""
        return self.return_id is None and not self.is_allowance


def answered_by(unit: Unit, settings: Connection, one: LedgerDocument) -> Answered:
    """Return what a credit note answers: by link, reference, or its return order."""
    for source_id in _sources(unit, settings, one):
        number = order_of_refund(unit, source_id)
        if number is None:
            continue
        if source_id.startswith(GOODWILL):
            return Answered((number,), is_allowance=True)
        return Answered((number,), return_id=int(source_id))
    owners = owners_of(unit, settings, one)
    return Answered(owners.numbers, nowhere=owners.nowhere)


def _sources(unit: Unit, settings: Connection, one: LedgerDocument) -> Iterable[str]:
    """Records of the direction `refunds` that a credit note may answer."""
    for link in unit.links.by_target(CREDIT_NOTE, one.number):
        if link.direction == "refunds":
            yield link.source_id
    for row in unit.index.of_target("return_credit", one.number):
        yield row.key
    for name in one.sales_orders:
        for link in unit.links.by_target("sales_order", name):
            if link.direction == "refunds":
                yield link.source_id
        for row in unit.index.of_target("sales_order", name):
            yield from _named(settings, row.key)
    for text in one.references:
        yield from _named(settings, text)


def _named(settings: Connection, text: str) -> Iterable[str]:
    named = read_reference(settings.prefix, text) if settings.prefix else None
    if named is not None and named.kind == "return":
        yield str(named.id)
    elif named is not None and named.kind == "goodwill":
        yield f"{GOODWILL}{named.id}"


async def read_credit_note_lists(
    ends: Ends, window: Window, watermark: datetime | None
) -> AsyncIterator[Page]:
    """Read the orders whose credit notes changed, and those that were made by hand."""
    pages = read_ledger_lists(
        ends,
        window,
        watermark,
        pages=ends.visma.iter_credit_note_pages,
        lists=_Lists(ends),
        what="credit notes",
    )
    async for page in pages:
        yield page


class _Lists:
    """Makes entries of orders, and of credit notes made by hand, each once a run."""

    def __init__(self, ends: Ends) -> None:
        self._ends = ends
        self._seen: set[int] = set()

    async def of_documents(self, rows: Sequence[InvoiceRow]) -> AsyncIterator[Page]:
        """The orders of credit notes as they were just read, and those made by hand."""
        with self._ends.books.begin() as unit:
            keys = chain.from_iterable(map(invoice_keys, rows))
            unit.index.put(CREDIT_NOTE, list(keys))
        with self._ends.books.read() as unit:
            numbers = [row.reference_number for row in rows]
            found = self._answered(unit, numbers)
            loose = [one for one in found if _is_loose(unit, *one)]
        yield Page(tuple([await self._loose(*one) for one in loose]))
        orders = set(chain.from_iterable(answer.orders for _, answer in found))
        async for page in self.of_orders(sorted(orders)):
            yield page

    async def of_orders(self, numbers: Iterable[int]) -> AsyncIterator[Page]:
        """Orders with all their credit notes; what Centra does not show is told."""
        wanted = [one for one in numbers if one not in self._seen]
        self._seen.update(wanted)
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            there: set[int] = set()
            async for page in self._ends.centra.iter_sale_pages(numbers=some):
                there.update(one.model.number for one in page.found)
            with self._ends.books.read() as unit:
                yield Page(
                    tuple(self._entry(unit, one, is_found=one in there) for one in some)
                )

    async def parked(self) -> AsyncIterator[Page]:
        """What was parked before: what it answers may be there now."""
        with self._ends.books.read() as unit:
            rows = [
                *unit.exceptions.list("credit_notes"),
                *unit.exceptions.list("credit_notes", "retrying"),
            ]
            loose = [row.source_id for row in rows if row.source_id.startswith(LOOSE)]
            numbers = [one.removeprefix(LOOSE) for one in loose]
            found = self._answered(unit, numbers)
        yield Page(tuple([await self._loose(*one) for one in found]))
        orders = {int(row.source_id) for row in rows if row.source_id.isdecimal()}
        orders.update(chain.from_iterable(answer.orders for _, answer in found))
        async for page in self.of_orders(sorted(orders)):
            yield page

    async def _loose(self, one: LedgerDocument, answer: Answered) -> SourceEntry:
        """A credit note made by hand; with its sale, where it is to become a return."""
        is_loose = answer.is_by_hand and one.is_released and not one.undoes
        is_settled = not is_loose
        body = LooseCreditNote(
            credit_note=one.number,
            orders=answer.orders,
            reference=answer.nowhere,
            total=one.total,
            currency=one.currency,
            is_settled=is_settled,
            items=dict(one.items),
        )
        own = f"{LOOSE}{one.number}"
        entry = list_entry(own, body, amount=one.total, currency=one.currency)
        by_hand = self._ends.settings.credit_notes.by_hand
        if is_settled or by_hand != "return" or len(answer.orders) != 1:
            return entry
        async for page in self._ends.centra.iter_sale_pages(numbers=answer.orders):
            for found in page.found:
                note = body.model_dump_json()
                text = b'{"note":' + note.encode() + b',"sale":' + found.raw + b"}"
                return replace(entry, body=text, person=person_of(found.model))
        return entry

    def _answered(
        self, unit: Unit, numbers: Iterable[str]
    ) -> list[tuple[LedgerDocument, Answered]]:
        documents = [find_credit_note(unit, number) for number in numbers]
        return [
            (one, answered_by(unit, self._ends.settings, one))
            for one in documents
            if one is not None
        ]

    def _entry(self, unit: Unit, number: int, *, is_found: bool) -> SourceEntry:
        settings = self._ends.settings
        notes = [
            (one, answer)
            for one in credit_notes_of_sale(unit, settings, number)
            if one.is_released
            and not one.undoes
            and number in (answer := answered_by(unit, settings, one)).orders
        ]
        body = OrderCreditNotes(
            number=number,
            is_found=is_found,
            notes=tuple(_seen(one, answer) for one, answer in notes),
        )
        currencies = {one.currency for one, _ in notes}
        is_one = len(currencies) == 1
        total = sum((one.total for one, _ in notes), Decimal(0))
        return list_entry(
            str(number),
            body,
            amount=total if is_one else None,
            currency=currencies.pop() if is_one else None,
        )


def _seen(one: LedgerDocument, answer: Answered) -> SeenCreditNote:
    return SeenCreditNote(
        number=one.number,
        on=one.on,
        currency=one.currency,
        total=one.total,
        balance=one.balance,
        return_id=answer.return_id,
        is_allowance=answer.is_allowance,
    )


def _is_loose(unit: Unit, one: LedgerDocument, answer: Answered) -> bool:
    """Whether it needs an entry of its own: made by hand, or judged so before."""
    if unit.records.get("credit_notes", f"{LOOSE}{one.number}") is not None:
        return True
    return one.is_released and not one.undoes and answer.is_by_hand
