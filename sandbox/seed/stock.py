"""What lies where when a world begins: one table for both sides.

Visma.net's warehouses hold `quantity_of(item, warehouse)` units; a warehouse of Centra holds what its
Visma.net warehouses hold together (`PLACES`), but for a few planted differences (`DIFFERENCES`).
Orders, shipments and returns of the seed come on top of that in Centra, and only there: Visma.net
knows none of them yet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from zlib import crc32

__all__ = [
    "DIFFERENCES",
    "PLACES",
    "ExtraSize",
    "Place",
    "extra_sizes",
    "opening_of",
    "quantity_of",
]


@dataclass(frozen=True)
class Place:
    """One warehouse of Centra, with the Visma.net warehouses that it stands for."""

    name: str
    visma: tuple[str, ...] = ()
    threshold: int = 0
    sells: bool = True
    """Whether the allocation rules take from it."""


PLACES: Final = (
    Place("Main warehouse", ("MAIN",)),
    Place("Retail store", ("RETAIL",), threshold=2),
    Place("Returns", sells=False),
)
"""The warehouses of every Centra instance, in the order in which orders take from them."""

_DEEPEST: Final = {"MAIN": (1000, 500), "RETAIL": (4, 37)}
"""By warehouse of Visma.net: the least of an item, and how many more there may be."""

DIFFERENCES: Final = {
    ("Main warehouse", "NH1001BLKM"): 7,
    ("Main warehouse", "NH1102NAVS"): -12,
    ("Main warehouse", "NH1203ECRL"): 150,
    ("Main warehouse", "NH1901ECROS"): -1,
    ("Retail store", "NH1501REDOS"): 3,
    ("Retail store", "NH1302BLK32"): -4,
}
"""What Centra has more than Visma.net, by warehouse of Centra and SKU."""


def quantity_of(item: str, warehouse: str) -> int:
    """Return the units of an item in a warehouse of Visma.net, the same in every world.

    The main warehouse has enough for every seed; a warehouse without a row here has none.
    """
    least, more = _DEEPEST.get(warehouse, (0, 1))
    return least + crc32(f"{warehouse}/{item}".encode()) % more


def opening_of(sku: str, place: Place) -> int:
    """Return the units of a size in a warehouse of Centra, before its first order."""
    there = sum(quantity_of(sku, warehouse) for warehouse in place.visma)
    return max(0, there + DIFFERENCES.get((place.name, sku), 0))


@dataclass(frozen=True)
class ExtraSize:
    """One of the many sizes of a large catalogue: SKU, and where it belongs."""

    style: str
    colour: str
    size: str
    number: int

    @property
    def sku(self) -> str:
        """The number of the item in Visma.net."""
        return f"{self.style}{self.colour}{self.size}"


def extra_sizes(count: int) -> Iterator[ExtraSize]:
    """Yield so many sizes of styles that nobody orders: ten to a colour, ten colours to a style."""
    for number in range(count):
        style, rest = divmod(number, 100)
        colour, size = divmod(rest, 10)
        yield ExtraSize(f"NX{style:05}", f"C{colour}", f"S{size}", number)
