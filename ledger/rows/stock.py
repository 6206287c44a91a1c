"""What is known of one size in one warehouse of Centra, and what was read or seen of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

__all__ = ["Level", "Looked", "Observed", "Shelf", "Started"]


class Shelf(NamedTuple):
    """One size in one warehouse of Centra."""

    warehouse: int
    size_id: int


@dataclass(frozen=True, slots=True)
class Level:
    """What is known of one size in one warehouse, in units.

    `quantity` is Visma.net's figure as it was read at `read_at`, in whole units; None
    where Visma.net has none. `sku` is the number of its item. `basis` is what each side
    had taken then, (at Visma.net, at Centra) by sale. `unread_since` is when the figure
    was read last, where Visma.net's answers lack it since.
    """

    warehouse: int
    size_id: int
    sku: str
    physical: int | None
    quantity: int | None
    read_at: datetime | None
    observation: int
    sent_observation: int | None
    set_at: datetime | None
    verify_until: datetime | None
    basis: Mapping[str, tuple[int, int]]
    unread_since: datetime | None = None

    @property
    def shelf(self) -> Shelf:
        """Which size, and where."""
        return Shelf(self.warehouse, self.size_id)


@dataclass(frozen=True, slots=True)
class Observed:
    """A figure that was just read, in whole units; None where there is none.

    `basis` is what each side has surely taken: (at Visma.net, at Centra) by sale.
    """

    shelf: Shelf
    sku: str
    quantity: int | None
    basis: Mapping[str, tuple[int, int]] = field(default_factory=dict)


class Looked(NamedTuple):
    """What Centra was seen to have; None is that nobody knows.

    `sent_observation` is what was sent last when it was looked at.
    """

    shelf: Shelf
    sent_observation: int | None
    physical: int | None


@dataclass(frozen=True, slots=True)
class Started:
    """A row that the fence let through: it is being sent.

    `in_doubt` means that an earlier request for the same shelf may still arrive.
    """

    shelf: Shelf
    observation: int
    in_doubt: bool
