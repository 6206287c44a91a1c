"""Whose each document must be, as the ledger knows it: by link, and by what was sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from ledger import Unit
from mapping.certificate import Entry
from tasks.certificate_drafts import last_draft
from tasks.customers import linked_number

__all__ = ["linked_customers", "written_for"]

Numbers = Mapping[str, frozenset[str]]


def linked_customers(unit: Unit, entries: Iterable[Entry]) -> Numbers:
    """Return the numbers of Visma.net's customers by our key of each buyer."""
    keys = {entry.buyer for entry in entries if entry.buyer}
    found: defaultdict[str, set[str]] = defaultdict(set)
    for role in ("created", "matched"):
        for key, link in unit.links.many("customers", keys, role).items():
            found[key].add(link.target_id)
    return {key: frozenset(numbers) for key, numbers in found.items()}


def written_for(
    unit: Unit, sold: Iterable[Entry], booked: Iterable[Entry], linked: Numbers
) -> Mapping[int, frozenset[str]]:
    """Return whom documents of an order were written for, by order.

    Asked only where a document is of another customer than settings and links say
    today: either may have been changed since, or the document.
    """
    due: defaultdict[int, set[str]] = defaultdict(set)
    shipments: defaultdict[int, set[str]] = defaultdict(set)
    for entry in sold:
        for order in entry.orders:
            due[order] |= {entry.customer, *linked.get(entry.buyer, ())}
            if entry.pair == "delivered":
                shipments[order].add(entry.key.removeprefix("S"))
    others = {
        order
        for entry in booked
        for order in entry.orders
        if entry.customer and entry.customer not in due[order]
    }
    return {
        order: frozenset(
            number
            for direction, ids in (
                ("orders", {str(order)}),
                ("fulfilment", shipments[order]),
            )
            for source_id in sorted(ids)
            if (number := _written_for(unit, direction, source_id))
        )
        for order in sorted(others)
    }


def _written_for(unit: Unit, direction: str, source_id: str) -> str | None:
    """The customer of the document that was last written for a source, if it can be read."""
    need = (last_draft(unit, direction, source_id) or {}).get("customer")
    if not isinstance(need, dict):
        return None
    key = need.get("key")
    number: str | None = need.get("number")
    return number or (linked_number(unit, key) if key else None)
