"""Tie-out: what the documents of a month come to against the accounts that they move."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mapping.month_documents import AccountLine, Posted
from mapping.month_tables import Cell, Column, Finding, Table, table
from mapping.rounding import ZERO

__all__ = [
    "CustomerBalances",
    "Tie",
    "receivables_tie",
    "tie_of",
    "vat_tie",
]


@dataclass(frozen=True, slots=True)
class CustomerBalances:
    """What all customers owed when the month began and ended, in base currency."""

    opening: Decimal
    closing: Decimal


@dataclass(frozen=True, slots=True)
class Tie:
    """A table of the tie-out, what does not tie in it, and what could not be looked at."""

    table: Table
    off: Decimal
    """The sum of its differences, each as an amount."""
    findings: tuple[Finding, ...] = ()


_KINDS = ("invoice", "credit note", "payment", "refund")


def receivables_tie(
    documents: Sequence[Posted],
    lines: Sequence[AccountLine],
    balances: CustomerBalances,
    *,
    accounts: Collection[str],
    differences: Collection[str],
    base: str,
) -> Tie:
    """Receivables: documents, the accounts of the general ledger, the customer ledger.

    `differences` are the accounts of exchange gains and losses: what they gained,
    receivables lost.
    """
    own = [one for one in lines if one.account in accounts]
    settled = {one.batch for one in lines if one.account in differences}
    booked = _by_kind(documents, own, settled)
    on_differences = [
        one
        for one in lines
        if one.account in differences and one.batch in {row.batch for row in own}
    ]
    told: dict[str, Decimal] = {
        kind: sum((one.sign * one.base for one in documents if one.kind == kind), ZERO)
        for kind in _KINDS
    }
    told["exchange differences"] = -sum((one.base for one in on_differences), ZERO)
    told["other entries"] = ZERO
    rows: list[tuple[Cell, ...]] = [
        ("opening balance", None, None, balances.opening, None),
    ]
    is_set = bool(accounts)
    for name, amount in told.items():
        account = booked.get(name, ZERO) if is_set else None
        off = None if account is None else account - amount
        rows.append((_PLURAL.get(name, name), amount, account, None, off))
    moved = sum(told.values(), ZERO)
    on_accounts = sum((one.base for one in own), ZERO) if is_set else None
    in_ledger = balances.closing - balances.opening
    rows += [
        ("movement", moved, on_accounts, in_ledger, in_ledger - moved),
        (
            "closing balance",
            balances.opening + moved,
            None,
            balances.closing,
            in_ledger - moved,
        ),
    ]
    off = abs(in_ledger - moved)
    if on_accounts is not None:
        off += abs(on_accounts - moved)
    made = table(
        "receivables",
        "Receivables",
        "What customers owe: the month's documents against the general ledger "
        f"({', '.join(accounts) or 'no account is set'}) and against the balances of "
        "the customer ledger.",
        (
            Column("what"),
            Column("documents", "money"),
            Column("accounts", "money"),
            Column("customer ledger", "money"),
            Column("difference", "money"),
        ),
        rows,
    )
    return tie_of(made, off, base, "month_end.receivables", is_set=is_set)


_PLURAL = {
    "invoice": "invoices",
    "credit note": "credit notes",
    "payment": "payments",
    "refund": "refunds",
}


def _by_kind(
    documents: Iterable[Posted], own: Iterable[AccountLine], settled: Collection[str]
) -> dict[str, Decimal]:
    """Lines of the account by the kind of document that they name."""
    kinds: defaultdict[str, list[Posted]] = defaultdict(list)
    for one in documents:
        kinds[one.number].append(one)
    sums: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for line in own:
        if line.batch in settled:
            sums["exchange differences"] += line.base
            continue
        fitting = kinds.get(line.reference, []) if line.module == "AR" else []
        exact = [one for one in fitting if one.sign * one.base == line.base]
        named = next(iter(exact or fitting), None)
        sums[named.kind if named else "other entries"] += line.base
    return sums


def vat_tie(
    documents: Sequence[Posted],
    lines: Sequence[AccountLine],
    *,
    accounts: Collection[str],
    base: str,
) -> Tie:
    """VAT: what the documents show by VAT id against the VAT accounts."""
    told: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for one in documents:
        for part in one.vat:
            told[part.vat_id] += one.sign * one.in_base(part.vat)
    booked: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for line in lines:
        if line.account in accounts:
            booked[line.vat_id] -= line.base
    is_set = bool(accounts)
    names = sorted({name for name, vat in (*told.items(), *booked.items()) if vat})
    rows: list[tuple[Cell, ...]] = [
        (
            name or "without a VAT id",
            told[name],
            booked[name] if is_set else None,
            booked[name] - told[name] if is_set else None,
        )
        for name in names
    ]
    named = any(booked[name] for name in names if name)
    whole = sum(booked.values(), ZERO) - sum(told.values(), ZERO)
    off = sum((abs(booked[name] - told[name]) for name in names), ZERO)
    if not named:  # the journal names no VAT ids: only the whole can tie
        off = abs(whole)
    made = table(
        "vat",
        "VAT",
        "VAT that the month's documents show, by VAT id, against the VAT accounts of "
        f"the general ledger ({', '.join(accounts) or 'no account is set'}).",
        (
            Column("VAT id"),
            Column("documents", "money", is_summed=True),
            Column("accounts", "money", is_summed=True),
            Column("difference", "money", is_summed=True),
        ),
        rows,
    )
    return tie_of(made, off if is_set else ZERO, base, "month_end.vat", is_set=is_set)


def tie_of(
    made: Table, off: Decimal, base: str, setting: str = "", *, is_set: bool = True
) -> Tie:
    """Say what does not tie in a table, and which setting it lacks."""
    found: list[Finding] = []
    if not is_set:
        sentence = (
            f"{made.title} were not compared with the general ledger: set {setting} to "
            "the numbers of their accounts."
        )
        found.append(Finding(made.key, sentence))
    if off:
        sentence = (
            f"{made.title}: documents and accounts differ by {off:,.2f} {base}; look "
            "for entries that were made by hand on these accounts."
        )
        found.append(Finding(made.key, sentence))
    return Tie(made, off, tuple(found))
