"""How a customer payment is made, changed and released."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, cast

from sandbox.visma.company import Company, Stamp
from sandbox.visma.document_rules import period_of, touch_document
from sandbox.visma.erp import ErpError
from sandbox.visma.ledger_records import Application, Invoice, Payment
from sandbox.visma.payment_fields import PAYMENT_TYPES
from sandbox.visma.payment_lines import (
    check_lines,
    target_of,
    write_charges,
    write_lines,
    write_orders,
)
from sandbox.visma.posting import base_of, post_payment, post_settlement, take
from sandbox.visma.release import (
    open_of,
    settle_invoice,
    touch_payment,
    transfer_reserved,
)
from sandbox.visma.shipment_rules import check_period
from sandbox.visma.wire import parse_day

__all__ = ["change_payment", "create_payment", "release_payment"]

_MADE_HERE = ("Payment", "Prepayment", "Refund")
_ZERO = Decimal(0)


def create_payment(
    company: Company,
    body: dict[str, Any],
    visible_from: Callable[[Stamp], datetime] | None = None,
) -> Payment:
    """Make a draft from a body whose fields were checked: Balanced, or Hold when asked for.

    Raises:
        ErpError: the payment breaks a rule.
        TypeError: the type has no such name.
    """
    kind = body.get("type") or "Payment"
    if kind not in PAYMENT_TYPES:
        message = f"Error converting value '{kind}' to type 'PaymentTypes'."
        raise TypeError(message)
    if kind not in _MADE_HERE:
        raise ErpError(f"Error: A document of type '{kind}' cannot be created here.")
    customer = company.customers.get(body.get("customer") or "")
    if customer is None:
        raise ErpError(
            f"Error creating document. Error: CustomerID '{body.get('customer')}' cannot be found "
            "in the system.",
            500,
        )
    number = body.get("referenceNumber") or None
    if number and not body.get("overrideNumberSeries"):
        raise ErpError("Error: The number is set by the number series.")
    if number in company.books.payments:
        raise ErpError(
            "Error creating document. Error: Another process has added the 'ARPayment' record."
        )
    stamp = company.stamp()
    payment = Payment(
        type=cast('Literal["Payment", "Prepayment", "Refund"]', kind),
        number=number or company.books.next_number("payment"),
        status="Balanced",
        customer=customer.number,
        currency="",
        rate=Decimal(1),
        on=company.local_date(stamp.at),
        period="",
        reference="",
        method=body.get("paymentMethod") or customer.payment_method or "",
        cash_account="",
        branch=next(iter(company.setup.branches)),
        amount=_ZERO,
        created_at=stamp.at,
        modified_at=stamp.at,
        visible_from=stamp.at,
        version=stamp.version,
    )
    _write(company, payment, body)
    if visible_from is not None:
        payment.visible_from = visible_from(stamp)
    company.books.add_payment(payment)
    return payment


def change_payment(company: Company, payment: Payment, body: dict[str, Any]) -> None:
    """Change a draft; a released payment takes new lines only, which wait for a release.

    Raises:
        ErpError: the change breaks a rule; nothing is changed then.
    """
    if payment.status in {"Closed", "Voided"}:
        raise ErpError(
            f"Error: Payment '{payment.number}' has the status '{payment.status}'."
        )
    if body.get("type") not in {None, payment.type}:
        raise ErpError("Error: The type of a payment cannot be changed.")
    if body.get("customer") not in {None, payment.customer}:
        raise ErpError("Error: The customer of a payment cannot be changed.")
    fixed = set(body) - {"type", "customer", "paymentLines", "ordersToApply"}
    if payment.released and any(body[name] is not None for name in fixed):
        raise ErpError(
            f"Error: Payment '{payment.number}' is released: {', '.join(sorted(fixed))} cannot be "
            "changed."
        )
    changed = deepcopy(payment)
    _write(company, changed, body)
    status = payment.status if payment.released else changed.status
    vars(payment).update(vars(changed))
    payment.status = status
    company.books.add_payment(payment)
    stamp = company.stamp()
    payment.modified_at, payment.version = stamp.at, stamp.version


def _write(company: Company, payment: Payment, body: dict[str, Any]) -> None:
    if not payment.released:
        _write_header(company, payment, body)
    write_lines(payment, body.get("paymentLines") or [])
    write_orders(company, payment, body.get("ordersToApply") or [])
    write_charges(company, payment, body.get("financeCharges") or [])
    if payment.amount < 0 or (not payment.amount and not payment.lines):
        raise ErpError("Error: 'Payment Amount' must be greater than zero.")
    check_lines(company, payment)


def _write_header(company: Company, payment: Payment, body: dict[str, Any]) -> None:
    for name, member in (
        ("paymentRef", "reference"),
        ("paymentMethod", "method"),
        ("cashAccount", "cash_account"),
        ("invoiceText", "text"),
        ("branch", "branch"),
    ):
        if body.get(name) is not None:
            setattr(payment, member, body[name])
    if body.get("paymentAmount") is not None:
        payment.amount = Decimal(body["paymentAmount"])
    if body.get("applicationDate"):
        payment.on = parse_day(body["applicationDate"])
    if body.get("applicationPeriod"):
        wanted = {"postPeriod": body["applicationPeriod"]}
        payment.period = period_of(company, payment.on, wanted)
    elif body.get("applicationDate") or not payment.period:
        payment.period = check_period(company, payment.on)
    _check_account(company, payment, body.get("currency"))
    if not payment.reference.strip():
        raise ErpError("Error: 'Payment Ref.' cannot be empty.")
    if body.get("hold") is not None:
        payment.status = "Hold" if body["hold"] else "Balanced"


def _check_account(company: Company, payment: Payment, currency: str | None) -> None:
    setup = company.setup
    if payment.method not in setup.payment_methods:
        raise ErpError(
            f"Error: PaymentMethodID '{payment.method}' cannot be found in the system.",
            500,
        )
    if payment.branch not in setup.branches:
        raise ErpError(f"Error: Branch '{payment.branch}' cannot be found.")
    if not payment.cash_account:
        raise ErpError("Error: 'Cash Account' cannot be empty.")
    account = setup.cash_accounts.get(payment.cash_account)
    if account is None:
        raise ErpError(
            f"Error: CashAccount '{payment.cash_account}' cannot be found in the system."
        )
    if account.method != payment.method or account.branch != payment.branch:
        raise ErpError(
            f"Error: Cash account '{account.number}' cannot be used with payment method "
            f"'{payment.method}' in branch '{payment.branch}'."
        )
    wanted = currency or payment.currency or account.currency
    if wanted != account.currency:
        raise ErpError(
            f"Error: Currency '{wanted}' is not the currency of cash account "
            f"'{account.number}', which is '{account.currency}'."
        )
    payment.currency = wanted
    payment.rate = company.rate_on(wanted, payment.on)


def release_payment(company: Company, payment: Payment) -> None:
    """Book a payment, or what was added to a booked one: documents are settled.

    Raises:
        ErpError: it is on hold, has nothing to release, or is applied to more than there is.
    """
    name = f"Payment '{payment.number}'"
    fresh = [line for line in payment.lines if not line.released]
    if payment.status not in {"Balanced", "Open"}:
        raise ErpError(f"Error: {name} has the status '{payment.status}'.")
    if payment.status == "Open" and not fresh:
        raise ErpError(f"Error: {name} has nothing to release.")
    first = date(int(payment.period[:4]), int(payment.period[4:]), 1)
    check_period(company, first)
    check_lines(company, payment)
    if payment.type == "Refund" and payment.available:
        raise ErpError(
            f"Error: {name} is out of balance: a refund must be applied in full, "
            f"{payment.available} is not."
        )
    if not payment.released:
        post_payment(company.books.journal, payment, company.stamp().at)
        payment.status = "Open"
    fresh.sort(key=lambda line: line.kind != "CreditNote")
    for line in fresh:
        _settle(company, payment, line)
    for one in payment.orders:
        for document in company.books.documents_of(one.order):
            if document.kind == "Invoice":
                transfer_reserved(company, payment, one.order, document)
    touch_payment(company, payment)


def _settle(company: Company, payment: Payment, line: Application) -> None:
    target = target_of(company, line)
    if isinstance(target, Invoice):
        if line.kind == "Invoice" or payment.type == "Refund":
            settle_invoice(company, payment, target, line)
        else:
            _take_credit(company, payment, target, line)
    elif target is not None:
        debit = take(payment, line.amount, open_of(payment))
        credit = take(target, line.amount, open_of(target))
        target.refunded += line.amount
        line.released, line.base = True, credit
        _note_difference(company, payment, debit, credit)
        touch_payment(company, target)


def _take_credit(
    company: Company, payment: Payment, note: Invoice, line: Application
) -> None:
    """Let a payment take over the balance of a credit note, to settle an invoice with it."""
    credit = take(note, line.amount, note.balance)
    debit = base_of(line.amount, payment.rate)
    payment.base_balance += debit
    note.balance -= line.amount
    line.released, line.base = True, credit
    note.applied_by.append(
        Application(
            kind=payment.type, number=payment.number, amount=line.amount, released=True
        )
    )
    if not note.balance:
        note.status = "Closed"
    touch_document(company, note)
    _note_difference(company, payment, debit, credit)


def _note_difference(
    company: Company, payment: Payment, debit: Decimal, credit: Decimal
) -> None:
    at = company.stamp().at
    journal = company.books.journal
    post_settlement(journal, payment, debit=debit, credit=credit, on=payment.on, at=at)
