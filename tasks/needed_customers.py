"""The customer that a document needs: linked, matched, or to be created first."""

from __future__ import annotations

from connectors.centra.models import Order
from ledger import Unit
from mapping.identity import CustomerNeed
from mapping.money import Money
from tasks.centra_people import person_entry
from tasks.customers import (
    announce,
    customer_draft,
    find_announced,
    find_match,
    link_match,
    linked_number,
    refuse_blocked,
    refuse_parked,
    undecided_create,
)
from tasks.direction import Also

__all__ = ["known_customer", "needed_customer"]


def known_customer(
    unit: Unit, need: CustomerNeed, *, at_stake: Money, record_id: str
) -> str | None:
    """Return the number of a customer who is known already, None if not.

    Raises:
        RecordError: The customer is blocked.
    """
    number = need.number or linked_number(unit, need.key)
    if number:
        refuse_blocked(unit, number, at_stake, record_id)
    return number


def needed_customer(
    unit: Unit,
    need: CustomerNeed,
    order: Order,
    raw: bytes,
    *,
    at_stake: Money,
    record_id: str,
) -> tuple[Also, ...]:
    """See that an unknown customer is there: matched, or to be created first.

    `raw` is the stored payload that holds the order, of which the customer's own
    record is made.

    Raises:
        RecordError: The customer is blocked, ambiguous or parked.
        WaitingError: Another account of the same company is just being made.
    """
    match = find_match(unit, need, at_stake=at_stake, record_id=record_id)
    match = match or find_announced(unit, need)
    if match:
        link_match(unit, need, match)
        return ()
    wanted = customer_draft(need)
    refuse_parked(unit, wanted, need.key, record_id)
    announce(unit, need)
    planned = undecided_create(unit, need.key)
    if planned:
        return (Also("customers", need.key, planned, entry=None),)
    return (Also("customers", need.key, wanted, person_entry(order, raw)),)
