"""What each side has taken of each shelf, around the moment at which figures were read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from ledger import TakenAt, Unit
from mapping.stock import lower_of
from mapping.stock_chunks import Taken

__all__ = ["Basis", "basis_of", "moves_since", "summed"]

Basis = Mapping[tuple[int, str], Taken]
"""By warehouse of Centra and item of Visma.net: what each side has taken, by sale."""


def basis_of(unit: Unit, before: Mapping[TakenAt, int]) -> dict[tuple[int, str], Taken]:
    """What to work out quantities from: `before` is what Visma.net had taken before.

    Of what it had taken before its figures were read, and has taken now, the smaller
    number counts: that one is surely in the figure. Centra's is that of now. A sale
    that was settled in between is in no figure for sure, so it counts all the same.
    """
    rows = unit.moves.known_since(before)
    lowest = lower_of(before, {row.key: row.at_visma for row in rows})
    found: defaultdict[tuple[int, str], dict[str, tuple[int, int]]] = defaultdict(dict)
    for row in rows:
        taken = (lowest.get(row.key, 0), row.at_centra)
        found[row.warehouse, row.sku][row.source] = taken
    return dict(found)


def summed(basis: Basis) -> Iterator[tuple[int, str, int, int]]:
    """Warehouse, item, and what each side has taken in all."""
    for (warehouse, item), taken in basis.items():
        yield (
            warehouse,
            item,
            sum(one[0] for one in taken.values()),
            sum(one[1] for one in taken.values()),
        )


def moves_since(
    unit: Unit, shelves: Mapping[tuple[int, str], Collection[str]]
) -> dict[tuple[int, str], tuple[Taken, Taken]]:
    """What each side has taken by now, and of sales that were settled since.

    `shelves` are warehouses and items, each with the sales that were known then.
    """
    items = {item for _, item in shelves}
    sources = {source for known in shelves.values() for source in known}
    now: dict[tuple[int, str], dict[str, tuple[int, int]]] = {}
    over: dict[tuple[int, str], dict[str, tuple[int, int]]] = {}
    for row in unit.moves.open_rows(items):
        taken = (row.at_visma, row.at_centra)
        now.setdefault((row.warehouse, row.sku), {})[row.source] = taken
    for row in unit.moves.rows(sources):
        key = (row.warehouse, row.sku)
        if row.is_settled and row.source in shelves.get(key, ()):
            over.setdefault(key, {})[row.source] = (row.at_visma, row.at_centra)
    return {key: (now.get(key, {}), over.get(key, {})) for key in shelves}
