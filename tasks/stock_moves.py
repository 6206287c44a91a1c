"""The tally: what each side has taken of each shelf for sales that are not over.

How a reading of stock uses it:

1. `read_visma_moves`, then `tasks.stock_taken.taken_before`: what Visma.net had taken
   before its figures are read;
2. the figures;
3. `read_visma_moves` again: what it has taken after them;
4. `read_centra_moves`, right before anything is set;
5. `tasks.stock_taken.basis_of`: the smaller of both readings counts.

Each reading works out the moves of what changed; `unit.moves.touched_since` tells of
which shelves, also of a run that was killed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from ledger import RecordRow, Unit
from ledger.work import chunks
from mapping.scope import PASSING
from mapping.stock import (
    is_over_at_visma,
    taken_by_order,
    taken_by_return,
)
from mapping.stock_moves import (
    Move,
    Moves,
    Shelf,
    moves_of_order,
    moves_of_return,
    on_shelves,
)
from settings.connection import Connection
from tasks.centra_taken import read_centra_facts
from tasks.direction import Ends
from tasks.hand_changes import note_hand_changes
from tasks.hand_moves import find_hands, moves_of_hand, open_hands
from tasks.ledger_documents import CREDIT_NOTE
from tasks.stock_facts import (
    BackFact,
    OrderFact,
    SaleFact,
    ShipmentFact,
    order_source,
    order_taken,
)
from tasks.stock_places import Places
from tasks.taken_facts import (
    claim,
    clean,
    dirty,
    find_backs,
    find_orders,
    find_sales,
    find_shipments,
    mark_dirty,
)
from tasks.target_index import refresh_adjustments
from tasks.visma_taken import read_visma_facts

__all__ = ["Noted", "read_centra_moves", "read_visma_moves"]

Noted = Callable[[Unit, Mapping[Shelf, int]], None]
"""Told, in the transaction that keeps them, what Centra has taken by itself since."""

_AT_ONCE = 500
_NO_FURTHER = timedelta(0)
_NEWS = timedelta(days=1)
"""What moved so lately and is over at once was begun and ended between two looks; what
moved earlier has been counted, and may be forgotten since."""


async def read_visma_moves(
    ends: Ends, places: Places, note: Noted | None = None, *, again: bool = False
) -> None:
    """Bring Visma.net's side up to date: two calls, and the lines of edited orders.

    `note` is told of each shelf (warehouse, item) of which a move has changed, with the
    units that Centra has taken of it since, in sum. It is quicker `again`, when the same
    run has read it before.
    """
    await read_visma_facts(ends, again=again)
    await read_booked(ends)
    work_out(ends, places, note)


async def read_centra_moves(
    ends: Ends, places: Places, note: Noted | None = None, *, again: bool = False
) -> None:
    """Bring Centra's side up to date: two calls, and one for five orders that left.

    Tells `note` as `read_visma_moves` does. It is quicker `again`, when the same run has
    read it before: then only the last minute is read once more.
    """
    await read_centra_facts(ends, places, further_back=_NO_FURTHER, again=again)
    await note_hand_changes(ends, again=again)
    work_out(ends, places, note)


async def read_booked(ends: Ends) -> None:
    """See which counts of Centra were booked in Visma.net; one call where they are."""
    if ends.settings.stock_adjustments.enabled:
        await refresh_adjustments(ends)
    with ends.books.read() as unit:
        waiting = open_hands(unit)
    if waiting:
        with ends.books.begin() as unit:
            mark_dirty(unit, waiting)


def work_out(ends: Ends, places: Places, note: Noted | None = None) -> None:
    """Work out the moves of all sales of which something has changed."""
    with ends.books.read() as unit:
        waiting = dirty(unit)
    for sources in chunks(waiting, _AT_ONCE):
        with ends.books.begin() as unit:
            mine = claim(unit, sources)
            changed = _work_out(unit, ends.settings, places, mine, ends.clock())
            if note is not None and any(changed.values()):
                note(unit, changed)


def _work_out(
    unit: Unit,
    settings: Connection,
    places: Places,
    sources: Sequence[str],
    now: datetime,
) -> dict[Shelf, int]:
    at_visma = _VismaSide(unit, settings, places, sources)
    sales, backs = find_sales(unit, sources), find_backs(unit, sources)
    hands = find_hands(unit, sources)
    changed: Counter[Shelf] = Counter()
    done: list[str] = []
    for source in sources:
        sale, back, hand = sales.get(source), backs.get(source), hands.get(source)
        if hand is not None:
            moves = moves_of_hand(unit, settings, hand)
        elif sale is not None:
            moves = _of_order(unit, places, sale, at_visma)
        elif back is not None:
            moves = _of_return(unit, back, at_visma)
        elif at_visma.knows(source):
            # Centra's side is read before anything is counted, and then it is final.
            seen = at_visma.taken(source)
            moves = Moves(
                {shelf: Move(n, 0) for shelf, n in seen.items()}, is_settled=False
            )
        else:
            continue
        by_shelf = {
            shelf: (one.at_visma, one.at_centra)
            for shelf, one in moves.by_shelf.items()
        }
        known = next((one for one in (sale, back, hand) if one is not None), None)
        since = known.moved_at if known is not None else now
        put = unit.moves.put(
            source,
            by_shelf,
            is_settled=moves.is_settled,
            is_history=since is None or since < now - _NEWS,
        )
        for shelf, units in put.items():
            changed[shelf] += units
        if known is not None:
            done.append(source)
    clean(unit, done)
    return dict(changed)


def _of_order(
    unit: Unit, places: Places, sale: SaleFact, at_visma: _VismaSide
) -> Moves:
    is_there = at_visma.knows(sale.source) and unit.plans.is_live("orders")
    if not (is_there or (sale.is_ours and _is_carried(unit, sale.source))):
        return Moves({}, is_settled=True)
    return moves_of_order(
        at_visma.taken(sale.source),
        sale.taken,
        places.names,
        is_over_at_visma=at_visma.is_over(sale.source),
    )


def _of_return(unit: Unit, back: BackFact, at_visma: _VismaSide) -> Moves:
    is_coming = at_visma.knows(back.source) or _is_received(unit, back.source)
    if not (_is_sold(unit, back.order) and unit.plans.is_live("refunds") and is_coming):
        return Moves({}, is_settled=True)
    return moves_of_return(
        at_visma.taken(back.source),
        {(warehouse, item): units for warehouse, item, units in back.back},
        is_over_at_visma=at_visma.is_over(back.source),
        is_over_at_centra=back.is_over,
    )


def _is_sold(unit: Unit, order: int) -> bool:
    """Whether the connector carries an order, or will, though it was never read yet."""
    record = unit.records.get("orders", str(order))
    if record is not None:
        return not _is_left_out(record)
    source = order_source(order)
    sale = find_sales(unit, [source]).get(source)
    return sale is not None and sale.is_ours and unit.plans.is_live("orders")


def _is_received(unit: Unit, source: str) -> bool:
    """Whether a return order will tell Visma.net of the goods.

    Not where a person has set the return aside, or has made its credit note by hand:
    then the goods come to Visma.net's figure by themselves, or by a count.
    """
    number = source.partition(":")[2]
    record, link = (
        unit.records.get("refunds", number),
        unit.links.get("refunds", number),
    )
    by_hand = link is not None and link.target_kind == CREDIT_NOTE
    return not by_hand and (record is None or not _is_left_out(record))


def _is_carried(unit: Unit, source: str) -> bool:
    """Whether the connector carries the order, so that Visma.net will tell of it."""
    record = unit.records.get("orders", source.partition(":")[2])
    is_left_out = record is not None and _is_left_out(record)
    return unit.plans.is_live("orders") and not is_left_out


def _is_left_out(record: RecordRow) -> bool:
    """Whether an order or a return is left out for good.

    One that only waits, for a hold or for its payment, may be sent and taken before
    anybody looks at it again: what left Centra counts from the beginning.
    """
    return record.state == "left_out" and record.reason not in PASSING


class _VismaSide:
    """What is known of some sources at Visma.net."""

    def __init__(
        self,
        unit: Unit,
        settings: Connection,
        places: Places,
        sources: Sequence[str],
    ) -> None:
        self._excludes = settings.stock.excluded_since
        self._places = places.by_visma
        self._orders = find_orders(unit, sources)
        targets = [one.target for some in self._orders.values() for one in some]
        self._shipments = find_shipments(unit, targets)

    def knows(self, source: str) -> bool:
        """Whether Visma.net has it."""
        return source in self._orders

    def taken(self, source: str) -> dict[Shelf, int]:
        """Units by which Visma.net has lowered its figures because of a source."""
        found: Counter[Shelf] = Counter()
        for fact in self._orders.get(source, []):
            for shelf, units in self._taken_by(fact).items():
                found[shelf] += units
        return {shelf: units for shelf, units in found.items() if units}

    def is_over(self, source: str) -> bool:
        """Whether Visma.net has the source, and nothing of it will move any more."""
        facts = self._orders.get(source, [])
        taken = [order_taken(one, self._parts_of(one)) for one in facts]
        return bool(taken) and all(map(is_over_at_visma, taken))

    def _taken_by(self, fact: OrderFact) -> dict[Shelf, int]:
        order = order_taken(fact, self._parts_of(fact))
        taken = (
            taken_by_return(order.shipments)
            if fact.is_return
            else taken_by_order(order, self._excludes)
        )
        return on_shelves(taken, self._places)

    def _parts_of(self, fact: OrderFact) -> list[ShipmentFact]:
        return self._shipments.get(fact.target, [])
