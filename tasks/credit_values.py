"""What returns and allowances of one order give back, as far as it was read or sent."""

from __future__ import annotations

from decimal import Decimal

from connectors.centra.sale_models import Sale
from ledger import Unit
from mapping.refunds import Undone, refunds_of
from tasks.refund_sources import GOODWILL, REFUND_ENTRY, RETURN, is_of_return

__all__ = ["allowed_values", "returned_values", "unrefunded_return"]


def returned_values(unit: Unit, order: int) -> list[Decimal]:
    """What each completed return of an order gives back, whether it is booked or not."""
    hits = unit.index.find(RETURN, "order", [str(order)])
    rows = [row for found in hits.values() for row in found]
    known = [Undone.model_validate_json(row.detail["json"]) for row in rows]
    values = []
    for one in known:
        record = unit.records.get("refunds", str(one.return_id))
        if one.is_completed and record is not None and record.amount is not None:
            values.append(record.amount)
    return values


def unrefunded_return(unit: Unit, order: int, amount: Decimal) -> int | None:
    """The completed return of an order that is worth just so much and has no refund."""
    hits = unit.index.find(RETURN, "order", [str(order)])
    for row in (row for found in hits.values() for row in found):
        one = Undone.model_validate_json(row.detail["json"])
        record = unit.records.get("refunds", row.target_id)
        is_alike = record is not None and record.amount == amount
        if one.is_completed and is_alike:
            refunds = unit.index.of_target(REFUND_ENTRY, row.target_id)
            if not refunds:
                return one.return_id
    return None


def allowed_values(unit: Unit, sale: Sale) -> dict[int, Decimal]:
    """The refunds of a sale that are allowances and are booked or being sent, by id."""
    values = {}
    for entry in refunds_of(sale):
        source_id = f"{GOODWILL}{entry.id}"
        sent = [
            one
            for one in unit.intents.of_source("refunds", source_id)
            if one.state in {"planned", "sending", "in_doubt", "confirmed"}
        ]
        if (sent or unit.links.get("refunds", source_id)) and not is_of_return(
            unit, entry.id
        ):
            values[entry.id] = abs(entry.value.value)
    return values
