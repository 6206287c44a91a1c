"""What returns and allowances of one order give back, as far as it was read or sent."""

from __future__ import annotations

from decimal import Decimal

from connectors.centra.sale_models import Sale
from ledger import Unit
from mapping.allowances import allowance_to_document
from mapping.refund_limits import Given
from mapping.refunds import refunds_of
from mapping.undone import Undone
from settings.connection import Connection
from tasks.refund_sources import GOODWILL, REFUND_ENTRY, RETURN, is_of_return

__all__ = ["allowance", "allowed_values", "returned_values", "unrefunded_return"]


def returned_values(unit: Unit, order: int) -> list[Given]:
    """What each completed return of an order gives back, whether it is booked or not."""
    hits = unit.index.find(RETURN, "order", [str(order)])
    rows = [row for found in hits.values() for row in found]
    known = [Undone.model_validate_json(row.detail["json"]) for row in rows]
    values = []
    for one in known:
        record = unit.records.get("refunds", str(one.return_id))
        if one.is_completed and record is not None and record.amount is not None:
            values.append(Given(record.amount, one.vat))
    return values


def allowance(
    sale: Sale, entry_id: int, amount: Decimal, settings: Connection
) -> Given:
    """What one allowance gives back.

    Raises:
        RecordError: the sale does not add up, or less was sold.
    """
    document = allowance_to_document(
        sale, amount, entry_id=entry_id, connection=settings
    )
    return Given(document.total, document.vat)


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


def allowed_values(unit: Unit, sale: Sale, settings: Connection) -> dict[int, Given]:
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
            amount = abs(entry.value.value)
            values[entry.id] = allowance(sale, entry.id, amount, settings)
    return values
