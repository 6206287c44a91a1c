"""From a payout of a payment provider to the journal that books it.

One journal a payout, so that it is booked whole or not at all: the bank is debited what
arrived, fees, chargebacks and corrections what was kept back, and the clearing account
is credited what captures (less refunds) of each reference put into it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from connectors.errors import RecordError
from connectors.visma import models as visma
from mapping.certificate_facts import PeriodOf
from mapping.dates import posting_date
from mapping.payments import provider_text
from mapping.payout_models import (
    CHARGED_BACK,
    OF_PAYMENTS,
    JournalPart,
    Part,
    Payout,
    PayoutDraft,
    keyed_lines,
)
from mapping.rates import Rates
from mapping.references import payout_reference
from mapping.rounding import ZERO
from mapping.settled_once import settles_of
from mapping.settlement_lines import (
    LineKind,
)
from mapping.texts import clean, cut
from settings.connection import Connection
from settings.posting import PaymentMethod, SettlementRules

__all__ = [
    "by_account",
    "payout_to_journal",
    "settled_method",
]

_DESCRIPTION = 60


def settled_method(name: str, connection: Connection) -> tuple[str, SettlementRules]:
    """Return a payment method as the settings write it, and how its files are booked.

    Raises:
        RecordError: There is none of that name, or its files are not.
    """
    names = {key.casefold(): key for key in connection.payment_methods}
    key = names.get(name.strip().casefold())
    rules = None if key is None else connection.payment_methods[key].settlement
    if key is None or rules is None:
        settled = [
            key for key, one in connection.payment_methods.items() if one.settlement
        ]
        raise RecordError(
            f"there are no settings for settlement files of '{name}'; there are for: "
            f"{', '.join(settled) or 'none'}",
            code="SETTLEMENT_METHOD",
            fix=f'Add [payment_methods."{key or name}".settlement] to the settings.',
        )
    return key, rules


def payout_to_journal(
    payout: Payout,
    *,
    connection: Connection,
    rates: Rates,
    periods: Sequence[visma.Period] = (),
) -> PayoutDraft:
    """Return the journal that a payout becomes.

    Raises:
        RateWantedError: Exchange rates must be read first.
        RecordError: Its lines do not add up, one cannot be booked, or an account is
            not set.
    """
    key, rules = settled_method(payout.method, connection)
    _check_lines(payout)
    _check_sum(payout)
    clearing = _clearing(payout, connection, connection.payment_methods[key])
    posted = posting_date(
        payout.day,
        periods,
        closed=connection.orders.closed_periods,
        record_id=payout.label,
        book="ledger",
    )
    described = f"{payout.method} payout {payout.id} {payout.currency}"
    return PayoutDraft(
        reference=payout_reference(
            connection.prefix, payout.method, payout.currency, payout.id
        ),
        description=cut(clean(described), _DESCRIPTION),
        on=payout.day,
        period=_year_first(posted.post_period or PeriodOf(periods).name(payout.day)),
        post_period=posted.post_period,
        currency=payout.currency,
        paid=payout.paid,
        parts=tuple(_parts(payout, rules, clearing)),
        keys=tuple(key for key, _ in keyed_lines(payout)),
        method=key,
        settles=tuple(settles_of(keyed_lines(payout), payout.source_id)),
        branch=rules.branch or connection.visma.branch,
        releases=rules.releases == "connector",
        rate=rates.choose(
            payout.currency, connection, on=payout.day, record_id=payout.label
        ),
        notes=(posted.note,) if posted.note else (),
    )


def _year_first(period: str) -> str:
    """MMYYYY as YYYYMM."""
    return f"{period[2:]}{period[:2]}"


def _check_lines(payout: Payout) -> None:
    if payout.unreadable:
        first = payout.unreadable[0]
        told = "; ".join(one.reason for one in payout.unreadable[:3])
        raise RecordError(
            f"{payout.label}: {told}",
            code=first.code,
            fix=first.fix,
            record_id=payout.label,
        )


def _check_sum(payout: Payout) -> None:
    others = [kind for kind in LineKind if kind is not LineKind.PAYOUT]
    told = sum(one.kind is LineKind.PAYOUT for one in payout.lines)
    total = payout.sum_of(*others)
    if told <= 1 and total == payout.paid:
        return
    by_kind = ", ".join(
        f"{kind.replace('_', ' ')} {payout.sum_of(kind):,f}"
        for kind in others
        if payout.sum_of(kind)
    )
    paid = f"{payout.paid:,f}" if told else "no payout"
    raise RecordError(
        f"{payout.label}: its lines come to {total:,f} {payout.currency} ({by_kind or '-'}"
        f"), but it says {paid}"
        + (
            f" in {told} rows" if told > 1 else f"; {payout.paid - total:,f} is missing"
        ),
        code="SETTLEMENT_SUMS_DIFFER",
        fix="Export the whole settlement anew, and read that file; nothing was booked.",
        record_id=payout.label,
    )


def _clearing(payout: Payout, connection: Connection, method: PaymentMethod) -> str:
    account = method.cash_account_in(payout.currency)
    if payout.currency in connection.currencies and account is not None:
        return account
    raise RecordError(
        f"{payout.label}: '{payout.method}' has no clearing account in {payout.currency}",
        code="SETTLEMENT_CURRENCY",
        fix=f"Add {payout.currency} to currencies, and to "
        f'payment_methods."{payout.method}".cash_accounts and settlement.banks.',
        record_id=payout.label,
    )


def _parts(
    payout: Payout, rules: SettlementRules, clearing: str
) -> Iterator[JournalPart]:
    bank = rules.bank_in(payout.currency)
    parts = [
        JournalPart(part="bank", account=bank, amount=payout.paid, text=payout.id),
        JournalPart(
            part="fees",
            account=rules.fees,
            amount=-payout.sum_of(LineKind.FEE),
            text="fees",
        ),
        *_single(payout, "chargebacks", rules.chargebacks, CHARGED_BACK),
        *_single(
            payout, "corrections", rules.corrections, frozenset({LineKind.CORRECTION})
        ),
    ]
    sums: dict[tuple[str, ...], Decimal] = {}
    for line in payout.lines:
        if line.kind in OF_PAYMENTS:
            sums[line.references] = sums.get(line.references, ZERO) + line.amount
    parts += [
        JournalPart(
            part="clearing",
            account=clearing,
            amount=-amount,
            text=provider_text(references[0] if references else ""),
            references=references,
        )
        for references, amount in sums.items()
    ]
    yield from (one for one in parts if one.amount)


def _single(
    payout: Payout, part: Part, account: str | None, kinds: frozenset[LineKind]
) -> Iterator[JournalPart]:
    """A line of the journal for each of the payout, with its reference."""
    for line in payout.lines:
        if line.kind not in kinds:
            continue
        if account is None:
            raise RecordError(
                f"{payout.label}: row {line.row} is a {line.kind.replace('_', ' ')} of "
                f"{line.amount:,f} {payout.currency}, and no account is set for {part}",
                code="SETTLEMENT_ACCOUNT_MISSING",
                fix=f'Set payment_methods."{payout.method}".settlement.{part}.',
                record_id=payout.label,
            )
        yield JournalPart(
            part=part,
            account=account,
            amount=-line.amount,
            text=provider_text(line.reference or line.text),
            references=line.references,
        )


def by_account(parts: Sequence[JournalPart]) -> Mapping[str, Decimal]:
    """What each account gains."""
    sums: dict[str, Decimal] = {}
    for one in parts:
        sums[one.account] = sums.get(one.account, ZERO) + one.amount
    return {number: amount for number, amount in sums.items() if amount}
