"""Documents that stand at Visma.net already, and whether one is what an order became.

A target id is written `<order type>/<order id>`, as numbers repeat across types.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from connectors.errors import RecordError
from connectors.visma import models as visma
from ledger import IndexRow
from mapping.drafts import SalesOrderDraft
from tasks.direction import Sent

__all__ = ["SALES_ORDER", "Expected", "Standing", "check_found", "sales_order_id"]

SALES_ORDER = "sales_order"


def sales_order_id(order_type: str, order_id: str) -> str:
    """How a sales order is named in links and in the index."""
    return f"{order_type}/{order_id}"


@dataclass(frozen=True)
class Standing:
    """A document that carries an order's reference, as lists show it."""

    kind: str
    target_id: str
    currency: str
    total: Decimal
    date: str
    customer: str
    is_cancelled: bool

    @classmethod
    def of_row(cls, row: visma.SalesOrderRow) -> Standing:
        """A row of the order list."""
        return cls(
            SALES_ORDER,
            sales_order_id(row.type, row.order_id),
            row.currency,
            row.order_total,
            row.date.date().isoformat(),
            row.customer_id,
            row.status == "Cancelled",
        )

    @classmethod
    def of_index(cls, kind: str, row: IndexRow) -> Standing:
        """A row of the target's index."""
        detail = row.detail
        return cls(
            kind,
            row.target_id,
            detail.get("currency", ""),
            Decimal(detail.get("total") or 0),
            detail.get("date", ""),
            detail.get("customer", ""),
            detail.get("status") in {"Cancelled", "Voided"},
        )


@dataclass(frozen=True)
class Expected:
    """What the document of an order must be like; None is not known any more."""

    reference: str
    currency: str | None
    total: Decimal | None
    date: str | None = None
    customer: str | None = None
    order_type: str | None = None

    @classmethod
    def of_draft(cls, draft: SalesOrderDraft, customer: str | None = None) -> Expected:
        """The document that a draft describes."""
        order = draft.sales_order
        return cls(
            order.customer.order,
            draft.currency,
            draft.expected_total,
            order.date[:10],
            customer,
            order.type,
        )

    def differences(self, one: Standing) -> list[str]:
        """What is otherwise in a document that stands."""
        pairs = {
            "currency": (one.currency, self.currency),
            "total": (one.total, self.total),
            "date": (one.date, self.date),
            "customer": (one.customer, self.customer),
        }
        return [
            f"its {name} is {there}, not {wanted}"
            for name, (there, wanted) in pairs.items()
            if wanted is not None and there != wanted
        ]


def check_found(
    label: str, expected: Expected, found: Sequence[Standing]
) -> Sent | None:
    """The one document that an order became already, or None if there is none.

    Raises:
        RecordError: There are several, or currency, total, date or customer differ.
    """
    if not found:
        return None
    if len(found) > 1:
        numbers = ", ".join(one.target_id for one in found)
        reference = expected.reference
        message = f"order {label}: {numbers} all carry its reference {reference}"
        raise RecordError(
            message,
            code="DUPLICATE_REFERENCE",
            fix="Cancel all but one of them in Visma.net and clear its reference, "
            "then retry.",
            record_id=label,
        )
    [one] = found
    wrong = expected.differences(one)
    if wrong:
        message = (
            f"order {label}: {one.kind.replace('_', ' ')} {one.target_id} in Visma.net "
            f"carries its reference, but {' and '.join(wrong)}"
        )
        raise RecordError(
            message,
            code="FOUND_BUT_DIFFERENT",
            fix="Correct or cancel that document in Visma.net, then retry.",
            record_id=label,
        )
    return Sent(one.kind, one.target_id, {"how": "found"})
