"""Clearing accounts, read afresh: payments of both systems, settlements, and the books."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from connectors.visma.journal_models import JournalRow
from connectors.visma.models import Period
from connectors.visma.payment_models import PaymentRow
from mapping.certificate_facts import PeriodOf
from mapping.clearing import clearing_of
from mapping.clearing_rows import (
    Clearing,
    ClearingAccount,
    ClearingRow,
    Move,
    Posted,
    ToSign,
)
from mapping.clearing_signs import Told, to_be_signed
from mapping.dates import document_date, period_name
from mapping.money import minor_text, minor_units
from mapping.payments import GIFT_CARD, provider_text
from settings.connection import Connection
from tasks.direction import Ends
from tasks.payout_journals import PayoutJournals
from tasks.payout_writer import ledger_accounts

__all__ = ["clearing_as_json", "clearing_now"]

_ByLedger = Mapping[tuple[str, str], str]
"""Clearing accounts by what is behind them: the account of the general ledger, currency."""
_REFUND = "Refund"
_AFTER_TODAY = timedelta(days=62)
"""How far periods are read beyond today: what a closed one has shifted."""


async def clearing_now(
    ends: Ends,
    moved: Iterable[Move],
    payments: Iterable[PaymentRow],
    *,
    centra_since: date | None,
    on: date,
    told: Told,
) -> Clearing:
    """Balance what Centra said moved with what Visma.net has, up to a day.

    `payments` are Visma.net's, of all days, as they were just read.
    What Centra says otherwise than was paid in must be signed, too, but for what is `told`.
    """
    settings = ends.settings
    today = document_date(ends.clock(), settings.zone)
    methods = _methods(settings)
    accounts = {account for account, _ in methods}
    behind = ledger_accounts(await ends.visma.get_cash_accounts())
    by_ledger = {
        (behind.get(account, account), currency): account
        for account, currency in methods
    }
    paid = [move for row in payments for move in _of_payment(row, settings)]
    moves = [*moved, *paid]
    posted: list[Posted] = []
    with ends.books.read() as unit:
        payouts = PayoutJournals(unit, settings)
    seen: set[str] = set()
    for period in _periods(await ends.visma.get_periods(), settings, today):
        for journal in await ends.visma.get_journals(period):
            if journal.book == "GL":
                seen.add(journal.batch_number)
            if journal.is_released:
                moves += _of_journal(journal, by_ledger, settings, payouts)
                posted += _in_books(journal, by_ledger, settings)
    moves = [one for one in moves if one.account in accounts]
    clearing = clearing_of(
        moves, posted, methods=methods, on=on, centra_since=centra_since
    )
    signs = to_be_signed(
        clearing,
        moves,
        posted,
        methods=methods,
        max_days=_settled_by_file(settings),
        told=told,
        gone=await payouts.gone(seen, ends),
    )
    return replace(clearing, to_sign=signs)


def _settled_by_file(settings: Connection) -> Mapping[tuple[str, str], int]:
    """The accounts whose payouts come as files, and how long money may wait on them."""
    days = settings.certificate.clearing_days
    return {
        (account, currency): days
        for method in settings.payment_methods.values()
        if method.settlement is not None
        for currency in settings.currencies
        if (account := method.cash_account_in(currency)) is not None
    }


def _methods(settings: Connection) -> Mapping[tuple[str, str], str]:
    """The clearing accounts by currency, and the methods that use them.

    That of gift cards is none: it is what the shop owes, and no provider pays it out.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for name, method in settings.payment_methods.items():
        for currency in settings.currencies:
            account = method.cash_account_in(currency)
            if account is not None and name.casefold() != GIFT_CARD.casefold():
                found.setdefault((account, currency), []).append(name)
    return {place: ", ".join(names) for place, names in found.items()}


def _of_payment(row: PaymentRow, settings: Connection) -> Iterator[Move]:
    """A payment in the books, by whomever it was made."""
    on, account = row.on, row.cash_account
    if not row.is_released or row.is_void or on is None or account is None:
        return
    if on < settings.start_on:
        return
    currency = row.currency or settings.base_currency
    amount = minor_units(row.payment_amount, currency)
    yield Move(
        side="payment",
        account=account,
        currency=currency,
        reference=provider_text(row.invoice_text),
        day=on,
        amount=-amount if row.type == _REFUND else amount,
        document=row.ref_nbr,
    )


def _of_journal(
    row: JournalRow,
    by_ledger: _ByLedger,
    settings: Connection,
    payouts: PayoutJournals,
) -> Iterator[Move]:
    """What a payout of ours took off a clearing account."""
    on, currency = row.on, row.currency_id or settings.base_currency
    if on is None or row.book != "GL":
        return
    for line in row.journal_transaction_lines:
        account = by_ledger.get((line.account_number, currency))
        if account is not None and payouts.is_ours(row, line.reference_number):
            yield Move(
                side="settlement",
                account=account,
                currency=currency,
                reference=line.transaction_description or "",
                day=on,
                amount=minor_units(line.amount, currency),
                document=row.batch_number,
            )


def _in_books(
    row: JournalRow,
    by_ledger: _ByLedger,
    settings: Connection,
) -> Iterator[Posted]:
    """All that a journal has on clearing accounts, in the currency that they are kept in."""
    on, currency = row.on, row.currency_id or settings.base_currency
    if on is None or on < settings.start_on:
        return
    module = row.book
    for line in row.journal_transaction_lines:
        account = by_ledger.get((line.account_number, currency))
        if account is None:
            continue
        number = line.reference_number if module == "AR" else row.batch_number
        what = f"{module} {number or row.batch_number} of {on}"
        said = line.transaction_description or row.description
        yield Posted(
            account=account,
            currency=currency,
            day=on,
            amount=minor_units(line.amount, currency),
            document=number or row.batch_number,
            what=f"{what}: {said}" if said else what,
            is_journal=module != "AR",
        )


def _periods(
    periods: Sequence[Period], settings: Connection, today: date
) -> Iterator[str]:
    """The financial periods from `start_on` on, as YYYYMM; those of the calendar without any."""
    named = {
        period_name(one)
        for one in periods
        if one.start_date < one.end_date
        and one.end_date.date() >= settings.start_on
        and one.start_date.date() <= today + _AFTER_TODAY
    } or {PeriodOf(()).name(day) for day in _days(settings.start_on, today)}
    yield from sorted(f"{name[2:]}{name[:2]}" for name in named)


def _days(since: date, until: date) -> Iterator[date]:
    while since <= until:
        yield since
        since += timedelta(days=28)
    yield until


def clearing_as_json(clearing: Clearing) -> dict[str, Any]:
    """The balances as `--json` prints them: amounts as decimal strings."""
    return {
        "on": clearing.on.isoformat(),
        "accounts": [_account(one) for one in clearing.accounts],
        "open": [_row(one) for one in clearing.rows],
        "to_sign": [_to_sign(one) for one in clearing.to_sign],
    }


def _account(one: ClearingAccount) -> dict[str, Any]:
    return {
        "method": one.method,
        "currency": one.currency,
        "account": one.account,
        "centra": _text(one.centra, one.currency),
        "paid_in": _text(one.paid_in, one.currency),
        "settled": _text(one.settled, one.currency),
        "balance": _text(one.balance, one.currency),
        "open": one.open,
        "oldest": one.oldest.isoformat() if one.oldest else None,
        "age_days": one.age_days,
        "aged": {name: _text(units, one.currency) for name, units in one.aged.items()},
        "in_books": _text(one.in_books, one.currency),
        "difference": _text(one.difference, one.currency),
        "others": list(one.others),
    }


def _row(one: ClearingRow) -> dict[str, Any]:
    return {
        "method": one.method,
        "currency": one.currency,
        "account": one.account,
        "reference": one.reference,
        "centra": _text(one.centra, one.currency),
        "paid_in": _text(one.paid_in, one.currency),
        "settled": _text(one.settled, one.currency),
        "balance": _text(one.balance, one.currency),
        "oldest": one.oldest.isoformat(),
        "age_days": one.age_days,
        "documents": list(one.documents),
    }


def _to_sign(one: ToSign) -> dict[str, Any]:
    return {
        "id": one.id,
        "currency": one.currency,
        "amount": _text(one.amount, one.currency),
        "age_days": one.age_days,
        "sentence": one.sentence,
    }


def _text(units: int | None, currency: str) -> str | None:
    return None if units is None else minor_text(units, currency)
