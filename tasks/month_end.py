"""The pack of a month: everything that whoever signs the month needs, read afresh.

The certificate is made first. Then the customer ledger and the journal of Visma.net
are read, and the connector's own history. Nothing of either system is changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ledger import Unit
from mapping.counting import counted
from mapping.dates import document_date
from mapping.month import Month
from mapping.month_documents import OpenPayment
from mapping.month_money import prepayments_table, rates_table, rounding_table
from mapping.month_money_ties import clearing_tie, gift_card_tie
from mapping.month_origins import Origins
from mapping.month_oss import corrections_table, oss_findings, oss_table
from mapping.month_tables import Finding, Pack, Table
from mapping.month_ties import (
    Tie,
    receivables_tie,
    vat_tie,
)
from mapping.month_vat import reverse_charge_table, sales_findings, sales_table
from mapping.payments import GIFT_CARD
from mapping.references import is_payout_reference
from settings.connection import Connection
from tasks.certificate import Certified, certify
from tasks.environment import environment
from tasks.foreign_settled import read_foreign_settled
from tasks.month_books import MonthBooks, period_end_rates, read_books
from tasks.month_certificate import (
    causes_table,
    certificate_findings,
    compared_table,
    differences_table,
    doubts_table,
)
from tasks.month_clearing import balances_table, clearing_findings, open_table
from tasks.month_history import (
    approvals_table,
    changes_table,
    runs_table,
    used_rates,
    versions_table,
)
from tasks.month_overview import overview_table
from tasks.month_settled import settled_findings, settled_table

__all__ = ["make_pack", "month_named"]


def month_named(connection: str, text: str | None) -> Month:
    """The month that is meant: the one that is typed, else the last one that is over.

    Raises:
        ValueError: It is no month, has not begun, or was before `start_on`.
    """
    env = environment()
    settings = env.connection(connection)
    now = Month.of(document_date(env.clock(), settings.zone))
    month = Month.parse(text) if text else now.before
    if month > now:
        message = f"{month} has not begun: a pack is made of a month that is over"
        raise ValueError(message)
    if month.last < settings.start_on:
        message = (
            f"{month} is before start_on {settings.start_on}: the connector carried "
            "nothing in it"
        )
        raise ValueError(message)
    return month


async def make_pack(connection: str, month: Month) -> Pack:
    """Read both systems and the ledger, and make the tables of a month.

    Raises:
        ConfigError: A setting or credential is wrong.
        RetryableError: One of the systems cannot answer now.
        AbortError: The wrong company, or a list that cannot be read to its end.
    """
    env = environment()
    settings = env.connection(connection)
    done = await certify(connection, max(month.first, settings.start_on), month.last)
    async with env.visma(settings) as visma:
        books = await read_books(visma, settings, month, Origins(done.entries))
    settled = await read_foreign_settled(connection, month.first, month.last)
    rates, trouble = await period_end_rates(connection, month, books.parts)
    now = env.clock()
    today = document_date(now, settings.zone)
    ties = _ties(settings, books)
    findings = [
        *certificate_findings(done, connection),
        *(f for tie in ties for f in tie.findings),
    ]
    findings += sales_findings(books.parts)
    findings += oss_findings(books.parts, month, rates)
    findings += [Finding("oss", one) for one in trouble]
    findings += clearing_findings(done.certificate.clearing)
    base = settings.base_currency
    findings += settled_findings(settled, base)
    findings += _without_number(books)
    with env.books(connection).read() as unit:
        history = _history(unit, settings, month, done)
        labels = _labelled(unit, settings, books.documents.open_payments)
        chain = unit.audit.verify()
        doubts = doubts_table(unit.intents.in_doubt())
    if not chain.ok:
        findings.append(Finding("approvals", chain.message))
    if doubts.rows:
        many = counted(len(doubts.rows), "document is", "documents are")
        sentence = f"{many} in doubt: run it again later."
        findings.append(Finding("in_doubt", sentence))
    tables = [
        causes_table(done),
        sales_table(books.parts, base),
        oss_table(books.parts, month, rates),
        corrections_table(books.parts, month, rates),
        reverse_charge_table(books.parts, books.vat_numbers, base),
        *(tie.table for tie in ties),
        balances_table(done.certificate.clearing),
        open_table(done.certificate.clearing),
        prepayments_table(labels, base),
        settled_table(settled, base),
        rounding_table(books.documents.posted, settings.orders.rounding_item, base),
        differences_table(done),
        doubts,
        compared_table(done.certificate.rows),
        *history,
    ]
    return Pack(
        connection=connection,
        month=month,
        base_currency=base,
        made_at=now,
        is_provisional=today <= month.last,
        tables=(overview_table(done, ties, tables, base), *tables),
        findings=tuple(findings),
    )


# -- tables


def _ties(settings: Connection, books: MonthBooks) -> list[Tie]:
    documents, lines = books.documents.posted, books.lines
    base, rules = settings.base_currency, settings.month_end
    methods = {
        account: name
        for name, method in settings.payment_methods.items()
        for account in (method.cash_account, *method.cash_accounts.values())
        if account
    }
    cards = {account for account, name in methods.items() if name == GIFT_CARD}
    return [
        receivables_tie(
            documents,
            lines,
            books.balances,
            accounts=rules.receivables,
            differences=settings.rates.difference_accounts,
            base=base,
        ),
        clearing_tie(
            documents,
            lines,
            methods={one: name for one, name in methods.items() if one not in cards},
            ledger_accounts=books.ledger_accounts,
            payouts={
                one.batch
                for one in lines
                if is_payout_reference(settings.prefix, one.reference)
            },
            base=base,
        ),
        vat_tie(documents, lines, accounts=rules.vat, base=base),
        gift_card_tie(
            documents,
            lines,
            cash_accounts={one: books.ledger_accounts.get(one, one) for one in cards},
            items=(
                settings.orders.gift_certificate_item,
                settings.returns.compensation_item,
            ),
            base=base,
        ),
    ]


def _without_number(books: MonthBooks) -> list[Finding]:
    missing = sorted(name for name, number in books.vat_numbers.items() if not number)
    if not missing:
        return []
    sentence = (
        f"Customers without a VAT number bought at reverse charge: {', '.join(missing)}; "
        "add it to the customer in Visma.net."
    )
    return [Finding("reverse_charge", sentence)]


def _labelled(
    unit: Unit, settings: Connection, payments: Sequence[OpenPayment]
) -> list[OpenPayment]:
    """Call payments of ours by what the connector calls their record: order and entry."""
    found = []
    for one in payments:
        source = one.reference.removeprefix(f"{settings.prefix}P")
        record = unit.records.get("payments", source)
        found.append(replace(one, reference=record.label) if record else one)
    return found


def _history(
    unit: Unit, settings: Connection, month: Month, done: Certified
) -> list[Table]:
    since, until = month.moments(settings.zone)
    kept = unit.history.settings()
    signed = [f"difference {one.id}" for one in done.certificate.differences]
    stamps = unit.rates.all(month.first, month.last)
    return [
        rates_table(used_rates(stamps), settings.base_currency),
        approvals_table(unit.history.decisions(since, until, signed)),
        versions_table(unit.history.versions(since, until), kept),
        changes_table(kept, since, until),
        runs_table(unit.history.runs(since, until)),
    ]
