"""Compares an inventory adjustment that stands in Visma.net with the one that was meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from connectors.visma.adjustment_models import Adjustment
from mapping.barcodes import same_code
from mapping.stock_adjustments import AdjustmentDraft

__all__ = ["adjustment_difference"]


def adjustment_difference(draft: AdjustmentDraft, there: Adjustment) -> str | None:
    """Say what is otherwise in an adjustment that stands; None where it is the same."""
    lines = draft.adjustment.adjustment_lines or ()
    wanted = _added_up(
        (one.inventory_number, one.warehouse_id, one.quantity) for one in lines
    )
    found = _added_up((one.item, one.warehouse, one.quantity) for one in there.lines)
    names = {same_code(one.item): one.item for one in there.lines}
    names |= {same_code(one.inventory_number): one.inventory_number for one in lines}
    for key in sorted({*wanted, *found}):
        quantity, want = found.get(key, Decimal(0)), wanted.get(key, Decimal(0))
        if quantity != want:
            item, warehouse = key
            return f"it has {quantity:f} of {names[item]} in {warehouse}, not {want:f}"
    day = (there.date or "")[:10]
    if day != draft.on.isoformat():
        return f"it is dated {day or 'nothing'}, not {draft.on}"
    return None


def _added_up(
    lines: Iterable[tuple[str, str, Decimal]],
) -> dict[tuple[str, str], Decimal]:
    """Quantities by item, in whatever case its number is written, and warehouse."""
    found: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for item, warehouse, quantity in lines:
        found[same_code(item), warehouse] += quantity
    return dict(found)
