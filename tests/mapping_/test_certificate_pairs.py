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

    found = undone_pairs(rows)

    assert found.pairs == {
        ("CreditNote", "2"): ("Invoice", "1"),
        ("Invoice", "4"): ("CreditNote", "3"),
    }
    assert found.undone == {
        ("Invoice", "1"): ("CreditNote", "2"),
        ("CreditNote", "3"): ("Invoice", "4"),
    }
    assert found.strays == {}


def test_what_has_no_reference_is_undone_by_its_number() -> None:
    """Then its opposite is called after that."""
    rows = [a_row("Invoice", "200001", None), a_row("CreditNote", "2", "200001U")]

    assert undone_pairs(rows).pairs == {("CreditNote", "2"): ("Invoice", "200001")}


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "Balanced"},
        {"status": "Voided"},
        {"documentType": "Invoice"},
        {"externalReference": "N-S8U"},
    ],
)
def test_what_undoes_nothing_is_compared(changes: dict[str, Any]) -> None:
    """A draft, or nothing that it could undo."""
    found = undone_pairs([FIRST, a_row("CreditNote", "2", "N-S9U", **changes)])

    assert (found.pairs, found.strays) == ({}, {})


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"amount": "99.00"}, "its total is 99.00, not 100.00"),
        ({"vatTotal": "19.00"}, "its VAT is 19.00, not 20.00"),
        ({"currencyId": "EUR"}, "its currency is EUR, not SEK"),
        (
            {"amountInCurrency": "99.00"},
            "its amount in base currency is 99.00, not 100.00",
        ),
        ({"customerNumber": "10002"}, "its customer is 10002, not 10001"),
        ({"vatZone": "NO"}, "its VAT zone is NO, not none"),
    ],
)
def test_what_only_looks_so_is_compared(changes: dict[str, Any], why: str) -> None:
    """Another amount, customer, zone or currency: it says what."""
    found = undone_pairs([FIRST, a_row("CreditNote", "2", "N-S9U", **changes)])

    assert found.pairs == {}
    assert found.strays == {
        ("CreditNote", "2"): f"it does not undo invoice 1 to nothing: {why}"
    }


@pytest.mark.parametrize(("account", "category"), [("3105", "STD"), ("3001", "LOW")])
def test_an_opposite_elsewhere_is_compared(account: str, category: str) -> None:
    """The same total on another account or VAT category comes to nothing nowhere."""

    def lines(account: str, category: str) -> list[dict[str, Any]]:
        numbers = {"account": {"number": account}, "vatCode": {"id": category}}
        return [{**numbers, "amount": "100.00"}]

    first = a_row("Invoice", "1", "N-S9", invoiceLines=lines("3001", "STD"))
    same = a_row("CreditNote", "2", "N-S9U", invoiceLines=lines("3001", "STD"))
    other = a_row("CreditNote", "2", "N-S9U", invoiceLines=lines(account, category))

    assert len(undone_pairs([first, same]).pairs) == 1
    found = undone_pairs([first, other])
    assert found.pairs == {}
    assert list(found.strays) == [("CreditNote", "2")]
