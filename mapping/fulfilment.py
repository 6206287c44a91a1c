"""Shipments, both ways: one that Visma.net shipped for Centra, and the other way round."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from connectors.centra import models as centra
from connectors.centra.sale_models import Sale, Shipment
from connectors.errors import RecordError
from connectors.visma import models as visma
from connectors.visma.shipment_models import Shipment as VismaShipment
from mapping.dates import document_date, first_day, posting_date
from mapping.drafts import digest
from mapping.invoice_proofs import Proof, proof_of
from mapping.items import item_number
from mapping.references import shipment_reference, shipment_told_reference
from mapping.scope import store_of
from mapping.shipment_documents import shipment_to_document
from mapping.shipped_goods import shipped_lines
from settings.connection import Connection

__all__ = [
    "Dispatch",
    "DispatchLine",
    "Notice",
    "NoticeLine",
    "centra_shipment_to_dispatch",
    "visma_shipment_to_notice",
]


_GIFT = "GiftCertificateOrderLine"


class _Wanted(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NoticeLine(_Wanted):
    """So many units of an order line left."""

    order_line: int
    quantity: int


class Notice(_Wanted):
    """The shipment that Centra must have of one that Visma.net confirmed.

    `seen` are the shipments that the order had when it was read: what is there on
    top of them, with these lines, can only be this one.
    """

    order_number: int
    visma_number: str
    reference: str
    lines: tuple[NoticeLine, ...]
    shipped_on: date
    carrier: str | None = None
    tracking_number: str | None = None
    packages: int | None = None
    seen: tuple[int, ...] = ()

    @property
    def hash(self) -> str:
        """The same while the same goods left for the same order.

        A tracking number that comes late has no way into Centra any more.
        """
        return digest({"order": self.order_number, "lines": self.units})

    @property
    def units(self) -> dict[int, int]:
        """Units by order line."""
        return {line.order_line: line.quantity for line in self.lines}


class DispatchLine(_Wanted):
    """So many units of the sales order line that carries our key."""

    key: str
    quantity: int
    item: str | None = None
    is_optional: bool = False
    """Of a bundle or its contents: the sales order has one of the two."""


class Dispatch(_Wanted):
    """The shipment that Visma.net must have of one that left Centra's warehouse."""

    order_number: int
    shipment_id: int
    label: str
    reference: str
    closed_periods: Literal["shift", "park"]
    left_on: date
    on: date
    """The day to write: another one only where the period of the own is closed."""
    total: Decimal
    lines: tuple[DispatchLine, ...]
    earlier: tuple[int, ...]
    """Shipments of the order that left before: Visma.net takes them one by one."""
    warehouse: str | None
    prepare_invoice: bool
    proof: Proof | None
    """What the invoice must come to before the connector releases it; None: people do."""
    order_date: date

    def dated(self, periods: Sequence[visma.Period]) -> Dispatch:
        """Return the dispatch on the day that can be written now.

        Raises:
            RecordError: the period is closed and the settings park.
        """
        posted = posting_date(
            self.left_on, periods, closed=self.closed_periods, record_id=self.label
        )
        return self.model_copy(update={"on": first_day(posted, periods)})

    @property
    def is_invoice_alone(self) -> bool:
        """Whether nothing of it is in stock, so that it is invoiced without a shipment."""
        return not self.lines

    @property
    def hash(self) -> str:
        """The same while the same goods left on the same day, for the same amount."""
        return digest(
            {
                "order": self.order_number,
                "on": self.left_on,
                "lines": {line.key: line.quantity for line in self.lines},
                "total": self.total,
            }
        )


def visma_shipment_to_notice(
    shipment: VismaShipment,
    sale: Sale,
    *,
    sales_order: str,
    own: int | None,
    is_one_of_many: bool,
    connection: Connection,
) -> Notice:
    """Return what Centra is to be told of a shipment, for one of its sales orders.

    Raises:
        RecordError: what left does not fit the order's lines.
    """
    number = shipment.shipment_number
    label = f"shipment {number}"
    order_type, _, order_number = sales_order.partition("/")
    lines = [
        line
        for line in shipment.shipment_detail_lines
        if (line.order_type, line.order_nbr) == (order_type, order_number)
    ]
    units = shipped_lines(lines, sale, connection.orders, own=own, label=label)
    if not units:
        message = f"{label} carries no goods of order {sale.number}"
        raise RecordError(
            message,
            code="SHIPPED_NOTHING",
            fix="Look at its lines in Visma.net, then set this aside.",
            record_id=str(sale.number),
        )
    tracking = [
        line.tracking_number.strip()
        for line in shipment.shipment_package_lines
        if line.tracking_number and line.tracking_number.strip()
    ]
    via = shipment.ship_via
    return Notice(
        order_number=sale.number,
        visma_number=number,
        reference=shipment_told_reference(
            connection.prefix, number, sale.number if is_one_of_many else None
        ),
        lines=tuple(
            NoticeLine(order_line=line, quantity=quantity)
            for line, quantity in sorted(units.items())
        ),
        shipped_on=_shipped_on(shipment),
        carrier=connection.fulfilment.carriers.get(via, via) if via else None,
        tracking_number=", ".join(dict.fromkeys(tracking)) or None,
        packages=len(shipment.shipment_package_lines) or None,
        seen=tuple(one.id for one in sale.shipments if one.id != own),
    )


def _shipped_on(shipment: VismaShipment) -> date:
    text = (shipment.shipment_date or "")[:10]
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = f"shipment {shipment.shipment_number} has no date that can be read"
        raise RecordError(
            message,
            code="SHIPMENT_UNREADABLE",
            fix="Give it a shipment date in Visma.net, then retry.",
            record_id=shipment.shipment_number,
        ) from None


def centra_shipment_to_dispatch(
    sale: Sale,
    shipment: Shipment,
    *,
    connection: Connection,
    periods: Sequence[visma.Period] = (),
) -> Dispatch:
    """Return what Visma.net is to ship of a shipment that left Centra's warehouse.

    Its day is that on which the goods left; where that period is closed, the first
    day of the next open one, as a shipment has no period of its own.

    Raises:
        RecordError: the period is closed and the settings park.
    """
    store = store_of(sale, connection)
    left_on = document_date(shipment.shipped_at or shipment.created_at, connection.zone)
    kinds = {line.id: line.kind for line in sale.lines}
    items = {line.id: _item(line, connection) for line in sale.lines}
    is_released = store.prepare_invoices and store.releases == "connector"
    dispatch = Dispatch(
        order_number=sale.number,
        shipment_id=shipment.id,
        label=f"shipment {shipment.number}",
        reference=shipment_reference(connection.prefix, shipment.id),
        closed_periods=connection.orders.closed_periods,
        left_on=left_on,
        on=left_on,
        total=shipment.grand_total.value,
        lines=tuple(
            DispatchLine(
                key=f"L{part.order_line.id}",
                quantity=part.quantity,
                item=items.get(part.order_line.id),
                is_optional=kinds.get(part.order_line.id) != "ProductOrderLine",
            )
            for part in shipment.lines
            if part.quantity and kinds.get(part.order_line.id) != _GIFT
        ),
        earlier=_left_before(sale, shipment),
        warehouse=store.warehouse,
        prepare_invoice=store.prepare_invoices,
        proof=_proof(sale, shipment, connection) if is_released else None,
        order_date=document_date(sale.order_date, connection.zone),
    )
    return dispatch.dated(periods)


def _item(line: centra.OrderLine, connection: Connection) -> str | None:
    try:
        return item_number(line, connection.orders, "")
    except RecordError:
        return None  # it matters only where the sales order's lines lack our key


def _proof(sale: Sale, shipment: Shipment, connection: Connection) -> Proof:
    return proof_of(shipment_to_document(sale, shipment, connection=connection))


def _left_before(sale: Sale, shipment: Shipment) -> tuple[int, ...]:
    return tuple(
        one.id for one in sale.shipments if one.is_shipped and one.id < shipment.id
    )
