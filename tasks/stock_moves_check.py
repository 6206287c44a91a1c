"""The tally once a night: what no list of changes tells, and what can be forgotten."""

from __future__ import annotations

from datetime import timedelta

from ledger import Unit
from mapping.stock import is_over_at_visma
from tasks.centra_taken import read_centra_facts
from tasks.deleted_adjustments import find_deleted_adjustments
from tasks.deleted_sales import find_deleted_orders, find_deleted_shipments
from tasks.direction import Ends
from tasks.hand_changes import note_hand_changes
from tasks.stock_facts import order_taken
from tasks.stock_moves import Noted, read_booked, work_out
from tasks.stock_places import Places
from tasks.taken_facts import (
    booking_sources,
    find_backs,
    find_orders,
    find_sales,
    find_shipments,
    forget,
    forget_strangers,
    mark_dirty,
    over_since,
    remembered,
)
from tasks.visma_taken import read_visma_facts

__all__ = ["check_moves"]

_FURTHER_BACK = timedelta(days=2)
_SETTLED_KEPT = timedelta(days=1)
_FACTS_KEPT = timedelta(days=30)
_STRANGERS_KEPT = timedelta(days=7)
_LEFT_BEHIND_KEPT = timedelta(days=30)
"""How long units count that left Centra and that Visma.net will never issue: until
then somebody has counted the shelf, or made an adjustment."""


async def check_moves(
    ends: Ends, places: Places, note: Noted | None = None, *, is_other: bool = False
) -> None:
    """Bring both sides up to date from further back, and work out all that is open.

    What books units in Visma.net is dirty before its lines are read. Under other
    settings (`is_other`) all that is remembered is worked out: what counted for nothing
    may count. `note` is told what Centra has taken, as by `read_centra_moves`.
    """
    with ends.books.begin() as unit:
        sources = unit.moves.open_sources()
        mark_dirty(unit, [*sources, *booking_sources(unit, ends.clock())])
        if is_other:
            mark_dirty(unit, remembered(unit, ends.clock()))
    await read_visma_facts(ends, further_back=_FURTHER_BACK)
    await find_deleted_orders(ends, sources)
    await find_deleted_shipments(ends, sources)
    await read_booked(ends)
    await find_deleted_adjustments(ends, every=timedelta(0))
    await read_centra_facts(ends, places, further_back=_FURTHER_BACK, also=sources)
    await note_hand_changes(ends)
    with ends.books.begin() as unit:
        mark_dirty(unit, sources)
    work_out(ends, places, note)
    now = ends.clock()
    with ends.books.begin() as unit:
        idle = unit.moves.idle_since(now - _LEFT_BEHIND_KEPT)
        left = [one for one in idle if _is_over(unit, one)]
        unit.moves.settle(left)
        unit.moves.forget_settled(now - _SETTLED_KEPT)
        is_open = set(unit.moves.open_sources())
        over = over_since(unit, now - _FACTS_KEPT)
        moot = [one for one in over if one not in is_open and _is_over(unit, one)]
        forget(unit, [*moot, *left])
        forget_strangers(unit, now - _STRANGERS_KEPT)


def _is_over(unit: Unit, source: str) -> bool:
    """Whether nothing more will come of a sale on either side.

    One that Visma.net does not have may still get there, unless nothing of it left
    Centra, or it is none that Visma.net is to get.
    """
    sale = find_sales(unit, [source]).get(source)
    back = find_backs(unit, [source]).get(source)
    if not ((sale and sale.is_over) or (back and back.is_over)):
        return False
    orders = find_orders(unit, [source]).get(source, [])
    shipments = find_shipments(unit, [one.target for one in orders])
    taken = [order_taken(one, shipments.get(one.target, [])) for one in orders]
    if taken:
        return all(map(is_over_at_visma, taken))
    return not (sale.is_ours and sale.gone) if sale else not (back and back.back)
