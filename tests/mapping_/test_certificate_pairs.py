"""A document and what undoes it come to nothing, if they come to just the same."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.visma.ledger_models import InvoiceRow
from mapping.certificate_pairs import undone_pairs


def a_row(kind: str, number: str, reference: str | None, **changes: Any) -> InvoiceRow:
    """A released document of 100.00 SEK with 20.00 VAT."""
    values: dict[str, Any] = {
        "documentType": kind,
        "referenceNumber": number,
        "externalReference": reference,
        "status": "Closed",
        "customerNumber": "10001",
        "currencyId": "SEK",
        "amount": "100.00",
        "vatTotal": "20.00",
        "amountInCurrency": "100.00",
    }
    return InvoiceRow.model_validate(values | changes)


FIRST = a_row("Invoice", "1", "N-S9")


def test_an_invoice_and_its_opposite_are_a_pair() -> None:
    """Known by the reference alone; a credit note and its invoice, too."""
    rows = [
        FIRST,
        a_row("CreditNote", "2", "N-S9U"),
        a_row("CreditNote", "3", "N-R1-2"),
        a_row("Invoice", "4", "N-R1-2U"),
        a_row("Invoice", "5", "N-S9-2"),
        a_row("Invoice", "6", None),
    ]

    assert undone_pairs(rows) == {
        ("Invoice", "1"),
        ("CreditNote", "2"),
        ("CreditNote", "3"),
        ("Invoice", "4"),
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": "99.00"},
        {"vatTotal": "19.00"},
        {"currencyId": "EUR"},
        {"amountInCurrency": "99.00"},
        {"customerNumber": "10002"},
        {"status": "Balanced"},
        {"status": "Voided"},
        {"documentType": "Invoice"},
        {"externalReference": "N-S8U"},
    ],
)
def test_what_only_looks_so_is_compared(changes: dict[str, Any]) -> None:
    """Another amount, customer or currency, a draft, or nothing that it could undo."""
    assert undone_pairs([FIRST, a_row("CreditNote", "2", "N-S9U", **changes)]) == set()


@pytest.mark.parametrize(("account", "category"), [("3105", "STD"), ("3001", "LOW")])
def test_an_opposite_elsewhere_is_compared(account: str, category: str) -> None:
    """The same total on another account or VAT category comes to nothing nowhere."""

    def lines(account: str, category: str) -> list[dict[str, Any]]:
        numbers = {"account": {"number": account}, "vatCode": {"id": category}}
        return [{**numbers, "amount": "100.00"}]

    first = a_row("Invoice", "1", "N-S9", invoiceLines=lines("3001", "STD"))
    same = a_row("CreditNote", "2", "N-S9U", invoiceLines=lines("3001", "STD"))
    other = a_row("CreditNote", "2", "N-S9U", invoiceLines=lines(account, category))

    assert len(undone_pairs([first, same])) == 2
    assert undone_pairs([first, other]) == set()
