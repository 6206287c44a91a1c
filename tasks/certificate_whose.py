"""Whose a document of Visma.net is: its orders, and the key that it has in Centra."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.visma.ledger_models import InvoiceRow
from mapping.certificate import Pair
from mapping.certificate_side import CentraSide
from mapping.references import Referred, read_reference
from settings.connection import Connection
from tasks.centra_orders import references_of

__all__ = ["Whose", "key_of"]

_UNDONE = "U"
"""Ends the reference of what takes back the credit note of a return."""
_LETTERS = {
    "shipment": "S",
    "return": "R",
    "payment": "P",
    "goodwill": "G",
    "credit": "C",
}


def key_of(named: Referred) -> str:
    """What `Entry.key` is of the thing that a reference of ours names."""
    return f"{_LETTERS[named.kind]}{named.id}"


class Whose:
    """Finds out by references, and by the sales orders that lines are of."""

    def __init__(
        self, settings: Connection, centra: CentraSide, orders_of: Mapping[str, int]
    ) -> None:
        """`orders_of` are the orders by sales order, as they become known."""
        self._prefix = settings.prefix
        self._centra = centra
        self._orders_of = orders_of
        self._by_reference = {
            reference: number
            for number in {*centra.order_of.values(), *_ordered(centra)}
            for reference in references_of(settings, number)
        }

    def document(
        self, pair: Pair, row: InvoiceRow
    ) -> tuple[tuple[int, ...], str, bool]:
        """Orders and key of a document, and whether it takes back a credit note."""
        by_order = {
            self._orders_of.get(line.sales_order or "") for line in row.lines
        } - {None}
        orders = tuple(sorted(one for one in by_order if one is not None))
        for text in (row.external_reference, row.customer_ref_number):
            taken_back = bool(text and text.endswith(_UNDONE))
            named = read_reference(self._prefix, (text or "").removesuffix(_UNDONE))
            number = self.order(text)
            if named is None:
                if number is not None:
                    return orders or (number,), "", False
                continue
            if named.kind == "order":
                if number is not None:
                    return orders or (number,), "", False
                continue
            key = key_of(named)
            known = number if number is not None else self._centra.order_of.get(key)
            found = orders or (() if known is None else (known,))
            return found, key, taken_back and pair == "delivered"
        return orders, "", False

    def order(self, reference: str | None) -> int | None:
        """The order that a reference of ours leads to."""
        if reference in self._by_reference:
            return self._by_reference[reference]
        named = read_reference(self._prefix, (reference or "").removesuffix(_UNDONE))
        if named is None:
            return None
        if named.order is not None:
            return named.order
        if named.kind == "credit":
            return named.id
        return self._centra.order_of.get(key_of(named))


def _ordered(centra: CentraSide) -> set[int]:
    return {one for entry in centra.entries for one in entry.orders}
