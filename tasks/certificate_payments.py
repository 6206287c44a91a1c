"""Payments of Visma.net in the certificate: ours by reference, and those that people made.

Money of consumers, and whatever else passes a payment provider, is booked by the
connector alone: every other payment of it is a difference. What customers pay by
themselves (the invoice of a retailer, by bank) is not the connector's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date

from connectors.centra.models import read_order
from connectors.centra.sale_models import read_return, read_sale
from connectors.errors import ConnectorError
from connectors.visma.payment_models import PaymentRow
from ledger import Unit
from mapping.certificate import Entry
from mapping.certificate_side import CentraSide
from mapping.customer_payments import is_gift_card, is_paid_by_invoice
from mapping.dates import posted_period
from mapping.money import minor_units
from mapping.references import Referred, account_key, customer_key, read_reference
from settings.connection import Connection

__all__ = ["Documents", "consumers_of", "payment_entries"]

_REFUND = "Refund"
_OF_SALES = frozenset({"orders", "fulfilment", "payments"})
"""Directions whose records tell of a whole sale."""
_KEYS = {"payment": "P", "credit": "C"}


@dataclass
class Documents:
    """Whose each document is that a payment may settle, by (type, number)."""

    orders: dict[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)
    """The orders of invoices, credit notes and (as `Order`) sales orders."""
    keys: dict[tuple[str, str], str] = field(default_factory=dict)
    """The keys of invoices and credit notes (`S12`, `R5`), where they have one."""
    old: set[tuple[str, str]] = field(default_factory=set)
    """Documents from before the connector took over."""
    consumers: set[str] = field(default_factory=set)
    """Customers of Visma.net that are consumers, of one's own or one for many."""


def consumers_of(unit: Unit, settings: Connection) -> set[str]:
    """The customers that consumers are booked on, by settings and links."""
    found = {
        one.number for store in settings.stores.values() for one in store.collective
    }
    people, companies = (
        {link.target_id for link in unit.links.starting("customers", prefix)}
        for prefix in (_before_id(customer_key(1)), _before_id(account_key(1)))
    )
    return found | (people - companies)


def payment_entries(
    rows: Sequence[PaymentRow],
    unit: Unit,
    settings: Connection,
    centra: CentraSide,
    documents: Documents,
    since: date | None,
) -> Iterator[Entry]:
    """Yield payments of ours, and those that nobody but a person can have made."""
    reading = _Reading(unit, settings, centra, documents)
    live = [row for row in rows if row.on is not None and not row.is_void]
    reading.know_provided(live)
    for row in live:
        if row.on is not None and (since is None or row.on >= since):
            yield from reading.entries(row, row.on)


class _Reading:
    """What each payment says, and whose it is."""

    def __init__(
        self,
        unit: Unit,
        settings: Connection,
        centra: CentraSide,
        documents: Documents,
    ) -> None:
        self._unit = unit
        self._settings = settings
        self._centra = centra
        self._documents = documents
        self._provided: set[int] = set(centra.by_provider)
        self._of_keys: dict[str, tuple[int, ...]] = {}
        self._cards: set[str] = set()
        self._clearing: set[str] = set()
        for name, method in settings.payment_methods.items():
            own = {*method.cash_accounts.values()}
            own |= {method.cash_account} if method.cash_account else set()
            self._clearing |= own
            self._cards |= own if is_gift_card(name) else set()

    def know_provided(self, rows: Iterable[PaymentRow]) -> None:
        """Note the orders that payments of ours have settled, however old they are."""
        for row in rows:
            if self._named(row) is not None and row.cash_account not in self._cards:
                self._provided.update(self._settled(row))

    def entries(self, row: PaymentRow, on: date) -> Iterator[Entry]:
        """The payment as an entry, if it is one that Centra should know of."""
        named = self._named(row)
        if named is not None:
            key = f"{_KEYS[named.kind]}{named.id}"
            is_credit = named.kind == "credit"
            number = named.id if is_credit else self._centra.order_of.get(key)
            orders: tuple[int, ...] = () if number is None else (number,)
        else:
            key = ""
            whose = self._by_hand(row)
            if whose is None:
                return
            orders = whose
        currency = row.currency or self._settings.base_currency
        sign = -1 if row.type == _REFUND else 1
        gross = sign * minor_units(row.payment_amount, currency)
        yield Entry(
            side="visma",
            pair="paid",
            orders=orders,
            key=key,
            number=row.ref_nbr,
            kind=row.type.lower(),
            day=on,
            currency=currency,
            gross=gross,
            base=self._base(row, sign),
            period=posted_period(row.application_period),
            is_booked=row.is_released,
            accounts=((row.cash_account, gross),) if row.cash_account else (),
            customer=row.customer_number or "",
        )

    def _base(self, row: PaymentRow, sign: int) -> int | None:
        """What it came to in the company's currency."""
        if row.amount_in_base is None:
            return None
        return sign * minor_units(row.amount_in_base, self._settings.base_currency)

    def _named(self, row: PaymentRow) -> Referred | None:
        """What its reference names, if that is a payment of ours."""
        named = read_reference(self._settings.prefix, row.payment_ref)
        return named if named is not None and named.kind in _KEYS else None

    def _by_hand(self, row: PaymentRow) -> tuple[int, ...] | None:
        """The orders of a payment that people made; None if it is no affair of ours."""
        orders = self._settled(row)
        provided = tuple(one for one in orders if one in self._provided)
        if provided or row.cash_account in self._clearing:
            return provided or orders
        if row.customer_number not in self._documents.consumers:
            return None
        settles = self._settles(row)
        if settles and self._documents.old >= settles:
            return None
        by_provider = tuple(one for one in orders if not self._is_by_invoice(one))
        return by_provider if by_provider or not orders else None

    def _settled(self, row: PaymentRow) -> tuple[int, ...]:
        """The orders of what it settles, or is reserved for."""
        known = self._documents.orders
        found = {
            one
            for name in self._settles(row)
            for one in known.get(name) or self._of_ledger(name)
        }
        return tuple(sorted(found))

    def _of_ledger(self, name: tuple[str, str]) -> tuple[int, ...]:
        """The order of a document whose sale is too old to be read now."""
        key = self._documents.keys.get(name, "")
        if key not in self._of_keys:
            self._of_keys[key] = tuple(self._orders_of_key(key))
        return self._of_keys[key]

    def _orders_of_key(self, key: str) -> Iterator[int]:
        with suppress(ConnectorError):  # its person was erased, or it is no sale
            if key.startswith("S") and self._is_known("fulfilment", key[1:]):
                yield read_sale(self._unit.records.body("fulfilment", key[1:])).number
            elif key.startswith("R") and self._is_known("refunds", key[1:]):
                raw = self._unit.records.body("refunds", key[1:])
                yield read_return(raw).order.number

    def _is_known(self, direction: str, source_id: str) -> bool:
        return self._unit.records.get(direction, source_id) is not None

    def _settles(self, row: PaymentRow) -> set[tuple[str, str]]:
        names = {(line.document_type, line.ref_nbr) for line in row.lines}
        return names | {("Order", f"{o.order_type}/{o.order_no}") for o in row.orders}

    def _is_by_invoice(self, number: int) -> bool:
        """Whether a consumer pays that order by invoice; asked of orders of any age."""
        if number in self._centra.by_invoice:
            return True
        for direction, source_id in self._unit.records.named(str(number)):
            if direction in _OF_SALES:
                with suppress(
                    ConnectorError
                ):  # its person was erased, or it is no sale
                    raw = self._unit.records.body(direction, source_id)
                    order = read_order(raw) if direction == "orders" else read_sale(raw)
                    return is_paid_by_invoice(order, self._settings)
        return False


def _before_id(key: str) -> str:
    """`dtc-` of `dtc-1`."""
    return key.rstrip("0123456789")
