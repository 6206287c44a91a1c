"""Checks of stock adjustments: what would be booked, and whether its warehouses are there.

What is missing there stops one direction and not the others, so it is a warning.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from connectors.centra.client import CentraClient
from connectors.centra.stock_change_models import StockChange
from connectors.errors import ConfigError, RecordError
from connectors.visma.client import VismaClient
from mapping.stock_adjustments import is_by_hand, kept_changes, warehouse_of
from settings.connection import Connection
from tasks.check_rows import CheckRow, doubtful, fits
from tasks.hand_moves import made_while_off

__all__ = ["adjustment_rows", "described_rows"]

_SHOWN = 5


async def adjustment_rows(
    settings: Connection,
    centra: CentraClient,
    visma: VismaClient,
    since: datetime,
    off: datetime | None,
) -> list[CheckRow]:
    """Check what stock adjustments need, by reading only; nothing where they are off.

    `off` is until when Visma.net's figures were set over what was counted.
    """
    rules = settings.stock_adjustments
    if not rules.enabled:
        return []
    active = {one.warehouse_id for one in await visma.get_warehouses() if one.active}
    rows = list(_mapped_rows(settings, active))
    try:
        pages = centra.iter_stock_change_pages(created=(since, None), with_lines=False)
        changes = [
            read.change
            async for page in pages
            for read in page.changes
            if not made_while_off(read.change.created_at, off)
        ]
    except ConfigError as error:
        fix = (
            "Set centra.verified_fields once the store has them, and give the token "
            "StockChange:read; until then stock_adjustments fails."
        )
        return [*rows, doubtful("stock changes", error.message, fix)]
    rows += described_rows(settings, changes, active)
    reason = rules.reason_code or "none is sent"
    told = f"{reason}: Visma.net lists none, so the first adjustment shows if it fits"
    rows.append(fits("reason code", told))
    return rows


def described_rows(
    settings: Connection,
    changes: Sequence[StockChange],
    warehouses: Collection[str],
) -> Iterator[CheckRow]:
    """Show by their words what would be booked, and what of it has no warehouse.

    `warehouses` are the active ones of Visma.net.
    """
    theirs = [one for one in changes if is_by_hand(one, settings)]
    words = list(dict.fromkeys(one.description or "(no words)" for one in theirs))
    shown = "; ".join(words[:_SHOWN]) + (" …" if len(words) > _SHOWN else "")
    found = f"{len(theirs)} of {len(changes)} would be booked"
    yield fits("stock changes made by hand", f"{found}: {shown}" if words else found)
    places = {one.warehouse.id: one for one in kept_changes(theirs, settings)}
    for change in places.values():
        what = f"counted warehouse {change.warehouse.name}"
        try:
            answered = warehouse_of(change, settings)
        except RecordError as error:
            yield doubtful(what, error.message, error.fix)
            continue
        if answered in warehouses:
            yield fits(what, f"is {answered} in Visma.net")
        else:
            yield doubtful(
                what,
                f"would be booked in {answered}, which is not in Visma.net, or not active",
                "Correct stock.warehouses or [stock_adjustments.warehouses]; known: "
                f"{', '.join(sorted(warehouses)[:10])}.",
            )


def _mapped_rows(
    settings: Connection, warehouses: Collection[str]
) -> Iterator[CheckRow]:
    for name, number in sorted(settings.stock_adjustments.warehouses.items()):
        if number not in warehouses:
            known = ", ".join(sorted(warehouses)[:10])
            yield doubtful(
                f"adjusted warehouse {number}",
                f"is not in Visma.net, or not active (for {name})",
                f"Correct [stock_adjustments.warehouses]; known: {known}.",
            )
