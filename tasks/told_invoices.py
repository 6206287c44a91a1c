"""Invoices and credit notes that Visma.net made of sales orders, told back line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from connectors.errors import RecordError
from connectors.visma.ledger_models import InvoiceLine, TaxDetail
from ledger import ErasedError, IndexRow, IntentRow, Unit
from mapping.billed_lines import BilledOrder
from mapping.billed_origins import Billed, billed_origins
from mapping.origin_sources import origins_of, shipment_origins
from mapping.origins import Origins
from mapping.rounding import ZERO, rounding_for
from settings.connection import Connection
from tasks.ledger_documents import lines_of, row_of
from tasks.visma_shipments import VISMA_SHIPMENT

__all__ = ["MadeByVisma"]

SettingsOf = Callable[[int], Connection]
_ORDER = "sales_order"


class MadeByVisma:
    """Tells what Visma.net made, by the sales orders that the connector sent."""

    def __init__(
        self, unit: Unit, settings: Connection, settings_of: SettingsOf
    ) -> None:
        """Know the ledger, the settings of now, and those of the run with an id."""
        self._unit = unit
        self._settings = settings
        self._settings_of = settings_of

    def shipments(self, kind: str, number: str) -> list[str]:
        """The names of Centra's shipments that a document is of, as far as known."""
        row = row_of(self._unit, kind, number)
        names = _split(row, "shipments") if row else []
        records = [
            self._unit.records.get("fulfilment", one) for one in self._ids(names)
        ]
        return [one.label.removeprefix("shipment ") for one in records if one]

    def origins(self, kind: str, number: str) -> Origins | str | None:
        """Tell a document back; a sentence why it cannot be, None if it is of no order."""
        row = row_of(self._unit, kind, number)
        names = _split(row, "orders") if row else []
        if row is None or not names:
            return None
        lines = lines_of(row)
        if not lines:
            return "its lines are told once Visma.net has shown it anew"
        try:
            orders = [self._order(name, row, lines) for name in names]
        except ErasedError:
            return "erased: the person's data was deleted on request"
        except RecordError as error:
            return f"it cannot be worked out again: {error}"
        if unsent := [one.name for one in orders if not one.sent.lines]:
            return f"the connector has not sent {' and '.join(unsent)}"
        rounding = rounding_for(row.detail["currency"], self._settings)
        return billed_origins(_billed(row), orders, rounding)

    # -- the parts

    def _order(
        self, name: str, row: IndexRow, lines: Iterable[InvoiceLine]
    ) -> BilledOrder:
        """What of an order is on a document; nothing was sent of another program's."""
        own = tuple(one for one in lines if one.sales_order in {name, None})
        before = tuple(
            line
            for other in self._unit.index.find(row.kind, _ORDER, [name]).get(name, [])
            if other.target_id < row.target_id and _counts(other)
            for line in lines_of(row_of(self._unit, row.kind, other.target_id))
            if line.sales_order == name
        )
        left = tuple(self._left(_split(row, "shipments"), name))
        nothing = Origins(ZERO, ZERO, row.detail["currency"], (), ())
        sent = next(self._sent(name), nothing)
        return BilledOrder(name, sent, own, before, left)

    def _sent(self, name: str) -> Iterator[Origins]:
        """The order as it was sent, the last version first."""
        for link in self._unit.links.by_target(_ORDER, name):
            intents = self._unit.intents.of_source(link.direction, link.source_id)
            for one in reversed(intents):
                if (one.target_kind, one.target_id) != (_ORDER, name):
                    continue
                found = self._worked_out(one) if one.state == "confirmed" else None
                if found is not None:
                    yield found

    def _worked_out(self, intent: IntentRow) -> Origins | None:
        read, _ = self._unit.intents.evidence(intent.intent_id)
        if read is None:
            return None
        settings = self._settings_of(intent.run_id)
        return origins_of(intent.kind, intent.source_id, read, settings)

    def _left(self, numbers: Iterable[str], name: str) -> Iterator[Origins]:
        """What Centra says of the shipments of the order that the document is of."""
        orders = {link.source_id for link in self._unit.links.by_target(_ORDER, name)}
        for source_id in self._ids(numbers):
            for one in reversed(self._unit.intents.of_source("fulfilment", source_id)):
                if one.state != "confirmed" or one.summary.get("order") not in orders:
                    continue
                read, _ = self._unit.intents.evidence(one.intent_id)
                if read is not None:
                    settings = self._settings_of(one.run_id)
                    found = shipment_origins(
                        read, int(source_id), settings, is_ledger=False
                    )
                    yield from [found] if found else []
                break

    def _ids(self, numbers: Iterable[str]) -> list[str]:
        """Centra's shipments that Visma.net shipped under these numbers."""
        return [
            link.source_id
            for number in numbers
            for link in self._unit.links.by_target(VISMA_SHIPMENT, number)
            if link.direction == "fulfilment" and link.source_id.isdecimal()
        ]


def _billed(row: IndexRow) -> Billed:
    detail = row.detail
    taxes = [one.split(" ") for one in (detail.get("tax_details") or "").splitlines()]
    return Billed(
        total=Decimal(detail["total"] or 0),
        vat=Decimal(detail["tax"] or 0),
        currency=detail["currency"],
        taxes=tuple(
            TaxDetail(
                vat_id=vat_id,
                vat_rate=Decimal(rate or 0),
                taxable_amount=Decimal(base),
                vat_amount=Decimal(vat),
            )
            for vat_id, rate, base, vat in taxes
        ),
    )


def _counts(row: IndexRow) -> bool:
    return row.detail.get("status") != "Voided"


def _split(row: IndexRow, name: str) -> list[str]:
    return [one for one in row.detail.get(name, "").split("\n") if one]
