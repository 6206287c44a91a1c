"""What was settled in foreign currencies in a month, with both rates and what it made."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from mapping.money import Money
from mapping.month_tables import Column, Finding, Table, table
from tasks.foreign_settled import ForeignSettled, SettledShare

__all__ = ["settled_findings", "settled_table"]


def settled_table(rows: Sequence[ForeignSettled], base: str) -> Table:
    """A row for each part of a document that a payment or credit note settled."""
    return table(
        "foreign_settled",
        "Settled in foreign currencies",
        "What payments and credit notes settled, at which rates, and the gain (a loss "
        "is negative) that Visma.net booked for it; both gains stand in the first row "
        "of each payment or credit note. Visma.net tells no rate of a payment: it is that "
        "of its table if exactly the booked amount comes of it, else what was booked for "
        "one unit, with as many digits as that leaves certain.",
        (
            Column("day", "day"),
            Column("settled by"),
            Column("document"),
            Column("currency"),
            Column("amount", "money"),
            Column("rate of the document", "rate"),
            Column("rate when settled", "rate"),
            Column("which only as booked"),
            Column(f"gain by the rates in {base}", "money", is_summed=True),
            Column(f"gain booked in {base}", "money", is_summed=True),
        ),
        [
            (
                one.on,
                f"{one.by} {one.number}",
                f"{share.kind} {share.number}",
                one.currency,
                share.amount,
                None if share.rate is None else round(share.rate, 6),
                None if one.rate is None else round(one.rate, 6),
                _as_booked(one, share),
                one.expected if share is one.shares[0] else None,
                one.gain if share is one.shares[0] else None,
            )
            for one in rows
            for share in one.shares
        ],
    )


def _as_booked(one: ForeignSettled, share: SettledShare) -> str:
    """Which of both rates is only what was booked for one unit."""
    names = [("of the document", share.as_booked), ("when settled", one.as_booked)]
    return ", ".join(name for name, is_so in names if is_so)


def settled_findings(rows: Sequence[ForeignSettled], base: str) -> list[Finding]:
    """Those whose booked gain is not what the rates make: by more than a unit a part."""
    unit = Money.from_minor_units(1, base).amount
    return [
        Finding(
            "foreign_settled",
            f"{one.by} {one.number} of {one.on}: Visma.net booked a gain of "
            f"{one.gain:f} {base}, and the rates make {_told(one.expected)}: look at "
            "its rates and at rates.difference_accounts.",
        )
        for one in rows
        if one.expected is None or abs(one.gain - one.expected) > unit * len(one.shares)
    ]


def _told(expected: Decimal | None) -> str:
    return "none, for one is missing" if expected is None else f"{expected:f}"
