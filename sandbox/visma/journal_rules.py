"""How a journal transaction is made, changed and put into the books."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sandbox.visma.company import Company, Stamp
from sandbox.visma.document_rules import period_of
from sandbox.visma.erp import ErpError
from sandbox.visma.journal import AR_ACCOUNT, Posting
from sandbox.visma.journal_records import JournalLine, JournalTransaction
from sandbox.visma.posting import balanced, base_of
from sandbox.visma.shipment_rules import check_period
from sandbox.visma.wire import parse_day

__all__ = ["change_journal", "create_journal", "release_journal"]

_ZERO = Decimal(0)


def create_journal(
    company: Company,
    body: dict[str, Any],
    visible_from: Callable[[Stamp], datetime] | None = None,
) -> JournalTransaction:
    """Make a transaction from a body whose fields were checked: Balanced, or Hold.

    Raises:
        ErpError: it breaks a rule.
    """
    number = body.get("batchNumber") or None
    if number and not body.get("overrideNumberSeries"):
        raise ErpError("Error: The number is set by the number series.")
    if number in company.books.journals:
        raise ErpError(
            "Error: Another process has added the 'Batch' record. Your changes will be lost."
        )
    stamp = company.stamp()
    made = JournalTransaction(
        number=number or company.books.next_journal(),
        status="Balanced",
        currency=company.setup.base_currency,
        rate=Decimal(1),
        on=company.local_date(stamp.at),
        period="",
        branch=next(iter(company.setup.branches)),
        created_at=stamp.at,
        modified_at=stamp.at,
        visible_from=stamp.at,
        version=stamp.version,
    )
    _write(company, made, body)
    if visible_from is not None:
        made.visible_from = visible_from(stamp)
    company.books.journals[made.number] = made
    return made


def change_journal(
    company: Company, found: JournalTransaction, body: dict[str, Any]
) -> None:
    """Change a transaction that is not in the books.

    Raises:
        ErpError: it is, or the change breaks a rule; nothing is changed then.
    """
    if found.status == "Posted":
        raise ErpError(f"Error: Batch '{found.number}' has the status 'Posted'.")
    changed = deepcopy(found)
    _write(company, changed, body)
    vars(found).update(vars(changed))
    stamp = company.stamp()
    found.modified_at, found.version = stamp.at, stamp.version


def _write(company: Company, made: JournalTransaction, body: dict[str, Any]) -> None:
    _write_header(company, made, body)
    _write_currency(company, made, body)
    for given in body.get("journalTransactionLines") or []:
        _write_line(company, made, given)
    if body.get("hold") is not None:
        made.status = "Hold" if body["hold"] else "Balanced"
    if made.status == "Balanced":
        _check_balance(made)


def _write_header(
    company: Company, made: JournalTransaction, body: dict[str, Any]
) -> None:
    if body.get("description") is not None:
        made.description = body["description"]
    if body.get("transactionDate"):
        made.on = parse_day(body["transactionDate"])
    if body.get("postPeriod") or body.get("financialPeriod"):
        made.period = period_of(company, made.on, body)
    elif body.get("transactionDate") or not made.period:
        made.period = check_period(company, made.on)
    if body.get("branch") is not None:
        if body["branch"] not in company.setup.branches:
            raise ErpError(f"Error: Branch '{body['branch']}' cannot be found.")
        made.branch = body["branch"]
    if body.get("controlTotalInCurrency") is not None:
        made.control = Decimal(body["controlTotalInCurrency"])


def _write_currency(
    company: Company, made: JournalTransaction, body: dict[str, Any]
) -> None:
    currency = body.get("currencyId") or made.currency
    if currency not in company.setup.rates:
        raise ErpError(f"Error: Currency '{currency}' cannot be found in the system.")
    if body.get("exchangeRate") is not None:
        if not body["exchangeRate"]:
            raise ErpError("Error: The currency rate cannot be zero.")
        made.rate, made.has_own_rate = Decimal(body["exchangeRate"]), True
    elif not made.has_own_rate:
        made.rate = company.rate_on(currency, made.on)
    made.currency = currency


def _write_line(
    company: Company, made: JournalTransaction, given: dict[str, Any]
) -> None:
    operation = given.get("operation")
    if operation not in {"Insert", "Update", "Delete"}:
        raise ErpError("Error: The operation of a line must be given.")
    known = {line.number: line for line in made.lines}
    if operation == "Insert":
        line = JournalLine(number=max(known, default=0) + 1, account="")
        made.lines.append(line)
    elif given.get("lineNumber") in known:
        line = known[given["lineNumber"]]
    else:
        raise ErpError(f"Error: Line '{given.get('lineNumber')}' cannot be found.")
    if operation == "Delete":
        made.lines.remove(line)
        return
    for name, member in (
        ("accountNumber", "account"),
        ("referenceNumber", "reference"),
        ("transactionDescription", "text"),
    ):
        if given.get(name) is not None:
            setattr(line, member, given[name])
    if given.get("debitAmountInCurrency") is not None:
        line.debit = Decimal(given["debitAmountInCurrency"])
    if given.get("creditAmountInCurrency") is not None:
        line.credit = Decimal(given["creditAmountInCurrency"])
    _check_line(company, made, line)


def _check_line(company: Company, made: JournalTransaction, line: JournalLine) -> None:
    setup = company.setup
    kept = setup.cash_accounts.get(line.account)
    if kept is None and line.account not in setup.accounts:
        raise ErpError(
            f"Error: Account '{line.account}' cannot be found in the system.", 500
        )
    if line.account == AR_ACCOUNT:
        raise ErpError(
            f"Error: Account '{line.account}' is a control account of module AR. Manual entry is "
            "not allowed."
        )
    if kept is not None and kept.currency != made.currency:
        raise ErpError(
            f"Error: Account '{line.account}' is denominated in '{kept.currency}', the currency "
            f"of the batch is '{made.currency}'."
        )
    if bool(line.debit) == bool(line.credit):
        raise ErpError("Error: A line has either a debit or a credit amount.")


def _check_balance(made: JournalTransaction) -> None:
    if not made.lines:
        raise ErpError("Error: The batch has no lines.")
    if made.debit != made.credit:
        raise ErpError(
            f"Error: The batch is out of balance: debit {made.debit}, credit {made.credit}."
        )
    if made.control is not None and made.control != made.debit:
        raise ErpError(
            f"Error: The control total {made.control} is not the debit total {made.debit}."
        )


def release_journal(company: Company, found: JournalTransaction) -> None:
    """Put a transaction into the books.

    Raises:
        ErpError: it is on hold or posted, does not balance, or its period is closed.
    """
    if found.status != "Balanced":
        raise ErpError(
            f"Error: Batch '{found.number}' has the status '{found.status}'."
        )
    _check_balance(found)
    check_period(company, date(int(found.period[:4]), int(found.period[4:]), 1))
    stamp = company.stamp()
    company.books.journal.post(
        module="GL",
        number=found.number,
        document=("Journal", found.number),
        customer="",
        currency=found.currency,
        rate=found.rate,
        on=found.on,
        period=found.period,
        at=stamp.at,
        postings=balanced(
            [
                Posting(
                    account=line.account,
                    amount=line.debit - line.credit,
                    base=base_of(line.debit - line.credit, found.rate),
                    text=line.text,
                )
                for line in found.lines
            ]
        ),
    )
    found.status = "Posted"
    found.modified_at, found.version = stamp.at, stamp.version
