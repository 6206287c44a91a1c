"""Invoices of Visma.net as a source: each change leads to the lists of its orders.

One invoice may belong to many orders and one order has many invoices, so what is
kept is the order with all its invoices, read from the index of Visma.net.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain

from connectors.centra.sale_models import Sale
from connectors.visma.ledger_models import InvoiceRow
from ledger import IndexRow, SourceEntry, Unit
from mapping.invoice_lists import LooseInvoice, OrderInvoices, SeenInvoice
from tasks.direction import Ends, Page, Window
from tasks.invoice_owners import Owners, owners_of, shipments_of
from tasks.ledger_documents import INVOICE, LedgerDocument, invoice_keys
from tasks.ledger_lists import list_entry, read_ledger_lists
from tasks.sale_documents import find_invoice, invoices_of

__all__ = ["LOOSE", "read_invoice_lists"]

LOOSE = "I"
"""Before the number of an invoice that belongs to no order."""

_OF_ORDER = "invoice_of_order"
_AT_ONCE = 50


async def read_invoice_lists(
    ends: Ends, window: Window, watermark: datetime | None
) -> AsyncIterator[Page]:
    """Read the orders whose invoices changed, or the given ones, with all invoices."""
    pages = read_ledger_lists(
        ends,
        window,
        watermark,
        pages=ends.visma.iter_invoice_pages,
        lists=_Lists(ends),
        what="invoices",
    )
    async for page in pages:
        yield page


class _Lists:
    """Makes entries of orders and of invoices without one, each once a run."""

    def __init__(self, ends: Ends) -> None:
        self._ends = ends
        self._seen: set[int] = set()
        self._owners: dict[str, Owners] = {}

    async def of_documents(self, rows: Sequence[InvoiceRow]) -> AsyncIterator[Page]:
        """The orders of invoices as they were just read, and those without one."""
        with self._ends.books.begin() as unit:
            unit.index.put(INVOICE, list(chain.from_iterable(map(invoice_keys, rows))))
        with self._ends.books.read() as unit:
            found = [
                (document, self._owners_of(unit, document))
                for row in rows
                if (document := find_invoice(unit, row.reference_number))
            ]
        with self._ends.books.begin() as unit:
            rows_of = [_order_keys(*one) for one in found]
            unit.index.put(_OF_ORDER, list(chain.from_iterable(rows_of)))
        yield Page(tuple(_loose(*one) for one in found if _is_loose(*one)))
        numbers = sorted(set(chain.from_iterable(one.numbers for _, one in found)))
        async for page in self.of_orders(numbers):
            yield page

    async def of_orders(self, numbers: Iterable[int]) -> AsyncIterator[Page]:
        """Orders with all their invoices; what Centra does not show is told."""
        wanted = [one for one in numbers if one not in self._seen]
        self._seen.update(wanted)
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            sales: dict[int, Sale] = {}
            async for page in self._ends.centra.iter_sale_pages(numbers=some):
                sales |= {one.model.number: one.model for one in page.found}
            with self._ends.books.read() as unit:
                yield Page(
                    tuple(self._entry(unit, one, sales.get(one)) for one in some)
                )

    async def parked(self) -> AsyncIterator[Page]:
        """What was parked before: its order may be there now."""
        with self._ends.books.read() as unit:
            rows = [
                *unit.exceptions.list("invoices"),
                *unit.exceptions.list("invoices", "retrying"),
            ]
            invoices = [
                (document, self._owners_of(unit, document))
                for row in rows
                if row.source_id.startswith(LOOSE)
                if (document := find_invoice(unit, row.source_id.removeprefix(LOOSE)))
            ]
        orders = {int(row.source_id) for row in rows if row.source_id.isdecimal()}
        yield Page(tuple(_loose(*one) for one in invoices))
        orders.update(chain.from_iterable(one.numbers for _, one in invoices))
        async for page in self.of_orders(sorted(orders)):
            yield page

    def _entry(self, unit: Unit, number: int, sale: Sale | None) -> SourceEntry:
        documents = self._released(unit, number, sale)
        body = OrderInvoices(
            number=number,
            is_found=sale is not None,
            invoices=tuple(_seen(unit, one, sale) for one in documents),
            paid_by_invoice=_paid_by_invoice(sale),
            marked_paid=tuple(one.id for one in sale.shipments if one.is_paid)
            if sale
            else (),
        )
        currencies = {one.currency for one in documents}
        is_one = len(currencies) == 1
        return list_entry(
            str(number),
            body,
            # how it is shown counts, too: `full` brings what another setting changes
            self._ends.settings.invoices.model_dump_json(),
            amount=sum((one.total for one in documents), Decimal(0))
            if is_one
            else None,
            currency=currencies.pop() if is_one else None,
        )

    def _released(
        self, unit: Unit, number: int, sale: Sale | None
    ) -> list[LedgerDocument]:
        """The invoices in the books that are of an order, and none that only look so."""
        known = invoices_of(unit, self._ends.settings, sale) if sale else []
        link = unit.links.get("orders", str(number))
        numbers = [link.target_id] if link and link.target_kind == INVOICE else []
        hits = unit.index.find(_OF_ORDER, "order", [str(number)]).values()
        numbers += [row.target_id for row in chain.from_iterable(hits)]
        known += [one for each in numbers if (one := find_invoice(unit, each))]
        found = {one.number: one for one in known}
        return [
            one
            for one in found.values()
            if one.is_released
            and not one.undone_by  # nobody owes it, and nobody has paid it
            and number in self._owners_of(unit, one).numbers
        ]

    def _owners_of(self, unit: Unit, document: LedgerDocument) -> Owners:
        """Whose a document is, found out once a run."""
        if document.number not in self._owners:
            found = owners_of(unit, self._ends.settings, document)
            self._owners[document.number] = found
        return self._owners[document.number]


def _order_keys(document: LedgerDocument, owners: Owners) -> Iterator[IndexRow]:
    """What finds an invoice again by its orders, whatever told that it is theirs."""
    for number in owners.numbers:
        yield IndexRow(_OF_ORDER, "order", str(number), document.number)


def _seen(unit: Unit, one: LedgerDocument, sale: Sale | None) -> SeenInvoice:
    told, named = shipments_of(unit, one, sale) if sale else ((), ())
    return SeenInvoice(
        number=one.number,
        on=one.on,
        due_on=one.due_on,
        currency=one.currency,
        total=one.total,
        balance=one.balance,
        shipments=told,
        named_shipments=named,
    )


def _paid_by_invoice(sale: Sale | None) -> tuple[int, ...]:
    """Wholesale shipments that nothing was captured for: their invoice is paid."""
    if sale is None or sale.kind != "WholesaleOrder":
        return ()
    return tuple(one.id for one in sale.shipments if not one.is_captured)


def _is_loose(document: LedgerDocument, owners: Owners) -> bool:
    return document.is_released and not owners.numbers


def _loose(document: LedgerDocument, owners: Owners) -> SourceEntry:
    body = LooseInvoice(
        invoice=document.number,
        reference=owners.nowhere,
        is_settled=bool(owners.numbers) or not document.is_released,
    )
    return list_entry(
        f"{LOOSE}{document.number}",
        body,
        amount=document.total,
        currency=document.currency,
    )
