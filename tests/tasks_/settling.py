"""A stand whose payment providers settle, and what their files book."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.providers import settle
from sandbox.visma.journal_records import JournalTransaction
from tasks.environment import use_environment
from tasks.payouts import take_file
from tasks.request import Summary
from tests.tasks_.paying import posting
from tests.tasks_.stand import Stand

__all__ = [
    "ACCOUNTS",
    "JOURNAL_MADE",
    "JOURNAL_RELEASED",
    "SETTLED",
    "book",
    "booked",
    "file_of",
    "take",
]

JOURNAL_MADE = "visma.POST /v2/journaltransaction"
JOURNAL_RELEASED = (
    "visma.POST /v2/journaltransaction/{journalTransactionNumber}/action/release"
)
ACCOUNTS: dict[str, Any] = {
    "bank": "1930",
    "banks": {"EUR": "1930EUR"},
    "fees": "6570",
    "chargebacks": "1689",
    "corrections": "1688",
    "releases": "connector",
}
SETTLED: dict[str, Any] = {
    **posting("invoice"),
    "payment_methods.Klarna.settlement": {**ACCOUNTS, "format": "klarna"},
    "payment_methods.Adyen.settlement": {**ACCOUNTS, "format": "adyen"},
}
"""Both providers are settled by files; payments and journals are released."""


def file_of(stand: Stand, **wish: Any) -> bytes:
    """What a provider settles now, as its file."""
    wish = {"method": "Klarna", "layout": "klarna", **wish}
    return settle(stand.shop, wish).encode()


def take(stand: Stand, raw: bytes, method: str = "Klarna") -> list[str]:
    """Store a file, as `centra-visma settle` does first."""
    with use_environment(stand.environment):
        return take_file("nordhem", raw, method)


async def book(stand: Stand, raw: bytes, method: str = "Klarna") -> Summary:
    """Store a file and book what it says."""
    take(stand, raw, method)
    return await stand.run("payouts")


def booked(journal: JournalTransaction) -> dict[str, Decimal]:
    """What a journal debits (positive) and credits, by account."""
    sums: dict[str, Decimal] = {}
    for line in journal.lines:
        amount = line.debit - line.credit
        sums[line.account] = sums.get(line.account, Decimal(0)) + amount
    return sums
