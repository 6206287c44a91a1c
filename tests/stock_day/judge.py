"""The judge: compares what Centra shows with what is truly free, after every step.

Nothing here asks the connector anything. The truth is the sandbox's own (`/_sandbox/shelf`);
beside it the judge keeps only what moved outside Centra, and when Visma.net was read.

The sentence it judges by: what Centra shows exceeds what is truly free by no more than what
moved outside Centra since Visma.net was last read; never because of the connector's own
arithmetic or a late retry; and it is equal once both sides are quiet. So it allows

- what people took outside Centra since the last reading that was carried over began: that is
  the sentence itself;
- what was sold elsewhere though it was not there, as far as goods are found in Centra after it.
  Read literally the sentence does not allow this: it moved outside before Visma.net was read.
  But no reading can carry it over, as no figure of Centra is below nothing, and Centra adds
  what people find by itself, before any connector hears of it. So no connector can do better,
  and it is no more than what is missing there and no more than what was found, until the next
  reading that is carried over;
- what Centra took by itself between the last question for it and the arrival of the figure
  that was set, and what the network delivered after everybody had given up waiting: such a
  figure was right when it left, and no arithmetic can call it back. It must be set right by
  the next reading that is carried over. A figure that the connector sends anew, however late,
  is judged like any other.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.shelf import Shelf, shelves_of
from sandbox.world import World

__all__ = ["Judge"]

_LINES = 60
Key = tuple[str, str]
"""A warehouse of Centra, and a SKU."""


@dataclass
class Judge:
    """Looks at some sizes of one shop, in units.

    `counts_reserved` says whether Visma.net's figure leaves open orders out that Centra
    does not know: only then can the shop know of them.
    """

    world: World
    skus: Collection[str]
    elapsed: Callable[[], float]
    counts_reserved: bool
    breach: str | None = None
    """The first time that something was on sale that was not there, or not on sale though
    it was; with what happened to that size before."""
    steps: int = 0
    worst: int = 0
    """The most that was ever shown above what was truly free, allowed as it was."""
    _outside: defaultdict[Key, list[tuple[float, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _late: defaultdict[Key, list[tuple[float, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _owed: defaultdict[Key, list[tuple[float, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _taken: defaultdict[Key, list[tuple[float, int, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """When, the how manieth thing that happened it was, and units."""
    _in_flight: Counter[Key] = field(default_factory=Counter)
    _looked_at: dict[str, int] = field(default_factory=dict)
    _happened: int = 0
    _history: defaultdict[str, deque[str]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=_LINES))
    )
    _last: dict[Key, Shelf] = field(default_factory=dict)
    _over: dict[int, datetime] = field(default_factory=dict)

    def note(self, line: str, skus: Iterable[str] | None = None) -> None:
        """Remember what happened to some sizes, or to all, for whoever reads a breach."""
        told = f"{self.elapsed():9.2f} {line}"
        for sku in self.skus if skus is None else skus:
            if sku in self.skus:
                self._history[sku].append(told)

    def looked_at_centra(self, asker: str) -> None:
        """Somebody who sets stock has just been told what Centra has taken by itself.

        What happens at the same moment, but after it, was not told: so things are counted.
        """
        self._happened += 1
        self._looked_at[asker] = self._happened

    def step(
        self, source: str, skus: Collection[str] | None = None, asker: str = ""
    ) -> None:
        """Judge what was done.

        It was done by people of a side (`Centra`, `Visma.net`), by a program that sets
        stock (`set`, or `late` if nobody waits for it any more), or by any other `program`.
        What people do outside Centra may take goods that the shop still shows, until
        Visma.net is read again. No program moves goods, whatever it writes.
        """
        now = self._look(skus)
        for key, shelf in now.items():
            was = self._last.get(key)
            if was is not None and was != shelf:
                self._compare(source, asker, key, was, shelf)
        self._last |= now
        self.steps += 1
        for shelf in now.values():
            self._judge(shelf)

    def read(self, since: float) -> None:
        """Visma.net was read, from `since` on, and what was read has been carried over."""
        self._in_flight.clear()
        self._looked_at.clear()
        for moves in (self._outside, self._late, self._owed):
            for key, rows in moves.items():
                moves[key] = [row for row in rows if row[0] > since]
        for key, taken in self._taken.items():
            self._taken[key] = [row for row in taken if row[0] > since]
        self.steps += 1
        for shelf in self._look(None).values():
            self._judge(shelf)

    def rest(self) -> None:
        """Judge a shop in which everything has come to rest: what is free is shown."""
        for shelf in self._look(None).values():
            wanted = self._at_rest(shelf)
            if shelf.free != wanted:
                self._breach(
                    shelf, f"shows {shelf.free} at rest, and {wanted} are free"
                )

    def shown(self) -> list[Shelf]:
        """Every shelf as it is now."""
        return list(self._look(None).values())

    def _compare(
        self, source: str, asker: str, key: Key, was: Shelf, now: Shelf
    ) -> None:
        at, less = self.elapsed(), was.physical - now.physical
        lost = self._left(was) - self._left(now)
        if source == "Visma.net" and lost > 0:
            self._outside[key].append((at, lost))
        elif source not in {"Visma.net", "Centra"} and self._truth(was) != self._truth(
            now
        ):
            self._breach(now, f"was moved by a program: before it {was}")
        owed = self._reserved(was) - was.on_shelf
        if source == "Centra" and less < 0 < owed:
            self._owed[key].append((at, min(owed, -less)))
        if source == "late" and less < 0:
            self._late[key].append((at, -less))
        elif source == "set":
            # What Centra took by itself since it was asked is in no figure that is set.
            since = self._looked_at.get(asker, 0)
            taken = [units for _, place, units in self._taken[key] if place > since]
            self._in_flight[key] = sum(taken)
        elif less > 0:
            self._happened += 1
            self._taken[key].append((at, self._happened, less))
        self.note(f"    {source}: {_told(now)}", [now.sku])

    def _judge(self, shelf: Shelf) -> None:
        key = (shelf.warehouse, shelf.sku)
        above = shelf.free - self._free(shelf)
        outside = (*self._outside[key], *self._owed[key])
        allowed = sum(units for _, units in outside)
        late = sum(units for _, units in self._late[key]) + self._in_flight[key]
        if above > allowed + late:
            self._breach(
                shelf,
                f"shows {shelf.free}, and {self._free(shelf)} are free: {above} too many, "
                f"where {allowed} moved outside Centra since Visma.net was read"
                + (f" and {late} came late or were in the air" if late else ""),
            )
        self.worst = max(self.worst, above)

    def _left(self, shelf: Shelf) -> int:
        """What is left for Centra's orders that are still to come, or less than nothing."""
        return shelf.on_shelf - self._reserved(shelf) - shelf.promised

    def _free(self, shelf: Shelf) -> int:
        """What can still be sold; no figure says that less than nothing lies there."""
        return max(0, shelf.on_shelf - self._reserved(shelf)) - shelf.promised

    def _at_rest(self, shelf: Shelf) -> int:
        """What Centra must show: what is free, as far as PHYSICAL, never below 0, can say it.

        Where less than nothing is left, Centra shows no more than what it has promised
        itself: also what has left in Visma.net, and what nobody could tell Centra of.
        """
        if shelf.on_shelf >= self._reserved(shelf):
            return self._free(shelf)
        promised = shelf.physical - shelf.free
        return max(0, self._left(shelf) + promised) - promised

    def _truth(self, shelf: Shelf) -> tuple[int, int]:
        return shelf.on_shelf, shelf.on_shelf - shelf.promised

    def _reserved(self, shelf: Shelf) -> int:
        return shelf.reserved if self.counts_reserved else 0

    def _look(self, skus: Collection[str] | None) -> dict[Key, Shelf]:
        wanted = (
            self.skus if skus is None else [one for one in skus if one in self.skus]
        )
        rows = shelves_of(self.world, "nordhem", wanted, self._over) if wanted else []
        return {(one.warehouse, one.sku): one for one in rows}

    def _breach(self, shelf: Shelf, why: str) -> None:
        if self.breach is None:
            past = "\n".join(self._history[shelf.sku])
            when = f"{self.elapsed():.2f} s"
            self.breach = f"{shelf.warehouse}, {shelf.sku}, after {when}: it {why}\n{shelf}\n{past}"


def _told(shelf: Shelf) -> str:
    return (
        f"{shelf.warehouse}: {shelf.on_shelf} on the shelf, {shelf.promised} promised, "
        f"{shelf.reserved} reserved; Centra has {shelf.physical}, shows {shelf.free}"
    )
