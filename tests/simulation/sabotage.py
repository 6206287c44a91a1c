"""Connectors that are broken on purpose: a judge who finds nothing proves nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import tasks.extract
import tasks.load
import tasks.reconcile
import tasks.sales_orders
from connectors.errors import InDoubtError
from ledger import Claim, IntentRow
from tasks.direction import Direction, Ends, Sent
from tasks.request import Counts

__all__ = ["SABOTAGES", "sabotaged"]


def _release(self: Any, claim: Claim, error: InDoubtError) -> None:
    del error
    self._release(claim)


async def _finds_nothing(self: object, claim: Claim, ends: Ends) -> None:
    del self, claim, ends


async def _finds_anything(self: object, claim: Claim, ends: Ends) -> Sent:
    del self, ends
    return Sent("sales_order", f"SO/made-up-{claim.source_id}", {})


async def _looks_nowhere(ends: Ends, direction: Direction) -> Counts:
    del ends, direction
    return Counts()


def _has_never_held(before: list[IntentRow], claim: Claim) -> set[str]:
    del before, claim
    return set()


SABOTAGES: dict[str, list[tuple[Any, str, Any]]] = {
    "sends again whatever is in doubt": [
        (tasks.load._Sender, "_doubt", _release),
    ],
    "looks for nothing before it sends again": [
        (tasks.sales_orders.SalesOrderWriter, "probe", _finds_nothing),
    ],
    "believes that everything in doubt arrived": [
        (tasks.sales_orders.SalesOrderWriter, "probe", _finds_anything),
    ],
    "never looks after what is in doubt": [
        (tasks.extract, "settle_doubts", _looks_nowhere),
        (tasks.reconcile, "settle_doubts", _looks_nowhere),
    ],
    "forgets that it held an order": [
        (tasks.sales_orders, "_states_of", _has_never_held),
    ],
}
"""What is broken, by a sentence; each is a list of things and what replaces them."""


@contextmanager
def sabotaged(name: str) -> Iterator[None]:
    """Break the connector inside this block."""
    patches = [patch.object(*one) for one in SABOTAGES[name]]
    for one in patches:
        one.start()
    try:
        yield
    finally:
        for one in patches:
            one.stop()
