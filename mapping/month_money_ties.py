"""Tie-out of money: clearing accounts, and the liability for gift cards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from mapping.month_documents import AccountLine, Posted
from mapping.month_tables import Cell, Column, table
from mapping.month_ties import Tie, tie_of
from mapping.rounding import ZERO

__all__ = ["clearing_tie", "gift_card_tie"]


def clearing_tie(
    documents: Sequence[Posted],
    lines: Sequence[AccountLine],
    *,
    methods: Mapping[str, str],
    ledger_accounts: Mapping[str, str],
    payouts: Collection[str],
    base: str,
) -> Tie:
    """Clearing: payments and refunds against the account of each method and currency.

    `methods` are names of methods by cash account, `ledger_accounts` the accounts of
    the general ledger behind them, `payouts` the batches that settlement files booked.
    """
    rows: list[tuple[Cell, ...]] = []
    off = ZERO
    for cash, method in sorted(methods.items()):
        money = [one for one in documents if one.cash_account == cash]
        account = ledger_accounts.get(cash, cash)
        own = [one for one in lines if one.account == account]
        if not money and not own:
            continue
        paid = [-one.sign * one.amount for one in money]
        in_base = sum((-one.sign * one.base for one in money), ZERO)
        settled = sum((one.base for one in own if one.batch in payouts), ZERO)
        moved = sum((one.base for one in own), ZERO)
        currencies = sorted({m.currency for m in money} | {o.currency for o in own})
        rest = moved - settled - in_base
        off += abs(rest)
        rows.append(
            (
                cash,
                method,
                ", ".join(currencies),
                sum((one for one in paid if one > 0), ZERO),
                -sum((one for one in paid if one < 0), ZERO),
                in_base,
                settled,
                moved,
                rest,
            )
        )
    made = table(
        "clearing",
        "Clearing",
        "Money that passed payment providers: the month's payments and refunds, and "
        "what settlement files paid out, against the clearing accounts.",
        (
            Column("cash account"),
            Column("method"),
            Column("currency"),
            Column("received", "money"),
            Column("paid back", "money"),
            Column(f"documents in {base}", "money", is_summed=True),
            Column(f"settled in {base}", "money", is_summed=True),
            Column(f"account in {base}", "money", is_summed=True),
            Column("difference", "money", is_summed=True),
        ),
        rows,
    )
    return tie_of(made, off, base)


def gift_card_tie(
    documents: Sequence[Posted],
    lines: Sequence[AccountLine],
    *,
    cash_accounts: Mapping[str, str],
    items: Collection[str],
    base: str,
) -> Tie:
    """Gift cards: sold, given as compensation, redeemed, against their liability.

    `cash_accounts` are the accounts of the general ledger by the cash account that
    takes redeemed cards; `items` those of cards on invoices and credit notes.
    """
    sums: defaultdict[str, list[Decimal]] = defaultdict(lambda: [ZERO] * 4)
    for one in documents:
        for part in one.items:
            if part.item in items:
                place = 0 if one.kind == "invoice" else 1
                sums[part.account][place] += one.sign * one.in_base(part.amount)
        if one.cash_account in cash_accounts:
            account = cash_accounts[one.cash_account]
            place = 2 if one.kind == "payment" else 3
            sums[account][place] += one.sign * one.base
    booked: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    accounts = {*sums, *cash_accounts.values()}
    for line in lines:
        if line.account in accounts:
            booked[line.account] -= line.base
    rows: list[tuple[Cell, ...]] = []
    off = ZERO
    for account in sorted(name for name in accounts if name in sums or booked[name]):
        sold, credited, redeemed, refunded = sums[account]
        moved = sold + credited + redeemed + refunded
        off += abs(booked[account] - moved)
        rows.append(
            (
                account,
                sold,
                credited,
                redeemed,
                refunded,
                moved,
                booked[account],
                booked[account] - moved,
            )
        )
    made = table(
        "gift_cards",
        "Gift-card liability",
        "What is owed on gift cards and store credit grows by cards sold or given, and "
        "shrinks by those redeemed; against the liability's accounts.",
        (
            Column("account"),
            Column("sold", "money", is_summed=True),
            Column("in credit notes", "money", is_summed=True),
            Column("redeemed", "money", is_summed=True),
            Column("refunded to cards", "money", is_summed=True),
            Column("documents", "money", is_summed=True),
            Column("accounts", "money", is_summed=True),
            Column("difference", "money", is_summed=True),
        ),
        rows,
    )
    return tie_of(made, off, base)
