"""What a payment is applied to: documents, sales orders, and the fees taken from it."""

from decimal import Decimal
from typing import Any

from sandbox.visma.company import Company
from sandbox.visma.erp import ErpError
from sandbox.visma.ledger_records import (
    Application,
    Charge,
    Invoice,
    OrderApplication,
    Payment,
)
from sandbox.visma.payment_fields import DOCUMENT_TYPES
from sandbox.visma.records import SalesOrder

__all__ = ["check_lines", "target_of", "write_charges", "write_lines", "write_orders"]

_ZERO = Decimal(0)
_APPLICABLE = {
    "Payment": ("Invoice", "CreditNote"),
    "Prepayment": ("Invoice", "CreditNote"),
    "Refund": ("CreditNote", "Payment", "Prepayment"),
}
_FEE_ACCOUNT = "6570"
_OPERATIONS = ("Insert", "Update", "Delete")


def _operation(given: dict[str, Any], what: str) -> str:
    operation = given.get("operation")
    if operation not in _OPERATIONS:
        raise ErpError(f"Error: 'operation' of a {what} line is missing.")
    return str(operation)


def write_lines(payment: Payment, lines: list[dict[str, Any]]) -> None:
    """Insert, change and delete the documents that a payment is applied to.

    Raises:
        ErpError: a line has no operation, stands there already, or has been released.
        TypeError: the type of document has no such name.
    """
    for given in lines:
        operation = _operation(given, "payment")
        kind, number = _named(payment, given)
        known = next(
            (
                one
                for one in payment.lines
                if (one.kind, one.number) == (kind, number) and not one.released
            ),
            None,
        )
        if operation == "Insert":
            if known is not None:
                raise ErpError(f"Error: {kind} '{number}' is in the list already.")
            amount = Decimal(given.get("amountPaid") or 0)
            payment.lines.append(Application(kind=kind, number=number, amount=amount))
            continue
        if known is None:
            raise ErpError(f"Error: {kind} '{number}' is not in the list.")
        if operation == "Delete":
            payment.lines = [one for one in payment.lines if one is not known]
        elif given.get("amountPaid") is not None:
            known.amount = Decimal(given["amountPaid"])


def _named(payment: Payment, given: dict[str, Any]) -> tuple[str, str]:
    """Return type and number of the document that a line names."""
    kind = given.get("documentType") or "Invoice"
    if kind not in DOCUMENT_TYPES:
        message = f"Error converting value '{kind}' to type 'CustomerDocumentTypes'."
        raise TypeError(message)
    if kind not in _APPLICABLE[payment.type]:
        raise ErpError(
            f"Error: A {payment.type} cannot be applied to a document of type '{kind}'."
        )
    for name in ("cashDiscountTaken", "balanceWriteOff"):
        if given.get(name):
            raise ErpError(f"Error: '{name}' is not allowed for the customer.")
    return kind, given.get("refNbr") or ""


def write_orders(
    company: Company, payment: Payment, lines: list[dict[str, Any]]
) -> None:
    """Insert, change and delete the orders that a payment is reserved for.

    Raises:
        ErpError: an order is not there, not this customer's, invoiced, or reserved already.
    """
    if lines and payment.type == "Refund":
        raise ErpError("Error: A Refund cannot be applied to orders.")
    for given in lines:
        operation = _operation(given, "order")
        key = (given.get("orderType") or "", given.get("orderNumber") or "")
        known = next((one for one in payment.orders if one.order == key), None)
        if operation == "Delete":
            payment.orders = [one for one in payment.orders if one is not known]
            continue
        order = company.orders.find(*key)
        if order is None or order.customer != payment.customer:
            raise ErpError(f"Error: Order '{key[0]} {key[1]}' cannot be found.")
        amount = Decimal(given.get("appliedToOrder") or 0)
        if known is None:
            known = OrderApplication(order=key, amount=amount)
            payment.orders.append(known)
        known.amount = amount
        _check_order(company, payment, order, known)


def _check_order(
    company: Company, payment: Payment, order: SalesOrder, one: OrderApplication
) -> None:
    name = f"{order.type} {order.order_id}"
    if company.setup.order_types[order.type].document != "Invoice":
        raise ErpError(f"Error: Order '{name}' cannot be paid.")
    if order.status == "Cancelled" or all(
        line.billed >= line.quantity for line in order.lines
    ):
        raise ErpError(f"Error: Order '{name}' is completed: apply to its invoice.")
    if order.currency != payment.currency:
        raise ErpError(f"Error: Order '{name}' is in {order.currency}.")
    others = sum(
        (
            two.amount
            for other in company.books.payments_of(order.key)
            if other.number != payment.number and other.status != "Voided"
            for two in other.orders
            if two.order == order.key
        ),
        _ZERO,
    )
    left = order.totals.order_total - others
    if one.amount <= 0 or one.amount > left:
        raise ErpError(
            f"Error: The amount {one.amount} applied to order '{name}' must be greater than zero "
            f"and not exceed its unpaid balance {left}."
        )


def write_charges(
    company: Company, payment: Payment, lines: list[dict[str, Any]]
) -> None:
    """Insert, change and delete the fees that the provider kept.

    Raises:
        ErpError: a fee has no amount or an unknown account.
    """
    for given in lines:
        operation = _operation(given, "finance charge")
        number = given.get("lineNbr")
        if operation == "Delete":
            payment.charges = [one for one in payment.charges if one.number != number]
            continue
        if operation == "Update":
            payment.charges = [one for one in payment.charges if one.number != number]
        account = given.get("offsetAccount") or _FEE_ACCOUNT
        if account not in company.setup.accounts:
            raise ErpError(f"Error: Account '{account}' cannot be found in the system.")
        amount = Decimal(given.get("amount") or 0)
        if amount <= 0:
            raise ErpError("Error: The amount of a finance charge must be positive.")
        last = max((one.number for one in payment.charges), default=0)
        payment.charges.append(
            Charge(
                number=number if operation == "Update" and number else last + 1,
                entry_type=given.get("entryType") or "PSPFEE",
                account=account,
                description=given.get("description"),
                amount=amount,
            )
        )


def target_of(company: Company, line: Application) -> Invoice | Payment | None:
    """Return the document that a line names."""
    if line.kind in {"Invoice", "CreditNote"}:
        return company.books.of_kind(line.kind).get(line.number)
    found = company.books.payments.get(line.number)
    return found if found is not None and found.type == line.kind else None


def check_lines(company: Company, payment: Payment) -> None:
    """Check the lines that are not released yet, and that the payment is not exceeded.

    Raises:
        ErpError: a document is not open, not this customer's, or has less balance than that.
    """
    for line in payment.lines:
        if line.released:
            continue
        target = target_of(company, line)
        name = f"{line.kind} '{line.number}'"
        if target is None or target.customer != payment.customer:
            raise ErpError(f"Error: {name} cannot be found for the customer.")
        if target.status != "Open" or target.currency != payment.currency:
            raise ErpError(
                f"Error: {name} is not open for an application: status {target.status}, "
                f"currency {target.currency}."
            )
        left = target.balance if isinstance(target, Invoice) else target.available
        if line.amount <= 0 or line.amount > left:
            raise ErpError(
                f"Error: The amount paid {line.amount} of {name} must be greater than zero and "
                f"not exceed its balance {left}."
            )
    if payment.available < 0:
        raise ErpError(
            f"Error: The applied amount {payment.applied + payment.reserved} exceeds the payment "
            f"amount {payment.amount}."
        )
    fees = sum((one.amount for one in payment.charges), _ZERO)
    if fees > payment.amount:
        raise ErpError("Error: The finance charges exceed the payment amount.")
