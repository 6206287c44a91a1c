"""What finance does in Visma.net: invoices, credit notes and payments made by hand."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from sandbox.visma.billing import undo_billing
from sandbox.visma.company import Company
from sandbox.visma.document_rules import create_document
from sandbox.visma.document_writes import reversed_by
from sandbox.visma.journal_rules import create_journal, release_journal
from sandbox.visma.ledger_records import Application, Invoice, Payment
from sandbox.visma.payment_rules import create_payment, release_payment
from sandbox.visma.payment_void import void_payment
from sandbox.visma.records import Customer
from sandbox.visma.release import release_document

__all__ = ["act_on_document", "act_on_payment", "make_document", "make_journal", "owe"]

_Kind = Literal["Invoice", "CreditNote"]
_NAMES = {
    "customer": "customerNumber",
    "currency": "currencyId",
    "date": "documentDate",
    "due": "documentDueDate",
    "external_reference": "externalReference",
    "customer_ref_number": "customerRefNumber",
    "vat_zone": "customerVatZoneId",
    "exchange_rate": "exchangeRate",
    "hold": "hold",
}


def make_document(
    company: Company, kind: _Kind, body: dict[str, Any]
) -> dict[str, object]:
    """Make an invoice or credit note by hand and release it, unless told otherwise.

    Raises:
        ErpError: Visma.net would refuse it to a person too.
    """
    fields = {
        given: body[name]
        for name, given in _NAMES.items()
        if body.get(name) is not None
    }
    lines = [
        {
            "operation": "Insert",
            "inventoryNumber": line.get("item")
            or (None if "account" in line else "SALES"),
            "accountNumber": line.get("account"),
            "description": line.get("description"),
            "quantity": Decimal(line.get("quantity", 1)),
            "unitPriceInCurrency": Decimal(line["price"]),
            "vatCodeId": line.get("vat_category"),
        }
        for line in body["lines"]
    ]
    fields["invoiceLines" if kind == "Invoice" else "lines"] = lines
    if body.get("apply_to"):
        fields["applicationLines"] = [
            {
                "operation": "Insert",
                "refNbr": str(number),
                "amountPaid": Decimal(amount),
            }
            for number, amount in body["apply_to"].items()
        ]
    document = create_document(company, kind, fields)
    if body.get("release", True) and not body.get("hold"):
        release_document(company, document)
    return _shown(document)


def _shown(document: Invoice) -> dict[str, object]:
    return {
        "number": document.number,
        "status": document.status,
        "gross": document.gross,
        "balance": document.balance,
    }


def owe(company: Company, customer: Customer, given: object) -> str:
    """Book an invoice that fell due some days ago; `given` is an amount, or says more.

    Raises:
        TypeError: it is neither.
    """
    asked: dict[str, Any] = given if isinstance(given, dict) else {"amount": given}
    days = int(asked.get("days", 10))
    today = company.local_date(company.clock.now())
    return company.add_invoice(
        customer=customer.number,
        gross=Decimal(asked["amount"]),
        vat=Decimal(0),
        currency=customer.currency,
        on=today - timedelta(days=days + 30),
        due_on=today - timedelta(days=days),
    )


def act_on_document(
    company: Company, kind: _Kind, number: str, body: dict[str, Any]
) -> dict[str, object]:
    """Release, delete, reverse or pay a document.

    Raises:
        ErpError: Visma.net would refuse it to a person too.
        ValueError: there is no such document or action.
    """
    document = company.books.of_kind(kind).get(number)
    if document is None:
        message = f"there is no {kind} {number}"
        raise ValueError(message)
    match body.get("action"):
        case "release":
            release_document(company, document)
        case "delete" if not document.released:
            undo_billing(company, document)
            company.books.remove_document(document)
        case "reverse" if kind == "Invoice" and document.released:
            note = reversed_by(company, document)
            if document.balance:
                note.applications = [
                    Application(kind="Invoice", number=number, amount=document.balance)
                ]
            release_document(company, note)
            return _shown(note)
        case "pay":
            return {"payment": _pay(company, document, body)}
        case _:
            message = "action is one of release, delete (a draft), reverse, pay"
            raise ValueError(message)
    return _shown(document)


def _pay(company: Company, document: Invoice, body: dict[str, Any]) -> str:
    """Pay an invoice, or pay out a credit note: by bank, in full, today, unless told otherwise."""
    method = str(body.get("method", "INVOICE"))
    account = body.get("cash_account") or next(
        one.number
        for one in company.setup.cash_accounts.values()
        if (one.method, one.currency) == (method, document.currency)
    )
    amount = Decimal(body.get("amount", document.balance))
    today = company.local_date(company.clock.now())
    kind = "Payment" if document.kind == "Invoice" else "Refund"
    fields = {
        "type": kind,
        "customer": document.customer,
        "paymentMethod": method,
        "cashAccount": account,
        "paymentAmount": amount,
        "applicationDate": str(
            date.fromisoformat(body["date"]) if body.get("date") else today
        ),
        "paymentRef": str(body.get("reference", f"bank {document.number}")),
        "paymentLines": [
            {
                "operation": "Insert",
                "documentType": document.kind,
                "refNbr": document.number,
                "amountPaid": amount,
            }
        ],
    }
    payment = create_payment(company, fields)
    release_payment(company, payment)
    return payment.number


def act_on_payment(
    company: Company, number: str, body: dict[str, Any]
) -> dict[str, object]:
    """Release or void a payment.

    Raises:
        ErpError: Visma.net would refuse it to a person too.
        ValueError: there is no such payment or action.
    """
    payment: Payment | None = company.books.payments.get(number)
    actions = {"release": release_payment, "void": void_payment}
    if payment is None or body.get("action") not in actions:
        message = "there is no such payment, or action: release, void"
        raise ValueError(message)
    actions[body["action"]](company, payment)
    return {"payment": number, "status": payment.status}


def make_journal(company: Company, body: dict[str, Any]) -> dict[str, object]:
    """Write a journal transaction by hand and release it, unless told otherwise.

    `lines` are {account, debit or credit, text, reference}.

    Raises:
        ErpError: Visma.net would refuse it to a person too.
    """
    fields: dict[str, Any] = {
        "transactionDate": body.get("date"),
        "currencyId": body.get("currency"),
        "description": body.get("description"),
        "journalTransactionLines": [
            {
                "operation": "Insert",
                "accountNumber": str(line["account"]),
                "debitAmountInCurrency": Decimal(line.get("debit", 0)),
                "creditAmountInCurrency": Decimal(line.get("credit", 0)),
                "transactionDescription": line.get("text"),
                "referenceNumber": line.get("reference"),
            }
            for line in body["lines"]
        ],
    }
    made = create_journal(company, fields)
    if body.get("release", True):
        release_journal(company, made)
    return {"number": made.number, "status": made.status, "period": made.period}
