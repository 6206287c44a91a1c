"""What one sale has moved on each side, by size and warehouse of Centra.

A *shelf* is a warehouse of Centra (its id) and an item of Visma.net. Both sides tell
of the same units at different times; a move holds what each has told so far.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mapping.stock import Units

__all__ = [
    "CentraTaken",
    "Move",
    "Moves",
    "Shelf",
    "moves_of_count",
    "moves_of_order",
    "moves_of_return",
    "on_shelves",
]

Shelf = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Move:
    """Units by which each side has lowered its own figure of a shelf for one sale."""

    at_visma: int
    at_centra: int


@dataclass(frozen=True, slots=True)
class Moves:
    """The moves of one sale; `is_settled` once both sides have told all."""

    by_shelf: Mapping[Shelf, Move]
    is_settled: bool


@dataclass(frozen=True, slots=True)
class CentraTaken:
    """What Centra has of a sale.

    `sold` are the units of each item that are not cancelled, shipped or not. `gone`
    are those on completed shipments, by item and warehouse; the warehouse is None
    where the store does not tell. `is_over` once nothing more will leave.
    """

    sold: Mapping[str, int]
    gone: Mapping[tuple[str, int | None], int]
    is_over: bool


def on_shelves(taken: Units, places: Mapping[str, int]) -> dict[Shelf, int]:
    """Units by item and Visma.net warehouse, put where Centra keeps them.

    `places` are Centra's warehouses by Visma.net's; what is kept in none is left out.
    """
    found: Counter[Shelf] = Counter()
    for (item, warehouse), units in taken.items():
        if warehouse in places:
            found[places[warehouse], item] += units
    return {shelf: units for shelf, units in found.items() if units}


def moves_of_order(
    at_visma: Mapping[Shelf, int],
    centra: CentraTaken,
    warehouses: Iterable[int],
    *,
    is_over_at_visma: bool,
) -> Moves:
    """What an order has moved.

    Visma.net's part counts only as far as Centra has sold the units too: what Centra
    has cancelled it will never take, so nothing is left to wait for. An order that is
    over on both sides is settled, unless Centra has taken more than Visma.net did:
    these units have left, though Visma.net does not know it.
    """
    known = set(warehouses)
    gone = _with_warehouse(centra.gone, at_visma, known)
    room = Counter(centra.sold)
    if centra.is_over:
        room = Counter()
        for (_, item), units in gone.items():
            room[item] += units
    counted: dict[Shelf, int] = {}
    # Where Centra took units itself comes first: there the two sides cancel out.
    for shelf in sorted(at_visma, key=lambda one: (-gone.get(one, 0), one)):
        counted[shelf] = min(at_visma[shelf], room[shelf[1]])
        room[shelf[1]] -= counted[shelf]
    by_shelf = _joined(counted, gone)
    return Moves(
        by_shelf, is_over_at_visma and centra.is_over and not _left_behind(by_shelf)
    )


def moves_of_return(
    at_visma: Mapping[Shelf, int],
    restocked: Mapping[Shelf, int],
    *,
    is_over_at_visma: bool,
    is_over_at_centra: bool,
) -> Moves:
    """What a return has moved: negative numbers on both sides.

    `restocked` are units that Centra has put back, as positive numbers. Once both
    sides are done Visma.net's own figure says what came back.
    """
    by_shelf = _joined(at_visma, {shelf: -units for shelf, units in restocked.items()})
    return Moves(by_shelf, is_over_at_visma and is_over_at_centra)


def moves_of_count(
    came: Mapping[Shelf, int], *, is_booked: bool, is_given_up: bool
) -> Moves:
    """What people changed in Centra by hand: there at once, in Visma.net once booked.

    `came` are units that came to a shelf, negative where they went. Once it is booked
    Visma.net's own figure says it, and once it is given up that figure is right without.
    """
    gone = {shelf: -units for shelf, units in came.items()}
    return Moves(_joined(gone if is_booked else {}, gone), is_booked or is_given_up)


def _with_warehouse(
    gone: Mapping[tuple[str, int | None], int],
    at_visma: Mapping[Shelf, int],
    known: set[int],
) -> dict[Shelf, int]:
    """Units that left Centra, by shelf.

    Where Centra does not tell the warehouse, they left from where Visma.net has them
    on the order; and if that is not known either, from each: that shows less to sell,
    never more.
    """
    found: Counter[Shelf] = Counter()
    for (item, warehouse), units in gone.items():
        if warehouse is not None:
            if warehouse in known:
                found[warehouse, item] += units
            continue
        left = units
        there = sorted(shelf for shelf in at_visma if shelf[1] == item)
        for shelf in there:
            part = min(left, max(0, at_visma[shelf] - found[shelf]))
            found[shelf] += part
            left -= part
        if left:
            for shelf in there[:1] or [(one, item) for one in known]:
                found[shelf] += left
    return {shelf: units for shelf, units in found.items() if units}


def _left_behind(by_shelf: Mapping[Shelf, Move]) -> bool:
    """Whether Centra has taken more of an item than Visma.net, wherever from."""
    more: Counter[str] = Counter()
    for (_, item), one in by_shelf.items():
        more[item] += one.at_centra - one.at_visma
    return any(units > 0 for units in more.values())


def _joined(
    at_visma: Mapping[Shelf, int], at_centra: Mapping[Shelf, int]
) -> dict[Shelf, Move]:
    shelves = {*at_visma, *at_centra}
    moves = {
        shelf: Move(at_visma.get(shelf, 0), at_centra.get(shelf, 0))
        for shelf in sorted(shelves)
    }
    return {shelf: one for shelf, one in moves.items() if one.at_visma or one.at_centra}
