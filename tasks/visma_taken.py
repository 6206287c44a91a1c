"""Visma.net's side of the tally: its sales orders and shipments, by what changed.

Two calls when nothing changed. The units of an order are those that the connector
sent, as long as the order comes to what was sent; of an order that people changed,
or of which only a part has left, the lines are read: one call.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from connectors.visma import models as visma
from connectors.visma.shipment_models import Shipment
from ledger import Unit
from mapping.references import read_reference
from mapping.stock import BOOKED, whole_units
from settings.connection import Connection
from tasks.direction import Ends
from tasks.standing import SALES_ORDER
from tasks.stock_facts import (
    Lines,
    OrderFact,
    ShipmentFact,
    order_source,
    return_source,
)
from tasks.taken_facts import (
    find_shipments,
    forgotten,
    mark_dirty,
    note_orders,
    note_shipments,
    order_of,
    orders_of,
    shipments_of,
)
from tasks.target_index import V3_OVERLAP, v1_since
from tasks.visma_order_lines import fill_lines

__all__ = ["read_visma_facts"]

_ORDERS = "visma.stock_orders"
_SHIPMENTS = "visma.stock_shipments"
_OTHER_SHIPMENTS = frozenset({"Transfer", "DropShip"})
_RECEIPT = "Receipt"
_PICKED = "Shipping"
_GIVEN_UP = "Cancelled"
"""The status of a shipment that carries nothing any more."""
_NO_FURTHER = timedelta(0)
_A_MOMENT = timedelta(minutes=1)
_JUST_SENT = timedelta(seconds=30)
"""How far from its sending Visma.net may date an order that nobody has touched."""


async def read_visma_facts(
    ends: Ends, *, further_back: timedelta = _NO_FURTHER, again: bool = False
) -> None:
    """Read the sales orders and shipments that changed, and the lines that are needed.

    `further_back` is how much further than usual to look; `again` reads only what is
    newer than a minute before the last change that was seen, in Visma.net's own time.
    """
    await _read_orders(ends, _A_MOMENT if again else V3_OVERLAP + further_back)
    usual = timedelta(minutes=ends.settings.limits.overlap_minutes_visma)
    await _read_shipments(
        ends,
        _A_MOMENT if again else usual + further_back,
        is_check=bool(further_back),
    )
    if ends.settings.stock.excluded_since == "orders":
        await fill_lines(ends)


async def _read_orders(ends: Ends, overlap: timedelta) -> None:
    mark = _mark(ends, _ORDERS)
    newest = mark
    start = mark - overlap if mark else _first_day(ends)
    async for page in ends.visma.iter_sales_order_pages(modified_since=start):
        newest = max(
            [*(row.last_modified for row in page), *([newest] if newest else [])]
        )
        with ends.books.begin() as unit:
            known = orders_of(unit, list(map(_name_of, page)))
            found = [
                _order_fact(unit, ends.settings, row, known.get(_name_of(row)))
                for row in page
            ]
            note_orders(unit, [one for one in found if one is not None])
    if newest is not None:
        with ends.books.begin() as unit:
            unit.cursors.advance(_ORDERS, newest)


def _name_of(row: visma.SalesOrderRow) -> str:
    return f"{row.type}/{row.order_id}"


def _order_fact(
    unit: Unit, settings: Connection, row: visma.SalesOrderRow, old: OrderFact | None
) -> OrderFact | None:
    """What a row of the list says of one of our orders; None if that is known."""
    target = _name_of(row)
    source = old.source if old else _source_of(unit, settings, target, row)
    if source is None or (old is None and forgotten(unit, [source])):
        return None
    if old is not None and old.modified > row.last_modified:
        return None  # another worker has read it later
    lines, differs = (
        _known_lines(old, row) if old else (None, _is_touched(unit, source, row))
    )
    fact = OrderFact(
        source=source,
        target=target,
        status=row.status,
        total=str(row.order_total),
        modified=row.last_modified,
        lines=lines,
        differs=differs,
    )
    return None if fact == old else fact


def _known_lines(old: OrderFact, row: visma.SalesOrderRow) -> tuple[Lines | None, bool]:
    """The lines that are still right, and whether they may not be those that were sent.

    A line that people close changes neither the order's total nor its status. Nothing is
    asked of an order that is just picked: its shipments say whether all of it is.
    """
    is_touched = row.last_modified != old.modified
    is_picked = row.status == _PICKED != old.status
    may_differ = is_touched and row.status in BOOKED and not is_picked
    differs = old.differs or may_differ
    is_as_read = old.total == str(row.order_total) and not (differs and is_touched)
    return (old.lines if is_as_read else None), differs


def _is_touched(unit: Unit, source: str, row: visma.SalesOrderRow) -> bool:
    """Whether people may have changed an order that is seen for the first time.

    Not if it was sent once, and is dated as it was sent. What is dated earlier has a
    clock that is slow: by that nobody can tell when it was changed.
    """
    if row.status not in BOOKED:
        return False
    number = source.partition(":")[2]
    sent = [one.sent_at for one in unit.intents.of_source("orders", number)]
    times = [one for one in sent if one is not None]
    return len(times) != 1 or abs(row.last_modified - times[0]) > _JUST_SENT


def _source_of(
    unit: Unit, settings: Connection, target: str, row: visma.SalesOrderRow
) -> str | None:
    """Which order or return of Centra a sales order answers.

    A bare number is no reference of ours: it may be anybody's own order number.
    """
    named = read_reference(settings.prefix, row.customer_order)
    if named is not None and named.kind == "return":
        return return_source(named.id)
    for link in unit.links.by_target(SALES_ORDER, target):
        if link.direction == "orders":
            return order_source(int(link.source_id))
    if named is not None and named.kind == "order" and settings.prefix:
        return order_source(named.id)
    return None


async def _read_shipments(ends: Ends, overlap: timedelta, *, is_check: bool) -> None:
    """Read what changed; a check believes what stands, whenever it is dated.

    Visma.net's times have no zone: in the hour that comes twice the later is smaller.
    """
    mark = _mark(ends, _SHIPMENTS)
    newest = mark
    since = mark or _first_day(ends).replace(tzinfo=None)
    async for page in ends.visma.iter_shipment_pages(
        modified_since=v1_since(since - overlap)
    ):
        with ends.books.begin() as unit:
            known = shipments_of(unit, [row.shipment_number for row in page])
            for row in page:
                before = known.get(row.shipment_number, [])
                if is_check or not _is_older(row, before):
                    _note_shipment(unit, row, before)
        for row in page:
            if row.last_modified_date_time:
                at = datetime.fromisoformat(row.last_modified_date_time)
                newest = max(newest or at, at.replace(tzinfo=None))
    if newest is not None:
        with ends.books.begin() as unit:
            unit.cursors.advance(_SHIPMENTS, newest)


def _note_shipment(unit: Unit, row: Shipment, known: Sequence[ShipmentFact]) -> None:
    if row.shipment_type in _OTHER_SHIPMENTS:
        return
    before = sorted(known, key=_order_name)
    now = _shipment_facts(row)
    if before == now:
        return
    note_shipments(unit, row.shipment_number, now)
    for name in sorted({one.order for one in (*before, *now)}):
        fact = order_of(unit, name)
        if fact is None:
            continue
        mark_dirty(unit, [fact.source])
        if _moves_in_part(unit, fact):
            note_orders(
                unit, [fact.model_copy(update={"lines": None, "differs": True})]
            )


def _is_older(row: Shipment, known: Sequence[ShipmentFact]) -> bool:
    return any(one.modified > (row.last_modified_date_time or "") for one in known)


def _shipment_facts(row: Shipment) -> list[ShipmentFact]:
    by_order: dict[str, list[tuple[str, str, int]]] = {}
    for line in row.shipment_detail_lines:
        if not (line.order_type and line.order_nbr and line.inventory_number):
            continue
        name = f"{line.order_type}/{line.order_nbr}"
        item, units = line.inventory_number.strip(), whole_units(line.shipped_qty)
        by_order.setdefault(name, [])
        if row.from_warehouse and units:
            by_order[name].append((item, row.from_warehouse, units))
    return [
        ShipmentFact(
            number=row.shipment_number,
            order=name,
            modified=row.last_modified_date_time or "",
            has_left=row.has_left,
            is_cancelled=row.status == _GIVEN_UP,
            is_receipt=row.operation == _RECEIPT,
            lines=tuple(lines),
        )
        for name, lines in sorted(by_order.items())
    ]


def _order_name(fact: ShipmentFact) -> str:
    return fact.order


def _moves_in_part(unit: Unit, fact: OrderFact) -> bool:
    """Whether some units of an open order are on shipments and others may not follow."""
    if fact.status not in BOOKED or fact.is_return:
        return False
    shipments = find_shipments(unit, [fact.target]).get(fact.target, [])
    moving = sum(
        units for one in shipments if not one.is_cancelled for _, _, units in one.lines
    )
    if fact.lines is None:
        return moving > 0
    return 0 < moving < sum(units for _, _, units in fact.lines)


def _mark(ends: Ends, subject: str) -> datetime | None:
    with ends.books.read() as unit:
        value = unit.cursors.get(subject)
    return datetime.fromisoformat(value) if value else None


def _first_day(ends: Ends) -> datetime:
    settings = ends.settings
    return datetime.combine(settings.start_on, time(), settings.zone).astimezone(UTC)
