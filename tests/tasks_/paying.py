"""Stands on which whole sales are played, in either way of posting, and their money."""

from __future__ import annotations

from typing import Any

from sandbox.centra.sales import Order
from tests.tasks_.stand import Stand

__all__ = ["MADE", "RELEASED", "ROUND", "UPDATED", "carry", "posting", "settle", "sold"]

ROUND = ("orders", "fulfilment", "refunds", "payments")
"""The directions to Visma.net, in the order in which they build on each other."""
MADE = "visma.POST /v1/customerPayment"
UPDATED = "visma.PUT /v1/customerPayment/{paymentNumber}"
RELEASED = "visma.POST /v1/customerPayment/{paymentNumber}/action/release"


def posting(post_as: str, **rules: Any) -> dict[str, Any]:
    """The settings of a store that posts one way; Centra ships, the connector releases."""
    collective = [
        {"country": "SE", "currency": "SEK", "number": "10001"},
        {"country": "FI", "currency": "EUR", "number": "10004"},
        {"number": "10011"},
    ]
    own: dict[str, Any] = {
        "post_as": post_as,
        "ships": "centra",
        "prepare_invoices": True,
        "releases": "connector",
        "dtc_customers": "collective",
        "collective": collective,
        "warehouse": "MAIN",
    }
    return {"returns.reason_code": "RETURN", "stores": {"*": own | rules}}


async def carry(stand: Stand, *directions: str) -> None:
    """Run directions one after the other; those of a sale unless told else."""
    for direction in directions or ("orders", "fulfilment", "payments"):
        await stand.run(direction)


async def settle(stand: Stand, rounds: int = 2) -> None:
    """Run every direction to Visma.net, until what waits for another has come."""
    for _ in range(rounds):
        await carry(stand, *ROUND)


def sold(stand: Stand, **order: Any) -> Order:
    """An order that was placed, shipped and captured."""
    placed = stand.place(**order)
    stand.edit(placed, "ship")
    return placed
