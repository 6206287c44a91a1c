"""How a released customer payment is taken back."""

from sandbox.visma.company import Company
from sandbox.visma.document_rules import touch_document
from sandbox.visma.erp import ErpError
from sandbox.visma.journal import Posting
from sandbox.visma.ledger_records import Invoice, Payment
from sandbox.visma.payment_lines import target_of
from sandbox.visma.release import touch_payment
from sandbox.visma.shipment_rules import check_period

__all__ = ["void_payment"]


def void_payment(company: Company, payment: Payment) -> None:
    """Take a released payment back: what it had settled is open again, dated today.

    Raises:
        ErpError: it is not released, or it has been paid back.
    """
    if not payment.released:
        raise ErpError(f"Error: Payment '{payment.number}' is not released.")
    if payment.refunded:
        raise ErpError(f"Error: Payment '{payment.number}' has been refunded.")
    stamp = company.stamp()
    on = company.local_date(stamp.at)
    period = check_period(company, on)
    for line in payment.lines:
        target = target_of(company, line) if line.released else None
        if isinstance(target, Invoice):
            target.balance += line.amount
            target.base_balance += line.base
            target.status = "Open"
            target.applied_by = [
                one for one in target.applied_by if one.number != payment.number
            ]
            touch_document(company, target)
        elif target is not None:
            target.refunded -= line.amount
            target.base_balance += line.base
            touch_payment(company, target)
    journal = company.books.journal
    own = (payment.type, payment.number)
    for entry in list(journal.of_customer(payment.customer)):
        if entry.document == own:
            journal.post(
                module="AR",
                document=("VoidPayment", payment.number),
                customer=payment.customer,
                currency=payment.currency,
                rate=payment.rate,
                on=on,
                period=period,
                at=stamp.at,
                postings=[
                    Posting(
                        account=one.account,
                        amount=-one.amount,
                        base=-one.base,
                        text=one.text,
                    )
                    for one in entry.postings
                ],
            )
    payment.orders, payment.status = [], "Voided"
    payment.modified_at, payment.version = stamp.at, stamp.version
