"""Returns, and refunds without one, as the source of credit notes.

Of each return the index keeps what it takes back (kind `return`) and which payment
entries refunded it (kind `refund_entry`): later returns of the same shipment, and the
refunds themselves, are judged by it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.centra.orders import canonical
from connectors.centra.sale_models import Return, Sale, read_return, read_sale
from connectors.centra.sales import Found
from connectors.errors import ConfigError
from ledger import ErasedError, IndexRow, RecordRow, SourceEntry, Unit
from mapping.dates import document_date
from mapping.references import return_order_reference
from mapping.refunds import refunds_of, returned_on
from mapping.undone import Undone, undone_by
from tasks.centra_sales import fingerprint, person_of, read_returns, read_sales
from tasks.direction import Ends, Page, Window

__all__ = [
    "DELETED",
    "GOODWILL",
    "RETURN",
    "entry_of_return",
    "is_of_return",
    "note_return",
    "order_of_refund",
    "other_returns",
    "read_refunds",
]

GOODWILL = "G"
"""Before the id of a payment entry: a refund that belongs to no return."""
DELETED = "deleted"
"""The key that marks what was kept of a return that Centra has no more."""
RETURN = "return"
REFUND_ENTRY = "refund_entry"
RETURN_EVENT = "return_event"
_PAID = "refunds.sales"


async def read_refunds(
    ends: Ends, window: Window, watermark: datetime | None
) -> AsyncIterator[Page]:
    """Read returns, then the refunds that belong to none of them.

    Returns come first: only who knows them can tell that a refund has none.
    """
    returns, goodwill = _asked_for(ends, window)
    if not window.ids or returns:
        asked = window.model_copy(update={"ids": returns})
        async for page in read_returns(
            ends, asked, watermark, entry=entry_of_return, gone=_gone(ends)
        ):
            yield page
    if not window.ids or goodwill:
        async for page in _read_goodwill(ends, window, goodwill):
            yield page


async def _read_goodwill(
    ends: Ends, window: Window, numbers: list[str]
) -> AsyncIterator[Page]:
    """Its own watermark: orders are read by time of change, returns by creation."""
    with ends.books.read() as unit:
        value = unit.cursors.get(_PAID)
    since = datetime.fromisoformat(value) if value else None
    newest = since
    async for page in read_sales(
        ends,
        window.model_copy(update={"ids": numbers}),
        since,
        event="PaymentHistoryEntry",
        parts=_refund_entries,
        reader="refunds",
    ):
        if page.newest is not None:
            newest = max(newest, page.newest) if newest else page.newest
        entries = await _without_return(ends, page)
        if entries:
            yield Page(tuple(entries))
    if newest is not None and newest != since:
        with ends.books.begin() as unit:
            unit.cursors.advance(_PAID, newest)


async def _without_return(ends: Ends, page: Page) -> list[SourceEntry]:
    """The refunds of a page that belong to no return, returns read afresh.

    A return that was refunded later does not show in any list of what is new.
    """
    ids = [_entry_id(one) for one in page.entries]
    with ends.books.read() as unit:
        known = _known_refunds(unit, ids)
        again = _returns_of(
            unit, [one for one in page.entries if one.source_id not in known]
        )
    if again:
        async for found in ends.centra.iter_return_pages(ids=again):
            for one in found.found:
                note_return(ends, one.model)
        with ends.books.read() as unit:
            known = _known_refunds(unit, ids)
    return [one for one in page.entries if one.source_id not in known]


def _known_refunds(unit: Unit, ids: list[str]) -> set[str]:
    hits = unit.index.find(REFUND_ENTRY, "entry", ids)
    return {f"{GOODWILL}{one}" for one in hits}


def _returns_of(unit: Unit, entries: list[SourceEntry]) -> list[int]:
    orders = {one.label.partition("-")[0] for one in entries}
    hits = unit.index.find(RETURN, "order", orders)
    return sorted({int(row.target_id) for rows in hits.values() for row in rows})


def _entry_id(entry: SourceEntry) -> str:
    return entry.source_id.removeprefix(GOODWILL)


def _refund_entries(found: Found[Sale], ends: Ends) -> Iterator[SourceEntry]:
    sale, zone = found.model, ends.settings.zone
    for one in refunds_of(sale):
        amount = abs(one.value.value)
        yield SourceEntry(
            source_id=f"{GOODWILL}{one.id}",
            label=f"{sale.number}-{GOODWILL}{one.id}",
            fingerprint=fingerprint(one.entry_type, str(amount), one.status),
            body=found.raw,
            person=person_of(sale),
            occurred_on=document_date(one.created_at, zone),
            amount=amount,
            currency=sale.grand_total.currency.code,
        )


def entry_of_return(found: Found[Return], ends: Ends) -> SourceEntry:
    """Return what the ledger keeps of a return; what it takes back goes to the index.

    Nothing that the connector itself or a refund changes counts as a change of it.
    """
    note_return(ends, found.model)
    ret, seen = _with_times(ends, found)
    return SourceEntry(
        source_id=str(ret.id),
        label=_label(ends, ret),
        fingerprint=fingerprint(
            str(ret.is_completed),
            str(ret.grand_total.value),
            ret.totals.model_dump_json(),
            *(line.model_dump_json() for line in ret.lines),
        ),
        body=seen,
        person=person_of(ret.order),
        occurred_on=returned_on(ret, ends.settings),
        amount=ret.grand_total.value,
        currency=ret.order.grand_total.currency.code,
    )


def _with_times(ends: Ends, found: Found[Return]) -> tuple[Return, bytes]:
    """Add when it was completed, as its event told, and when it was seen."""
    ret = found.model
    node: dict[str, Any] = json.loads(found.raw, parse_float=Decimal)
    node["seenAt"] = ends.clock().isoformat()
    with ends.books.read() as unit:
        hits = unit.index.find(RETURN_EVENT, "completed", [str(ret.id)])
    if ret.is_completed and hits:
        node["completedAt"] = hits[str(ret.id)][0].detail["at"]
        at = datetime.fromisoformat(node["completedAt"])
        ret = ret.model_copy(update={"completed_at": at})
    return ret, canonical(node)


def _label(ends: Ends, ret: Return) -> str:
    whole = return_order_reference(ends.settings.prefix, ret.order.number, ret.id)
    return whole.removeprefix(ends.settings.prefix)


def _gone(ends: Ends) -> Any:  # noqa: ANN401 - a function of one id
    """Make of a return that was deleted an entry that says so, if it was known."""

    def gone(return_id: int) -> SourceEntry | None:
        with ends.books.begin() as unit:
            unit.index.remove(RETURN, [str(return_id)])
            known = unit.records.get("refunds", str(return_id))
            if known is None:
                return None
            try:
                was = unit.records.body("refunds", str(return_id))
            except ErasedError:
                return _erased(return_id, known)
        body: dict[str, Any] = json.loads(was, parse_float=Decimal)
        body |= {DELETED: True, "seenAt": ends.clock().isoformat()}
        return SourceEntry(
            source_id=str(return_id),
            label=known.label,
            fingerprint=DELETED,
            body=canonical(body),
            person=person_of(read_return(was).order),
            occurred_on=known.occurred_on,
        )

    return gone


def _erased(return_id: int, known: RecordRow) -> SourceEntry:
    """A deleted return of a person whose data is gone; mapping it parks it."""
    return SourceEntry(
        source_id=str(return_id),
        label=known.label,
        fingerprint=DELETED,
        body=canonical({DELETED: True, "id": return_id}),
        occurred_on=known.occurred_on,
    )


def note_return(ends: Ends, ret: Return) -> None:
    """Keep what a return takes back, and whose refunds are its own."""
    undone = undone_by(ret, ends.settings)
    detail = {"json": undone.model_dump_json()}
    own = str(ret.id)
    entries = [
        IndexRow(REFUND_ENTRY, "entry", str(one.id), own, {})
        for one in ret.refund_payment_history
    ]
    with ends.books.begin() as unit:
        unit.index.put(
            RETURN,
            [
                IndexRow(RETURN, "shipment", str(ret.shipment.id), own, detail),
                IndexRow(RETURN, "order", str(ret.order.number), own, detail),
            ],
        )
        unit.index.add(REFUND_ENTRY, entries)


def is_of_return(unit: Unit, entry_id: int) -> bool:
    """Whether a refund is known to belong to a return."""
    return bool(unit.index.find(REFUND_ENTRY, "entry", [str(entry_id)]))


def order_of_refund(unit: Unit, source_id: str) -> int | None:
    """Return the order of a return or refund that was read, or None."""
    for row in unit.index.of_target(RETURN, source_id):
        return Undone.model_validate_json(row.detail["json"]).order
    record = unit.records.get("refunds", source_id)
    number = record.label.partition("-")[0] if record else ""
    return int(number) if number.isdecimal() else None


def returns_of_orders(unit: Unit, numbers: Iterable[int]) -> list[int]:
    """Return the ids of all returns of orders that were read."""
    hits = unit.index.find(RETURN, "order", [str(number) for number in numbers])
    return sorted({int(row.target_id) for rows in hits.values() for row in rows})


def other_returns(unit: Unit, ret: Return) -> list[Undone]:
    """The completed returns of the same order that come before one.

    Before it are those that are booked, and of the others those made earlier.
    """
    hits = unit.index.find(RETURN, "order", [str(ret.order.number)])
    rows = [row for found in hits.values() for row in found]
    others = [Undone.model_validate_json(row.detail["json"]) for row in rows]
    booked = unit.links.many("refunds", [str(one.return_id) for one in others])
    return [
        one
        for one in others
        if one.is_completed
        and one.return_id != ret.id
        and (one.return_id < ret.id or str(one.return_id) in booked)
    ]


def _asked_for(ends: Ends, window: Window) -> tuple[list[str], list[str]]:
    """Tell ids of returns from those of refunds, and find the orders of the latter."""
    returns = [one for one in window.ids if not one.startswith(GOODWILL)]
    numbers = []
    for one in window.ids:
        if one.startswith(GOODWILL):
            with ends.books.read() as unit:
                known = unit.records.get("refunds", one)
                if known is None:
                    message = f"'{one}' is no refund that was read before"
                    raise ConfigError(message)
                numbers.append(str(read_sale(unit.records.body("refunds", one)).number))
    return returns, numbers
