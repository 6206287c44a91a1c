"""What the systems outside say of a month: the books of Visma.net, rates of the ECB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from connectors.visma.client import VismaClient
from connectors.visma.journal_models import JournalRow
from mapping.month import Month
from mapping.month_documents import AccountLine
from mapping.month_origins import Origins
from mapping.month_oss import PeriodEndRate, period_end_rate
from mapping.month_sales import SoldPart, sold_parts
from mapping.month_ties import CustomerBalances
from mapping.rounding import ZERO
from settings.connection import Connection
from tasks.environment import environment
from tasks.month_documents import MonthDocuments, read_documents
from tasks.payout_writer import ledger_accounts
from tasks.rates import RateReader

__all__ = ["MonthBooks", "period_end_rates", "read_books"]


@dataclass(frozen=True)
class MonthBooks:
    """What Visma.net says of a month."""

    documents: MonthDocuments
    lines: tuple[AccountLine, ...]
    balances: CustomerBalances
    ledger_accounts: Mapping[str, str]
    """Accounts of the general ledger behind cash accounts."""
    vat_numbers: Mapping[str, str]
    """Of customers at reverse charge, by their number; empty where there is none."""
    parts: tuple[SoldPart, ...]


async def read_books(
    visma: VismaClient, settings: Connection, month: Month, origins: Origins
) -> MonthBooks:
    """Read documents, journal and balances of a month.

    Raises:
        AbortError: A list cannot be read to its end, or lacks an amount.
        RetryableError: Visma.net cannot answer now.
    """
    documents = await read_documents(visma, settings, month, origins)
    journals = await visma.get_journals(month.period_id)
    owed = await visma.get_period_balances(month.period_id)
    parts = tuple(sold_parts(documents.posted, settings.vat))
    numbers = {}
    for customer in sorted(
        {one.document.customer for one in parts if one.scheme == "reverse_charge"}
    ):
        found = await visma.get_customer(customer)
        numbers[customer] = found.vat_registration_id or ""
    return MonthBooks(
        documents=documents,
        lines=tuple(_lines(journals, settings.base_currency)),
        balances=CustomerBalances(
            opening=sum((one.begin_balance for one in owed), ZERO),
            closing=sum((one.year_to_date_balance for one in owed), ZERO),
        ),
        ledger_accounts=ledger_accounts(await visma.get_cash_accounts()),
        vat_numbers=numbers,
        parts=parts,
    )


def _lines(journals: Iterable[JournalRow], base: str) -> Iterable[AccountLine]:
    """The lines that are in the books; in base currency both amounts may be one."""
    for row in journals:
        currency = row.currency_id or base
        for line in row.journal_transaction_lines if row.is_released else ():
            told = line.base or currency != base
            yield AccountLine(
                module=row.book,
                batch=row.batch_number,
                account=line.account_number,
                reference=line.reference_number or "",
                currency=currency,
                amount=line.amount,
                base=line.base if told else line.amount,
                vat_id=line.vat_id or "",
            )


async def period_end_rates(
    connection: str, month: Month, parts: Sequence[SoldPart]
) -> tuple[dict[tuple[Month, str], PeriodEndRate], list[str]]:
    """The ECB's rates at the end of each month that the OSS needs, and what went wrong."""
    env = environment()
    wanted = {
        (one.corrects(month) or month, one.document.currency)
        for one in parts
        if one.scheme == "oss"
    }
    if not wanted:
        return {}, []
    first = min(one for one, _ in wanted)
    reader = RateReader(env, env.connection(connection))
    trouble = await reader.read("ecb", first.last)
    with env.books(connection).read() as unit:
        quotes = unit.rates.quotes(("ecb",), first.last, None)
    found = {
        key: rate
        for key in wanted
        if (rate := period_end_rate(quotes, key[1], key[0])) is not None
    }
    return found, [] if trouble is None else [f"The ECB could not be read: {trouble}"]
