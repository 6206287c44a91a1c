"""From a wholesale customer's credit in Visma.net to what its Centra account shows."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from connectors.errors import RecordError
from mapping.drafts import digest
from mapping.invoice_lists import shown_amount
from mapping.rounding import ZERO
from settings.connection import Connection

__all__ = ["AccountCredit", "CustomerCredit", "credit_to_account"]

_BLOCKED = frozenset({"OnHold", "CreditHold", "Inactive"})
_LIMITED = frozenset({"CreditLimit", "LimitAndDaysPastDue"})
_LARGEST = 2**31 - 1  # GraphQL's Int


class CustomerCredit(BaseModel):
    """A customer of Visma.net as it was last seen, and the accounts it answers.

    `balance` and `limit` are in the company's currency; what is overdue is in the
    currencies of the invoices. `written_status` is what we last set the accounts to.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    customer: str
    accounts: tuple[int, ...]
    is_found: bool = True
    status: str = ""
    currency: str | None = None
    verification: str | None = None
    limit: Decimal | None = None
    balance: Decimal = ZERO
    overdue: dict[str, Decimal] = {}
    written_status: str | None = None


class AccountCredit(BaseModel):
    """What the accounts of a customer should show; None is left as it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    customer: str
    accounts: tuple[int, ...]
    type_name: str
    element: str
    text: str
    credit_limit: int | None = None
    status: Literal["ACTIVE", "INACTIVE"] | None = None

    @property
    def hash(self) -> str:
        """The same for the same wish: to be active again is wished for just once."""
        wish = self.model_dump()
        return digest(
            wish | {"status": None if self.status == "ACTIVE" else self.status}
        )


def credit_to_account(credit: CustomerCredit, connection: Connection) -> AccountCredit:
    """Return what the accounts of a customer should show of its credit.

    A limit is written only where it is in force and means the account's currency;
    and an account is made active again only if it was us who had set it inactive.

    Raises:
        RecordError: Visma.net has no such customer any more.
    """
    if not credit.is_found:
        accounts = ", ".join(map(str, credit.accounts))
        raise RecordError(
            f"Customer {credit.customer} of account {accounts} is not in Visma.net",
            code="NOT_FOUND",
            fix="Check whether it was deleted or renumbered there, then retry.",
            record_id=credit.customer,
        )
    rules = connection.credit_status
    base = connection.base_currency
    is_limited = credit.verification in _LIMITED and credit.limit is not None
    limit = credit.limit if is_limited else None
    overdue = {name: value for name, value in credit.overdue.items() if value != ZERO}
    shown_overdue = " + ".join(
        f"{shown_amount(value, name, connection)} {name}"
        for name, value in sorted(overdue.items())
    )
    parts = [
        credit.status,
        "no limit"
        if limit is None
        else f"limit {shown_amount(limit, base, connection)} {base}",
        f"overdue {shown_overdue or f'{shown_amount(ZERO, base, connection)} {base}'}",
        f"balance {shown_amount(credit.balance, base, connection)} {base}",
    ]
    may_set = rules.set_limit and credit.currency in {None, base}
    return AccountCredit(
        customer=credit.customer,
        accounts=credit.accounts,
        type_name=rules.attribute,
        element=rules.element,
        text=" | ".join(parts),
        credit_limit=_whole(limit) if may_set and limit is not None else None,
        status=_status(credit) if rules.deactivate_blocked else None,
    )


def _status(credit: CustomerCredit) -> Literal["ACTIVE", "INACTIVE"] | None:
    if credit.status in _BLOCKED:
        return "INACTIVE"
    return "ACTIVE" if credit.written_status == "INACTIVE" else None


def _whole(limit: Decimal) -> int:
    """A limit in whole units, as Centra keeps it: never more than was given."""
    return min(int(limit.to_integral_value(ROUND_FLOOR)), _LARGEST)
