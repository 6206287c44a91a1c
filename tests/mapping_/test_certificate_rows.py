"""What a document of Visma.net says, by VAT rate; what is of the whole of it is said once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors.visma.ledger_models import InvoiceRow
from mapping.certificate import Entry
from mapping.certificate_rows import Place, document_entries, last_day
from tests.mapping_.builders import a_connection

D = Decimal
BOOK = {"amount": "106.00", "account": {"number": "3001"}, "vatCode": {"id": "LOWG"}}
SHIRT = {"amount": "250.00", "account": {"number": "3001"}, "vatCode": {"id": "STDG"}}


def a_row(**changes: Any) -> InvoiceRow:
    """A released invoice of two rates: 250.00 at 25 %, and 106.00 at 6 %."""
    values: dict[str, Any] = {
        "documentType": "Invoice",
        "referenceNumber": "200001",
        "status": "Open",
        "documentDate": "2026-03-10T00:00:00",
        "postPeriod": "032026",
        "currencyId": "SEK",
        "amount": "356.00",
        "vatTotal": "56.00",
        "amountInCurrency": "356.00",
        "invoiceLines": [SHIRT, BOOK],
        "taxDetails": [
            {"vatRate": "25", "taxableAmount": "200.00", "vatAmount": "50.00"},
            {"vatRate": "6", "taxableAmount": "100.00", "vatAmount": "6.00"},
        ],
    }
    return InvoiceRow.model_validate(values | changes)


def entries(row: InvoiceRow, **place: Any) -> list[Entry]:
    """The entries of the invoice of a shipment."""
    where = Place("delivered", (10001,), "S1", **place)
    return list(document_entries(row, where, a_connection()))


def test_each_rate_has_its_own_category() -> None:
    """That which the settings give the rate, of those on the lines: of every rate."""
    found = entries(a_row())

    assert [(one.rate, one.category, one.gross, one.vat) for one in found] == [
        (D(25), "STDG", 250_00, 50_00),
        (D(6), "LOWG", 106_00, 6_00),
    ]


def test_what_is_of_the_whole_is_said_once() -> None:
    """By account and category, and why it is no opposite; turned, all amounts are."""
    first, second = entries(a_row(), sign=-1, stray="why")

    assert first.accounts == (("3001", -356_00),)
    assert first.categories == (("LOWG", -106_00), ("STDG", -250_00))
    assert (first.stray, first.gross, first.base) == ("why", -250_00, -250_00)
    assert (second.accounts, second.categories, second.stray) == ((), (), "")
    assert (second.gross, second.base) == (-106_00, -106_00)


def test_the_last_day_of_a_document_is_that_of_its_books() -> None:
    """A later period begins after its day; an earlier one changes nothing."""
    assert str(last_day(a_row())) == "2026-03-10"
    assert str(last_day(a_row(postPeriod="052026"))) == "2026-05-01"
    assert str(last_day(a_row(postPeriod="022026"))) == "2026-03-10"
    assert last_day(a_row(documentDate=None)) is None
