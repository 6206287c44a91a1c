"""Centra's side of the tally: what was sold, what left, what was put back.

Two calls when nothing changed: the orders that changed, and the events of returns.
Which goods left, and from where, is asked only of orders of which a shipment has left
since they were seen last, five in a call; what was sold is on the list itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

from connectors.centra.taking_models import StockReturn, StockSale
from ledger import Unit
from mapping.centra_taken import centra_taken, restocked
from mapping.dates import document_date
from settings.connection import Connection
from tasks.centra_sales import STOCK, hear, woken_by
from tasks.centra_sweep import Sweep
from tasks.direction import Ends
from tasks.stock_facts import BackFact, SaleFact, order_source, return_source
from tasks.stock_places import Places
from tasks.taken_facts import (
    LONG_AGO,
    dirty,
    find_backs,
    find_sales,
    forgotten,
    note_sales,
)

__all__ = ["read_centra_facts"]

_SALES = "centra.stock_sales"
_RETURNS = "centra.stock_returns"
"""Since when the events of returns are heard; before that they are read by creation."""
_AT_ONCE = 50
_A_MOMENT = timedelta(minutes=1)


async def read_centra_facts(
    ends: Ends,
    places: Places,
    *,
    further_back: timedelta,
    also: Collection[str] = (),
    again: bool = False,
) -> None:
    """Read what changed in Centra, and what Visma.net told of and nobody has seen yet.

    `further_back` is how much further than usual to look, and looks for returns by
    their creation too; `also` are sources to look at whatever happened; `again` reads
    only what is newer than a minute before the last change that was seen.
    """
    seen = await _sweep(ends, further_back, again=again)
    with ends.books.begin() as unit:
        woken = unit.cursors.woken(woken_by("Shipment", STOCK))
        known = dirty(unit)
        new = set(known) - {*find_sales(unit, known), *find_backs(unit, known)}
    wanted = {order_source(one) for one in woken} | new | set(also)
    numbers = _ids(wanted, "order") - seen
    for some in _parts(sorted(numbers)):
        there: set[int] = set()
        async for page in ends.centra.iter_stock_sale_pages(numbers=some):
            there |= {one.number for one in page}
            await _note(ends, page, is_first=False)
        _note_strange(ends, set(some) - there)
    with ends.books.begin() as unit:
        unit.cursors.slept(woken_by("Shipment", STOCK), woken)
    await _read_returns(ends, places, further_back, _ids(wanted, "return"))


async def _sweep(ends: Ends, further_back: timedelta, *, again: bool) -> set[int]:
    with ends.books.read() as unit:
        value = unit.cursors.get(_SALES)
    mark = datetime.fromisoformat(value) if value else None
    usual = timedelta(minutes=ends.settings.limits.overlap_minutes_centra)
    overlap = min(_A_MOMENT, usual) if again else usual
    start = mark - overlap - further_back if mark else _first_day(ends.settings)
    seen: set[int] = set()
    newest = mark
    sweep = Sweep(ends, _SALES)
    async for page in sweep.pages(
        start,
        ends.centra.iter_stock_sale_pages,
        at_once=_AT_ONCE,
        is_delta=mark is not None and not again and not further_back,
    ):
        seen |= {one.number for one in page}
        times = [one.updated_at for one in page]
        newest = max([*times, *([newest] if newest else [])])
        await _note(ends, page, is_first=mark is None)
        for sale in page:
            sweep.note(sale.number, sale.updated_at)
    if not again:
        sweep.keep(usual)
    if newest is not None:
        with ends.books.begin() as unit:
            unit.cursors.advance(_SALES, newest)
    return seen


async def _note(ends: Ends, sales: Sequence[StockSale], *, is_first: bool) -> None:
    """Keep orders as they are now; ask what left of those of which something new did.

    What had left when they are read for the very first time (`is_first`) is history.
    """
    by_source = {order_source(one.number): one for one in sales}
    with ends.books.read() as unit:
        known = find_sales(unit, by_source)
        for source in forgotten(unit, by_source.keys() - known.keys()):
            del by_source[source]
    left = [
        one.number
        for source, one in by_source.items()
        if one.shipped and _is_to_be_asked(one, known.get(source), ends.settings)
    ]
    goods = await ends.centra.get_shipped_goods(left) if left else {}
    facts: list[SaleFact] = []
    for source, sale in by_source.items():
        taken = centra_taken(sale, goods.get(sale.number, ()), ends.settings.orders)
        gone = tuple((item, place, n) for (item, place), n in taken.gone.items())
        before = known.get(source)
        if sale.number not in goods and before is not None and sale.shipped:
            gone = before.gone
        if before is not None and _has_lost_units(gone, before, sale):
            gone = before.gone
        moved_at = None if is_first else ends.clock()
        if before is not None and before.gone == tuple(sorted(gone, key=str)):
            moved_at = before.moved_at
        facts.append(
            SaleFact(
                source=source,
                updated_at=sale.updated_at,
                is_ours=_is_ours(sale, ends.settings),
                is_over=taken.is_over,
                shipped=sale.shipped,
                sold=tuple(sorted(taken.sold.items())),
                gone=tuple(sorted(gone, key=str)),
                moved_at=moved_at,
            )
        )
    with ends.books.begin() as unit:
        known = find_sales(unit, by_source)
        note_sales(unit, [one for one in facts if _is_news(one, known)])


def _is_to_be_asked(
    sale: StockSale, known: SaleFact | None, settings: Connection
) -> bool:
    """Whether what left is to be asked: a shipment is new, or an item has another number."""
    if known is None or known.shipped != sale.shipped:
        return True
    sold = centra_taken(sale, (), settings.orders).sold
    return any(item not in sold for item, _, _ in known.gone)


def _has_lost_units(
    gone: Collection[tuple[str, int | None, int]], before: SaleFact, sale: StockSale
) -> bool:
    """Whether less has left by the same shipments: a size was deleted, not its goods."""
    units = sum(n for *_, n in gone)
    return before.shipped == sale.shipped and units < sum(n for *_, n in before.gone)


def _is_news(fact: SaleFact, known: Mapping[str, SaleFact]) -> bool:
    """Whether it says anything new, and nobody else has read the order later."""
    old = known.get(fact.source)
    return old is None or (fact != old and fact.updated_at >= old.updated_at)


def _is_ours(sale: StockSale, settings: Connection) -> bool:
    """Whether Visma.net is to get a sales order of it, as far as store and day say."""
    rules = settings.store(sale.store.name or "") if sale.store else None
    if rules is None or rules.post_as != "sales_order":
        return False
    return document_date(sale.order_date, settings.zone) >= settings.start_on


async def _read_returns(
    ends: Ends, places: Places, further_back: timedelta, also: Collection[int]
) -> None:
    subject = woken_by("Return", STOCK)
    with ends.books.read() as unit:
        is_first = unit.cursors.get(_RETURNS) is None
    await hear(ends, "Return", is_listened_to=not (is_first or further_back))
    with ends.books.begin() as unit:
        woken = unit.cursors.woken(subject)
    if is_first or further_back:
        first_day = _first_day(ends.settings)
        start = first_day if is_first else ends.clock() - further_back
        async for page in ends.centra.iter_stock_return_pages(created_from=start):
            _note_returns(ends, places, page, is_first=is_first)
    for some in _parts(sorted({*woken, *also})):
        there: set[int] = set()
        async for page in ends.centra.iter_stock_return_pages(ids=some):
            there |= {one.id for one in page}
            _note_returns(ends, places, page, is_first=False)
        _note_deleted(ends, set(some) - there)
        _note_strange_returns(ends, some)
    with ends.books.begin() as unit:
        unit.cursors.slept(subject, woken)
        if is_first:
            unit.cursors.move(_RETURNS, ends.clock().isoformat())


def _note_returns(
    ends: Ends, places: Places, returns: Iterable[StockReturn], *, is_first: bool
) -> None:
    now = None if is_first else ends.clock()
    facts = [
        _back_fact(one, one.order.number, places, ends.settings, now)
        for one in returns
        if one.order is not None  # else it is of no sale that Visma.net could know
    ]
    with ends.books.begin() as unit:
        _note_backs(unit, facts)


def _back_fact(
    one: StockReturn,
    order: int,
    places: Places,
    settings: Connection,
    now: datetime | None,
) -> BackFact:
    back = restocked(one, places.names, settings.orders)
    return BackFact(
        source=return_source(one.id),
        order=order,
        is_over=one.is_completed,
        back=tuple(sorted((*shelf, units) for shelf, units in back.items())),
        moved_at=now,
    )


def _note_deleted(ends: Ends, ids: Collection[int]) -> None:
    """What Centra has no more has put nothing back."""
    with ends.books.begin() as unit:
        known = find_backs(unit, [return_source(one) for one in ids])
        gone = {"is_over": True, "back": (), "moved_at": ends.clock()}
        _note_backs(unit, [one.model_copy(update=gone) for one in known.values()])


def _note_strange_returns(ends: Ends, ids: Collection[int]) -> None:
    """What Centra has no return of, or none of an order, is none of ours."""
    strange = [
        BackFact(source=return_source(one), order=0, is_over=True, back=())
        for one in ids
    ]
    with ends.books.begin() as unit:
        known = find_backs(unit, [one.source for one in strange])
        _note_backs(unit, [one for one in strange if one.source not in known])


def _note_backs(unit: Unit, facts: Sequence[BackFact]) -> None:
    known = find_backs(unit, [one.source for one in facts])
    over = forgotten(unit, [one.source for one in facts if one.source not in known])
    now = [
        one.model_copy(update={"moved_at": old.moved_at})
        if (old := known.get(one.source)) is not None and old.back == one.back
        else one
        for one in facts
        if one.source not in over
    ]
    note_sales(unit, [one for one in now if one != known.get(one.source)])


def _note_strange(ends: Ends, numbers: Collection[int]) -> None:
    """What Centra has no order of is none of ours; one that comes later overrules it."""
    strange = [
        SaleFact(
            source=order_source(one),
            updated_at=LONG_AGO,
            is_ours=False,
            is_over=True,
            shipped=(),
            sold=(),
            gone=(),
        )
        for one in numbers
    ]
    with ends.books.begin() as unit:
        known = find_sales(unit, [one.source for one in strange])
        note_sales(unit, [one for one in strange if one.source not in known])


def _ids(sources: Iterable[str], kind: str) -> set[int]:
    parts = (one.partition(":") for one in sources)
    return {int(number) for name, _, number in parts if name == kind}


def _parts(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))


def _first_day(settings: Connection) -> datetime:
    return datetime.combine(settings.start_on, time(), settings.zone).astimezone(UTC)
