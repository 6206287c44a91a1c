"""Credit notes, Visma.net to Centra: each order shows what was credited of it.

Read: credit notes that changed since the watermark, and the orders they belong to
(tasks.credit_note_lists).
Becomes: one list-valued attribute of the order (mapping.credit_note_lists); the
number as external id of the return. One made by hand is parked for a person, or by
setting becomes a return in Centra; money is never given back from here.
Decided by: what was written last.
"""

from __future__ import annotations

import json
from decimal import Decimal

from connectors.centra.sale_models import Sale
from flows.running import direction_flow
from ledger import Draft, DraftRow, Unit
from mapping.credit_note_lists import (
    LooseCreditNote,
    OrderCreditNotes,
    credit_notes_to_attribute,
    loose_credit_note,
)
from mapping.hand_returns import credit_note_to_return
from mapping.scope import LeftOut
from settings.connection import Connection
from tasks.credit_note_lists import read_credit_note_lists
from tasks.direction import Decision, Direction, Ends, MapContext, register
from tasks.hand_returns import (
    CENTRA_RETURN,
    HandReturnWriter,
    decide_hand_return,
    return_draft,
)
from tasks.order_attributes import (
    OrderAttributeWriter,
    attribute_draft,
    decide_attribute,
)
from tasks.target_index import refresh_credit_notes, refresh_sales_orders

__all__ = ["CREDIT_NOTES", "credit_notes"]

_LIST = "credit_note_list"


credit_notes = direction_flow(
    "credit_notes",
    "Show the credit notes of Visma.net on the orders of Centra.",
    ids="order numbers of Centra",
)


async def refresh(ends: Ends) -> None:
    """Know all credit notes, and which sales orders of ours they may name."""
    await refresh_sales_orders(ends)
    await refresh_credit_notes(ends)


def map_credit_notes(
    body: bytes, settings: Connection, context: MapContext
) -> Draft | LeftOut:
    """Make the list of an order's credit notes, or say why there is none."""
    node = json.loads(body, parse_float=Decimal)
    if "sale" in node:
        note = LooseCreditNote.model_validate(node["note"])
        sale = Sale.model_validate(node["sale"])
        items = note.items
        return return_draft(
            credit_note_to_return(note.credit_note, items, sale, settings)
        )
    if "credit_note" in node:
        return loose_credit_note(LooseCreditNote.model_validate_json(body))
    order = OrderCreditNotes.model_validate_json(body)
    wanted = credit_notes_to_attribute(order, settings, is_known=context.is_known)
    if isinstance(wanted, LeftOut):
        return wanted
    return attribute_draft(_LIST, wanted, settings.prefix)


def decide_credit_notes(unit: Unit, settings: Connection, row: DraftRow) -> Decision:
    """Write the list of an order when it is not what was written last."""
    del settings
    if row.draft.kind == CENTRA_RETURN:
        return decide_hand_return(unit, row)
    return decide_attribute(unit, "credit_notes", row)


CREDIT_NOTES = register(
    Direction(
        name="credit_notes",
        read=read_credit_note_lists,
        map=map_credit_notes,
        decide=decide_credit_notes,
        writers={
            _LIST: OrderAttributeWriter(_LIST),
            CENTRA_RETURN: HandReturnWriter(),
        },
        refresh=refresh,
    )
)
