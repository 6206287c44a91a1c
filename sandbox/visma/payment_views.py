"""Customer payments as ERP v1 and SalesOrder v3 show them."""

from decimal import Decimal

from sandbox.visma.company import Company
from sandbox.visma.ledger_records import (
    Application,
    Invoice,
    OrderApplication,
    OrderKey,
    Payment,
)
from sandbox.visma.payment_lines import target_of
from sandbox.visma.posting import base_of
from sandbox.visma.shipment_views import day_text
from sandbox.visma.wire import local_text, version_text

__all__ = ["order_payment_view", "payment_view"]

_ZERO = Decimal(0)


def payment_view(company: Company, payment: Payment) -> dict[str, object]:
    """Return a payment; here `InCurrency` is the company's base currency too."""
    customer = company.customers[payment.customer]
    available = _ZERO if payment.status == "Voided" else payment.available
    fees = sum((one.amount for one in payment.charges), _ZERO)
    return {
        "type": payment.type,
        "refNbr": payment.number,
        "status": payment.status,
        "hold": payment.status == "Hold",
        "applicationDate": day_text(payment.on),
        "applicationPeriod": payment.period,
        "paymentRef": payment.reference,
        "customer": {"number": customer.number, "name": customer.name},
        "location": {"id": "MAIN", "name": "Primary location"},
        "paymentMethod": {
            "id": payment.method,
            "description": company.setup.payment_methods[payment.method],
        },
        "cashAccount": payment.cash_account,
        "currency": payment.currency,
        "paymentAmount": payment.amount,
        "paymentAmountInCurrency": base_of(payment.amount, payment.rate),
        "invoiceText": payment.text,
        "appliedToDocuments": payment.applied,
        "appliedToOrders": payment.reserved,
        "availableBalance": available,
        "availableBalanceInCurrency": base_of(available, payment.rate),
        "writeOffAmount": _ZERO,
        "financeCharges": fees,
        "deductedCharges": fees,
        "branch": payment.branch,
        "lastModifiedDateTime": local_text(payment.modified_at, company.zone),
        "paymentLines": [_line_view(company, line) for line in payment.lines],
        "ordersToApply": [_order_view(company, one) for one in payment.orders],
        "financialDetails": {"paymentDate": day_text(payment.on)},
        "timeStamp": version_text(payment.version),
    }


def _line_view(company: Company, line: Application) -> dict[str, object]:
    target = target_of(company, line)
    view: dict[str, object] = {
        "documentType": line.kind,
        "refNbr": line.number,
        "amountPaid": line.amount,
        "cashDiscountTaken": _ZERO,
        "balanceWriteOff": _ZERO,
    }
    if isinstance(target, Invoice):
        view |= {
            "date": day_text(target.on),
            "dueDate": day_text(target.due_on),
            "balance": target.balance
            if line.released
            else target.balance - line.amount,
            "currency": target.currency,
            "postPeriod": target.period[4:] + target.period[:4],
            "customerOrder": target.customer_ref_number,
        }
    elif target is not None:
        view |= {
            "date": day_text(target.on),
            "balance": target.available,
            "currency": target.currency,
        }
    return {name: value for name, value in view.items() if value is not None}


def _order_view(company: Company, one: OrderApplication) -> dict[str, object]:
    order = company.orders.find(*one.order)
    view: dict[str, object] = {
        "orderType": one.order[0],
        "orderNo": one.order[1],
        "appliedToOrder": one.amount,
        "transferredToInvoice": one.transferred,
    }
    if order is not None:
        view |= {
            "status": order.status,
            "date": day_text(company.local_date(order.ordered_at)),
            "balance": order.totals.order_total - one.amount,
            "orderTotal": order.totals.order_total,
            "currency": order.currency,
        }
    if one.invoice is not None:
        view["invoiceNbr"] = one.invoice
    return view


def order_payment_view(payment: Payment, order: OrderKey) -> dict[str, object]:
    """Return what v3 says of a payment of one order."""
    one = next(kept for kept in payment.orders if kept.order == order)
    return {
        "documentType": payment.type,
        "referenceNumber": payment.number,
        "amountAppliedToOrder": one.amount,
        "billedAmount": one.transferred,
        "totalAmount": payment.amount,
        "balance": payment.available,
        "status": payment.status,
        "reference": payment.reference,
        "paymentMethod": payment.method,
        "cashAccount": payment.cash_account,
        "currencyId": payment.currency,
    }
