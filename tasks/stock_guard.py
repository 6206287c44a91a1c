"""Guards against a catalogue that disappears: many sizes that fall to zero must wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal

from connectors.errors import AbortError
from ledger import IntentRow, Shelf, Unit
from settings.connection import Connection
from settings.stock import StockRules

__all__ = ["FEW", "guard_zeros", "refuse_emptiness", "why_held"]

FEW = 10
"""So many zeros are never held by their share alone: a small warehouse sells out."""


def why_held(
    zeros: Collection[Shelf],
    above_zero: Iterable[int],
    names: Mapping[int, str],
    rules: StockRules,
) -> dict[int, str]:
    """Say of each warehouse why its rows that fall to zero must wait; most need not.

    `above_zero` has a warehouse for each of its sizes that now is above zero.
    """
    falling = Counter(shelf.warehouse for shelf in zeros)
    there = Counter(above_zero)
    held: dict[int, str] = {}
    for warehouse, count in sorted(falling.items()):
        share = Decimal(count) / max(there[warehouse], count)
        limits = []
        if count > rules.max_zeros:
            limits.append(f"max_zeros = {rules.max_zeros}")
        if count > FEW and share > rules.max_zero_share:
            limits.append(f"max_zero_share = {rules.max_zero_share}")
        if limits:
            held[warehouse] = (
                f"{count} of {max(there[warehouse], count)} sizes in stock in "
                f"{names[warehouse]} would fall to zero, more than stock."
                f"{' and '.join(limits)}"
            )
    return held


def refuse_emptiness(figures: int, known: int) -> None:
    """Stop before an answer without a single figure, where there were some.

    Raises:
        AbortError: That cannot be right: it is a wrong company, filter or permission.
    """
    if known and not figures:
        message = (
            f"Visma.net answers with no stock at all, where {known} figures were known "
            "before: nothing was set; check the company (visma.tenant_id) and what the "
            "application may read, then run it again"
        )
        raise AbortError(message)


def guard_zeros(
    unit: Unit, settings: Connection, intents: Sequence[IntentRow]
) -> Mapping[int, str]:
    """Hold the chunks that were dealt out to wait for approval."""
    del unit, settings
    return {
        one.intent_id: one.summary["held"] for one in intents if one.summary.get("held")
    }
