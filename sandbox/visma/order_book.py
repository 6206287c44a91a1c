"""The sales orders of a company, kept in the orders that lists ask for."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from datetime import datetime

from sandbox.visma.records import SalesOrder

__all__ = ["OrderBook"]

_Position = tuple[datetime, int]


class OrderBook:
    """Orders by key, by creation and by last change, so that no list reads more than it shows."""

    def __init__(self) -> None:
        self._by_key: dict[tuple[str, str], SalesOrder] = {}
        self._by_sequence: dict[int, SalesOrder] = {}
        self._by_change: list[_Position] = []
        self._placed: dict[int, _Position] = {}
        self._late: set[int] = set()
        self._sequence = 0

    def __len__(self) -> int:
        return len(self._by_key)

    def __contains__(self, key: object) -> bool:
        return key in self._by_key

    def __iter__(self) -> Iterator[SalesOrder]:
        return iter(self._by_sequence.values())

    def find(self, order_type: str, order_id: str) -> SalesOrder | None:
        """Return the order with this type and number."""
        return self._by_key.get((order_type, order_id))

    def next_sequence(self) -> int:
        """Return the position that the next order takes."""
        self._sequence += 1
        return self._sequence

    def put(self, order: SalesOrder) -> None:
        """Add an order, or note that it has changed."""
        self._by_key[order.key] = order
        self._by_sequence[order.sequence] = order
        self._unplace(order)
        position = (order.modified_at, order.sequence)
        insort(self._by_change, position)
        self._placed[order.sequence] = position
        if order.visible_from > order.modified_at:
            self._late.add(order.sequence)

    def remove(self, order: SalesOrder) -> None:
        """Take an order out of the book."""
        del self._by_key[order.key]
        del self._by_sequence[order.sequence]
        self._unplace(order)
        self._late.discard(order.sequence)

    def changed_since(self, since: datetime | None, now: datetime) -> list[SalesOrder]:
        """Return the visible orders by last change, the oldest change first."""
        start = 0 if since is None else bisect_left(self._by_change, (since, 0))
        hidden = self._hidden(now)
        return [
            self._by_sequence[sequence]
            for _, sequence in self._by_change[start:]
            if sequence not in hidden
        ]

    def _unplace(self, order: SalesOrder) -> None:
        position = self._placed.pop(order.sequence, None)
        if position is not None:
            del self._by_change[bisect_left(self._by_change, position)]

    def _hidden(self, now: datetime) -> set[int]:
        self._late = {
            sequence
            for sequence in self._late
            if self._by_sequence[sequence].visible_from > now
        }
        return self._late
