"""Tables of a month about money that is open, rounded, or converted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mapping.month_documents import OpenPayment, Posted
from mapping.month_tables import Cell, Column, Table, table
from mapping.rounding import ZERO

__all__ = ["UsedRate", "prepayments_table", "rates_table", "rounding_table"]


@dataclass(frozen=True, slots=True)
class UsedRate:
    """A rate that documents of the month were converted at, with what they came to."""

    source: str
    currency: str
    base_currency: str
    on: date | None
    rate: Decimal | None
    used_for: str
    documents: int
    amount: Decimal
    in_base: Decimal | None


def prepayments_table(payments: Iterable[OpenPayment], base: str) -> Table:
    """Money that was there at the end of the month, and of which no invoice was."""
    rows = sorted(payments, key=lambda one: (one.on, one.number))
    return table(
        "prepayments",
        "Prepayments not yet invoiced",
        "Payments of the month or earlier of which no invoice dated until its last day "
        "has taken all.",
        (
            Column("payment"),
            Column("day", "day"),
            Column("of"),
            Column("reserved for"),
            Column("account"),
            Column("currency"),
            Column("paid", "money"),
            Column("not invoiced", "money"),
            Column(f"not invoiced in {base}", "money", is_summed=True),
        ),
        [
            (
                one.number,
                one.on,
                one.reference,
                one.reserved_for,
                one.account,
                one.currency,
                one.amount,
                one.open,
                one.open_in_base,
            )
            for one in rows
        ],
    )


def rounding_table(documents: Sequence[Posted], item: str, base: str) -> Table:
    """Rounding lines by account, and what Visma.net rounded documents by itself."""
    sums: defaultdict[tuple[str, str, str], list[Decimal]]
    sums = defaultdict(lambda: [ZERO, ZERO])
    counts: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for one in documents:
        parts = [
            (part.account, "rounding line", part.amount)
            for part in one.items
            if part.item == item
        ]
        if one.rounding_by_visma:
            parts.append(("", "rounded by Visma.net", one.rounding_by_visma))
        for account, what, amount in parts:
            key = (account, what, one.currency)
            counts[key] += 1
            sums[key][0] += one.sign * amount
            sums[key][1] += one.sign * one.in_base(amount)
    return table(
        "rounding",
        "Rounding by account",
        "Each was worked out before the document was sent; none is larger than half a "
        "minor unit a line. Amounts are what invoices gained by it less what credit "
        f"notes did: in the document's currency, and in {base} at the rate of each "
        "document, rounded there.",
        (
            Column("account"),
            Column("what"),
            Column("currency"),
            Column("documents", "count", is_summed=True),
            Column("amount", "money"),
            Column(f"amount in {base}", "money", is_summed=True),
        ),
        [(*key, counts[key], *sums[key]) for key in sorted(sums)],
    )


def rates_table(rates: Iterable[UsedRate], base: str) -> Table:
    """Every rate with its source and day, and how much went through it."""

    def order(one: UsedRate) -> tuple[object, ...]:
        day, rate = one.on or date.min, one.rate or ZERO
        return (one.used_for, one.currency, one.source, day, rate)

    rows: list[tuple[Cell, ...]] = [
        (
            one.used_for,
            one.currency,
            one.base_currency,
            one.source,
            one.on,
            one.rate,
            one.documents,
            one.amount,
            one.in_base,
        )
        for one in sorted(rates, key=order)
    ]
    return table(
        "rates",
        "Exchange rates used",
        "The rate of each document is stamped once, with source and day. Where Visma.net "
        "takes none its own was read back; where it tells none, and its table has none of "
        "which exactly the booked amount comes, it is what was booked for one unit, as "
        "booked. In the company's currency: as booked.",
        (
            Column("for"),
            Column("one"),
            Column("in"),
            Column("source"),
            Column("of", "day"),
            Column("rate", "rate"),
            Column("documents", "count", is_summed=True),
            Column("amount", "money"),
            Column(f"booked in {base}", "money"),
        ),
        rows,
    )
