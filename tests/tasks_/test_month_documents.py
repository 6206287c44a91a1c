"""What is read of the customer ledger for a month, row by row."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, cast

import pytest

from connectors.errors import AbortError
from connectors.visma.client import VismaClient
from connectors.visma.ledger_models import InvoiceRow
from connectors.visma.payment_models import PaymentRow
from mapping.month import Month
from mapping.month_origins import Origins
from tasks.month_documents import MonthDocuments, read_documents
from tests.tasks_.money import a_credit_note, a_payment_row, an_invoice
from tests.tasks_.money import settings as a_connection

D = Decimal
MARCH = Month.parse("2026-03")


class Lists:
    """A Visma.net that has just these rows."""

    def __init__(self, *rows: InvoiceRow | PaymentRow) -> None:
        self._rows = rows

    def iter_invoice_pages(self) -> AsyncIterator[Sequence[Any]]:
        """One page of invoices."""
        return self._page(InvoiceRow, "Invoice")

    def iter_credit_note_pages(self) -> AsyncIterator[Sequence[Any]]:
        """One page of credit notes."""
        return self._page(InvoiceRow, "CreditNote")

    def iter_payment_pages(self) -> AsyncIterator[Sequence[Any]]:
        """One page of payments."""
        return self._page(PaymentRow, None)

    async def _page(
        self, kind: type, named: str | None
    ) -> AsyncIterator[Sequence[Any]]:
        yield [
            row
            for row in self._rows
            if isinstance(row, kind)
            and (named is None or getattr(row, "document_type", None) == named)
        ]


async def read(*rows: InvoiceRow | PaymentRow) -> MonthDocuments:
    """Read rows as the documents of March."""
    client = cast("VismaClient", Lists(*rows))
    return await read_documents(client, a_connection(), MARCH, Origins([]))


async def test_only_what_is_in_the_books_of_the_month() -> None:
    """By its period; a draft is in none, and a day counts where no period is told."""
    found = await read(
        an_invoice("1", "100.00"),
        an_invoice("2", "100.00", status="Hold"),
        an_invoice("3", "100.00", postPeriod="042026"),
        an_invoice("4", "100.00", documentDate="2026-02-28", postPeriod="032026"),
        a_credit_note("5", "40.00"),
        a_payment_row("6", "N-P7", "100.00", "0"),
        a_payment_row("7", "N-P8", "100.00", "0", status="Hold"),
    )

    assert [(one.kind, one.number, one.sign) for one in found.posted] == [
        ("credit note", "5", -1),
        ("invoice", "4", 1),
        ("invoice", "1", 1),
        ("payment", "6", -1),
    ]


async def test_a_voided_payment_stands_twice() -> None:
    """In a month of its own each; a row of the voiding itself counts as it is."""
    voided = a_payment_row(
        "6", "N-P7", "100.00", "0", status="Voided", lastModifiedDateTime="2026-04-02"
    )
    other = a_payment_row(
        "7", "N-P8", "50.00", "0", type="VoidPayment", status="Closed"
    )
    found = await read(voided, other)

    assert [(one.number, one.sign, one.is_voiding) for one in found.posted] == [
        ("6", -1, False),
        ("7", 1, True),
    ]
    assert found.open_payments == []


def settles(kind: str, number: str, amount: str) -> dict[str, Any]:
    """The line of a payment that settles a document."""
    line = {"documentType": kind, "refNbr": number, "amountPaid": D(amount)}
    return {"paymentLines": [line]}


async def test_what_an_invoice_of_a_later_month_took_was_open() -> None:
    """Paid on 4 March; of 100, March's invoice took 30, and April's the rest."""
    lines = [
        *settles("Invoice", "1", "30.00")["paymentLines"],
        *settles("Invoice", "2", "70.00")["paymentLines"],
    ]
    found = await read(
        an_invoice("1", "0", documentDate="2026-03-31"),
        an_invoice("2", "0", documentDate="2026-04-01"),
        a_payment_row("6", "N-P7", "100.00", "0", paymentLines=lines),
        a_payment_row("8", "N-P9", "10.00", "10", applicationDate="2026-04-01"),
    )

    [one] = found.open_payments
    assert (one.number, one.on, one.open) == ("6", date(2026, 3, 4), D("70.00"))


async def test_what_was_paid_back_is_not_open() -> None:
    """A refund of the payment, and not one of a credit note."""
    paid = a_payment_row("6", "N-P7", "100.00", "0")
    back = a_payment_row(
        "9", "N-P8", "60.00", "0", type="Refund", **settles("Payment", "6", "60.00")
    )
    note = a_payment_row(
        "10", "N-P9", "40.00", "0", type="Refund", **settles("CreditNote", "6", "40.00")
    )
    found = await read(paid, back, note)

    assert [(one.number, one.open) for one in found.open_payments] == [
        ("6", D("40.00"))
    ]


async def test_a_document_that_does_not_tell_its_base_amount() -> None:
    """In another currency it cannot be summed: nothing is taken to be at par."""
    with pytest.raises(AbortError, match="invoice 1, in EUR, is in SEK"):
        await read(an_invoice("1", "100.00", currencyId="EUR"))
