"""Visma.net's side of the certificate: sales orders, invoices, credit notes, payments."""

from __future__ import annotations

from collections.abc import (
    AsyncIterator,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from connectors.visma.ledger_models import InvoiceRow
from connectors.visma.models import SalesOrderRow
from connectors.visma.payment_models import PaymentRow
from mapping.certificate import Entry, Ordered, Pair
from mapping.certificate_facts import Known
from mapping.certificate_ordered import Billing
from mapping.certificate_pairs import Name, Undoing, undone_pairs
from mapping.certificate_rows import Place, day_of, document_entries, last_day
from mapping.certificate_side import CentraSide
from mapping.money import minor_units
from mapping.references import Referred, read_reference
from settings.connection import Connection
from tasks.certificate_centra import read_more
from tasks.certificate_late import orders_of_late
from tasks.certificate_payments import Documents, consumers_of, payment_entries
from tasks.certificate_whose import Whose, key_of
from tasks.direction import Ends

__all__ = ["VismaSide", "read_visma"]

Row = TypeVar("Row")


@dataclass
class VismaSide:
    """Entries, and whose each document is."""

    entries: list[Entry] = field(default_factory=list)
    orders_of: dict[str, int] = field(default_factory=dict)
    """The order by sales order (`type/number`)."""
    documents: Documents = field(default_factory=Documents)
    """What payments may settle."""
    customers: set[str] = field(default_factory=set)
    """Customers that documents of ours are about."""
    payments: list[PaymentRow] = field(default_factory=list)
    """Customer payments of all days, whosever they are."""


async def read_visma(ends: Ends, centra: CentraSide, since: date | None) -> VismaSide:
    """Read the documents of all days from `since` on; voided ones count for nothing."""
    ordered = [one async for one in _each(ends.visma.iter_sales_order_pages())]
    pages = _each(ends.visma.iter_invoice_pages())
    invoices = [one async for one in pages if one.document_type == "Invoice"]
    notes = [one async for one in _each(ends.visma.iter_credit_note_pages())]
    if since is not None:
        await _read_late(ends, centra, [*invoices, *notes], since)
    reading = _Reading(ends.settings, centra, since)
    side = reading.side
    for order in ordered:
        side.entries += reading.sales_order(order)
    loose: list[tuple[Pair, InvoiceRow]] = []
    reading.know_undone([*invoices, *notes])
    reading.know_parts(invoices)
    reading.know_billed(invoices)
    both: list[tuple[Pair, list[InvoiceRow]]] = [
        ("delivered", invoices),
        ("credited", notes),
    ]
    for pair, rows in both:
        for document in rows:
            side.entries += reading.document(pair, document, loose)
    centra.take_whole(reading.as_whole)
    side.payments = [one async for one in _each(ends.visma.iter_payment_pages())]
    with ends.books.read() as unit:
        side.documents.consumers |= consumers_of(unit, ends.settings)
        side.entries += payment_entries(
            side.payments, unit, ends.settings, centra, side.documents, since
        )
    for pair, document in loose:
        if document.customer_number in side.customers:
            place = Place(pair, (), "", stray=reading.stray(document))
            side.entries += document_entries(document, place, ends.settings)
    return side


async def _read_late(
    ends: Ends, centra: CentraSide, rows: Sequence[InvoiceRow], since: date
) -> None:
    """Read the sales of which something was booked from `since` on, however old they are."""
    prefix = ends.settings.prefix
    ours: list[InvoiceRow] = []
    others: list[InvoiceRow] = []
    for row in rows:
        last = last_day(row)
        if row.status == "Voided" or last is None or last < since:
            continue
        texts = (row.external_reference, row.customer_ref_number)
        named = [one for text in texts if (one := read_reference(prefix, text))]
        if not named:
            others.append(row)
        elif not any(_is_read(one, centra) for one in named):
            ours.append(row)
    with ends.books.read() as unit:
        orders = orders_of_late(unit, ends.settings, ours, others)
    await read_more(ends, centra, orders)


def _is_read(named: Referred, centra: CentraSide) -> bool:
    if named.order is not None:
        return named.order in centra.read
    return key_of(named) in centra.order_of


async def _each(pages: AsyncIterator[Sequence[Row]]) -> AsyncIterator[Row]:
    async for page in pages:
        for row in page:
            yield row


class _Reading:
    """What each row of Visma.net's lists says."""

    def __init__(
        self, settings: Connection, centra: CentraSide, since: date | None
    ) -> None:
        self.side = VismaSide()
        self.as_whole: set[int] = set()
        self._in_parts: set[int] = set()
        self._ordered: dict[str, Ordered] = {}
        self._undoing = Undoing()
        self._undone: Mapping[Name, Name] = {}
        self._by_name: Mapping[Name, InvoiceRow] = {}
        self._settings = settings
        self._centra = centra
        self._since = since
        self._whose = Whose(settings, centra, self.side.orders_of)
        collective = (
            one.number for store in settings.stores.values() for one in store.collective
        )
        self.side.customers.update(collective)

    def sales_order(self, row: SalesOrderRow) -> Iterator[Entry]:
        """A sales order of ours; the list shows its total and VAT, no rates."""
        number = self._whose.order(row.customer_order)
        if number is None:
            return
        name = f"{row.type}/{row.order_id}"
        self.side.orders_of[name] = number
        self.side.documents.orders["Order", name] = (number,)
        on = row.date.date()
        named = read_reference(self._settings.prefix, row.customer_order)
        is_return = named is not None and named.kind == "return"
        is_known = number in self._centra.read
        if row.status == "Cancelled" or is_return:
            return
        if self._is_old(on) and not is_known:
            return
        yield Entry(
            side="visma",
            pair="ordered",
            orders=(number,),
            key=str(number),
            number=row.order_id,
            kind="sales order",
            day=on,
            currency=row.currency,
            gross=minor_units(row.order_total, row.currency),
            vat=minor_units(row.tax_total, row.currency),
            customer=row.customer_id,
        )

    def document(
        self, pair: Pair, row: InvoiceRow, loose: list[tuple[Pair, InvoiceRow]]
    ) -> Iterator[Entry]:
        """An invoice or credit note; one that is nobody's is put aside as `loose`."""
        on = day_of(row)
        if row.status == "Voided" or row.amount is None or on is None:
            return
        name = (row.document_type, row.reference_number)
        if name in self._undoing.pairs or name in self._undone:
            yield from self._undone_rows(row, on)
            return
        orders, key, taken_back = self._whose.document(pair, row)
        self.side.documents.orders[name] = orders
        self.side.documents.keys[name] = key
        if on < self._settings.start_on:
            self.side.documents.old.add(name)
        is_invoice = pair == "delivered" and not taken_back
        if is_invoice and self._is_of_whole_orders(row, orders, key):
            # made before the connector came: it stands in a sales order's place
            what = (
                f"nothing is missing: invoice {row.reference_number} is of the whole "
                "order, and stands for all of its shipments"
            )
            known = Known(what, on, owner="nobody: it is in the books")
            for number in orders:
                self._centra.left_out["delivered", str(number)] = known
            self.as_whole.update(orders)
            whole = Place("ordered", orders, str(orders[0]))
            yield from document_entries(row, whole, self._settings)
            return
        is_ours = bool(orders or key)
        if is_ours and row.customer_number:  # ours, however long ago
            self.side.customers.add(row.customer_number)
        if self._is_old(last_day(row) or on) and not self._is_of_read(
            pair, orders, key
        ):
            return
        if not is_ours:
            loose.append((pair, row))
            return
        if taken_back:
            pair = "credited"
        ordered = self._ordered.get(row.reference_number) if is_invoice else None
        place = Place(
            pair,
            orders,
            key,
            sign=-1 if taken_back else 1,
            stray=self.stray(row),
            ordered=ordered,
        )
        yield from document_entries(row, place, self._settings)

    def know_undone(self, rows: Sequence[InvoiceRow]) -> None:
        """Note which documents come to nothing together."""
        self._undoing = undone_pairs(rows)
        self._undone = self._undoing.undone
        self._by_name = {
            (row.document_type, row.reference_number): row
            for row in rows
            if (row.document_type, row.reference_number) in self._undone
        }

    def _undone_rows(self, row: InvoiceRow, on: date) -> Iterator[Entry]:
        """What was undone stands where it would; what undid it beside it, turned."""
        name = (row.document_type, row.reference_number)
        first = self._by_name[self._undoing.pairs.get(name, name)]
        pair: Pair = "credited" if first.document_type == "CreditNote" else "delivered"
        orders, key, _ = self._whose.document(pair, first)
        self.side.documents.orders[name] = orders
        self.side.documents.keys[name] = key
        is_old = self._is_old(last_day(row) or on)
        if not (orders or key) or (is_old and not self._is_of_read(pair, orders, key)):
            return
        place = (
            Place(pair, orders, key, undone_by=self._undone[name][1])
            if row is first
            else Place(pair, orders, key, sign=-1, undoes=first.reference_number)
        )
        yield from document_entries(row, place, self._settings)

    def stray(self, row: InvoiceRow) -> str:
        """Why a document does not undo what its reference says that it undoes."""
        name = (row.document_type, row.reference_number)
        return self._undoing.strays.get(name, "")

    def know_parts(self, rows: Iterable[InvoiceRow]) -> None:
        """Note the orders of which shipments have invoices of their own."""
        for row in rows:
            orders, key, _ = self._whose.document("delivered", row)
            if key.startswith("S") and row.status != "Voided":
                self._in_parts.update(orders)

    def know_billed(self, rows: Iterable[InvoiceRow]) -> None:
        """Note which invoices are what their sales orders make them, in their order."""
        billing = Billing(self._centra.ordered, self._settings)
        numbered = sorted(
            rows, key=lambda row: (len(row.reference_number), row.reference_number)
        )
        for row in numbered:
            orders = [
                self.side.orders_of.get(line.sales_order or "") for line in row.lines
            ]
            if any(orders) and row.status != "Voided":
                ordered = billing.take(row, orders)
                if ordered is not None:
                    self._ordered[row.reference_number] = ordered

    def _is_of_whole_orders(
        self, row: InvoiceRow, orders: tuple[int, ...], key: str
    ) -> bool:
        from_sales_order = any(line.sales_order for line in row.lines)
        is_known = self._in_parts.isdisjoint(orders)
        return bool(orders) and not key and not from_sales_order and is_known

    def _is_of_read(self, pair: Pair, orders: tuple[int, ...], key: str) -> bool:
        """Whether an old document answers something that was read of Centra."""
        if key:
            return key in self._centra.order_of
        return pair == "delivered" and not self._centra.read.isdisjoint(orders)

    def _is_old(self, on: date) -> bool:
        return self._since is not None and on < self._since
