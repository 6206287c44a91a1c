"""A count or correction of stock in Centra becomes an inventory adjustment.

One stock change is one adjustment, whatever it moves: what left one warehouse for
another is a line less here and a line more there, so both are released together.
Visma.net's own transfer is not used: its current specification no longer has it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from connectors.centra.stock_change_models import StockChange, StockChangeLine
from connectors.errors import RecordError
from connectors.visma import models as visma
from connectors.visma.adjustment_models import AdjustmentWrite, NewAdjustmentLine
from mapping.dates import document_date, posting_date
from mapping.drafts import digest
from mapping.items import item_of_size
from mapping.references import adjustment_reference, own_stock_change
from mapping.scope import LeftOut
from mapping.texts import clean, cut
from settings.connection import Connection

__all__ = [
    "AdjustmentDraft",
    "UnitsMoved",
    "is_by_hand",
    "is_one_move",
    "kept_changes",
    "stock_changes_to_adjustment",
    "units_moved",
    "warehouse_of",
]

_DESCRIPTION = 256
_NUMBER = "<number>"
"""In `stock_adjustments.ignore_descriptions`: digits, with dashes between them."""
_CENTRAS_OWN = (
    f"Shipment {_NUMBER}",
    f"Return {_NUMBER}",
    f"Return {_NUMBER} not completed",
    f"Return {_NUMBER} deleted",
)
"""How Centra words the stock changes that it makes of shipments and returns."""


class UnitsMoved(BaseModel):
    """Units of an item that came to a warehouse of Centra (negative: left it)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    item: str
    warehouse: int
    quantity: int


class AdjustmentDraft(BaseModel):
    """The adjustment that answers a stock change of Centra."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    adjustment: AdjustmentWrite
    on: date
    releases: bool
    """Whether the connector is to release it once it is proved."""

    @property
    def reference(self) -> str:
        """By which it is found again."""
        return self.adjustment.external_reference or ""

    @property
    def hash(self) -> str:
        """The same for the same adjustment: what tells that nothing has changed."""
        return digest({"adjustment": self.adjustment, "releases": self.releases})


def is_by_hand(change: StockChange, connection: Connection) -> bool:
    """Whether people made it: neither the connector, nor sales and returns.

    Only its description tells: Centra's own, and those that the settings add. What has
    `<number>` is the whole description, to the letter; else it is how one begins.
    """
    if change.description.startswith(own_stock_change(connection.prefix)):
        return False
    others = (*_CENTRAS_OWN, *connection.stock_adjustments.ignore_descriptions)
    return not any(_is_worded(change.description, one) for one in others)


def _is_worded(description: str, form: str) -> bool:
    if _NUMBER not in form:
        return description.casefold().startswith(form.casefold())
    parts = map(re.escape, form.split(_NUMBER))
    return re.fullmatch(r"\d+(?:-\d+)*".join(parts), description) is not None


def is_one_move(one: StockChange, other: StockChange) -> bool:
    """Whether two stock changes are the two ends of one move between warehouses.

    Centra has a change for each warehouse: made at once, with the same words, and what
    left the one is what came to the other.
    """
    return (
        one.warehouse.id != other.warehouse.id
        and one.created_at == other.created_at
        and one.description == other.description
        and bool(one.lines)
        and _by_size(one, 1) == _by_size(other, -1)
    )


def units_moved(
    changes: Sequence[StockChange], connection: Connection, *, known_only: bool = False
) -> tuple[UnitsMoved, ...]:
    """Return what stock changes moved, added up by item; what comes to nothing is out.

    With `known_only` lines without an item are left out.

    Raises:
        RecordError: a size was deleted, or has no number that Visma.net could know.
    """
    found: defaultdict[tuple[str, int], int] = defaultdict(int)
    for change in changes:
        for line in change.lines:
            try:
                item = _item(change, line, connection)
            except RecordError:
                if known_only:
                    continue
                raise
            found[item, change.warehouse.id] += line.delivered_quantity
    return tuple(
        UnitsMoved(item=item, warehouse=warehouse, quantity=quantity)
        for (item, warehouse), quantity in sorted(found.items())
        if quantity
    )


def kept_changes(
    changes: Sequence[StockChange], connection: Connection
) -> list[StockChange]:
    """Return those of warehouses whose stock Visma.net keeps."""
    ignored = set(connection.stock_adjustments.ignore_warehouses)
    return [one for one in changes if ignored.isdisjoint(_names(one))]


def stock_changes_to_adjustment(
    changes: Sequence[StockChange],
    *,
    connection: Connection,
    periods: Sequence[visma.Period],
    is_known: bool,
    is_backfill: bool,
) -> AdjustmentDraft | LeftOut:
    """Make the adjustment of a stock change, or of the two ends of a move.

    Answers why it is left out, where it is.

    Raises:
        RecordError: a warehouse or a size is not mapped, or its period is closed.
    """
    first, rules = changes[0], connection.stock_adjustments
    on = document_date(first.created_at, connection.zone)
    if not is_known and not is_backfill and on < connection.start_on:
        start = connection.start_on
        return LeftOut("BEFORE_START", f"made on {on}, before start_on {start}")
    if not is_by_hand(first, connection):
        return LeftOut("NOT_BY_HAND", f"it is described as '{first.description}'")
    kept = kept_changes(changes, connection)
    if not kept:
        return LeftOut("WAREHOUSE_IGNORED", f"of {first.warehouse.name}")
    moved = units_moved(kept, connection)
    if not moved:
        return LeftOut("NO_QUANTITY", "nothing of it has changed any stock")
    warehouses = {one.warehouse.id: warehouse_of(one, connection) for one in kept}
    lines = _lines(moved, warehouses, rules.reason_code)
    if not lines:
        why = "its warehouses are one in Visma.net, where nothing moves"
        return LeftOut("NO_QUANTITY", why)
    posted = posting_date(
        on,
        periods,
        closed=connection.orders.closed_periods,
        record_id=f"stock change {first.id}",
        book="inventory",
    )
    adjustment = AdjustmentWrite(
        hold=True,
        date=f"{posted.on.isoformat()}T00:00:00",
        post_period=posted.post_period,
        external_reference=adjustment_reference(connection.prefix, first.id),
        description=_description(first, connection.zone),
        branch_number=connection.visma.branch,
        adjustment_lines=lines,
    )
    return AdjustmentDraft(
        adjustment=adjustment, on=posted.on, releases=rules.releases == "connector"
    )


def warehouse_of(change: StockChange, connection: Connection) -> str:
    """Return the one warehouse of Visma.net that answers that of a stock change.

    Raises:
        RecordError: there is none, or there are several.
    """
    name, names = change.warehouse.name, _names(change)
    chosen = connection.stock_adjustments.warehouses
    for own in (chosen[one] for one in names if one in chosen):
        return own
    mapped = connection.stock.warehouses
    known = next((mapped[one] for one in names if one in mapped), ())
    if len(known) == 1:
        return known[0]
    if known:
        what = f"is {' and '.join(known)} in Visma.net: which of them was counted"
        fix = f'Add [stock_adjustments.warehouses] "{name}" = "{known[0]}".'
    else:
        what = "has no warehouse in Visma.net"
        fix = (
            f'Add [stock.warehouses] "{name}" = ["<warehouse>"], or name it in '
            "stock_adjustments.ignore_warehouses if Visma.net does not keep its stock."
        )
    raise RecordError(
        f"Stock change {change.id}: Centra's warehouse {name} {what}.",
        code="WAREHOUSE_UNKNOWN",
        fix=fix,
        record_id=str(change.id),
    )


def _lines(
    moved: Sequence[UnitsMoved], warehouses: Mapping[int, str], reason_code: str | None
) -> tuple[NewAdjustmentLine, ...]:
    """A line for each item and warehouse of Visma.net, unless it comes to nothing there."""
    found: defaultdict[tuple[str, str], int] = defaultdict(int)
    for one in moved:
        found[one.item, warehouses[one.warehouse]] += one.quantity
    return tuple(
        NewAdjustmentLine(
            inventory_number=item,
            warehouse_id=warehouse,
            quantity=Decimal(units),
            reason_code=reason_code,
        )
        for (item, warehouse), units in found.items()
        if units
    )


def _by_size(change: StockChange, sign: int) -> dict[int, int]:
    found: defaultdict[int, int] = defaultdict(int)
    for line in change.lines:
        if line.product_size is not None:
            found[line.product_size.id] += sign * line.delivered_quantity
    return dict(found)


def _item(change: StockChange, line: StockChangeLine, connection: Connection) -> str:
    size, rules = line.product_size, connection.orders
    item = item_of_size(size.sku, size.ean, rules) if size is not None else None
    if item is not None:
        return item
    which = f"size {size.id}" if size else "a size that was deleted"
    raise RecordError(
        f"Stock change {change.id} moved {which}, which has no {rules.item_number}.",
        code="ITEM_NUMBER_MISSING",
        fix=f"Give the size its {rules.item_number} in Centra, or book the change by "
        "hand and set this aside.",
        record_id=str(change.id),
    )


def _names(change: StockChange) -> tuple[str, str]:
    """How settings may name a warehouse of Centra."""
    return change.warehouse.name, str(change.warehouse.id)


def _description(change: StockChange, zone: ZoneInfo) -> str:
    """Our own words, then those of whoever made the change."""
    at: datetime = change.created_at.astimezone(zone)
    own = f"Centra stock change {change.id}, {at:%Y-%m-%d %H:%M}"
    said = clean(change.description)
    return cut(f"{own}: {said}" if said else own, _DESCRIPTION)
