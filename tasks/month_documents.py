"""Reads what the customer ledger of Visma.net has of a month, and what stayed open.

All lists are read to their end: what was paid long ago may still be open, and lists
can be asked for changes only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from connectors.errors import AbortError
from connectors.visma.client import VismaClient
from connectors.visma.ledger_models import InvoiceRow
from connectors.visma.payment_models import PaymentRow
from mapping.dates import posted_period
from mapping.money import Money
from mapping.month import Month
from mapping.month_documents import ItemPart, OpenPayment, Posted, VatPart
from mapping.month_origins import Origins
from mapping.rounding import ZERO, plain
from settings.connection import Connection

__all__ = ["MonthDocuments", "read_documents"]

Kind = Literal["invoice", "credit note"]
_PERCENT = Decimal("0.1")
_OUT = frozenset({"Refund", "VoidRefund"})
_VOID = frozenset({"VoidPayment", "VoidRefund"})
_MONEY = frozenset({"Payment", "Prepayment", *_OUT, *_VOID})
"""Credit notes stand in the list of payments, too: those are no money."""


@dataclass
class MonthDocuments:
    """The documents that are booked in a month, and payments that were open at its end."""

    posted: list[Posted] = field(default_factory=list)
    open_payments: list[OpenPayment] = field(default_factory=list)


async def read_documents(
    visma: VismaClient,
    settings: Connection,
    month: Month,
    origins: Origins,
) -> MonthDocuments:
    """Read invoices, credit notes and payments; `origins` is what Centra knows of them.

    Raises:
        AbortError: A document does not tell what it is in the company's currency.
        RetryableError: Visma.net cannot answer now.
    """
    reading = _Reading(settings, month, origins)
    async for rows in visma.iter_invoice_pages():
        for row in rows:
            if row.document_type == "Invoice":
                reading.document("invoice", row)
    async for rows in visma.iter_credit_note_pages():
        for row in rows:
            reading.document("credit note", row)
    payments: dict[tuple[str, str], PaymentRow] = {}
    async for paid in visma.iter_payment_pages():
        payments |= {(row.type, row.ref_nbr): row for row in paid if row.type in _MONEY}
    for one in payments.values():
        reading.payment(one)
    found = MonthDocuments(sorted(reading.posted.values(), key=_order))
    found.open_payments = reading.open_payments(list(payments.values()))
    return found


def _order(one: Posted) -> tuple[object, ...]:
    return (one.kind, one.on, one.number, one.is_voiding)


def _vat_of(row: InvoiceRow) -> tuple[VatPart, ...]:
    """VAT of a document by VAT id.

    One that tells its VAT and no VAT id has it at the rate that its amounts come to.
    """
    if row.tax_details or not row.vat_total or row.amount is None:
        return tuple(
            VatPart(
                one.vat_id or "",
                plain(one.vat_rate or ZERO),
                one.taxable_amount,
                one.vat_amount,
            )
            for one in row.tax_details
        )
    net = row.amount - row.vat_total
    rate = (100 * row.vat_total / net).quantize(_PERCENT) if net else ZERO
    return (VatPart("", plain(rate), net, row.vat_total),)


class _Reading:
    def __init__(
        self,
        settings: Connection,
        month: Month,
        origins: Origins,
    ) -> None:
        self.posted: dict[tuple[str, str, bool], Posted] = {}
        self._settings = settings
        self._month = month
        self._origins = origins
        self._days: dict[tuple[str, str], date] = {}
        self._items = frozenset(
            {
                settings.orders.gift_certificate_item,
                settings.orders.rounding_item,
                settings.returns.compensation_item,
            }
        )

    # -- invoices and credit notes

    def document(self, kind: Kind, row: InvoiceRow) -> None:
        on = date.fromisoformat((row.document_date or "")[:10] or "0001-01-01")
        wire = "Invoice" if kind == "invoice" else "CreditNote"
        if not row.is_released or row.amount is None:
            return
        self._days[wire, row.reference_number] = on
        if not self._is_of_month(row.post_period, on):
            return
        currency = row.currency_id or self._settings.base_currency
        base = self._base(
            f"{kind} {row.reference_number}", currency, row.amount, row.amount_in_base
        )
        pair = "delivered" if kind == "invoice" else "credited"
        origin = self._origins.of(pair, row.reference_number)
        self._keep(
            Posted(
                kind=kind,
                number=row.reference_number,
                on=on,
                currency=currency,
                amount=row.amount,
                base=base,
                base_currency=self._settings.base_currency,
                rate=self._rate(currency, row.exchange_rate, row.amount, base),
                zone=row.vat_zone or "",
                customer=row.customer_number or "",
                vat=_vat_of(row),
                items=tuple(
                    ItemPart(one.inventory_number or "", one.account or "", one.amount)
                    for one in row.lines
                    if one.inventory_number in self._items and one.amount
                ),
                rounding_by_visma=row.rounding_diff,
                country=origin.country,
                sold_in=origin.sold_in,
            )
        )

    # -- payments and refunds

    def payment(self, row: PaymentRow) -> None:
        """Take up a payment; a voided one also as of the day on which it was voided."""
        on = row.on
        booked = row.is_released or row.status == "Voided"
        if on is None or not booked:
            return
        is_voiding = row.type in _VOID
        if self._is_of_month(row.application_period, on):
            self._keep(self._money(row, on, is_voiding=is_voiding))
        if row.status == "Voided" and not is_voiding:
            voided = date.fromisoformat((row.last_modified_date_time or f"{on}")[:10])
            if self._is_of_month(None, voided):
                self._keep(self._money(row, voided, is_voiding=True))

    def _money(self, row: PaymentRow, on: date, *, is_voiding: bool) -> Posted:
        currency = row.currency or self._settings.base_currency
        amount = row.payment_amount
        name = f"payment {row.ref_nbr}"
        base = self._base(name, currency, amount, row.amount_in_base)
        return Posted(
            kind="refund" if row.type in _OUT else "payment",
            number=row.ref_nbr,
            on=on,
            currency=currency,
            amount=amount,
            base=base,
            base_currency=self._settings.base_currency,
            rate=self._rate(currency, None, amount, base),
            customer=row.customer_number or "",
            cash_account=row.cash_account or "",
            is_voiding=is_voiding,
        )

    def open_payments(self, payments: Sequence[PaymentRow]) -> list[OpenPayment]:
        """What of each payment no document of the month's end, or before, has taken."""
        last = self._month.last
        taken: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        for row in payments:
            if row.is_void or row.on is None:
                continue
            for line in row.lines:
                if row.type in _OUT:
                    if line.document_type != "CreditNote" and row.on <= last:
                        taken[line.ref_nbr] += line.amount_paid
                    continue
                day = self._days.get((line.document_type, line.ref_nbr))
                if day is not None and day <= last:
                    taken[row.ref_nbr] += line.amount_paid
        return [
            found
            for row in payments
            if (found := self._open(row, taken[row.ref_nbr])) is not None
        ]

    def _open(self, row: PaymentRow, taken: Decimal) -> OpenPayment | None:
        on, amount = row.on, row.payment_amount
        is_in = row.type not in _OUT and row.is_released and not row.is_void
        left = amount - taken
        if not is_in or on is None or on > self._month.last or left <= 0:
            return None
        currency = row.currency or self._settings.base_currency
        base = self._base(
            f"payment {row.ref_nbr}", currency, amount, row.amount_in_base
        )
        reserved = (f"{one.order_type} {one.order_no}" for one in row.orders)
        share = Money(base * left / amount, self._settings.base_currency)
        return OpenPayment(
            number=row.ref_nbr,
            on=on,
            reference=row.payment_ref or "",
            reserved_for=", ".join(reserved),
            account=row.cash_account or "",
            currency=currency,
            amount=amount,
            open=left,
            open_in_base=share.rounded().amount,
        )

    # -- figures

    def _keep(self, one: Posted) -> None:
        self.posted[one.kind, one.number, one.is_voiding] = one

    def _is_of_month(self, period: str | None, on: date) -> bool:
        name = posted_period(period)
        return (Month.of_period(name) if name else Month.of(on)) == self._month

    def _base(
        self, name: str, currency: str, amount: Decimal, in_base: Decimal | None
    ) -> Decimal:
        if currency == self._settings.base_currency:
            return amount
        if in_base is None:
            message = (
                f"Visma.net does not tell what {name}, in {currency}, is in "
                f"{self._settings.base_currency}: the month cannot be summed"
            )
            raise AbortError(message)
        return in_base

    def _rate(
        self, currency: str, told: Decimal | None, amount: Decimal, base: Decimal
    ) -> Decimal:
        if currency == self._settings.base_currency or not amount:
            return Decimal(1)
        return told or base / amount
