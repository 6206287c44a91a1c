"""How an invoice or credit note is made, changed and deleted while it is a draft."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from sandbox.visma.company import Company, Stamp
from sandbox.visma.document_fields import KEPT
from sandbox.visma.document_lines import change_lines, recompute_document
from sandbox.visma.erp import ErpError
from sandbox.visma.ledger_records import Application, Invoice
from sandbox.visma.records import Address, Contact, Customer
from sandbox.visma.shipment_rules import check_period
from sandbox.visma.wire import parse_day

__all__ = [
    "change_document",
    "check_applications",
    "create_document",
    "customer_of",
    "due_date",
    "period_of",
    "touch_document",
]

_BLOCKED = ("OnHold", "CreditHold", "Inactive")
_ZERO = Decimal(0)
_ADDRESS = {
    "addressLine1": "line1",
    "addressLine2": "line2",
    "addressLine3": "line3",
    "postalCode": "postal_code",
    "city": "city",
    "countryId": "country",
    "county": "county",
}


def customer_of(company: Company, number: str | None) -> Customer:
    """Return the customer of a new document.

    Raises:
        ErpError: there is none, or it is blocked.
    """
    customer = company.customers.get(number or "")
    if customer is None:
        raise ErpError(
            f"Error creating document. Error: CustomerID '{number}' cannot be found in the system.",
            500,
        )
    if customer.status in _BLOCKED:
        raise ErpError(
            f"Error creating document. Error: The customer status is '{customer.status}'."
        )
    return customer


def create_document(
    company: Company,
    kind: Literal["Invoice", "CreditNote"],
    body: dict[str, Any],
    *,
    visible_from: Callable[[Stamp], datetime] | None = None,
) -> Invoice:
    """Make a draft from a body whose fields were checked: Balanced, or Hold when asked for.

    Raises:
        ErpError: the document breaks a rule.
    """
    customer = customer_of(company, body.get("customerNumber"))
    number = _own_number(company, body)
    currency = _currency(company, customer, body.get("currencyId"))
    stamp = company.stamp()
    on = company.local_date(stamp.at)
    document = Invoice(
        kind=kind,
        number=number or "",
        status="Balanced",
        customer=customer.number,
        currency=currency,
        rate=Decimal(0),
        on=on,
        due_on=on,
        period="",
        gross=_ZERO,
        vat=_ZERO,
        balance=_ZERO,
        terms=customer.terms,
        vat_zone=customer.vat_zone,
        branch=next(iter(company.setup.branches)),
        customer_ref_number=None,
        external_reference=None,
        created_at=stamp.at,
        modified_at=stamp.at,
        visible_from=stamp.at,
        version=stamp.version,
    )
    _write(company, document, body)
    document.number = number or company.books.next_number("document")
    if visible_from is not None:
        document.visible_from = visible_from(stamp)
    company.books.add_document(document)
    return document


def change_document(company: Company, document: Invoice, body: dict[str, Any]) -> None:
    """Change the given fields of a draft.

    Raises:
        ErpError: the change breaks a rule; nothing is changed then.
    """
    if body.get("customerNumber") not in {None, document.customer}:
        raise ErpError("Error: The customer of a document cannot be changed.")
    changed = deepcopy(document)
    _write(company, changed, body)
    vars(document).update(vars(changed))
    touch_document(company, document)


def touch_document(company: Company, document: Invoice) -> None:
    """Note that a document has changed."""
    stamp = company.stamp()
    document.modified_at, document.version = stamp.at, stamp.version


def _own_number(company: Company, body: dict[str, Any]) -> str | None:
    number = body.get("referenceNumber") or None
    if number and not body.get("overrideNumberSeries"):
        raise ErpError("Error: The number is set by the number series.")
    if number and (
        number in company.books.invoices or number in company.books.credit_notes
    ):
        raise ErpError(
            "Error creating document. Error: Another process has added the 'ARInvoice' record."
        )
    return number


def _currency(company: Company, customer: Customer, asked: str | None) -> str:
    currency = asked or customer.currency
    if currency not in company.setup.currencies:
        raise ErpError(
            f"Error: Currency '{currency}' cannot be found in the system.", 500
        )
    if currency != customer.currency and not customer.allows_currency_override:
        raise ErpError("Error: The customer does not allow to override the currency.")
    return currency


def due_date(document: Invoice, given: str | None) -> date:
    """Return the given due date, or what the terms make of the document's date."""
    if given:
        return parse_day(given)
    return document.on + timedelta(days=int(document.terms or 0))


def period_of(company: Company, on: date, body: dict[str, Any]) -> str:
    """Return the period that a document is posted in: as given, or of its date.

    Raises:
        ErpError: it does not exist or is closed.
    """
    given = body.get("financialPeriod")
    if body.get("postPeriod"):
        given = body["postPeriod"][2:] + body["postPeriod"][:2]
    if given is None:
        return check_period(company, on)
    if not given.isdecimal() or not 1 <= int(given[4:] or 0) <= 12:  # noqa: PLR2004
        raise ErpError(f"Error: Financial period '{given}' cannot be found.")
    return check_period(company, date(int(given[:4]), int(given[4:]), 1))


def _write(company: Company, document: Invoice, body: dict[str, Any]) -> None:
    _check_tables(company, body)
    if body.get("documentDate"):
        document.on = parse_day(body["documentDate"])
    says_when = ("documentDate", "postPeriod", "financialPeriod")
    if not document.period or any(body.get(name) for name in says_when):
        document.period = period_of(company, document.on, body)
    _write_header(company, document, body)
    if body.get("documentDueDate") or body.get("documentDate") or not document.number:
        document.due_on = due_date(document, body.get("documentDueDate"))
    _write_party(document, body)
    change_lines(company, document, body.get("invoiceLines") or body.get("lines") or [])
    for tax in body.get("taxDetailLines") or body.get("taxDetails") or []:
        document.tax_overrides[tax.get("taxId") or ""] = (
            tax.get("taxableAmount"),
            tax.get("vatAmount"),
        )
    recompute_document(company, document)
    if body.get("applicationLines"):
        _write_applications(document, body["applicationLines"])
    check_applications(company, document)
    if body.get("hold") is not None:
        document.status = "Hold" if body["hold"] else "Balanced"


def _write_header(company: Company, document: Invoice, body: dict[str, Any]) -> None:
    for name, member in (
        ("customerRefNumber", "customer_ref_number"),
        ("externalReference", "external_reference"),
        ("paymentReference", "payment_reference"),
        ("creditTermsId", "terms"),
        ("customerVatZoneId", "vat_zone"),
        ("branchNumber", "branch"),
    ):
        if body.get(name) is not None:
            setattr(document, member, body[name])
    if not document.rate or (body.get("documentDate") and not document.has_own_rate):
        document.rate = company.rate_on(document.currency, document.on)
    if body.get("exchangeRate") is not None:
        if body["exchangeRate"] <= 0:
            raise ErpError("Error: The exchange rate must be greater than zero.")
        if document.currency != company.setup.base_currency:
            document.rate = Decimal(body["exchangeRate"])
            document.has_own_rate = True
    document.extra |= {name: body[name] for name in KEPT if body.get(name) is not None}


def _check_tables(company: Company, body: dict[str, Any]) -> None:
    setup = company.setup
    nothing: tuple[str, ...] = ()
    for name, table, what, status in (
        ("creditTermsId", setup.terms, "Terms", 500),
        ("customerVatZoneId", setup.zones, "TaxZoneID", 500),
        ("branchNumber", setup.branches, "Branch", 400),
        ("paymentMethodId", setup.payment_methods, "PaymentMethodID", 500),
        ("cashAccount", setup.cash_accounts, "CashAccount", 400),
        ("project", nothing, "Project", 400),
        ("salesperson", nothing, "Salesperson", 500),
        ("locationId", ("MAIN",), "Location", 400),
    ):
        value = body.get(name)
        if value and value not in table:
            raise ErpError(
                f"Error creating document. Error: {what} '{value}' cannot be found in the system.",
                status,
            )


def _write_party(document: Invoice, body: dict[str, Any]) -> None:
    """Take an address and a contact where they are said to override the customer's."""
    address = body.get("billingAddress") or body.get("invoiceAddress") or {}
    if address.get("overrideAddress"):
        document.address = Address(
            **{member: address.get(name) for name, member in _ADDRESS.items()}
        )
    contact = body.get("invoiceContact") or {}
    if contact.get("overrideContact"):
        known = ("name", "attention", "email", "phone1")
        document.contact = Contact(**{name: contact.get(name) for name in known})


def _write_applications(document: Invoice, lines: list[dict[str, Any]]) -> None:
    for line in lines:
        operation, number = line.get("operation"), line.get("refNbr")
        if operation not in {"Insert", "Update", "Delete"}:
            raise ErpError("Error: 'operation' of an application line is missing.")
        if line.get("documentType", "Invoice") != "Invoice":
            message = (
                f"Error converting value '{line['documentType']}' of documentType."
            )
            raise ErpError(message)
        document.applications = [
            one for one in document.applications if one.number != number
        ]
        if operation != "Delete":
            document.applications.append(
                Application(
                    kind="Invoice",
                    number=number or "",
                    amount=Decimal(line.get("amountPaid") or 0),
                )
            )


def check_applications(company: Company, document: Invoice) -> None:
    """Check what a credit note is applied to.

    Raises:
        ErpError: an invoice is not open, not this customer's, or has less balance than that.
    """
    for one in document.applications:
        invoice = company.books.invoices.get(one.number)
        if invoice is None or invoice.customer != document.customer:
            raise ErpError(f"Error: Invoice '{one.number}' cannot be found.")
        if invoice.status != "Open" or invoice.currency != document.currency:
            raise ErpError(
                f"Error: Invoice '{one.number}' is not open for an application: status "
                f"{invoice.status}, currency {invoice.currency}."
            )
        if one.amount <= 0 or one.amount > invoice.balance:
            raise ErpError(
                f"Error: The amount paid {one.amount} of invoice '{one.number}' must be greater "
                f"than zero and not exceed its balance {invoice.balance}."
            )
    total = sum((one.amount for one in document.applications), _ZERO)
    if total > document.gross:
        raise ErpError(
            f"Error: The applied amount {total} exceeds the amount {document.gross} of the "
            "document."
        )
