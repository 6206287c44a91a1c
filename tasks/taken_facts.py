"""What is remembered of each sale on both sides, until it is settled on both.

Kept in the index, so a reading costs no call for what did not change. A *source* is
`order:<number>` or `return:<id>` of Centra. A source is *dirty* from the moment one
of its facts changes until its moves were worked out: a killed run loses nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from ledger import IndexRow, Unit
from mapping.stock import BOOKED
from tasks.stock_facts import BackFact, OrderFact, SaleFact, ShipmentFact, StockFact

__all__ = [
    "LONG_AGO",
    "booking_sources",
    "claim",
    "clean",
    "dirty",
    "find_backs",
    "find_orders",
    "find_sales",
    "find_shipments",
    "forget",
    "forget_strangers",
    "forgotten",
    "mark_dirty",
    "note_orders",
    "note_sales",
    "note_shipments",
    "note_unreadable",
    "order_of",
    "orders_of",
    "over_since",
    "remembered",
    "shipments_of",
    "unreadable_orders",
]

_ORDER = "stock_order"
_SHIPMENT = "stock_shipment"
_SALE = "stock_sale"
_DIRTY = "stock_dirty"
_OVER = "stock_over"
_NOT_READ = "stock_not_read"

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""When an order that Centra never had was changed last."""


Fact = TypeVar("Fact", bound=StockFact)


# -- what Visma.net has


def note_orders(unit: Unit, facts: Sequence[OrderFact]) -> None:
    """Keep sales orders as they are now, and have their sales worked out."""
    rows = [_row(_ORDER, "sale", one.source, one.target, one) for one in facts]
    unit.index.put(_ORDER, rows)
    unit.index.remove(_NOT_READ, [one.target for one in facts])
    mark_dirty(unit, {one.source for one in facts})


def find_orders(unit: Unit, sources: Collection[str]) -> dict[str, list[OrderFact]]:
    """Sales orders by source; more than one is possible, after a cancelled one."""
    return _find(unit, _ORDER, "sale", sources, OrderFact)


def order_of(unit: Unit, target: str) -> OrderFact | None:
    """The sales order with a number (`type/number`), or None if it is not ours."""
    return orders_of(unit, [target]).get(target)


def orders_of(unit: Unit, targets: Collection[str]) -> dict[str, OrderFact]:
    """The sales orders with these numbers (`type/number`) that are ours."""
    found = unit.index.of_targets(_ORDER, targets)
    return {target: _read(rows[0], OrderFact) for target, rows in found.items()}


def note_shipments(unit: Unit, number: str, facts: Sequence[ShipmentFact]) -> None:
    """Keep a shipment as it is now: a fact for each sales order that it serves."""
    unit.index.remove(_SHIPMENT, [number])
    rows = [_row(_SHIPMENT, "order", one.order, number, one) for one in facts]
    unit.index.add(_SHIPMENT, rows)


def find_shipments(
    unit: Unit, orders: Collection[str]
) -> dict[str, list[ShipmentFact]]:
    """Shipments by sales order (`type/number`)."""
    return _find(unit, _SHIPMENT, "order", orders, ShipmentFact)


def shipments_of(unit: Unit, numbers: Collection[str]) -> dict[str, list[ShipmentFact]]:
    """What is known of shipments, by number."""
    found = unit.index.of_targets(_SHIPMENT, numbers)
    return {
        number: [_read(row, ShipmentFact) for row in rows]
        for number, rows in found.items()
    }


def note_unreadable(unit: Unit, target: str, why: str) -> None:
    """Note that the lines of a sales order cannot be read, until it is noted anew."""
    unit.index.put(_NOT_READ, [IndexRow(_NOT_READ, "all", "all", target, {"why": why})])


def unreadable_orders(unit: Unit) -> dict[str, str]:
    """Sales orders whose lines cannot be read (`type/number`), each with the reason."""
    rows = unit.index.find(_NOT_READ, "all", ["all"]).get("all", [])
    return {row.target_id: row.detail["why"] for row in rows}


def booking_sources(unit: Unit, now: datetime) -> list[str]:
    """Sources of which a sales order books units, as far as it is known."""
    rows = unit.index.unseen_since(_ORDER, now)
    facts = [_read(row, OrderFact) for row in rows]
    return sorted({one.source for one in facts if one.status in BOOKED})


# -- what Centra has


def note_sales(unit: Unit, facts: Sequence[SaleFact | BackFact]) -> None:
    """Keep orders and returns as they are now, and have them worked out."""
    rows = [_row(_SALE, "sale", one.source, one.source, one) for one in facts]
    unit.index.put(_SALE, rows)
    mark_dirty(unit, {one.source for one in facts})


def find_sales(unit: Unit, sources: Collection[str]) -> dict[str, SaleFact]:
    """Orders of Centra by source."""
    wanted = [one for one in sources if one.startswith("order:")]
    found = _find(unit, _SALE, "sale", wanted, SaleFact)
    return {source: facts[0] for source, facts in found.items()}


def find_backs(unit: Unit, sources: Collection[str]) -> dict[str, BackFact]:
    """Returns of Centra by source."""
    wanted = [one for one in sources if one.startswith("return:")]
    found = _find(unit, _SALE, "sale", wanted, BackFact)
    return {source: facts[0] for source, facts in found.items()}


# -- what is to be worked out


def mark_dirty(unit: Unit, sources: Collection[str]) -> None:
    """Have the moves of some sources worked out."""
    unit.index.add(_DIRTY, [IndexRow(_DIRTY, "all", "all", one, {}) for one in sources])


def dirty(unit: Unit) -> list[str]:
    """The sources whose moves must be worked out."""
    rows = unit.index.find(_DIRTY, "all", ["all"]).get("all", [])
    return sorted(row.target_id for row in rows)


def claim(unit: Unit, sources: Collection[str]) -> list[str]:
    """Take sources to work out; those that another worker has done since are not told.

    Whoever finds new facts of one meanwhile waits, and marks it anew.
    """
    return sorted(unit.index.lock(_DIRTY, sources))


def clean(unit: Unit, sources: Collection[str]) -> None:
    """Note that moves were worked out."""
    unit.index.remove(_DIRTY, sources)


def forget(unit: Unit, sources: Collection[str]) -> None:
    """Forget all of some sources but that they are over: what changes later is moot.

    What Centra never had is kept: another sale may come under its number.
    """
    sales, backs = find_sales(unit, sources), find_backs(unit, sources)
    sources = [
        one for one in sources if not _is_strange(sales.get(one), backs.get(one))
    ]
    orders = [one for facts in find_orders(unit, sources).values() for one in facts]
    targets = [one.target for one in orders]
    parts = find_shipments(unit, targets)
    unit.index.remove(
        _SHIPMENT, {one.number for some in parts.values() for one in some}
    )
    unit.index.remove(_ORDER, targets)
    unit.index.remove(_SALE, sources)
    unit.index.add(_OVER, [IndexRow(_OVER, "sale", one, one) for one in sources])


def _is_strange(sale: SaleFact | None, back: BackFact | None) -> bool:
    """Whether Centra never had it; what comes under its number later is another."""
    if back is not None:
        return back.order == 0
    return sale is not None and sale.updated_at == LONG_AGO


def forgotten(unit: Unit, sources: Collection[str]) -> set[str]:
    """Which of these sources are over and forgotten."""
    return set(unit.index.find(_OVER, "sale", sources))


def remembered(unit: Unit, now: datetime) -> list[str]:
    """All orders and returns of Centra that are not forgotten."""
    return [row.key for row in unit.index.unseen_since(_SALE, now)]


def over_since(unit: Unit, moment: datetime) -> list[str]:
    """Sources that were over in Centra at a moment, and did not change there since."""
    found: list[str] = []
    for row in unit.index.unseen_since(_SALE, moment):
        is_order = row.key.startswith("order:")
        fact = _read(row, SaleFact) if is_order else _read(row, BackFact)
        if fact.is_over:
            found.append(row.key)
    return found


def forget_strangers(unit: Unit, moment: datetime) -> None:
    """Forget shipments of other orders than ours that did not change since a moment."""
    rows = unit.index.unseen_since(_SHIPMENT, moment)
    known = {name: order_of(unit, name) for name in {row.key for row in rows}}
    strangers = [row.target_id for row in rows if known[row.key] is None]
    unit.index.remove(_SHIPMENT, strangers)


def _row(kind: str, key_type: str, key: str, target: str, fact: StockFact) -> IndexRow:
    return IndexRow(kind, key_type, key, target, {"json": fact.model_dump_json()})


def _read(row: IndexRow, model: type[Fact]) -> Fact:
    return model.model_validate_json(row.detail["json"])


def _find(
    unit: Unit, kind: str, key_type: str, keys: Collection[str], model: type[Fact]
) -> dict[str, list[Fact]]:
    found = unit.index.find(kind, key_type, keys)
    return {key: [_read(row, model) for row in rows] for key, rows in found.items()}
