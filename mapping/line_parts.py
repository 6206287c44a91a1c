"""What an invoice has of a sales order's line: so many of its units, and their discount.

Visma.net bills an order in parts. Of a line's discount each part has what falls on just
its units, so that all parts together have the whole of it.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from connectors.visma.ledger_models import InvoiceLine
from mapping.posted_lines import PostedLine
from mapping.rounding import ZERO, Rounding, plain

__all__ = ["may_be_of", "part_of"]


def may_be_of(line: InvoiceLine, whole: PostedLine, billed: int) -> bool:
    """Whether an invoice's line may be of a line of which so many units were billed."""
    has_room = abs(billed + line.quantity) <= abs(whole.quantity)
    return (
        has_room
        and whole.item == line.inventory_number
        and plain(whole.unit_price) == plain(line.unit_price or ZERO)
    )


def part_of(
    whole: PostedLine, units: Decimal, billed: int, rounding: Rounding
) -> PostedLine:
    """Return what some units of a line must come to, after so many were billed."""
    discount = _on_first(whole, billed + units, rounding) - _on_first(
        whole, Decimal(billed), rounding
    )
    amount = rounding.amount(units * whole.unit_price) - discount
    return replace(whole, quantity=units, discount=discount, amount=amount)


def _on_first(whole: PostedLine, units: Decimal, rounding: Rounding) -> Decimal:
    """What of a line's discount falls on its first units."""
    return rounding.amount(whole.discount * units / whole.quantity)
