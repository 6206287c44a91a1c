"""Shipments at Visma.net, of goods that left Centra's warehouse.

Made of the sales order, lowered to what left, marked with our reference, confirmed;
then, by setting, invoiced and released. The state is read again before each step, so
that sending again goes on instead of doing it twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import chain

from connectors.errors import InDoubtError, RecordError
from connectors.visma.models import SalesOrderLine
from connectors.visma.shipment_models import (
    OrderShipment,
    Shipment,
    ShipmentUpdate,
)
from ledger import Claim, IndexRow, Unit
from mapping.dispatched_goods import shipment_changes, wanted_units, warehouse_of
from mapping.fulfilment import Dispatch
from tasks.actions import refuse_failed
from tasks.direction import Ends, Sent, WaitingError
from tasks.ledger_documents import INVOICE
from tasks.sale_documents import sales_orders_of
from tasks.shipment_invoices import invoice_order, invoice_shipment
from tasks.target_index import open_periods
from tasks.turns import Turns
from tasks.without_total import WithoutTotal

__all__ = ["VISMA_SHIPMENT", "VismaShipmentWriter"]

VISMA_SHIPMENT = "visma_shipment"
"""Kind of a shipment that Visma.net has, in links and in the index."""

_UNDECIDED = frozenset({"planned", "sending", "in_doubt"})
_PICKED = frozenset({"Open", "Hold"})


class VismaShipmentWriter(WithoutTotal):
    """Ships in Visma.net what was shipped in Centra, one order after the other."""

    def __init__(self) -> None:
        self._turns = Turns()

    def prepare(self, claim: Claim, unit: Unit) -> bytes:
        """Set the day anew: its period may have been closed since it was decided."""
        dispatch = Dispatch.model_validate_json(claim.body)
        return dispatch.dated(open_periods(unit)).model_dump_json().encode()

    async def send(self, claim: Claim, ends: Ends) -> Sent:
        """Go on from what is there, up to the confirmed (and invoiced) shipment.

        Raises:
            WaitingError: An earlier shipment of the order, or Visma.net itself, is
                not done yet.
            RecordError: Visma.net refuses it, or has not enough in stock.
        """
        dispatch = Dispatch.model_validate_json(claim.body)
        async with self._turns.of(str(dispatch.order_number)):
            _wait_for_earlier(claim, dispatch, ends)
            order = _sales_order(dispatch, ends)
            work = _Work(claim, dispatch, order, ends)
            if dispatch.is_invoice_alone or not await work.has_goods():
                number = await invoice_order(claim, dispatch, order, ends)
                return Sent(INVOICE, number, {"how": "invoiced", "sales_order": order})
            shipment = await work.find() or await work.create()
            made = await work.confirm(await work.load(shipment))
            invoice = None
            if dispatch.prepare_invoice:
                invoice = await invoice_shipment(claim, dispatch, order, made, ends)
        detail = {"how": "shipped", "sales_order": order}
        if invoice is not None:
            detail["invoice"] = invoice
        return Sent(VISMA_SHIPMENT, made.id, detail)

    async def probe(self, claim: Claim, ends: Ends) -> Sent | None:
        """Look for a confirmed shipment with our mark; half done ones are gone on with.

        Where an invoice is wanted, too, the steps after it are taken up when it is
        sent again: each of them looks first.
        """
        if not claim.body:
            return None
        dispatch = Dispatch.model_validate_json(claim.body)
        if dispatch.prepare_invoice:
            return None
        order = _sales_order(dispatch, ends)
        shipment = await _Work(claim, dispatch, order, ends).find()
        if shipment is None or not shipment.has_left:
            return None
        detail = {"how": "found", "sales_order": order}
        return Sent(VISMA_SHIPMENT, shipment.shipment_number, detail)


def _wait_for_earlier(claim: Claim, dispatch: Dispatch, ends: Ends) -> None:
    """Let what left before go first: Visma.net ships an order piece by piece."""
    with ends.books.read() as unit:
        for earlier in dispatch.earlier:
            before = unit.intents.of_source(claim.direction, str(earlier))
            if any(one.state in _UNDECIDED for one in before):
                raise WaitingError


def _sales_order(dispatch: Dispatch, ends: Ends) -> str:
    with ends.books.read() as unit:
        found = sales_orders_of(unit, ends.settings, dispatch.order_number)
    if len(found) == 1:
        return found[0]
    if not found:
        raise WaitingError
    message = (
        f"order {dispatch.order_number}: {' and '.join(found)} all carry its reference"
    )
    raise RecordError(
        message,
        code="DUPLICATE_REFERENCE",
        fix="Cancel all but one of them in Visma.net and clear its reference, "
        "then retry.",
        record_id=str(dispatch.order_number),
    )


class _Work:
    """The steps of one shipment, each from the state that is read just before."""

    def __init__(
        self, claim: Claim, dispatch: Dispatch, order: str, ends: Ends
    ) -> None:
        self._claim = claim
        self._dispatch = dispatch
        self._order = order
        self._type, _, self._id = order.partition("/")
        self._ends = ends
        self._visma = ends.visma
        self._lines: Sequence[SalesOrderLine] | None = None

    async def find(self) -> Shipment | None:
        """The shipment that is ours: noted, or there without our knowing."""
        with self._ends.books.read() as unit:
            reference = self._dispatch.reference
            hits = unit.index.find(VISMA_SHIPMENT, "reference", [reference])
            noted = [row.target_id for row in chain.from_iterable(hits.values())]
        for number in noted:
            shipment = await self._visma.get_shipment(number)
            if shipment.status != "Cancelled":
                return shipment
        if not noted and await self._is_untouched():
            return None
        return await self._search()

    async def _search(self) -> Shipment | None:
        """The shipment of the order that is marked as ours, or still being picked.

        The last is what was made while its answer was lost, as Visma.net has at most
        one such shipment of an order. A confirmed one without a mark is ours only if
        it carries the same goods and the order has none left.
        """
        candidates = []
        for row in await self._visma.get_order_shipments(self._type, self._id):
            if row.status == "Cancelled":
                continue
            shipment = await self._visma.get_shipment(row.id)
            if shipment.custom_str1 == self._dispatch.reference:
                return shipment
            if not self._is_claimed(shipment):
                candidates.append(shipment)
        for shipment in candidates:
            if shipment.status in _PICKED or await self._is_same(shipment):
                return shipment
        return None

    async def _is_untouched(self) -> bool:
        """Whether the order has no shipment, at the first try: its lines would tell."""
        on_shipments = [one.quantity_on_shipments for one in await self._order_lines()]
        is_first = self._claim.attempts <= 1 and not self._claim.probes
        return is_first and not any(one is None or one for one in on_shipments)

    def _is_claimed(self, shipment: Shipment) -> bool:
        if shipment.custom_str1:
            return True
        target = (VISMA_SHIPMENT, shipment.shipment_number)
        with self._ends.books.read() as unit:
            return bool(unit.index.of_target(*target) or unit.links.by_target(*target))

    async def _is_same(self, shipment: Shipment) -> bool:
        """Whether a confirmed shipment can only be that of these goods."""
        lines = await self._order_lines()
        units = await self._units()
        carried: dict[int, Decimal] = {}
        for line in shipment.shipment_detail_lines:
            if line.order_line_nbr is not None and line.shipped_qty:
                before = carried.get(line.order_line_nbr, Decimal(0))
                carried[line.order_line_nbr] = before + line.shipped_qty
        is_full = any(
            units[one.line_id] > one.quantity - (one.quantity_on_shipments or 0)
            for one in lines
            if one.line_id in units
        )
        return is_full and carried == units

    async def has_goods(self) -> bool:
        """Whether anything of it is goods in Visma.net; charges are only invoiced.

        Raises:
            RecordError: It is charges alone, and Visma.net makes its invoices itself.
        """
        if await self._units():
            return True
        if self._dispatch.prepare_invoice:
            return False
        message = f"{self._claim.label}: nothing of it is a stock item in Visma.net"
        raise RecordError(
            message,
            code="NO_GOODS_IN_VISMA",
            fix="Invoice the sales order in Visma.net by hand, then set this aside; or "
            "set the store's prepare_invoices.",
            record_id=self._claim.label,
        )

    async def create(self) -> Shipment:
        """Make a shipment of all that is open; what did not leave comes off next."""
        lines, units = await self._order_lines(), await self._units()
        result = await self._visma.create_order_shipment(
            self._type,
            self._id,
            on=self._dispatch.on,
            warehouse=warehouse_of(self._dispatch, units, lines, self._order),
        )
        refuse_failed(self._claim, result, "make its shipment")
        if result.reference_number:
            self._note(result.reference_number)
            return await self._visma.get_shipment(result.reference_number)
        shipment = await self._search()
        if shipment is None:
            message = f"{self._claim.label}: Visma.net does not show its shipment yet"
            raise InDoubtError(message)
        return shipment

    async def load(self, shipment: Shipment) -> Shipment:
        """Lower the shipment to what left, and put our mark on it."""
        number = shipment.shipment_number
        self._note(number)
        change = await self._changes(shipment)
        if change is None:
            return shipment
        if shipment.has_left:
            if not change.shipment_detail_lines:
                return shipment  # a mark is not worth a correction of what has left
            message = (
                f"{self._claim.label}: shipment {number} in Visma.net was confirmed with "
                "other quantities than left Centra's warehouse"
            )
            raise RecordError(
                message,
                code="SHIPPED_OTHERWISE",
                fix="Correct the shipment in Visma.net, then retry.",
                record_id=self._claim.label,
            )
        await self._visma.update_shipment(number, change)
        if not change.shipment_detail_lines:
            return shipment  # it carried just what left
        shipment = await self._visma.get_shipment(number)
        left = await self._changes(shipment)
        if left is not None and left.shipment_detail_lines:
            message = (
                f"{self._claim.label}: Visma.net did not take the quantities of "
                f"shipment {number} over"
            )
            raise RecordError(
                message,
                code="SHIPPED_OTHERWISE",
                fix="Correct the quantities of the shipment in Visma.net, then retry.",
                record_id=self._claim.label,
            )
        return shipment

    async def _changes(self, shipment: Shipment) -> ShipmentUpdate | None:
        units = await self._units()
        return shipment_changes(
            shipment, units, self._dispatch, label=self._claim.label
        )

    async def confirm(self, shipment: Shipment) -> OrderShipment:
        """Let the goods leave in Visma.net, too; once. Returns what its order says of it."""
        number = shipment.shipment_number
        if not shipment.has_left:
            result = await self._visma.confirm_shipment(number)
            refuse_failed(self._claim, result, f"confirm shipment {number}")
        for row in await self._visma.get_order_shipments(self._type, self._id):
            if row.id == number and row.has_left:
                return row
        raise WaitingError  # queued behind the answer

    async def _order_lines(self) -> Sequence[SalesOrderLine]:
        if self._lines is None:
            self._lines = await self._visma.get_sales_order_lines(self._type, self._id)
        return self._lines

    async def _units(self) -> dict[int, Decimal]:
        return wanted_units(self._dispatch, await self._order_lines(), self._order)

    def _note(self, number: str) -> None:
        row = IndexRow(VISMA_SHIPMENT, "reference", self._dispatch.reference, number)
        with self._ends.books.begin() as unit:
            unit.index.add(VISMA_SHIPMENT, [row])
