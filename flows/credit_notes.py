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
from datetime import datetime
from decimal import Decimal
from typing import Any

from prefect import State, flow

from connectors.centra.sale_models import Sale
from flows.running import FLOW, run_flow
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
from tasks.direction import Decision, Direction, Ends, MapContext, Window, register
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
from tasks.request import Mode
from tasks.target_index import refresh_credit_notes, refresh_sales_orders

__all__ = ["CREDIT_NOTES", "credit_notes"]

_LIST = "credit_note_list"


@flow(name="credit_notes", **FLOW)
async def credit_notes(
    connection: str = "demo",
    since: datetime | None = None,
    until: datetime | None = None,
    ids: list[str] = [],  # noqa: B006 - the form's default; never changed
    full: bool = False,  # noqa: FBT001, FBT002 - a switch of the form
    backfill: bool = False,  # noqa: FBT001, FBT002 - a switch of the form
    mode: Mode = Mode.AUTO,
    plan: str | None = None,
    approved_by: str | None = None,
) -> State[Any]:
    """Show the credit notes of Visma.net on the orders of Centra.

    Args:
        connection: Name of the connection file, without .toml.
        since: Read what changed from here on. Empty: since the last run.
        until: Read what changed before this moment.
        ids: Pull these and nothing else: order numbers of Centra.
        full: Read everything since start_on again.
        backfill: Also write what is older than start_on.
        mode: auto: plan until the direction went live, then apply. plan: show what
            would be done, send nothing. apply: send.
        plan: Hash of a plan to approve: exactly that is sent, and what changed
            underneath is refused.
        approved_by: Your name; it is kept with the approval.
    """
    return await run_flow(
        "credit_notes",
        connection=connection,
        window=Window(since=since, until=until, ids=ids, full=full, backfill=backfill),
        mode=mode,
        plan=plan,
        approved_by=approved_by,
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
