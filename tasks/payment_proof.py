"""Whether a payment that stands in Visma.net is the one that was meant."""

from __future__ import annotations

from decimal import Decimal

from connectors.errors import RecordError
from connectors.visma.payment_models import PaymentRow
from mapping.customer_payments import PaymentDraft
from mapping.rounding import ZERO
from tasks.sale_money import Settlement

__all__ = ["refuse_different", "refuse_void"]


def refuse_void(row: PaymentRow, draft: PaymentDraft) -> None:
    """Stop where people voided a payment.

    Raises:
        RecordError: They did.
    """
    if row.is_void:
        raise RecordError(
            f"payment {row.ref_nbr} ({draft.reference}) was voided in Visma.net",
            code="PAYMENT_VOIDED",
            fix="Book it anew by hand if the money was taken, then set this aside.",
            record_id=draft.reference,
        )


def refuse_different(
    row: PaymentRow, draft: PaymentDraft, expected: Settlement | None
) -> None:
    """See that what stands is what was meant, before it goes into the books.

    Raises:
        RecordError: It differs; it stays on hold.
    """
    refuse_void(row, draft)
    settled = sum((one.amount_paid for one in row.lines), ZERO)
    reserved = sum((one.applied_to_order for one in row.orders), ZERO)
    pairs: dict[str, tuple[object, object]] = {
        "amount": (row.payment_amount, draft.amount),
        "currency": (row.currency, draft.currency),
        "reference": (row.payment_ref, draft.reference),
        "way": (row.type == "Refund", draft.way == "out"),
    }
    if expected is not None:
        pairs["customer"] = (row.customer_number, expected.customer)
        pairs["open amount"] = (row.available_balance, expected.rest)
        pairs["settled amount"] = (
            settled + reserved,
            sum((one.amount for one in expected.shares), Decimal(0)),
        )
    wrong = [
        f"its {name} is {there}, not {wanted}"
        for name, (there, wanted) in pairs.items()
        if there != wanted
    ]
    if wrong:
        raise RecordError(
            f"payment {row.ref_nbr} for {draft.reference}: {' and '.join(wrong)}; it "
            f"stays as it is ({row.status})",
            code="TOTAL_DIFFERS",
            fix="Compare the payment with Centra's entry, correct or void it in "
            "Visma.net, then retry.",
            record_id=draft.reference,
        )
