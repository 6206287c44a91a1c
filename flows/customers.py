"""Customers, Centra to Visma.net: wholesale accounts, and consumers who have one.

Read: who an event says has changed, or everybody (tasks.centra_people).
Becomes: a customer with our key in an attribute (mapping.customers).
Decided by: link, then attribute, organisation number, VAT number, e-mail.
A consumer's customer is made when an order needs it; here it is kept up to date.
"""

from __future__ import annotations

from connectors.centra.models import read_order
from flows.running import direction_flow
from ledger import Draft, DraftRow, Unit
from mapping.customers import customer_need
from mapping.identity import CustomerNeed
from mapping.scope import LeftOut
from settings.connection import Connection
from tasks.centra_people import read_people
from tasks.customers import (
    CUSTOMER,
    CustomerWriter,
    announce,
    customer_draft,
    find_announced,
    find_match,
    link_match,
    linked_number,
)
from tasks.decided import is_untouched
from tasks.direction import Decision, Direction, MapContext, register
from tasks.target_index import refresh_customers

__all__ = ["CUSTOMERS", "customers"]


customers = direction_flow(
    "customers",
    "Carry customers and wholesale accounts from Centra to Visma.net.",
    ids="dtc-<customer id> and acc-<account id>",
)


def map_customer(
    body: bytes, settings: Connection, context: MapContext
) -> Draft | LeftOut:
    """Make a customer of who ordered, or say why there is none to make."""
    order = read_order(body)
    need = customer_need(order, settings)
    if need.number:
        return LeftOut("COLLECTIVE", f"its orders go to customer {need.number}")
    if not need.is_company and not context.is_known:
        return LeftOut("NOT_NEEDED_YET", "it is made when an order needs it")
    return customer_draft(need)


def decide_customer(unit: Unit, settings: Connection, row: DraftRow) -> Decision:
    """Compare a customer with what was sent, and with who is there.

    Raises:
        RecordError: Several customers fit equally.
        WaitingError: Another account of the same company is just being made.
    """
    link = unit.links.get("customers", row.source_id)
    if link:
        is_same = link.body_hash == row.draft.body_hash and is_untouched(unit, link)
        may_update = settings.customers.update_existing
        return Decision(None if is_same or not may_update else f"update:{row.revision}")
    if linked_number(unit, row.source_id):
        return Decision()  # matched: it is not ours to change
    need = CustomerNeed.model_validate_json(row.draft.body)
    # whether it is blocked matters when an order needs it
    match = find_match(unit, need, record_id=row.label, even_blocked=True)
    match = match or find_announced(unit, need)
    if match:
        link_match(unit, need, match)
        return Decision()
    announce(unit, need)
    return Decision("create")


CUSTOMERS = register(
    Direction(
        name="customers",
        read=read_people,
        map=map_customer,
        decide=decide_customer,
        writers={CUSTOMER: CustomerWriter()},
        refresh=refresh_customers,
    )
)
