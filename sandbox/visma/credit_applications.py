"""Released credit notes in the payment window: what they settle after their release."""

from decimal import Decimal
from typing import Any

from sandbox.visma.company import Company
from sandbox.visma.document_rules import touch_document
from sandbox.visma.erp import ErpError
from sandbox.visma.ledger_records import Application, Invoice
from sandbox.visma.posting import base_of
from sandbox.visma.release import settle_invoice
from sandbox.visma.shipment_views import day_text
from sandbox.visma.wire import local_text, version_text

__all__ = ["add_applications", "note_view", "release_applications"]

_ZERO = Decimal(0)


def note_view(company: Company, note: Invoice) -> dict[str, object]:
    """Return a released credit note as the payment resource shows it."""
    customer = company.customers[note.customer]
    pending = _pending(note)
    available = note.balance - sum((one.amount for one in pending), _ZERO)
    return {
        "type": "CreditNote",
        "refNbr": note.number,
        "status": note.status,
        "hold": False,
        "applicationDate": day_text(note.on),
        "applicationPeriod": note.period,
        "paymentRef": note.external_reference,
        "customer": {"number": customer.number, "name": customer.name},
        "currency": note.currency,
        "paymentAmount": note.gross,
        "paymentAmountInCurrency": base_of(note.gross, note.rate),
        "appliedToDocuments": note.gross - available,
        "availableBalance": available,
        "availableBalanceInCurrency": base_of(available, note.rate),
        "branch": note.branch,
        "lastModifiedDateTime": local_text(note.modified_at, company.zone),
        "paymentLines": [
            {
                "documentType": one.kind,
                "refNbr": one.number,
                "amountPaid": one.amount,
            }
            for one in note.applications
        ],
        "ordersToApply": [],
        "timeStamp": version_text(note.version),
    }


def _pending(note: Invoice) -> list[Application]:
    return [one for one in note.applications if not one.released]


def add_applications(company: Company, note: Invoice, body: dict[str, Any]) -> None:
    """Take new lines of a released credit note; they wait for a release.

    Raises:
        ErpError: it is settled, or a line breaks a rule; nothing is changed then.
    """
    if note.status != "Open":
        raise ErpError(f"Error: Credit note '{note.number}' is {note.status}.")
    if body.get("type") not in {None, "CreditNote"}:
        raise ErpError("Error: The type of a payment cannot be changed.")
    fresh: list[Application] = []
    for given in body.get("paymentLines") or []:
        if given.get("operation") != "Insert":
            raise ErpError("Error: 'operation' of a payment line is Insert.")
        if given.get("documentType", "Invoice") != "Invoice":
            raise ErpError("Error: A credit note is applied to invoices.")
        fresh.append(
            Application(
                kind="Invoice",
                number=given.get("refNbr") or "",
                amount=Decimal(given.get("amountPaid") or 0),
            )
        )
    _check(company, note, [*_pending(note), *fresh])
    note.applications += fresh
    touch_document(company, note)


def _check(company: Company, note: Invoice, lines: list[Application]) -> None:
    for one in lines:
        invoice = company.invoices.get(one.number)
        if invoice is None or invoice.customer != note.customer:
            raise ErpError(f"Error: Invoice '{one.number}' cannot be found.")
        if invoice.status != "Open" or invoice.currency != note.currency:
            raise ErpError(f"Error: Invoice '{one.number}' is not open for it.")
        if one.amount <= 0 or one.amount > invoice.balance:
            raise ErpError(
                f"Error: The amount paid {one.amount} of invoice '{one.number}' must be greater "
                f"than zero and not exceed its balance {invoice.balance}."
            )
    total = sum((one.amount for one in lines), _ZERO)
    if total > note.balance:
        raise ErpError(
            f"Error: The applied amount {total} exceeds the balance {note.balance}."
        )


def release_applications(company: Company, note: Invoice) -> None:
    """Settle invoices with the lines that were added to a released credit note.

    Raises:
        ErpError: there are none, or an invoice has been settled meanwhile.
    """
    lines = _pending(note)
    if not lines:
        raise ErpError(f"Error: Credit note '{note.number}' has nothing to release.")
    _check(company, note, lines)
    for one in lines:
        settle_invoice(company, note, company.invoices[one.number], one)
    if not note.balance:
        note.status = "Closed"
    touch_document(company, note)
