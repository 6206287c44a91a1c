"""The general ledger as ERP v2 shows it."""

from decimal import Decimal

from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.visma.company import Company
from sandbox.visma.door import Door, Visit
from sandbox.visma.erp import ErpError, changed_within, equal, page, scopes_for
from sandbox.visma.journal import Entry
from sandbox.visma.shipment_views import day_text
from sandbox.visma.wire import local_text

__all__ = ["journal_routes"]

_ZERO = Decimal(0)
_LARGEST_PAGE = 1000


def journal_routes(door: Door) -> list[BaseRoute]:
    """Return the route of journal transactions, for reading."""
    read = scopes_for("read")
    return [door.route("GET", "/v2/journaltransaction", _list, read)]


def _list(visit: Visit) -> Response:
    """List entries; a period or a time of change must be named."""
    company = visit.company
    period, since = visit.query("periodId"), visit.query("lastModifiedDateTime")
    if period is None and since is None:
        raise ErpError("Either periodId or lastModifiedDateTime is required.")
    changed = changed_within(visit, "lastModifiedDateTime", lambda row: row.at)
    rows = [
        entry
        for entry in company.books.journal
        if equal(period, entry.period)
        and equal(visit.query("module"), "AR")
        and equal(visit.query("status"), "Posted")
        and changed(entry)
    ]
    return page(visit, rows, lambda row: _view(company, row), largest=_LARGEST_PAGE)


def _view(company: Company, entry: Entry) -> dict[str, object]:
    debit = sum((max(one.amount, _ZERO) for one in entry.postings), _ZERO)
    base = sum((max(one.base, _ZERO) for one in entry.postings), _ZERO)
    return {
        "module": "ModuleAR",
        "batchNumber": entry.number,
        "status": "Posted",
        "hold": False,
        "transactionDate": day_text(entry.on),
        "postPeriod": entry.period,
        "financialPeriod": entry.period,
        "ledger": "1",
        "currencyId": entry.currency,
        "exchangeRate": entry.rate,
        "description": " ".join(entry.document),
        "debitTotal": base,
        "debitTotalInCurrency": debit,
        "creditTotal": base,
        "creditTotalInCurrency": debit,
        "controlTotal": base,
        "controlTotalInCurrency": debit,
        "lastModifiedDateTime": local_text(entry.at, company.zone),
        "branch": next(iter(company.setup.branches)),
        "journalTransactionLines": [
            {
                "lineNumber": position,
                "accountNumber": one.account,
                "referenceNumber": entry.document[1],
                "debitAmount": max(one.base, _ZERO),
                "debitAmountInCurrency": max(one.amount, _ZERO),
                "creditAmount": max(-one.base, _ZERO),
                "creditAmountInCurrency": max(-one.amount, _ZERO),
                "transactionDescription": one.text or "",
                **({"vat": {"id": one.vat_id}} if one.vat_id else {}),
                "customerSupplier": entry.customer,
            }
            for position, one in enumerate(entry.postings, 1)
        ],
    }
