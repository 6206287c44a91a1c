"""The goods of sales orders that book units: as they were sent, or as Visma.net has them."""

from __future__ import annotations

from decimal import Decimal

from pydantic import ValidationError

from connectors.answers import NOT_FOUND
from connectors.errors import RecordError
from connectors.visma import models as visma
from ledger import ErasedError, Unit
from mapping.drafts import SalesOrderDraft
from mapping.stock import BOOKED, CANCELLED, whole_units
from tasks.direction import Ends
from tasks.stock_facts import Lines, OrderFact
from tasks.taken_facts import dirty, find_orders, note_orders, note_unreadable, order_of

__all__ = ["fill_lines"]

_CHARGE = "MiscCharge"
_RECEIPT = "Receipt"


async def fill_lines(ends: Ends) -> None:
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
            fact, why = await _read_or_say_why(ends, one)
            with ends.books.begin() as unit:
                if order_of(unit, one.target) == one:  # or another worker knows better
                    note_orders(unit, [fact])
                if why:
                    note_unreadable(unit, one.target, why)


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


async def _read_or_say_why(ends: Ends, fact: OrderFact) -> tuple[OrderFact, str]:
    """Read an order; one that cannot be read books nothing: that shows less to sell."""
    try:
        return await _read_lines(ends, fact), ""
    except (RecordError, ValidationError) as error:
        return fact, str(error).strip().splitlines()[0]


async def _read_lines(ends: Ends, fact: OrderFact) -> OrderFact:
    """Read the goods of an order; one that was deleted counts as cancelled."""
    order_type, _, order_id = fact.target.partition("/")
    try:
        rows = await ends.visma.get_sales_order_lines(order_type, order_id)
    except RecordError as error:
        if error.code != NOT_FOUND:
            raise
        return fact.model_copy(update={"status": CANCELLED, "lines": None})
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
