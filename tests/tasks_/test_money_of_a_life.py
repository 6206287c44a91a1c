"""A shop that lives on: what its payment histories say stands in the clearing accounts."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from pathlib import Path

from sandbox.centra.sales import Order, PaymentEntry
from sandbox.seed.life import live
from tests.tasks_.paying import ROUND, carry, posting
from tests.tasks_.stand import Stand, a_stand

ACCOUNTS = {"Klarna": "1580", "Adyen": "1581", "Stripe": "1582", "Gift card": "2421"}
SIGNS = {"CAPTURE": 1, "PREPAID": 1, "REFUND": -1}


async def test_every_movement_of_money_is_booked_once(tmp_path: Path) -> None:
    """Captures less refunds of each method and currency are its account's balance.

    Shipped, partly shipped, returned, refunded, refused and pending, in every currency;
    missing are those on the exceptions list and refunds of returns that are not
    completed, and a further run writes nothing.
    """
    rules = posting("invoice", collective=[{"number": "10011"}])
    with a_stand(tmp_path, orders=30, **rules) as stand:
        for _ in range(3):
            live(stand.world, stand.shop, 25)
            stand.wait(minutes=12 * 60)
            await carry(stand, *ROUND)
        for _ in range(2):
            stand.wait(minutes=60)
            await carry(stand, *ROUND)

        assert stand.writes == {}
        assert booked(stand) == expected(stand)
        assert len(stand.company.books.payments) > 20


def expected(stand: Stand) -> dict[tuple[str, str], Decimal]:
    """What the payment histories come to, but for what is parked or waits."""
    parked = {o.source_id for o in stand.exceptions() if o.direction == "payments"}
    found: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for order in stand.shop.orders.values():
        for entry in order.payments:
            account = _account(order, entry)
            kind = entry.entry_type.removesuffix("_GIFT_CARD")
            has_moved = kind in SIGNS and entry.status == "SUCCESS"
            if has_moved and account and str(entry.id) not in parked | undecided(stand):
                currency = order.frame.currency
                amount = Decimal(entry.amount) / currency.denominator
                found[account, currency.code] += SIGNS[kind] * amount
    return {key: amount for key, amount in found.items() if amount}


def undecided(stand: Stand) -> set[str]:
    """Refunds of returns that are not completed, or not any more: booked or not."""
    return {
        str(entry.id)
        for order in stand.shop.orders.values()
        for entry in order.payments
        if entry.answers and entry.answers.return_status != "COMPLETED"
    }


def _account(order: Order, entry: PaymentEntry) -> str | None:
    method = order.payment_method.name if order.payment_method else ""
    account = ACCOUNTS.get(entry.payment_method or method)
    code = order.frame.currency.code
    return account if account is None or code == "SEK" else f"{account}{code}"


def booked(stand: Stand) -> dict[tuple[str, str], Decimal]:
    """What the general ledger has in the clearing accounts, store credit apart."""
    found: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    found |= stand.company.books.journal.accounts
    for one in stand.company.books.payments.values():
        entry = one.reference.removeprefix("N-P")
        if one.reference.startswith("N-C") or entry in undecided(stand):
            sign = -1 if one.type == "Refund" else 1
            found[one.cash_account, one.currency] -= sign * one.amount
    ours = set(ACCOUNTS.values())
    return {key: sum_ for key, sum_ in found.items() if sum_ and key[0][:4] in ours}
