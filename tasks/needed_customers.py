"""The customer that a document needs: linked, matched, or to be created first."""

from __future__ import annotations

from connectors.centra.models import Order
from ledger import Claim, Unit
from mapping.identity import CustomerNeed
from mapping.money import Money
from tasks.centra_people import person_entry
from tasks.customers import (
    announce,
    customer_draft,
    customer_not_ready,
    find_announced,
    find_match,
    link_match,
    linked_number,
    refuse_blocked,
    refuse_parked,
    undecided_create,
)
from tasks.direction import Also, WaitingError

__all__ = ["known_customer", "needed_customer", "number_of_need"]


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


def number_of_need(claim: Claim, unit: Unit) -> str:
    """Return the number of the customer that a document waits for.

    Raises:
        WaitingError: The customer is not there yet.
        RecordError: The customer is on the exceptions list.
    """
    for direction, source_id in claim.needs:
        number = linked_number(unit, source_id)
        if number:
            return number
        record = unit.records.get(direction, source_id)
        if record and record.state == "parked":
            raise customer_not_ready(source_id, claim.label)
    raise WaitingError
