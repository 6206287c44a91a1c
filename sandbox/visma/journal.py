"""The general ledger of a company: balanced entries, and the sums that are asked of it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

__all__ = ["AR_ACCOUNT", "Entry", "Journal", "Posting"]

AR_ACCOUNT = "1510"
_ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Posting:
    """One line of an entry: a debit is positive, a credit negative."""

    account: str
    amount: Decimal
    base: Decimal
    vat_id: str | None = None
    text: str | None = None
    subaccount: str | None = None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of the journal, made by a document of a module: AR, or GL itself."""

    module: str
    number: str
    document: tuple[str, str]
    customer: str
    currency: str
    rate: Decimal
    on: date
    period: str
    at: datetime
    postings: tuple[Posting, ...]


class Journal:
    """The entries, and the sums by account and by customer that are kept up with them."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._by_customer: defaultdict[str, list[Entry]] = defaultdict(list)
        self.accounts: defaultdict[tuple[str, str], Decimal] = defaultdict(
            lambda: _ZERO
        )
        self.accounts_in_base: defaultdict[str, Decimal] = defaultdict(lambda: _ZERO)
        self.customers: defaultdict[tuple[str, str], Decimal] = defaultdict(
            lambda: _ZERO
        )
        self.customers_in_base: defaultdict[str, Decimal] = defaultdict(lambda: _ZERO)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def of_customer(self, customer: str) -> list[Entry]:
        """Return the entries of a customer, the oldest first."""
        return self._by_customer[customer]

    def post(
        self,
        *,
        module: str,
        document: tuple[str, str],
        customer: str,
        currency: str,
        rate: Decimal,
        on: date,
        period: str,
        at: datetime,
        postings: Iterable[Posting],
        number: str | None = None,
    ) -> None:
        """Write an entry, under a number of its own or the next; an empty one is not written.

        Raises:
            AssertionError: debit and credit differ, which is a fault of the sandbox.
        """
        kept = tuple(one for one in postings if one.amount or one.base)
        if not kept:
            return
        for name in ("amount", "base"):
            total = sum((getattr(one, name) for one in kept), _ZERO)
            if total:
                message = f"{document} is out of balance by {total} in {name}"
                raise AssertionError(message)
        entry = Entry(
            module=module,
            number=number or f"AR{len(self._entries) + 1:06d}",
            document=document,
            customer=customer,
            currency=currency,
            rate=rate,
            on=on,
            period=period,
            at=at,
            postings=kept,
        )
        self._entries.append(entry)
        self._by_customer[customer].append(entry)
        for one in kept:
            self.accounts[one.account, currency] += one.amount
            self.accounts_in_base[one.account] += one.base
            if one.account == AR_ACCOUNT:
                self.customers[customer, currency] += one.amount
                self.customers_in_base[customer] += one.base
