"""Credit of wholesale customers: read from Visma.net, written to Centra's accounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import date, datetime
from decimal import Decimal

from connectors.answers import NOT_FOUND
from connectors.centra.integration import AttributeValue
from connectors.errors import RecordError
from ledger import Claim, Draft, DraftRow, SourceEntry, Unit
from mapping.credit_status import AccountCredit, CustomerCredit
from mapping.rounding import ZERO
from mapping.version import MAPPING_VERSION
from tasks.centra_sales import fingerprint
from tasks.decided import is_untouched
from tasks.direction import Decision, Ends, Page, Sent, Window
from tasks.sale_documents import open_invoices_of
from tasks.without_total import SetAgain

__all__ = [
    "ACCOUNT_CREDIT",
    "AccountCreditWriter",
    "credit_draft",
    "decide_credit",
    "read_credit",
]

ACCOUNT_CREDIT = "account_credit"
_ACCOUNT = "acc-"


async def read_credit(
    ends: Ends, window: Window, watermark: datetime | None
) -> AsyncIterator[Page]:
    """Read every wholesale customer that an account is linked to, or the given ones.

    What is overdue depends on the day, so nothing says which of them have changed;
    it is one call a customer for what it owes.
    """
    del watermark
    if not ends.settings.credit_status.enabled:
        return
    today = ends.clock().astimezone(ends.settings.zone).date()
    with ends.books.read() as unit:
        linked = _accounts(unit)
    wanted = sorted(set(window.ids) & set(linked) if window.ids else linked)
    for number in wanted:
        yield Page((await _entry(ends, number, tuple(sorted(linked[number])), today),))


class AccountCreditWriter(SetAgain):
    """Writes the credit of a customer to each of its accounts."""

    def prepare(self, claim: Claim, unit: Unit) -> bytes:  # noqa: ARG002 - the protocol's
        """Need nothing from other directions."""
        return claim.body

    async def send(self, claim: Claim, ends: Ends) -> Sent:
        """Write text, limit and status; each of them again is the same."""
        wanted = AccountCredit.model_validate_json(claim.body)
        value = AttributeValue(wanted.type_name, wanted.element, wanted.text)
        for account in wanted.accounts:
            await ends.centra.assign_attributes("Account", account, [value])
            await ends.centra.update_account(
                account, credit_limit=wanted.credit_limit, status=wanted.status
            )
        return Sent(ACCOUNT_CREDIT, wanted.customer, {"how": "written"})


def credit_draft(wanted: AccountCredit) -> Draft:
    """What the ledger keeps of the credit that accounts should show."""
    return Draft(
        kind=ACCOUNT_CREDIT,
        body=wanted.model_dump_json().encode(),
        body_hash=wanted.hash,
        reference=wanted.customer,
        summary={"accounts": str(len(wanted.accounts)), "status": wanted.status or ""},
        mapping_version=MAPPING_VERSION,
    )


def decide_credit(unit: Unit, row: DraftRow) -> Decision:
    """Write what accounts show if it is not what was written last."""
    link = unit.links.get("credit_status", row.source_id)
    if link is None:
        return Decision("create")
    if link.body_hash == row.draft.body_hash and is_untouched(unit, link):
        return Decision()
    return Decision(f"update:{row.revision}")


def _accounts(unit: Unit) -> dict[str, set[int]]:
    """The accounts of Centra by the customer that each was linked to."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for link in unit.links.starting("customers", _ACCOUNT):
        found[link.target_id].add(int(link.source_id.removeprefix(_ACCOUNT)))
    return dict(found)


async def _entry(
    ends: Ends, number: str, accounts: tuple[int, ...], today: date
) -> SourceEntry:
    try:
        customer = await ends.visma.get_customer(number)
        owed = await ends.visma.get_customer_balance(number)
    except RecordError as error:
        if error.code != NOT_FOUND:
            raise
        gone = CustomerCredit(customer=number, accounts=accounts, is_found=False)
        return _as_entry(gone, ends)
    with ends.books.read() as unit:
        overdue: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        for one in open_invoices_of(unit, number):
            if one.due_on and one.due_on < today.isoformat():
                overdue[one.currency] += one.balance
        written = _written_status(unit, number)
    body = CustomerCredit(
        customer=number,
        accounts=accounts,
        status=customer.status,
        currency=customer.currency_id,
        verification=customer.credit_verification,
        limit=customer.credit_limit,
        balance=owed.balance,
        overdue=dict(overdue),
        written_status=written,
    )
    return _as_entry(body, ends)


def _as_entry(credit: CustomerCredit, ends: Ends) -> SourceEntry:
    text = credit.model_dump_json()
    # how it is shown counts, too: a changed setting is written without a change
    rules = ends.settings.credit_status.model_dump_json()
    return SourceEntry(
        source_id=credit.customer,
        label=credit.customer,
        fingerprint=fingerprint(text, rules),
        body=text.encode(),
        amount=credit.balance,
        currency=ends.settings.base_currency,
    )


def _written_status(unit: Unit, number: str) -> str | None:
    """What the accounts were last set to, by us; None if never."""
    done = [
        one.summary.get("status")
        for one in unit.intents.of_source("credit_status", number)
        if one.state == "confirmed" and one.summary.get("status")
    ]
    return done[-1] if done else None
