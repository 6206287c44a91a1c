"""What Visma.net already has, kept in the ledger and brought up to date by deltas.

Read before anything is created, so an empty or restored ledger, or documents of
an earlier connector, make nothing twice; and read again after a load, which is
how the totals of a whole batch are checked with a page or two of the order list.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from datetime import datetime, time, timedelta
from itertools import chain
from typing import Any

from connectors.visma import models as visma
from connectors.visma.adjustment_models import Adjustment
from connectors.visma.ledger_models import InvoiceRow
from connectors.visma.payment_models import PaymentRow
from ledger import IndexRow, Unit
from mapping.identity import normal_email, normal_number
from tasks.direction import Ends
from tasks.known_adjustments import ADJUSTMENT, adjustment_keys
from tasks.known_payments import PAYMENT, payment_keys
from tasks.ledger_documents import CREDIT_NOTE, INVOICE, invoice_keys

__all__ = [
    "V3_OVERLAP",
    "keep_adjustment",
    "modified_at",
    "open_periods",
    "refresh_adjustments",
    "refresh_credit_notes",
    "refresh_customers",
    "refresh_invoices",
    "refresh_payments",
    "refresh_periods",
    "refresh_sales_orders",
    "v1_since",
    "v1_time",
]

V3_OVERLAP = timedelta(minutes=10)
_PERIODS_KEEP = timedelta(hours=1)


async def refresh_sales_orders(ends: Ends) -> None:
    """Read the sales orders that changed since the last read, into the index."""
    since = _watermark(ends, "visma.sales_orders")
    start = since - V3_OVERLAP if since else None
    pages = ends.visma.iter_sales_order_pages(modified_since=start)
    await _store(ends, "visma.sales_orders", "sales_order", pages, _order, since)


async def refresh_customers(ends: Ends) -> None:
    """Read the customers that changed since the last read, into the index."""
    since = _watermark(ends, "visma.customers")
    pages = ends.visma.iter_customer_pages(
        modified_since=v1_time(ends, since),
        page_size=ends.settings.visma.page_size,
    )
    keys = _customer_keys(ends.settings.customers.attribute)
    await _store(ends, "visma.customers", "customer", pages, keys, since)


async def refresh_invoices(ends: Ends) -> None:
    """Read the invoices that changed since the last read, into the index."""
    since = _watermark(ends, "visma.invoices")
    pages = ends.visma.iter_invoice_pages(modified_since=v1_time(ends, since))
    await _store(ends, "visma.invoices", INVOICE, pages, invoice_keys, since)


async def refresh_credit_notes(ends: Ends) -> None:
    """Read the credit notes that changed since the last read, into the index."""
    since = _watermark(ends, "visma.credit_notes")
    pages = ends.visma.iter_credit_note_pages(modified_since=v1_time(ends, since))
    await _store(ends, "visma.credit_notes", CREDIT_NOTE, pages, invoice_keys, since)


async def refresh_payments(ends: Ends) -> None:
    """Read the customer payments that changed since the last read, into the index."""
    since = _watermark(ends, "visma.payments")
    pages = ends.visma.iter_payment_pages(modified_since=v1_time(ends, since))
    await _store(ends, "visma.payments", PAYMENT, pages, payment_keys, since)


async def refresh_adjustments(ends: Ends) -> None:
    """Read the inventory adjustments that changed, into the index; only ours are kept.

    None of ours is older than `start_on`.
    """
    since = _watermark(ends, "visma.adjustments")
    start = datetime.combine(ends.settings.start_on, time())
    pages = ends.visma.iter_adjustment_pages(v1_time(ends, since or start))
    keys = adjustment_keys(ends.settings.prefix)
    await _store(ends, "visma.adjustments", ADJUSTMENT, pages, keys, since)


def keep_adjustment(ends: Ends, row: Adjustment) -> None:
    """Put an adjustment that was just read into the index."""
    with ends.books.begin() as unit:
        keys = adjustment_keys(ends.settings.prefix)
        unit.index.put(ADJUSTMENT, list(keys(row)))


async def refresh_periods(ends: Ends, keep: timedelta = _PERIODS_KEEP) -> None:
    """Read the financial periods, once an hour: which are closed decides dates."""
    read_at = _watermark(ends, "visma.periods")
    now = ends.clock()
    if read_at and now - read_at < keep:
        return
    periods = await ends.visma.get_periods()
    with ends.books.begin() as unit:
        unit.index.put("period", [_period(one) for one in periods])
        unit.cursors.move("visma.periods", now.isoformat())


def open_periods(unit: Unit) -> tuple[visma.Period, ...]:
    """The financial periods as they were last read, open and closed ones."""
    rows = unit.index.find("period", "all", ["all"]).get("all", [])
    return tuple(visma.Period.model_validate_json(row.detail["json"]) for row in rows)


async def _store(
    ends: Ends,
    subject: str,
    kind: str,
    pages: AsyncIterator[tuple[Any, ...]],
    keys: Callable[[Any], Iterable[IndexRow]],
    since: datetime | None,
) -> None:
    """Put pages into the index; the watermark moves when the last one is in."""
    newest = since
    async for page in pages:
        for row in page:
            modified = modified_at(row)
            newest = max(newest, modified) if newest and modified else modified
        with ends.books.begin(repeatable=True) as unit:
            unit.index.put(kind, list(chain.from_iterable(map(keys, page))))
    if newest is not None and newest != since:
        with ends.books.begin(repeatable=True) as unit:
            unit.cursors.advance(subject, newest)


def _watermark(ends: Ends, subject: str) -> datetime | None:
    with ends.books.read() as unit:
        value = unit.cursors.get(subject)
    return datetime.fromisoformat(value) if value else None


def v1_time(ends: Ends, since: datetime | None) -> str | None:
    """The start of a v1 delta: no zone may be written, and nobody says which it is."""
    if since is None:
        return None
    overlap = timedelta(minutes=ends.settings.limits.overlap_minutes_visma)
    return v1_since(since - overlap)


def v1_since(moment: datetime) -> str:
    """A time of Visma.net's own as a v1 filter takes it: to the second, without a zone."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def modified_at(
    row: visma.SalesOrderRow | visma.Customer | InvoiceRow | PaymentRow | Adjustment,
) -> Any:  # noqa: ANN401
    """When a row was changed last, in Visma.net's own time."""
    if isinstance(row, visma.SalesOrderRow):
        return row.last_modified
    text = row.last_modified_date_time
    return datetime.fromisoformat(text).replace(tzinfo=None) if text else None


def _order(row: visma.SalesOrderRow) -> Iterator[IndexRow]:
    detail = {
        "type": row.type,
        "status": row.status,
        "total": str(row.order_total),
        "tax": str(row.tax_total),
        "currency": row.currency,
        "customer": row.customer_id,
        "date": row.date.date().isoformat(),
    }
    reference = row.customer_order or ""
    target = f"{row.type}/{row.order_id}"
    yield IndexRow("sales_order", "reference", reference, target, detail)


def _customer_keys(attribute: str) -> Callable[[visma.Customer], Iterator[IndexRow]]:
    def keys(row: visma.Customer) -> Iterator[IndexRow]:
        detail = {
            "status": row.status,
            "attribute": row.attributes.get(attribute, ""),
            "corporate_id": normal_number(row.corporate_id),
            "vat_id": normal_number(row.vat_registration_id),
        }
        email = row.main_contact.email if row.main_contact else None
        values = {
            "number": row.number,
            "attribute": detail["attribute"],
            "corporate_id": detail["corporate_id"],
            "vat_id": detail["vat_id"],
            "email": normal_email(email),
        }
        for key_type, key in values.items():
            if key:
                yield IndexRow("customer", key_type, key, row.number, detail)

    return keys


def _period(one: visma.Period) -> IndexRow:
    name = f"{one.year}-{one.period}"
    return IndexRow("period", "all", "all", name, {"json": one.model_dump_json()})
