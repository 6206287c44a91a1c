"""Credit notes of returns that stay open: refunds forgotten, or paid outside Centra."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from connectors.centra.sale_models import Return, read_return
from connectors.errors import ConnectorError
from ledger import SourceEntry, Unit
from mapping.customer_payments import bookable
from mapping.dates import document_date
from mapping.movements import movements
from mapping.references import read_reference
from mapping.refunds import refund_asked_for, refunds_of
from mapping.unpaid_credits import UNPAID, UnpaidCredit
from settings.connection import Connection
from tasks.centra_sales import fingerprint
from tasks.ledger_documents import LedgerDocument
from tasks.sale_documents import open_credit_notes

__all__ = ["unpaid_credits"]


def unpaid_credits(
    unit: Unit, settings: Connection, today: date
) -> Iterator[SourceEntry]:
    """Entries of credits that are open for too long, and of those that were until now.

    Wholesale credits are left out: they wait for the next invoice. So is what was
    undone: its opposite is as much.
    """
    last = today - timedelta(days=settings.returns.refund_within_days)
    still: set[str] = set()
    for note in open_credit_notes(unit):
        ret = _return_of(unit, settings, note)
        if ret is None or not note.on or date.fromisoformat(note.on) >= last:
            continue
        if not note.counts:
            continue
        if _is_paid_by_provider(ret, settings) and not _is_being_paid(unit, ret):
            still.add(f"{UNPAID}{ret.id}")
            yield _entry(note, ret, settings)
    for row in unit.exceptions.list("payments"):
        if row.code == "REFUND_MISSING" and row.source_id not in still:
            yield from _settled(unit, row.source_id)


def _return_of(unit: Unit, settings: Connection, note: LedgerDocument) -> Return | None:
    """The return that a credit note answers, as it was last read."""
    named = (read_reference(settings.prefix, one) for one in note.references)
    ids = [one.id for one in named if one is not None and one.kind == "return"]
    if not ids or unit.records.get("refunds", str(ids[0])) is None:
        return None
    try:
        return read_return(unit.records.body("refunds", str(ids[0])))
    except ConnectorError:
        return None  # it was deleted, or its person was erased


def _is_paid_by_provider(ret: Return, settings: Connection) -> bool:
    """Whether money of its sale went to a clearing account, so that it comes back so."""
    sale = ret.order
    if sale.kind == "WholesaleOrder":
        return False
    return any(bookable(one, sale, settings) for one in movements(sale, settings))


def _is_being_paid(unit: Unit, ret: Return) -> bool:
    """Whether Centra has a refund of a return that is only not booked yet."""
    own = {one.id for one in ret.refund_payment_history}
    refunds = [one for one in refunds_of(ret.order) if one.id in own]
    return any(unit.links.get("payments", str(one.id)) is None for one in refunds)


def _entry(note: LedgerDocument, ret: Return, settings: Connection) -> SourceEntry:
    asked = refund_asked_for(ret)
    credit = UnpaidCredit(
        return_id=ret.id,
        order=ret.order.number,
        note=note.number,
        balance=note.balance,
        currency=note.currency,
        since=date.fromisoformat(note.on),
        is_open=True,
        asked_on=None
        if asked is None
        else document_date(asked.created_at, settings.zone),
    )
    return _as_entry(credit)


def _settled(unit: Unit, source_id: str) -> Iterator[SourceEntry]:
    """What was on the list, and is open no more."""
    try:
        raw = unit.records.body("payments", source_id)
    except ConnectorError:
        return
    credit = UnpaidCredit.model_validate_json(raw)
    yield _as_entry(credit.model_copy(update={"is_open": False}))


def _as_entry(credit: UnpaidCredit) -> SourceEntry:
    state = "open" if credit.is_open else "settled"
    if credit.is_open and credit.asked_on:
        state = f"asked for on {credit.asked_on}"
    return SourceEntry(
        source_id=f"{UNPAID}{credit.return_id}",
        label=f"{credit.order}-R{credit.return_id}",
        fingerprint=fingerprint(credit.note, str(credit.balance), state),
        body=credit.model_dump_json().encode(),
        occurred_on=credit.since,
        amount=credit.balance,
        currency=credit.currency,
    )
