"""Which open documents a movement of money settles, and with how much of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from mapping.rounding import ZERO

__all__ = ["OpenDocument", "Share", "Want", "share_out"]

Kind = Literal["Invoice", "CreditNote", "Payment", "Prepayment", "Order"]


@dataclass(frozen=True, slots=True)
class Want:
    """Money that is there to settle something with: of one movement, so much.

    `shipment` names what it was taken for, where that can be told.
    """

    source_id: str
    amount: Decimal
    shipment: int | None = None


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """A document with what is open of it, and the shipments of Centra it is for.

    Without shipments it is not known for which it is.
    """

    kind: Kind
    number: str
    on: date | None
    open: Decimal
    shipments: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Share:
    """What one movement settles of one document."""

    kind: Kind
    number: str
    amount: Decimal


@dataclass(slots=True)
class _Left:
    wants: dict[str, Decimal]
    documents: dict[tuple[str, str], Decimal]
    shares: dict[str, list[Share]] = field(default_factory=dict)

    def give(self, want: Want, documents: Iterable[OpenDocument]) -> None:
        for one in documents:
            key = (one.kind, one.number)
            amount = min(self.wants[want.source_id], self.documents[key])
            if amount > ZERO:
                self.wants[want.source_id] -= amount
                self.documents[key] -= amount
                share = Share(one.kind, one.number, amount)
                self.shares.setdefault(want.source_id, []).append(share)


def share_out(
    wants: Sequence[Want], documents: Sequence[OpenDocument]
) -> Mapping[str, tuple[Share, ...]]:
    """Share money out over open documents; never more than is open of each.

    Money that was taken for a shipment goes to that shipment's documents first. The
    rest goes to the oldest; but money for a shipment that has no document yet waits
    for it. Orders come last: they only reserve it.
    """
    left = _Left(
        wants={want.source_id: want.amount for want in wants},
        documents={(one.kind, one.number): one.open for one in documents},
    )
    ordered = sorted(
        (one for one in documents if one.kind != "Order"),
        key=lambda one: (one.on or date.max, one.number),
    )
    for want in wants:
        left.give(want, (one for one in ordered if want.shipment in one.shipments))
    for want in wants:
        if not _waits(want, ordered):
            left.give(want, ordered)
    orders = [one for one in documents if one.kind == "Order"]
    for want in wants:
        left.give(want, orders)
    return {source_id: tuple(shares) for source_id, shares in left.shares.items()}


def _waits(want: Want, documents: Sequence[OpenDocument]) -> bool:
    if want.shipment is None:
        return False
    return all(
        one.shipments and want.shipment not in one.shipments for one in documents
    )
