"""What a payment brought is settled once: later lines of its reference are weighed.

A provider may settle a capture in parts, and take it back and give it again. So lines of
one reference are added up, over all payouts, and held against the payments that carry it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from mapping.payments import provider_text
from mapping.rounding import ZERO
from mapping.settlement_lines import LineKind, SettlementLine

__all__ = ["Excess", "Paid", "Settles", "excesses", "settles_of"]

Way = Literal["capture", "refund", "chargeback"]

_WAYS: Mapping[LineKind, tuple[Way, int]] = {
    LineKind.CAPTURE: ("capture", 1),
    LineKind.REFUND: ("refund", -1),
    LineKind.CHARGEBACK: ("chargeback", -1),
    LineKind.CHARGEBACK_REVERSAL: ("chargeback", -1),
}


class Settles(BaseModel):
    """A line of a payout that settles a payment, or charges it back.

    `references` are as payments carry them; `amount` is what of the payment it settles,
    below zero where it takes that back; `payout` what the ledger knows its payout by.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    way: Way
    references: tuple[str, ...]
    amount: Decimal
    payout: str
    key: str


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment that carries a provider's reference, in the currency of the payout."""

    number: str
    amount: Decimal
    is_refund: bool


@dataclass(frozen=True, slots=True)
class Excess:
    """A reference of which more is settled than was paid, by a whole line or more.

    `elsewhere` are the other payouts that have settled some of it; `payments` is empty
    where nothing with that reference is known.
    """

    reference: str
    way: Way
    settled: Decimal
    paid: Decimal
    payments: tuple[str, ...]
    elsewhere: tuple[str, ...]


def settles_of(
    lines: Iterable[tuple[str, SettlementLine]], payout: str
) -> Iterator[Settles]:
    """Yield what the keyed lines of a payout settle."""
    for key, line in lines:
        way, sign = _WAYS[line.kind]
        yield Settles(
            way=way,
            references=tuple(provider_text(one) for one in line.references),
            amount=sign * line.amount,
            payout=payout,
            key=key,
        )


def excesses(
    own: Sequence[Settles],
    others: Iterable[Settles],
    payments: Mapping[str, Sequence[Paid]],
) -> list[Excess]:
    """Return where a payout settles what is settled already, by itself or elsewhere.

    `others` are lines of other payouts in the same currency; `payments` those that carry
    a reference. A line alone, of whatever amount, is none: its amount is another matter.
    """
    found = []
    ours = {one.payout for one in own}
    for lines in _joined([*own, *others]):
        elsewhere = {one.payout for one in lines} - ours
        if len(lines) == 1 or all(one.payout in elsewhere for one in lines):
            continue
        names = list(dict.fromkeys(name for one in lines for name in one.references))
        is_refund = lines[0].way == "refund"
        paid = {
            one.number: one.amount
            for name in names
            for one in payments.get(name, ())
            if one.is_refund == is_refund
        }
        settled = sum((one.amount for one in lines), ZERO)
        total = sum(paid.values(), ZERO)
        if _is_too_much(lines, settled, total, is_known=bool(paid)):
            found.append(
                Excess(
                    reference=names[0],
                    way=lines[0].way,
                    settled=settled,
                    paid=total,
                    payments=tuple(sorted(paid)),
                    elsewhere=tuple(sorted(elsewhere)),
                )
            )
    return found


def _is_too_much(
    lines: Sequence[Settles], settled: Decimal, paid: Decimal, *, is_known: bool
) -> bool:
    """Whether a whole line is too much; of what nobody knows, whether two are alike."""
    sizes = [one.amount for one in lines if one.amount > 0]
    if is_known:
        return bool(sizes) and settled - paid >= min(sizes)
    alike = {(one.references, one.amount) for one in lines}
    return lines[0].way != "chargeback" and len(alike) < len(lines)


def _joined(lines: Sequence[Settles]) -> list[list[Settles]]:
    """Lines that share a reference, one way of money apart from the other."""
    root: dict[tuple[Way, str], tuple[Way, str]] = {}

    def find(node: tuple[Way, str]) -> tuple[Way, str]:
        while root.setdefault(node, node) != node:
            node = root[node]
        return node

    for line in lines:
        first = find((line.way, line.references[0]))
        for name in line.references[1:]:
            root[find((line.way, name))] = first
    lots: defaultdict[tuple[Way, str], list[Settles]] = defaultdict(list)
    for line in lines:
        lots[find((line.way, line.references[0]))].append(line)
    return list(lots.values())
