"""What is on each clearing account: put there by payments, taken away by settlements.

Pure: movements come in, balances by provider's reference come out, aged by the day of
the oldest movement that is still open. Amounts are whole minor units of the account's
currency; what comes in is positive.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from connectors.centra.sale_models import Sale
from mapping.clearing_rows import (
    Clearing,
    ClearingAccount,
    ClearingRow,
    Move,
    Posted,
    Side,
    Stranger,
)
from mapping.money import minor_units
from mapping.movements import Movement
from mapping.payments import method_named, provider_text
from settings.connection import Connection

__all__ = [
    "AGES",
    "centra_moves",
    "clearing_of",
    "open_items",
    "strangers",
]

AGES: tuple[tuple[str, int], ...] = (("0-7", 7), ("8-30", 30), ("31-90", 90))
"""Days of age, and how far each range goes; what is older is `over 90`."""
_OLDER = "over 90"


def centra_moves(
    movement: Movement, sale: Sale, connection: Connection, *, day: date, label: str
) -> Iterator[Move]:
    """Return what a movement of Centra puts onto a clearing account, if it has one.

    Raises:
        RecordError: its method is not in the settings.
    """
    currency = sale.grand_total.currency.code
    method = method_named(movement.method or "", connection, number=sale.number)
    account = method.cash_account_in(currency)
    if account is None:
        return
    amount = minor_units(movement.amount, currency)
    yield Move(
        side="centra",
        account=account,
        currency=currency,
        reference=provider_text(movement.provider_reference),
        day=day,
        amount=amount if movement.way == "in" else -amount,
        document=label,
    )


def clearing_of(
    moves: Iterable[Move],
    posted: Iterable[Posted],
    *,
    methods: Mapping[tuple[str, str], str],
    on: date,
    centra_since: date | None,
) -> Clearing:
    """Return the balances on a day.

    `methods` names the accounts to look at, by (account, currency). Centra's entries
    were read from `centra_since` on, or all of them.
    """
    by_account: defaultdict[tuple[str, str], list[Move]] = defaultdict(list)
    for move in moves:
        if move.day <= on:
            by_account[move.account, move.currency].append(move)
    booked: defaultdict[tuple[str, str], list[Posted]] = defaultdict(list)
    for one in posted:
        if one.day <= on:
            booked[one.account, one.currency].append(one)
    accounts, rows = [], []
    for (account, currency), method in sorted(methods.items()):
        own, books = by_account[account, currency], booked[account, currency]
        if not own and not books:
            continue
        head = (method, currency, account)
        open_ = _rows(head, own, on, centra_since)
        rows += open_
        accounts.append(_account(head, own, books, open_, on, centra_since))
    return Clearing(on, tuple(accounts), tuple(rows))


def strangers(moves: Iterable[Move], posted: Iterable[Posted]) -> list[Stranger]:
    """Return what is in the books of an account and is none of the movements, by document.

    A journal that is none of them is told, even if its lines there come to nothing.
    """
    known: defaultdict[str, int] = defaultdict(int)
    days: dict[str, date] = {}
    for move in moves:
        if move.side != "centra":
            known[move.document] += move.amount
            days[move.document] = move.day
    sums: defaultdict[str, int] = defaultdict(int)
    told: dict[str, str] = {}
    journals = set()
    for one in posted:
        sums[one.document] += one.amount
        told[one.document], days[one.document] = one.what, one.day
        if one.is_journal and one.document not in known:
            journals.add(one.document)
    return [
        Stranger(
            told.get(document, f"payment {document} is not in the books"),
            days[document],
            sums[document] - known[document],
        )
        for document in sorted({*sums, *known})
        if sums[document] != known[document] or document in journals
    ]


def open_items(moves: Iterable[Move]) -> list[tuple[date, int]]:
    """Return what is left of movements when each takes off the oldest of the other sign."""
    left: deque[list[int]] = deque()
    days: deque[date] = deque()
    for move in sorted(moves, key=lambda one: (one.day, -one.amount, one.document)):
        amount = move.amount
        while amount and left and (left[0][0] > 0) != (amount > 0):
            taken = min(abs(amount), abs(left[0][0]))
            sign = 1 if amount > 0 else -1
            amount -= sign * taken
            left[0][0] += sign * taken
            if not left[0][0]:
                left.popleft()
                days.popleft()
        if amount:
            left.append([amount])
            days.append(move.day)
    return [(day, one[0]) for day, one in zip(days, left, strict=True)]


def _rows(
    head: tuple[str, str, str],
    moves: Sequence[Move],
    on: date,
    centra_since: date | None,
) -> list[ClearingRow]:
    by_reference: defaultdict[str, list[Move]] = defaultdict(list)
    for move in moves:
        by_reference[move.reference].append(move)
    rows = []
    method, currency, account = head
    for reference, own in sorted(by_reference.items()):
        real = [one for one in own if one.side != "centra"]
        items = open_items(real)
        if not items:
            continue
        oldest = min(day for day, _ in items)
        rows.append(
            ClearingRow(
                method=method,
                currency=currency,
                account=account,
                reference=reference,
                centra=_centra(own, centra_since),
                paid_in=_sum(own, "payment"),
                settled=-_sum(own, "settlement"),
                balance=sum(amount for _, amount in items),
                oldest=oldest,
                age_days=(on - oldest).days,
                documents=tuple(sorted({one.document for one in real})),
            )
        )
    return rows


def _account(
    head: tuple[str, str, str],
    moves: Sequence[Move],
    posted: Sequence[Posted],
    rows: Sequence[ClearingRow],
    on: date,
    centra_since: date | None,
) -> ClearingAccount:
    method, currency, account = head
    aged: dict[str, int] = {}
    by_reference: defaultdict[str, list[Move]] = defaultdict(list)
    for move in moves:
        if move.side != "centra":
            by_reference[move.reference].append(move)
    for own in by_reference.values():
        for day, amount in open_items(own):
            age = _age((on - day).days)
            aged[age] = aged.get(age, 0) + amount
    paid_in, settled = _sum(moves, "payment"), -_sum(moves, "settlement")
    in_books = sum(one.amount for one in posted)
    oldest = min((row.oldest for row in rows), default=None)
    names = [name for name, _ in AGES] + [_OLDER]
    return ClearingAccount(
        method=method,
        currency=currency,
        account=account,
        centra=_centra(moves, centra_since),
        paid_in=paid_in,
        settled=settled,
        balance=paid_in - settled,
        open=len(rows),
        oldest=oldest,
        age_days=0 if oldest is None else (on - oldest).days,
        aged={name: aged[name] for name in names if aged.get(name)},
        in_books=in_books,
        difference=in_books - (paid_in - settled),
        others=tuple(one.what for one in strangers(moves, posted)),
    )


def _sum(moves: Iterable[Move], side: Side) -> int:
    return sum(one.amount for one in moves if one.side == side)


def _centra(moves: Sequence[Move], since: date | None) -> int | None:
    """What Centra's entries come to; None if some of them were not read."""
    paid = [one for one in moves if one.side == "payment"]
    if since is not None and any(one.day < since for one in paid):
        return None
    return _sum(moves, "centra")


def _age(days: int) -> str:
    return next((name for name, most in AGES if days <= most), _OLDER)
