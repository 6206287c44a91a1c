"""Guards against a catalogue that disappears: many sizes that fall to zero must wait."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal

from ledger import IntentRow, Level, Shelf, Unit
from settings.connection import Connection
from settings.stock import StockRules
from tasks.stock_figures import Figures
from tasks.stock_places import Places
from tasks.vanished import FEW, VISMA, refuse_loss

__all__ = [
    "guard_zeros",
    "leave_out_parts",
    "refuse_emptiness",
    "refuse_part_of_sums",
    "waits_for_orders",
    "why_held",
]

_MISSING = "stock.missing"
_SUMMED = "stock.summed"
_SETTING = "stock.max_unknown_share"
_SEE = (
    "check that the application may see that warehouse, or take it out of "
    "stock.warehouses"
)
_UNSEEN = " (nobody knows what Centra has there)"


def why_held(
    zeros: Collection[Shelf],
    above_zero: Iterable[int],
    fallen: Collection[Shelf],
    names: Mapping[int, str],
    rules: StockRules,
    *,
    unseen: Collection[int] = (),
) -> dict[int, str]:
    """Say of each warehouse why its rows that fall to zero must wait; most need not.

    `above_zero` has a warehouse for each of its sizes that now is above zero, `fallen`
    are those that runs have set to zero lately: many small steps are one large one. Of
    the warehouses `unseen` nobody knows what Centra has there: each of their sizes may
    be above zero.
    """
    falling = Counter(shelf.warehouse for shelf in zeros)
    before = Counter(one.warehouse for one in {*fallen} - {*zeros})
    there = Counter(above_zero) + before
    held: dict[int, str] = {}
    for warehouse, now in sorted(falling.items()):
        count = now + before[warehouse]
        share = Decimal(count) / max(there[warehouse], count)
        limits = []
        if count > rules.max_zeros:
            limits.append(f"max_zeros = {rules.max_zeros}")
        if count > FEW and share > rules.max_zero_share:
            limits.append(f"max_zero_share = {rules.max_zero_share}")
        if limits:
            of_what = "sizes" if warehouse in unseen else "sizes in stock"
            held[warehouse] = (
                f"{count} of {max(there[warehouse], count)} {of_what} in "
                f"{names[warehouse]} would fall to zero"
                f"{_UNSEEN if warehouse in unseen else ''}"
                f"{_lately(before[warehouse], rules)}, more than stock."
                f"{' and '.join(limits)}"
            )
    return held


def _lately(before: int, rules: StockRules) -> str:
    hours = rules.zero_hours
    return f" ({before} of them did in the last {hours} hours)" if before else ""


def refuse_emptiness(
    unit: Unit,
    figures: Iterable[tuple[int, str]],
    levels: Iterable[Level],
    names: Mapping[int, str],
    rules: StockRules,
) -> None:
    """Stop before a whole answer that lacks too many figures which were known before.

    `figures` are warehouses of Centra with the items that a figure came for, `names`
    those of all warehouses. What was missing from the answer before is not counted
    again, and what is missing now is kept for the next time.

    Raises:
        AbortError: That cannot be right: it is a wrong company, filter or permission.
    """
    there = {(warehouse, item.casefold()) for warehouse, item in figures}
    missing = {
        (one, item) for one, item in json.loads(unit.cursors.get(_MISSING) or "[]")
    }
    known = {
        (one.warehouse, one.sku.casefold())
        for one in levels
        if one.quantity is not None and one.warehouse in names
    }
    counted, lost = known - missing, known - missing - there
    refuse_loss(
        "Visma.net's stock list has",
        len(lost),
        len(counted),
        rules.max_unknown_share,
        setting=_SETTING,
        advice=VISMA,
    )
    before, gone = (Counter(one for one, _ in some) for some in (counted, lost))
    for warehouse, many in sorted(gone.items()):
        if many > FEW:
            what = f"Visma.net's stock list, for {names[warehouse]}, has"
            refuse_loss(
                what,
                many,
                before[warehouse],
                rules.max_unknown_share,
                setting=_SETTING,
                advice=VISMA,
            )
    unit.cursors.move(_MISSING, json.dumps(sorted(known - there)))


def refuse_part_of_sums(
    unit: Unit,
    figures: Iterable[tuple[str, str]],
    places: Mapping[str, int],
    known: Iterable[str],
    rules: StockRules,
) -> None:
    """Stop before a whole answer that lacks one of several warehouses that are added up.

    The others tell figures of the same items, so none of them seems to be missing.
    `figures` are items with the warehouses of Visma.net that a figure came for, `places`
    says which of them is which of Centra, `known` are the items that have a size there.
    What came is kept for the next time, of the warehouses that are added up.

    Raises:
        AbortError: That cannot be right: people may not see the warehouse any more.
    """
    told: defaultdict[str, set[str]] = defaultdict(set)
    for item, warehouse in figures:
        told[warehouse].add(item.casefold())
    items = {one.casefold() for one in known}
    before = json.loads(unit.cursors.get(_SUMMED) or "{}")
    for warehouse in sorted({*before} & {*places}):
        counted = items & {*before[warehouse]}
        lost = counted - told[warehouse]
        if len(lost) > FEW:
            _refuse_lost("stock list", warehouse, lost, counted, rules)
    many = Counter(places.values())
    summed = {one: sorted(told[one]) for one, at in places.items() if many[at] > 1}
    unit.cursors.move(_SUMMED, json.dumps(summed))


def _refuse_lost(
    what: str,
    warehouse: str,
    lost: Collection[str],
    counted: Collection[str],
    rules: StockRules,
) -> None:
    """Stop where a list lacks too many items of one of Visma.net's warehouses."""
    refuse_loss(
        f"Visma.net's {what}, for its warehouse {warehouse}, has",
        len(lost),
        len(counted),
        rules.max_unknown_share,
        setting=_SETTING,
        advice=_SEE,
    )


def leave_out_parts(
    unit: Unit, figures: Figures, places: Places, rules: StockRules
) -> None:
    """Leave out sums of which a part is missing that the last whole answer had.

    What is left of the sum would be set. Centra keeps what it has of these until the
    answer has all, or until a whole reading.

    Raises:
        AbortError: None of many has it: people may not see the warehouse any more.
    """
    before = json.loads(unit.cursors.get(_SUMMED) or "{}")
    for warehouse in sorted({*before} & {*places.by_visma}):
        at = places.by_visma[warehouse]
        read = {
            (item.casefold(), one)
            for item, one in figures.by_place
            if places.by_visma[one] == at
        }
        counted = {item for item, _ in read} & {*before[warehouse]}
        lost = {item for item in counted if (item, warehouse) not in read}
        if len(lost) > FEW and lost == counted:
            _refuse_lost("list of changes", warehouse, lost, counted, rules)
        for item, one in [*figures.by_place]:
            if item.casefold() in lost and places.by_visma[one] == at:
                del figures.by_place[item, one]


def guard_zeros(
    unit: Unit, settings: Connection, intents: Sequence[IntentRow]
) -> Mapping[int, str]:
    """Hold the chunks that were dealt out to wait for approval."""
    del unit, settings
    return {
        one.intent_id: one.summary["held"] for one in intents if one.summary.get("held")
    }


def waits_for_orders(unit: Unit, settings: Connection) -> str | None:
    """Why stock may not go live before orders do, where they come from here."""
    if settings.stock.orders_elsewhere or unit.plans.is_live("orders"):
        return None
    return (
        "orders did not go live yet, and what Centra has shipped that Visma.net does "
        "not know of would be on sale again; approve the first plan of orders before "
        "that of stock, or set stock.orders_elsewhere = true if another system books "
        "Centra's orders in Visma.net"
    )
