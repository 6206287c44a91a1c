"""Sales of Centra as a source: shipments, payment entries, and returns.

Shipments and payment entries hang on orders, and Centra changes an order's time
with them, so a sweep over changed orders finds them; events wake what it misses.
Returns have no time of change: they are swept by creation, woken by events, and
those that were not final when they were last seen are looked at again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime, time, timedelta

from connectors.centra.models import Event
from connectors.centra.sale_models import Return, Sale
from connectors.centra.sales import Found, Lost, ReturnPage, SalePage
from connectors.errors import ConfigError
from ledger import ErasedError, IndexRow, SourceEntry, Unit
from mapping.references import account_key, customer_key
from tasks.centra_sweep import Sweep
from tasks.direction import Ends, Page, Window

__all__ = [
    "STOCK",
    "PartsOf",
    "ReturnEntry",
    "fingerprint",
    "hear",
    "orders_of",
    "person_of",
    "read_returns",
    "read_sales",
    "woken_by",
]

PartsOf = Callable[[Found[Sale], Ends], Iterable[SourceEntry]]
"""What a direction takes of a sale: its shipments, or its payment entries."""

ReturnEntry = Callable[[Found[Return], Ends], SourceEntry | None]

_AT_ONCE = 50
_READERS = {"PaymentHistoryEntry": ("", "refunds")}
_OF_STOCK = frozenset({"Shipment", "Return"})
STOCK = "stock"
"""The reader that counts what left and what came back."""
_UNFINISHED = "returns.unfinished"


async def read_sales(
    ends: Ends,
    window: Window,
    watermark: datetime | None,
    *,
    event: str,
    parts: PartsOf,
    reader: str = "",
) -> AsyncIterator[Page]:
    """Read what hangs on orders: by order number, by window, or what is new.

    `event` is the object type whose events wake an order. What a sale holds is
    asked of `parts`; its entries carry a fingerprint of their own. Where several
    directions read the same events, `reader` says which one asks: whoever hears an
    event wakes them all.
    """
    if window.ids:
        wanted = _ids(window.ids, "order number")
        there: set[int] = set()
        async for found in _by_number(ends, wanted):
            there.update(one.model.number for one in found.found)
            there.update(lost.id for lost in found.lost)
            yield _sale_page(ends, found, parts, is_sweep=False)
        lost = [one for one in dict.fromkeys(wanted) if one not in there]
        yield Page((), missing=tuple(map(_not_there, lost)))
        return
    if window.since or window.until:
        async for found in ends.centra.iter_sale_pages(**window.between):
            yield _sale_page(ends, found, parts, is_sweep=False)
        return
    await hear(ends, event)
    seen: set[int] = set()
    sweep = Sweep(ends, woken_by(event, reader))
    async for found in sweep.pages(
        _start(ends, window, watermark),
        ends.centra.iter_sale_pages,
        at_once=_AT_ONCE,
        is_delta=watermark is not None and not window.full,
    ):
        seen.update(one.model.number for one in found.found)
        yield _sale_page(ends, found, parts, is_sweep=True)
        for one in found.found:
            sweep.note(one.model.number, one.model.updated_at)
    sweep.keep(timedelta(minutes=ends.settings.limits.overlap_minutes_centra))
    with ends.books.begin() as unit:
        woken = unit.cursors.woken(woken_by(event, reader))
    async for found in _by_number(ends, sorted(set(woken) - seen)):
        yield _sale_page(ends, found, parts, is_sweep=False)
    with ends.books.begin() as unit:
        unit.cursors.slept(woken_by(event, reader), woken)


def orders_of(direction: str) -> Callable[[Unit, Sequence[str]], list[str]]:
    """How records that hang on orders are pulled: by the numbers of their orders.

    A shipment of Visma.net (`V...`) is pulled by its own number.
    """

    def pulled_by(unit: Unit, source_ids: Sequence[str]) -> list[str]:
        ids: set[str] = set()
        for one in source_ids:
            if one.startswith("V"):
                ids.add(one.partition("-")[0])
                continue
            try:
                raw = unit.records.body(direction, one)
            except ErasedError:
                continue  # nothing of it is in Centra either
            ids.add(str(json.loads(raw)["number"]))
        return sorted(ids)

    return pulled_by


async def read_returns(
    ends: Ends,
    window: Window,
    watermark: datetime | None,
    *,
    entry: ReturnEntry,
    gone: Callable[[int], SourceEntry | None],
) -> AsyncIterator[Page]:
    """Read returns: by id, by window of creation, or what is new or not final yet.

    `gone` says what becomes of a return that was deleted since it was read.
    """
    if window.ids:
        wanted = _ids(window.ids, "return id")
        async for page in _by_id(ends, wanted, entry, gone):
            yield page
        return
    if window.since or window.until:
        async for found in ends.centra.iter_return_pages(
            created_from=window.since, created_to=window.until
        ):
            yield _return_page(ends, found, entry, is_sweep=False)
        return
    await hear(ends, "Return")
    seen: set[int] = set()
    async for found in ends.centra.iter_return_pages(
        created_from=_start(ends, window, watermark)
    ):
        seen.update(one.model.id for one in found.found)
        yield _return_page(ends, found, entry, is_sweep=True)
    with ends.books.begin() as unit:
        woken = unit.cursors.woken("Return")
        open_ones = unit.cursors.woken(_UNFINISHED)
    again = sorted({*woken, *open_ones} - seen)
    async for page in _by_id(ends, again, entry, gone):
        yield page
    with ends.books.begin() as unit:
        unit.cursors.slept("Return", woken)


async def hear(ends: Ends, event: str, *, is_listened_to: bool = False) -> None:
    """Store whose events wait, then confirm them; poison ones too."""
    if not is_listened_to:
        await ends.centra.ensure_event_listeners([event])
    with_order = event != "Return"
    while events := await ends.centra.get_events([event], with_order=with_order):
        with ends.books.begin() as unit:
            for one in events:
                woken = one.order_number if with_order else one.object_reference
                if woken is not None:
                    for reader in _readers(ends, event):
                        subject = woken_by(event, reader)
                        unit.cursors.wake(subject, [woken], at=one.created_at)
                if event == "Return" and one.change_type == "COMPLETED":
                    unit.index.put("return_event", [_completed(one)])
        await ends.centra.confirm_events([one.id for one in events])


def _readers(ends: Ends, event: str) -> tuple[str, ...]:
    """Who is woken by an event; stock only where it is carried, or nobody sleeps."""
    readers = _READERS.get(event, ("",))
    if ends.settings.stock.is_on and event in _OF_STOCK:
        return (*readers, STOCK)
    return readers


def woken_by(event: str, reader: str = "") -> str:
    """Orders that a shipment or payment woke are not those that `orders` waits for."""
    if event == "Return":
        return f"{event} for {reader}" if reader else event
    return f"Order of {event} for {reader}" if reader else f"Order of {event}"


def _completed(event: Event) -> IndexRow:
    """When a return was completed: no field of it tells, only its event does."""
    own = str(event.object_reference)
    detail = {"at": event.created_at.isoformat()}
    return IndexRow("return_event", "completed", own, own, detail)


def _start(ends: Ends, window: Window, watermark: datetime | None) -> datetime | None:
    if window.full and window.backfill:
        return None
    if watermark is None or window.full:
        return datetime.combine(ends.settings.start_on, time(), ends.settings.zone)
    return watermark - timedelta(minutes=ends.settings.limits.overlap_minutes_centra)


async def _by_number(ends: Ends, numbers: Sequence[int]) -> AsyncIterator[SalePage]:
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        async for page in ends.centra.iter_sale_pages(numbers=some):
            yield page


async def _by_id(
    ends: Ends,
    ids: Sequence[int],
    entry: ReturnEntry,
    gone: Callable[[int], SourceEntry | None],
) -> AsyncIterator[Page]:
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        found: set[int] = set()
        async for page in ends.centra.iter_return_pages(ids=some):
            found.update(one.model.id for one in page.found)
            found.update(lost.id for lost in page.lost)
            yield _return_page(ends, page, entry, is_sweep=False)
        missing = sorted(set(some) - found)
        with ends.books.begin() as unit:
            unit.cursors.woken(_UNFINISHED)
            unit.cursors.slept(_UNFINISHED, missing)
        deleted = [one for one in map(gone, missing) if one is not None]
        if deleted:
            yield Page(tuple(deleted))


def _sale_page(ends: Ends, page: SalePage, parts: PartsOf, *, is_sweep: bool) -> Page:
    entries = [entry for one in page.found for entry in parts(one, ends)]
    entries += [_unreadable(lost, "order") for lost in page.lost]
    times = [one.model.updated_at for one in page.found]
    return Page(tuple(entries), max(times) if times and is_sweep else None)


def _return_page(
    ends: Ends, page: ReturnPage, entry: ReturnEntry, *, is_sweep: bool
) -> Page:
    entries = [made for one in page.found if (made := entry(one, ends)) is not None]
    entries += [_unreadable(lost, "return") for lost in page.lost]
    _note_unfinished(ends, [one.model for one in page.found])
    times = [one.model.created_at for one in page.found]
    return Page(tuple(entries), max(times) if times and is_sweep else None)


def _note_unfinished(ends: Ends, returns: Sequence[Return]) -> None:
    """Remember which returns may still become final: no list shows that they did."""
    is_open = {one.id for one in returns if not one.is_completed}
    closed = {one.id for one in returns} - is_open
    now = ends.clock()
    with ends.books.begin() as unit:
        unit.cursors.wake(_UNFINISHED, sorted(is_open), at=now)
        unit.cursors.woken(_UNFINISHED)
        unit.cursors.slept(_UNFINISHED, sorted(closed))


def _ids(ids: Sequence[str], what: str) -> list[int]:
    wrong = [one for one in ids if not one.strip().isdecimal()]
    if wrong:
        message = f"'{wrong[0]}' is no {what}; these records are pulled by {what}"
        raise ConfigError(message)
    return [int(one) for one in ids]


def _not_there(number: int) -> str:
    return f"Order {number} is not in Centra, or not in a store that the token sees."


def _unreadable(lost: Lost, what: str) -> SourceEntry:
    """What this version cannot read; mapping it parks it with the reason."""
    return SourceEntry(
        source_id=f"{what}-{lost.id}",
        label=f"{what} {lost.id}",
        fingerprint=hashlib.sha256(lost.raw).hexdigest(),
        body=lost.raw,
    )


def person_of(sale: Sale) -> str | None:
    """Whose data a sale holds: the key under which its payload is encrypted."""
    if sale.customer:
        return customer_key(sale.customer.id)
    return account_key(sale.account.id) if sale.account else None


def fingerprint(*parts: str) -> str:
    """The hash of what counts of a record."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
