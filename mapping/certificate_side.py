"""Centra's side of the certificate, as it grows sale by sale: whose each thing is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from connectors.centra.sale_models import Return, Sale
from connectors.errors import RecordError
from mapping.certificate import Entry, Pair
from mapping.certificate_facts import Known
from mapping.certificate_ordered import OrderedLine
from mapping.clearing_rows import Move
from mapping.customer_payments import bookable, is_gift_card, is_paid_by_invoice
from mapping.movements import movements
from settings.connection import Connection

__all__ = ["CentraSide"]


@dataclass
class CentraSide:
    """Entries, and what is needed to find the other side's: whose each thing is."""

    base_currency: str | None = None
    """What Centra's own exchange rates are to."""
    entries: list[Entry] = field(default_factory=list)
    read: set[int] = field(default_factory=set)
    """The orders that were read."""
    order_of: dict[str, int] = field(default_factory=dict)
    """The order by key: `S12`, `R5`, `P7`, `G7`."""
    by_provider: set[int] = field(default_factory=set)
    """Orders whose money passes a payment provider."""
    by_invoice: set[int] = field(default_factory=set)
    """Those whose invoices the customer pays."""
    whole: dict[int, list[Entry]] = field(default_factory=dict)
    """Orders of which each shipment becomes an invoice, as they would be as a whole."""
    ordered: dict[int, tuple[OrderedLine, ...]] = field(default_factory=dict)
    """The lines of sales orders, by order."""
    left_out: dict[tuple[Pair, str], Known] = field(default_factory=dict)
    of_returns: dict[tuple[Pair, str], Known] = field(default_factory=dict)
    """Refunds that are credited with their return, by the key of an allowance."""
    moved: list[Move] = field(default_factory=list)
    """Money that came onto clearing accounts, or left them, by payment entry."""

    def take_whole(self, orders: Collection[int]) -> None:
        """Take orders as a whole: one invoice each stands for all of their shipments."""
        taken = {number for number in orders if number in self.whole}
        self.entries = [
            one
            for one in self.entries
            if one.pair != "delivered" or taken.isdisjoint(one.orders)
        ]
        for number in sorted(taken):
            self.entries += self.whole.pop(number)

    def note(self, sale: Sale, returns: Sequence[Return], settings: Connection) -> None:
        """Note whose shipments, payments and returns these are."""
        self.order_of |= {f"S{one.id}": sale.number for one in sale.shipments}
        for entry in sale.payment_history:
            self.order_of |= {f"{one}{entry.id}": sale.number for one in ("P", "G")}
        self.order_of |= {f"R{one.id}": sale.number for one in returns}
        for own in returns:
            what = (
                f"it is credited twice: its refund belongs to return {own.id}, whose credit "
                "note takes it back already; undo this one: centra-visma undo"
            )
            self.of_returns |= {
                ("credited", f"G{one.id}"): Known(what, own.created_at.date())
                for one in own.refund_payment_history
            }
        paid = self.by_provider if _is_provided(sale, settings) else self.by_invoice
        paid.add(sale.number)


def _is_provided(sale: Sale, settings: Connection) -> bool:
    """Whether its money passes a provider: a consumer's does, but for who pays by invoice."""
    if sale.kind == "DirectToConsumerOrder":
        return not is_paid_by_invoice(sale, settings)
    try:
        return any(
            bookable(one, sale, settings) and not is_gift_card(one.method)
            for one in movements(sale, settings)
        )
    except RecordError:
        return False
