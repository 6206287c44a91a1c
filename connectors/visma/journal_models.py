"""Journal transactions of Visma.net ERP: what is written, and what is read back.

Source: JournalTransactionUpdateDto, JournalTransactionDto and their lines of the ERP
specification. On writes the amounts are called `InCurrency` and are in the batch's
currency; on reads the plain ones are, and `InCurrency` is "in your default currency".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field, model_validator

from connectors.wire import Incoming, Outgoing

__all__ = ["JournalLine", "JournalRow", "JournalWrite", "NewJournalLine"]

_IN_THE_BOOKS = frozenset({"Released", "Unposted", "Posted", "Completed"})
"""Released and not posted yet counts: the account's balance has it soon, by itself."""
_ZERO = Decimal(0)


class NewJournalLine(Outgoing):
    """What one account is debited or credited."""

    operation: Literal["Insert"] = "Insert"
    account_number: str
    reference_number: str | None = None
    transaction_description: str | None = None
    debit_amount_in_currency: Decimal | None = None
    credit_amount_in_currency: Decimal | None = None


class JournalWrite(Outgoing):
    """A journal to create or change; a field left None is left alone."""

    hold: bool | None = None
    transaction_date: str | None = None
    post_period: str | None = None
    currency_id: str | None = None
    exchange_rate: Decimal | None = None
    description: str | None = None
    branch: str | None = None
    control_total_in_currency: Decimal | None = None
    journal_transaction_lines: tuple[NewJournalLine, ...] | None = None


class JournalLine(Incoming):
    """A line as it is read back; amounts in the batch's currency."""

    line_number: int = 0
    account_number: str = ""
    reference_number: str | None = None
    transaction_description: str | None = None
    vat_id: str | None = None
    debit_amount: Decimal = _ZERO
    credit_amount: Decimal = _ZERO
    debit_in_base: Decimal = Field(_ZERO, alias="debitAmountInCurrency")
    credit_in_base: Decimal = Field(_ZERO, alias="creditAmountInCurrency")

    @model_validator(mode="before")
    @classmethod
    def _bare_vat(cls, data: Any) -> Any:  # noqa: ANN401 - any wire value
        # On the wire the VAT is {id, description}.
        if isinstance(data, Mapping) and isinstance(data.get("vat"), Mapping):
            return {**data, "vatId": data["vat"].get("id")}
        return data

    @property
    def amount(self) -> Decimal:
        """What the account gains: a debit is positive."""
        return self.debit_amount - self.credit_amount

    @property
    def base(self) -> Decimal:
        """The same in the company's currency."""
        return self.debit_in_base - self.credit_in_base


class JournalRow(Incoming):
    """A journal transaction, as lists and single reads show it."""

    module: str = ""
    batch_number: str
    status: str = ""
    transaction_date: str | None = None
    post_period: str | None = None
    financial_period: str | None = None
    currency_id: str | None = None
    exchange_rate: Decimal | None = None
    description: str | None = None
    last_modified_date_time: str | None = None
    journal_transaction_lines: tuple[JournalLine, ...] = ()
    etag: str | None = None

    @property
    def book(self) -> str:
        """Where it comes from, `GL`, `AR` …: some answers say `ModuleGL`."""
        return self.module.removeprefix("Module")

    @property
    def is_released(self) -> bool:
        """Whether it is in the books."""
        return self.status in _IN_THE_BOOKS

    @property
    def on(self) -> date | None:
        """Its day, or None where the list does not tell it."""
        text = (self.transaction_date or "")[:10]
        return date.fromisoformat(text) if text else None

    @property
    def by_account(self) -> Mapping[str, Decimal]:
        """What each account gains, those that gain nothing aside."""
        sums: dict[str, Decimal] = {}
        for line in self.journal_transaction_lines:
            number = line.account_number
            sums[number] = sums.get(number, _ZERO) + line.amount
        return {number: amount for number, amount in sums.items() if amount}
