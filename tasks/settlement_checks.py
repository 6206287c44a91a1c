"""Checks of the accounts on which settlement files are booked.

What is wrong there stops payouts and nothing else, so it is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.visma.client import VismaClient
from connectors.visma.tables import Account, CashAccount
from settings.connection import Connection
from settings.posting import PaymentMethod
from tasks.check_rows import CheckRow
from tasks.payout_writer import ledger_accounts

__all__ = ["account_rows", "settlement_rows"]


async def settlement_rows(settings: Connection, visma: VismaClient) -> list[CheckRow]:
    """Check the accounts of all methods with settlement files, by reading only."""
    if not any(one.settlement for one in settings.payment_methods.values()):
        return []
    kept = await visma.get_cash_accounts()
    return list(account_rows(settings, await visma.get_accounts(), kept))


def account_rows(
    settings: Connection, accounts: Sequence[Account], kept: Sequence[CashAccount]
) -> Iterator[CheckRow]:
    """Say of each method whether journals may use its accounts, in its currencies."""
    known = {one.number: one for one in accounts}
    behind = ledger_accounts(kept)
    for name, method in settings.payment_methods.items():
        wrong = list(_wrong(settings, method, known, behind))
        what = f"accounts of settlements, {name}"
        if method.settlement is None:
            continue
        if not wrong:
            yield CheckRow(what=what, state="ok", found="are open to journals")
            continue
        yield CheckRow(
            what=what,
            state="warning",
            found="; ".join(wrong),
            fix=f'Correct payment_methods."{name}".settlement, or the accounts; until '
            "then such payouts are parked.",
        )


def _wrong(
    settings: Connection,
    method: PaymentMethod,
    known: Mapping[str, Account],
    behind: Mapping[str, str],
) -> Iterator[str]:
    rules = method.settlement
    if rules is None:
        return
    used: dict[str, set[str]] = {}
    for currency in settings.currencies:
        clearing = method.cash_account_in(currency)
        if clearing is not None:
            used.setdefault(clearing, set()).add(currency)
            used.setdefault(rules.bank_in(currency), set()).add(currency)
    for other in (rules.fees, rules.chargebacks, rules.corrections):
        if other is not None:
            used.setdefault(other, set())
    for number, currencies in sorted(used.items()):
        account = known.get(behind.get(number, number))
        if account is None or not account.active:
            yield f"{number} is not in Visma.net, or not active"
        elif not account.allow_manual_entry:
            yield f"{number} takes no journals (control account)"
        elif account.currency and currencies - {account.currency}:
            others = ", ".join(sorted(currencies - {account.currency}))
            yield f"{number} is kept in {account.currency}, and is used for {others}"
