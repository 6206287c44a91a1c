"""Which entries of both sides are about the same: by reference, else by order.

Where every document of Visma.net carries the reference of one thing of Centra, they are
compared one by one. Where Visma.net made documents itself (an invoice of a sales order
carries no reference of a shipment), all of an order's are compared together.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mapping.certificate import Entry, Ordered, Pair, Side

__all__ = ["Group", "agreed_orders", "customers_of", "groups_of", "one_sided"]


@dataclass(frozen=True, slots=True)
class Group:
    """What is compared as one: entries of one pair and currency, of either side."""

    pair: Pair
    currency: str
    orders: tuple[int, ...]
    keys: tuple[str, ...]
    centra: tuple[Entry, ...]
    visma: tuple[Entry, ...]
    undone: tuple[Entry, ...] = ()
    """Of Visma.net, too: what was undone, and what undid it. They come to nothing."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All of them."""
        return self.centra + self.visma + self.undone

    @property
    def is_ours(self) -> bool:
        """Whether each document of Visma.net was written by the connector: to the minor unit.

        It carries the reference of one shipment, return or payment (`S12`). The bare
        number of an order may be of what was there before.
        """
        return all(entry.key[:1].isalpha() for entry in self.visma)

    @property
    def ordered(self) -> tuple[Ordered, ...] | None:
        """What its invoices must be that Visma.net made of sales orders; None if one is not.

        All of them are, and together they are of the units that left.
        """
        return None if self.not_billed else self._ordered

    @property
    def not_billed(self) -> Counter[str] | None:
        """Units that left and are on none of the invoices, or too many of which are.

        None, where an invoice is not what its sales orders make it.
        """
        if self._ordered is None:
            return None
        units = Counter[str]()
        for entry in self.centra:
            units.update(dict(entry.units))
        for one in self._ordered:
            units.subtract(dict(one.units))
        return Counter({line: count for line, count in units.items() if count})

    @property
    def _ordered(self) -> tuple[Ordered, ...] | None:
        first = {entry.number: entry for entry in reversed(self.visma)}
        found = [entry.ordered for entry in first.values() if entry.ordered]
        return tuple(found) if first and len(found) == len(first) else None


def groups_of(entries: Iterable[Entry]) -> list[Group]:
    """Deal entries out to groups, in a fixed order."""
    lots: defaultdict[tuple[Pair, str, str], list[Entry]] = defaultdict(list)
    roots = _Roots()
    listed = list(entries)
    for entry in listed:
        roots.join(entry.pair, entry.orders)
    for entry in listed:
        root = roots.of(entry.pair, entry.orders) or f"document {entry.number}"
        lots[entry.pair, entry.currency, root].append(entry)
    return [group for _, lot in sorted(lots.items()) for group in _parts(lot)]


def agreed_orders(groups: Iterable[Group]) -> dict[int, int]:
    """Return the orders whose sales order comes to the same, and to what."""
    return {
        number: _gross(group.centra)
        for group in groups
        if group.pair == "ordered" and _gross(group.centra) == _gross(group.visma)
        for number in group.orders
    }


def customers_of(groups: Iterable[Group]) -> dict[int, set[tuple[str, str]]]:
    """Return the documents of each order, with the customer that each is of."""
    found: dict[int, set[tuple[str, str]]] = {}
    for group in groups:
        for entry in group.visma:
            for order in entry.orders if entry.customer else ():
                found.setdefault(order, set()).add((entry.number, entry.customer))
    return found


def one_sided(groups: Iterable[Group]) -> dict[tuple[Side, Pair, str], str]:
    """Return what only one side has: its currency by side, pair, and key or order."""
    found: dict[tuple[Side, Pair, str], str] = {}
    for group in groups:
        if bool(group.centra) != bool(group.visma):
            side: Side = "centra" if group.centra else "visma"
            for place in (*group.keys, *map(str, group.orders)):
                found[side, group.pair, place] = group.currency
    return found


def _gross(entries: Iterable[Entry]) -> int:
    return sum(entry.gross for entry in entries)


class _Roots:
    """Orders that share a document are one lot (an invoice over several orders)."""

    def __init__(self) -> None:
        self._parent: dict[tuple[Pair, int], tuple[Pair, int]] = {}

    def join(self, pair: Pair, orders: Sequence[int]) -> None:
        for other in orders[1:]:
            first, second = self._find((pair, orders[0])), self._find((pair, other))
            self._parent[max(first, second)] = min(first, second)

    def of(self, pair: Pair, orders: Sequence[int]) -> str | None:
        return f"{self._find((pair, orders[0]))[1]:020}" if orders else None

    def _find(self, node: tuple[Pair, int]) -> tuple[Pair, int]:
        while self._parent.get(node, node) != node:
            node = self._parent[node]
        return node


def _parts(lot: Sequence[Entry]) -> Iterator[Group]:
    """Part a lot by key, where Visma.net's documents all have one; else keep it whole."""
    ours = {entry.key for entry in lot if entry.side == "centra"}
    theirs = {
        entry.key for entry in lot if entry.side == "visma" and not _is_undone(entry)
    }
    if "" in theirs and ours and lot[0].pair == "paid":
        yield from _payments(lot)
        return
    if "" in theirs and ours:
        yield _group(lot)
        return
    by_key: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in lot:
        by_key[entry.key or entry.undoes or entry.number].append(entry)
    for key in sorted(by_key):
        yield _group(by_key[key])


def _payments(lot: Sequence[Entry]) -> Iterator[Group]:
    """Part payments of an order; one by hand stands for an entry that nothing else answers.

    It must be of the same amount, or all of them together; whatever is left stands alone,
    so that no two that nobody knows of hide each other.
    """
    known = {entry.key for entry in lot if entry.side == "visma" and entry.key}
    by_key: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in lot:
        if entry.key in known:
            by_key[entry.key].append(entry)
    for key in sorted(by_key):
        yield _group(by_key[key])
    for is_in in (True, False):
        rest = [e for e in lot if e.key not in known and (e.gross > 0) == is_in]
        wanted = [entry for entry in rest if entry.side == "centra"]
        by_hand = [entry for entry in rest if entry.side == "visma"]
        for entry in tuple(wanted):
            same = next((one for one in by_hand if one.gross == entry.gross), None)
            if same is not None:
                wanted.remove(entry)
                by_hand.remove(same)
                yield _group([entry, same])
        if wanted and by_hand and _gross(wanted) == _gross(by_hand):
            yield _group([*wanted, *by_hand])
        else:
            yield from (_group([entry]) for entry in (*wanted, *by_hand))


def _group(entries: Sequence[Entry]) -> Group:
    first = entries[0]
    return Group(
        pair=first.pair,
        currency=first.currency,
        orders=tuple(sorted({one for entry in entries for one in entry.orders})),
        keys=tuple(sorted({entry.key for entry in entries if entry.key})),
        centra=tuple(entry for entry in entries if entry.side == "centra"),
        visma=tuple(
            entry
            for entry in entries
            if entry.side == "visma" and not _is_undone(entry)
        ),
        undone=tuple(entry for entry in entries if _is_undone(entry)),
    )


def _is_undone(entry: Entry) -> bool:
    return bool(entry.undone_by or entry.undoes)
