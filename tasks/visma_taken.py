"""Visma.net's side of the tally: its sales orders and shipments, by what changed.

Two calls when nothing changed. The units of an order are those that the connector
sent, as long as the order comes to what was sent; of an order that people changed,
or of which only a part has left, the lines are read: one call.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from connectors.answers import NOT_FOUND
from connectors.errors import RecordError
from connectors.visma import models as visma
from connectors.visma.shipment_models import Shipment
from ledger import ErasedError, Unit
from mapping.drafts import SalesOrderDraft
from mapping.references import read_reference
from mapping.stock import BOOKED, whole_units
from settings.connection import Connection
from tasks.direction import Ends
from tasks.standing import SALES_ORDER
from tasks.taken_facts import (
    Lines,
    OrderFact,
    ShipmentFact,
    dirty,
    find_orders,
    find_shipments,
    forgotten,
    mark_dirty,
    note_orders,
    note_shipments,
    order_of,
    order_source,
    orders_of,
    return_source,
    shipments_of,
)
from tasks.target_index import V3_OVERLAP, v1_since

__all__ = ["find_deleted_orders", "read_visma_facts"]

_ORDERS = "visma.stock_orders"
_SHIPMENTS = "visma.stock_shipments"
_OTHER_SHIPMENTS = frozenset({"Transfer", "DropShip"})
_GONE = "Cancelled"
_CHARGE = "MiscCharge"
_RECEIPT = "Receipt"
_NO_FURTHER = timedelta(0)
_A_MOMENT = timedelta(minutes=1)


async def read_visma_facts(
    ends: Ends, *, further_back: timedelta = _NO_FURTHER, again: bool = False
) -> None:
    """Read the sales orders and shipments that changed, and the lines that are needed.

    `further_back` is how much further than usual to look; `again` reads only what is
    newer than a minute before the last change that was seen, in Visma.net's own time.
    """
    await _read_orders(ends, _A_MOMENT if again else V3_OVERLAP + further_back)
    usual = timedelta(minutes=ends.settings.limits.overlap_minutes_visma)
    await _read_shipments(ends, _A_MOMENT if again else usual + further_back)
    if ends.settings.stock.excluded_since == "orders":
        await _fill_lines(ends)


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
    lines, differs = _known_lines(old, row) if old else (None, False)
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

    A line that people close changes neither the order's total nor its status.
    """
    if old.total != str(row.order_total):
        return None, False
    is_touched = row.last_modified != old.modified
    may_be_closed = is_touched and row.status == old.status and row.status in BOOKED
    differs = old.differs or may_be_closed
    return (None if differs and is_touched else old.lines), differs


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


async def _read_shipments(ends: Ends, overlap: timedelta) -> None:
    mark = _mark(ends, _SHIPMENTS)
    newest = mark
    since = mark or _first_day(ends).replace(tzinfo=None)
    async for page in ends.visma.iter_shipment_pages(
        modified_since=v1_since(since - overlap)
    ):
        with ends.books.begin() as unit:
            known = shipments_of(unit, [row.shipment_number for row in page])
            for row in page:
                _note_shipment(unit, row, known.get(row.shipment_number, []))
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
    if before == now or any(
        one.modified > (row.last_modified_date_time or "") for one in before
    ):
        return
    note_shipments(unit, row.shipment_number, now)
    for name in sorted({one.order for one in (*before, *now)}):
        fact = order_of(unit, name)
        if fact is None:
            continue
        mark_dirty(unit, [fact.source])
        if _left_in_part(unit, fact):
            note_orders(
                unit, [fact.model_copy(update={"lines": None, "differs": True})]
            )


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
            is_cancelled=row.status == _GONE,
            is_receipt=row.operation == _RECEIPT,
            lines=tuple(lines),
        )
        for name, lines in sorted(by_order.items())
    ]


def _order_name(fact: ShipmentFact) -> str:
    return fact.order


def _left_in_part(unit: Unit, fact: OrderFact) -> bool:
    """Whether some units of an open order have left and others may not follow."""
    if fact.status not in BOOKED or fact.is_return:
        return False
    shipments = find_shipments(unit, [fact.target]).get(fact.target, [])
    left = sum(units for one in shipments if one.has_left for _, _, units in one.lines)
    if fact.lines is None:
        return left > 0
    return 0 < left < sum(units for _, _, units in fact.lines)


async def _fill_lines(ends: Ends) -> None:
    """Find the units of orders that book some and of which none are known."""
    with ends.books.begin() as unit:
        found = find_orders(unit, dirty(unit))
        wanted = [
            one
            for facts in found.values()
            for one in facts
            if one.lines is None and one.status in BOOKED and not one.is_return
        ]
        sent = {one.target: _sent_lines(unit, one) for one in wanted}
        known = [
            one.model_copy(update={"lines": lines})
            for one in wanted
            if (lines := sent[one.target]) is not None
        ]
        note_orders(unit, known)
    for one in wanted:
        if sent[one.target] is None:
            fact = await _read_lines(ends, one)
            with ends.books.begin() as unit:
                note_orders(unit, [fact])


def _sent_lines(unit: Unit, fact: OrderFact) -> Lines | None:
    """The goods that the connector sent with an order of that total, if that is sure.

    Without a warehouse on the lines Visma.net has put one there, and only it knows.
    """
    if fact.differs:
        return None
    number = fact.source.partition(":")[2]
    found: set[Lines] = set()
    for intent in unit.intents.of_source("orders", number):
        if intent.sent_at is None or intent.amount != Decimal(fact.total):
            continue
        try:
            _, body = unit.intents.evidence(intent.intent_id)
        except ErasedError:
            return None
        draft = SalesOrderDraft.model_validate_json(body)
        found.add(
            tuple(
                (line.inventory_id, line.warehouse_id, whole_units(line.quantity))
                for line in draft.sales_order.order_lines
                if line.warehouse_id
            )
        )
    lines = found.pop() if len(found) == 1 else ()
    return lines or None


async def find_deleted_orders(ends: Ends, sources: Collection[str]) -> None:
    """Find sales orders that people have deleted: no list of changes tells of them.

    Reads the lists of open orders, and each order that should be in one and is not.
    """
    with ends.books.read() as unit:
        facts = [one for some in find_orders(unit, sources).values() for one in some]
    booked = {one.target: one for one in facts if one.status in BOOKED}
    for status in sorted(BOOKED) if booked else ():
        async for page in ends.visma.iter_sales_order_pages(status=status):
            for row in page:
                booked.pop(f"{row.type}/{row.order_id}", None)
    for fact in booked.values():
        order_type, _, order_id = fact.target.partition("/")
        try:
            await ends.visma.get_sales_order(order_type, order_id)
        except RecordError as error:
            if error.code != NOT_FOUND:
                raise
            gone = fact.model_copy(update={"status": _GONE, "lines": ()})
            with ends.books.begin() as unit:
                note_orders(unit, [gone])


async def _read_lines(ends: Ends, fact: OrderFact) -> OrderFact:
    """Read the goods of an order; one that was deleted counts as cancelled."""
    order_type, _, order_id = fact.target.partition("/")
    try:
        rows = await ends.visma.get_sales_order_lines(order_type, order_id)
    except RecordError as error:
        if error.code != NOT_FOUND:
            raise
        return fact.model_copy(update={"status": _GONE, "lines": ()})
    lines = tuple(
        (row.inventory.id.strip(), row.warehouse_id, whole_units(_booked(row)))
        for row in rows
        if row.inventory.id and row.warehouse_id and row.line_type != _CHARGE
        if row.operation != _RECEIPT
    )
    return fact.model_copy(update={"lines": lines})


def _booked(row: visma.SalesOrderLine) -> Decimal:
    """Of a line that is closed only what is on shipments was taken."""
    return (row.quantity_on_shipments or Decimal(0)) if row.completed else row.quantity


def _mark(ends: Ends, subject: str) -> datetime | None:
    with ends.books.read() as unit:
        value = unit.cursors.get(subject)
    return datetime.fromisoformat(value) if value else None


def _first_day(ends: Ends) -> datetime:
    settings = ends.settings
    return datetime.combine(settings.start_on, time(), settings.zone).astimezone(UTC)
