"""Credit status, Visma.net to Centra: accounts show what their customer may still buy.

Off unless `credit_status.enabled`.
Read: every customer that a wholesale account is linked to (tasks.credit_status).
Becomes: an attribute, the credit limit and, by setting, the status of the account
(mapping.credit_status).
Decided by: what was written last.
"""

from __future__ import annotations

from flows.running import direction_flow
from ledger import Draft, DraftRow, Unit
from mapping.credit_status import CustomerCredit, credit_to_account
from mapping.scope import LeftOut
from settings.connection import Connection
from tasks.credit_status import (
    ACCOUNT_CREDIT,
    AccountCreditWriter,
    credit_draft,
    decide_credit,
    read_credit,
)
from tasks.direction import Decision, Direction, Ends, MapContext, register
from tasks.target_index import refresh_customers, refresh_invoices

__all__ = ["CREDIT_STATUS", "credit_status"]


credit_status = direction_flow(
    "credit_status",
    "Show the credit of wholesale customers on their accounts in Centra.",
    ids="customer numbers of Visma.net",
)


async def refresh(ends: Ends) -> None:
    """Know what is owed by whom; nothing where the direction is off."""
    if ends.settings.credit_status.enabled:
        await refresh_customers(ends)
        await refresh_invoices(ends)


def off(settings: Connection) -> str | None:
    """Why nothing is read."""
    if settings.credit_status.enabled:
        return None
    return "it is off: set credit_status.enabled = true"


def map_credit(
    body: bytes, settings: Connection, context: MapContext
) -> Draft | LeftOut:
    """Make what the accounts of a customer should show."""
    del context
    credit = CustomerCredit.model_validate_json(body)
    return credit_draft(credit_to_account(credit, settings))


def decide(unit: Unit, settings: Connection, row: DraftRow) -> Decision:
    """Write what accounts show when it is not what was written last."""
    del settings
    return decide_credit(unit, row)


CREDIT_STATUS = register(
    Direction(
        name="credit_status",
        read=read_credit,
        map=map_credit,
        decide=decide,
        writers={ACCOUNT_CREDIT: AccountCreditWriter()},
        refresh=refresh,
        off=off,
    )
)
