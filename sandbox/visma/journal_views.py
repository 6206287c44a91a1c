"""The general ledger as ERP v2 shows it: what documents posted, and journals of its own."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial

from sandbox.visma.company import Company
from sandbox.visma.journal import Entry, Posting
from sandbox.visma.journal_records import JournalTransaction
from sandbox.visma.posting import base_of
from sandbox.visma.shipment_views import day_text
from sandbox.visma.wire import local_text, version_text

__all__ = ["Batch", "batches", "single_view", "views_of_lines"]

_ZERO = Decimal(0)
_Line = dict[str, object]


@dataclass(frozen=True)
class Batch:
    """One batch as lists find it; what they show of it is written when it is on a page."""

    module: str
    number: str
    status: str
    period: str
    at: datetime
    branch: str
    size: int
    """How many lines it has."""
    write: Callable[[], tuple[Mapping[str, object], Sequence[_Line]]]
    """Its head and its lines; amounts are in its currency, `base` in the company's."""


def batches(company: Company) -> Iterator[Batch]:
    """Return every batch that lists show now: first what documents posted, then journals."""
    now = company.clock.now()
    for entry in company.books.journal:
        if entry.module != "GL":
            yield _posted(company, entry)
    for made in company.books.journals.values():
        if made.visible_from <= now:
            yield _written(company, made)


def single_view(company: Company, number: str) -> dict[str, object] | None:
    """Return one journal transaction, late ones too: a number leads to it at once."""
    made = company.books.journals.get(number)
    if made is not None:
        return _shown(_written(company, made))
    for entry in company.books.journal:
        if entry.number == number:
            return _shown(_posted(company, entry))
    return None


def views_of_lines(
    rows: Iterable[Batch], start: int, size: int
) -> tuple[list[dict[str, object]], int]:
    """Return a page of so many lines from a place on, and how many lines there are in all.

    Lines of one batch may fall on two pages; each shows its head.
    """
    views: list[dict[str, object]] = []
    at = 0
    for one in rows:
        shown = slice(max(0, start - at), max(0, start + size - at))
        if range(one.size)[shown]:
            views.append(_shown(one, shown))
        at += one.size
    return views, at


def _shown(one: Batch, part: slice = slice(None)) -> dict[str, object]:
    head, lines = one.write()
    return dict(head) | {"journalTransactionLines": list(lines[part])}


def _posted(company: Company, entry: Entry) -> Batch:
    return Batch(
        entry.module,
        entry.number,
        "Posted",
        entry.period,
        entry.at,
        _branch(company),
        len(entry.postings),
        partial(_write_posted, company, entry),
    )


def _branch(company: Company) -> str:
    return next(iter(company.setup.branches))


def _write_posted(
    company: Company, entry: Entry
) -> tuple[dict[str, object], list[_Line]]:
    debit = sum((max(one.amount, _ZERO) for one in entry.postings), _ZERO)
    base = sum((max(one.base, _ZERO) for one in entry.postings), _ZERO)
    header = {
        "module": f"Module{entry.module}",
        "batchNumber": entry.number,
        "status": "Posted",
        "hold": False,
        "transactionDate": day_text(entry.on),
        "currencyId": entry.currency,
        "exchangeRate": entry.rate,
        "description": " ".join(entry.document),
        "lastModifiedDateTime": local_text(entry.at, company.zone),
        "branch": _branch(company),
        **_period(entry.period),
        **_totals(debit, debit, base),
    }
    lines = [
        _line(position, one, reference=entry.document[1], customer=entry.customer)
        for position, one in enumerate(entry.postings, 1)
    ]
    return header, lines


def _written(company: Company, made: JournalTransaction) -> Batch:
    return Batch(
        "GL",
        made.number,
        made.status,
        made.period,
        made.modified_at,
        made.branch,
        len(made.lines),
        partial(_write_made, company, made),
    )


def _write_made(
    company: Company, made: JournalTransaction
) -> tuple[dict[str, object], list[_Line]]:
    header = {
        "module": "ModuleGL",
        "batchNumber": made.number,
        "status": made.status,
        "hold": made.status == "Hold",
        "transactionDate": day_text(made.on),
        "currencyId": made.currency,
        "exchangeRate": made.rate,
        "description": made.description or "",
        "autoReversing": False,
        "lastModifiedDateTime": local_text(made.modified_at, company.zone),
        "branch": made.branch,
        "timeStamp": version_text(made.version),
        **_period(made.period),
        **_totals(made.debit, made.credit, base_of(made.debit, made.rate)),
    }
    lines = [
        _line(
            line.number,
            Posting(
                account=line.account,
                amount=line.debit - line.credit,
                base=base_of(line.debit - line.credit, made.rate),
                text=line.text,
            ),
            reference=line.reference or "",
        )
        for line in made.lines
    ]
    return header, lines


def _period(period: str) -> dict[str, object]:
    """Return the period in both of its forms: MMYYYY and YYYYMM."""
    shown = f"{period[4:]}{period[:4]}"
    return {"postPeriod": shown, "financialPeriod": period, "ledger": "1"}


def _totals(debit: Decimal, credit: Decimal, base: Decimal) -> dict[str, object]:
    """Return the totals: plain ones in the batch's currency, `InCurrency` in the company's."""
    return {
        "debitTotal": debit,
        "debitTotalInCurrency": base,
        "creditTotal": credit,
        "creditTotalInCurrency": base,
        "controlTotal": debit,
        "controlTotalInCurrency": base,
    }


def _line(
    number: int, one: Posting, *, reference: str, customer: str | None = None
) -> _Line:
    return {
        "lineNumber": number,
        "accountNumber": one.account,
        "referenceNumber": reference,
        "debitAmount": max(one.amount, _ZERO),
        "debitAmountInCurrency": max(one.base, _ZERO),
        "creditAmount": max(-one.amount, _ZERO),
        "creditAmountInCurrency": max(-one.base, _ZERO),
        "transactionDescription": one.text or "",
        **({"vat": {"id": one.vat_id}} if one.vat_id else {}),
        **({"customerSupplier": customer} if customer else {}),
    }
