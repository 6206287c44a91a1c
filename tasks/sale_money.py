"""The money of one sale: what moved, what is booked of it, what its invoices are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from connectors.centra.sale_models import Sale
from connectors.errors import RecordError
from ledger import Unit
from mapping.customer_payments import PaymentDraft, bookable, sale_is_old
from mapping.movements import Movement, movements, without_unknown
from mapping.rounding import ZERO
from mapping.settling import Share
from settings.connection import Connection
from tasks.known_payments import KnownPayment, payments_by_reference
from tasks.ledger_documents import LedgerDocument
from tasks.sale_documents import invoices_of

__all__ = ["SaleMoney", "Settlement"]


@dataclass(frozen=True)
class Settlement:
    """Whose payment it is, and what it settles; `rest` stays open on it."""

    customer: str
    shares: tuple[Share, ...]
    rest: Decimal


class SaleMoney:
    """What of a sale decides what its money settles, whichever way it moved."""

    def __init__(
        self, unit: Unit, settings: Connection, sale: Sale, draft: PaymentDraft
    ) -> None:
        self.unit = unit
        self.settings = settings
        self.sale = without_unknown(sale)
        self.draft = draft
        self.moved = [
            one for one in movements(sale, settings) if bookable(one, sale, settings)
        ]
        self.known = payments_by_reference(unit, [one.reference for one in self.moved])
        found = invoices_of(unit, settings, sale)
        self.invoices = [one for one in found if one.counts]

    def booked(self, movement: Movement) -> KnownPayment | None:
        """The payment that a movement became, as the index knows it."""
        return next(iter(self.known.get(movement.reference, ())), None)

    def money(self, movement: Movement) -> Decimal:
        """What of a movement can still settle something."""
        known = self.booked(movement)
        return movement.amount if known is None else known.available

    def open_of(self, kind: str, number: str, balance: Decimal) -> Decimal:
        """What is open of a document, less what payments that are drafts will take."""
        drafts = (p for found in self.known.values() for p in found)
        taken = [
            one.settles.get((kind, number), ZERO)
            for one in drafts
            if not one.is_released
        ]
        return max(balance - sum(taken, ZERO), ZERO)

    def ended(self, shares: Sequence[Share], customer: str) -> Settlement:
        """The settlement, with what stays open of it."""
        own_movement = (m for m in self.moved if m.source_id == self.draft.source_id)
        movement = next(own_movement, None)
        money = self.draft.amount if movement is None else self.money(movement)
        rest = money - sum((one.amount for one in shares), ZERO)
        return Settlement(customer, tuple(shares), rest)

    def refuse_other_currency(self, documents: Sequence[LedgerDocument]) -> None:
        """Stop a payment of a document in another currency; nothing is converted.

        Raises:
            RecordError: The document was booked in another currency.
        """
        for one in documents:
            if one.currency and one.currency != self.draft.currency:
                message = (
                    f"payment {self.draft.reference} is in {self.draft.currency}, but "
                    f"{one.kind.replace('_', ' ')} {one.number} in {one.currency}"
                )
                raise RecordError(
                    message,
                    code="PAYMENT_CURRENCY_DIFFERS",
                    fix="Correct the document in Visma.net, then retry.",
                    record_id=self.draft.reference,
                )

    def refuse_old_sale(self) -> None:
        """Stop a movement of a sale from before the connector, without a document.

        Raises:
            RecordError: It is one.
        """
        if not sale_is_old(self.sale, self.settings) or self.invoices:
            return
        record = self.draft.reference
        message = (
            f"payment {record} is for order {self.sale.number} from before start_on, "
            "and Visma.net has no document of that order"
        )
        raise RecordError(
            message,
            code="OLD_SALE",
            fix="Book it by hand on the document of the old system, then set this "
            "aside.",
            record_id=record,
        )
