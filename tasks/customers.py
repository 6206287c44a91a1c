"""Customers at Visma.net: matched, created, changed, and found again after doubt."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from connectors.errors import AbortError, RecordError
from connectors.visma.models import CustomerWrite
from ledger import Claim, Draft, IndexRow, Unit
from mapping.identity import (
    CustomerNeed,
    KnownCustomer,
    Match,
    contradicts,
    ensure_not_blocked,
    match_customer,
    normal_email,
    normal_number,
)
from mapping.money import Money
from mapping.version import MAPPING_VERSION
from tasks.direction import Ends, Sent, WaitingError
from tasks.without_total import WithoutTotal

__all__ = [
    "CUSTOMER",
    "CustomerWriter",
    "announce",
    "customer_draft",
    "customer_not_ready",
    "find_announced",
    "find_match",
    "link_match",
    "linked_number",
    "refuse_blocked",
    "refuse_parked",
    "undecided_create",
]

CUSTOMER = "customer"
_ANNOUNCED = "announced_customer"
_UNDECIDED = frozenset({"planned", "sending", "in_doubt"})


class CustomerWriter(WithoutTotal):
    """Writes customers of the ERP API v1."""

    def prepare(self, claim: Claim, unit: Unit) -> bytes:  # noqa: ARG002 - the protocol's
        """Need nothing from other directions."""
        return claim.body

    async def send(self, claim: Claim, ends: Ends) -> Sent:
        """Create the customer, or change the one that is linked."""
        write = _write(claim)
        if claim.operation == "create":
            number = await ends.visma.create_customer(write)
            return _sent(number, "created")
        with ends.books.read() as unit:
            link = unit.links.get(claim.direction, claim.source_id)
        if link is None:
            message = f"customer {claim.label}: it is to be changed, but is not linked"
            raise AbortError(message)
        await ends.visma.update_customer(link.target_id, write)
        return _sent(link.target_id, "updated")

    async def probe(self, claim: Claim, ends: Ends) -> Sent | None:
        """Look a created customer up by the attribute with our key."""
        if claim.operation != "create":
            return None
        attribute = ends.settings.customers.attribute
        found = await ends.visma.find_customers(attribute=(attribute, claim.reference))
        if len(found) > 1:
            numbers = ", ".join(one.number for one in found)
            message = f"customer {claim.label}: {numbers} all carry {claim.reference}"
            raise RecordError(
                message,
                code="DUPLICATE_REFERENCE",
                fix=f"Clear the attribute {attribute} of all but one, then retry.",
                record_id=claim.label,
            )
        return _sent(found[0].number, "found") if found else None


def customer_draft(need: CustomerNeed) -> Draft:
    """What is kept of a customer that should stand at Visma.net."""
    body = need.model_dump_json().encode()
    return Draft(
        kind=CUSTOMER,
        body=body,
        body_hash=hashlib.sha256(body).hexdigest(),
        reference=need.attribute_value or need.key,
        summary={"customer": need.key},
        mapping_version=MAPPING_VERSION,
    )


def linked_number(unit: Unit, key: str) -> str | None:
    """The Visma.net customer that a customer of Centra was linked to before."""
    for role in ("created", "matched"):
        link = unit.links.get("customers", key, role)
        if link is not None:
            return link.target_id
    return None


def find_match(
    unit: Unit,
    need: CustomerNeed,
    *,
    at_stake: Money | None = None,
    record_id: str | None = None,
    even_blocked: bool = False,
) -> Match | None:
    """Find the customer that is there already, in the index of the target.

    Raises:
        RecordError: Several fit equally, or the one that fits is blocked.
    """
    known = list(_known_customers(unit, need))
    if even_blocked:
        known = [one.model_copy(update={"status": "Active"}) for one in known]
    return match_customer(need, known, at_stake=at_stake, record_id=record_id)


def link_match(unit: Unit, need: CustomerNeed, match: Match) -> None:
    """Remember which customer answers a need; it was there, so it is not ours."""
    wanted = customer_draft(need)
    unit.links.put(
        "customers",
        need.key,
        "matched",
        CUSTOMER,
        match.number,
        wanted.body_hash,
        0,
    )


def announce(unit: Unit, need: CustomerNeed) -> None:
    """Note that a company is being made, so that another account of it can wait."""
    numbers = _numbers(need)
    rows = [
        IndexRow(_ANNOUNCED, key_type, number, need.key, numbers)
        for key_type, number in numbers.items()
    ]
    unit.index.put(_ANNOUNCED, rows)


def find_announced(unit: Unit, need: CustomerNeed) -> Match | None:
    """Find the customer that another account of the same company got.

    Raises:
        WaitingError: It is being made; whoever asks later will find it.
    """
    for key_type, number in _numbers(need).items():
        rows = unit.index.find(_ANNOUNCED, key_type, [number]).get(number, [])
        others = [row for row in rows if row.target_id != need.key]
        for other in (row.target_id for row in others if _may_be(need, row)):
            made = linked_number(unit, other)
            if made:
                return Match(number=made, how=key_type)
            before = unit.intents.of_source("customers", other)
            # none at all: it was announced in this very transaction
            if not before or any(one.state in _UNDECIDED for one in before):
                raise WaitingError
    return None


def _may_be(need: CustomerNeed, announced: IndexRow) -> bool:
    return not contradicts(need.vat_id, announced.detail.get("vat_id"))


def undecided_create(unit: Unit, key: str) -> Draft | None:
    """What is to be made of a customer, by an intent that has not ended yet."""
    for one in unit.intents.of_source("customers", key):
        if one.state in _UNDECIDED:
            _, body = unit.intents.evidence(one.intent_id)
            return customer_draft(CustomerNeed.model_validate_json(body))
    return None


def refuse_parked(unit: Unit, wanted: Draft, key: str, record_id: str) -> None:
    """Stop an order whose customer was refused as it still is, until a person acts.

    Raises:
        RecordError: The customer is on the exceptions list, and has not changed.
    """
    record = unit.records.get("customers", key)
    if record is None or record.state != "parked":
        return
    before = unit.intents.of_source("customers", key)
    if any(one.body_hash == wanted.body_hash for one in before):
        raise customer_not_ready(key, record_id)


def customer_not_ready(key: str, record_id: str) -> RecordError:
    """The error of an order whose customer is on the exceptions list."""
    message = f"order {record_id}: its customer {key} is parked"
    return RecordError(
        message,
        code="CUSTOMER_NOT_READY",
        fix="Solve and retry the exception of the customer; the order resumes.",
        record_id=record_id,
    )


def refuse_blocked(unit: Unit, number: str, at_stake: Money, record_id: str) -> None:
    """Stop an order for a customer whom Visma.net has blocked, known by number.

    Raises:
        RecordError: The customer is on hold, on credit hold or inactive.
    """
    for row in unit.index.find(CUSTOMER, "number", [number]).get(number, []):
        ensure_not_blocked(_known(row), at_stake=at_stake, record_id=record_id)


def _numbers(need: CustomerNeed) -> dict[str, str]:
    """What names a company for sure; an e-mail does not."""
    numbers = {
        "corporate_id": normal_number(need.corporate_id),
        "vat_id": normal_number(need.vat_id),
    }
    return {key_type: number for key_type, number in numbers.items() if number}


def _known_customers(unit: Unit, need: CustomerNeed) -> Iterator[KnownCustomer]:
    email = normal_email(need.email)
    keys = {"attribute": need.attribute_value, **_numbers(need), "email": email}
    for key_type, key in keys.items():
        if key:
            for row in unit.index.find(CUSTOMER, key_type, [key]).get(key, []):
                yield _known(row, email if key_type == "email" else None)


def _known(row: IndexRow, email: str | None = None) -> KnownCustomer:
    return KnownCustomer(
        number=row.target_id,
        attribute=row.detail.get("attribute"),
        corporate_id=row.detail.get("corporate_id"),
        vat_id=row.detail.get("vat_id"),
        email=email,
        status=row.detail.get("status", "Active"),
    )


def _sent(number: str, how: str) -> Sent:
    return Sent(CUSTOMER, number, {"how": how}, key_type="attribute")


def _write(claim: Claim) -> CustomerWrite:
    need = CustomerNeed.model_validate_json(claim.body)
    if need.write is None:
        message = f"customer {claim.label}: there is nothing to write of it"
        raise AbortError(message)
    return need.write
