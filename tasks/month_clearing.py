"""The clearing accounts on the last day of a month, as the certificate found them."""

from __future__ import annotations

from decimal import Decimal

from mapping.clearing_rows import Clearing
from mapping.money import Money
from mapping.month_tables import Column, Finding, Table, table

__all__ = ["balances_table", "clearing_findings", "open_table"]


def balances_table(clearing: Clearing | None) -> Table:
    """What is on each account, in its currency, and what the books have besides."""
    return table(
        "clearing_balances",
        "Clearing accounts on the last day",
        "Since the connector began: what came in less what was paid out, and what the "
        "general ledger has on the account more than that.",
        (
            Column("account"),
            Column("method"),
            Column("currency"),
            Column("by Centra", "money"),
            Column("paid in", "money"),
            Column("settled", "money"),
            Column("balance", "money"),
            Column("open references", "count", is_summed=True),
            Column("oldest", "day"),
            Column("age", "count"),
            Column("in the books", "money"),
            Column("difference", "money"),
            Column("booked by others"),
        ),
        [
            (
                one.account,
                one.method,
                one.currency,
                None if one.centra is None else _amount(one.centra, one.currency),
                _amount(one.paid_in, one.currency),
                _amount(one.settled, one.currency),
                _amount(one.balance, one.currency),
                one.open,
                one.oldest,
                one.age_days,
                _amount(one.in_books, one.currency),
                _amount(one.difference, one.currency),
                "; ".join(one.others),
            )
            for one in (clearing.accounts if clearing else ())
        ],
    )


def open_table(clearing: Clearing | None) -> Table:
    """Every reference of a provider that is not settled, or settled too much."""
    return table(
        "clearing_open",
        "Clearing: what is open",
        "By the provider's reference, aged by its oldest movement that is open. Below "
        "zero: settled, and no payment put it there.",
        (
            Column("account"),
            Column("method"),
            Column("currency"),
            Column("reference"),
            Column("paid in", "money"),
            Column("settled", "money"),
            Column("open", "money"),
            Column("oldest", "day"),
            Column("age", "count"),
            Column("documents"),
        ),
        [
            (
                one.account,
                one.method,
                one.currency,
                one.reference,
                _amount(one.paid_in, one.currency),
                _amount(one.settled, one.currency),
                _amount(one.balance, one.currency),
                one.oldest,
                one.age_days,
                ", ".join(one.documents),
            )
            for one in (clearing.rows if clearing else ())
        ],
    )


def clearing_findings(clearing: Clearing | None) -> list[Finding]:
    """Accounts on which others than payments and payouts of ours have booked."""
    return [
        Finding(
            "clearing_balances",
            f"Clearing account {one.account} has {difference:,} {one.currency} that is "
            "neither a payment nor a payout: see what others have booked.",
        )
        for one in (clearing.accounts if clearing else ())
        if (difference := _amount(one.difference, one.currency))
    ]


def _amount(units: int, currency: str) -> Decimal:
    return Money.from_minor_units(units, currency).amount
