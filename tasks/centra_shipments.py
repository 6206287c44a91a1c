"""Shipments at Centra, of goods that left Visma.net's warehouse.

Made, named, captured, completed: none of these is idempotent, so the order is read
again before each, and what is there is gone on from. A capture that failed, or is
still on its way, stops the completion.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import chain

from connectors.centra.integration import ExternalId
from connectors.centra.sale_models import Sale, Shipment
from connectors.centra.shipping import NewShipment, NewShipmentLine, Parcel
from connectors.errors import InDoubtError, RecordError
from ledger import Claim, IndexRow, Unit
from mapping.captures import capture_state, failed_at
from mapping.fulfilment import Notice
from mapping.shipped_goods import open_quantities
from tasks.direction import Ends, Sent, WaitingError
from tasks.joined_shipments import CENTRA_SHIPMENT
from tasks.turns import Turns
from tasks.without_total import WithoutTotal

__all__ = ["CAPTURE_FAILED", "CentraShipmentWriter"]

CAPTURE_FAILED = "CAPTURE_FAILED"
_NAMED = {"named": "yes"}


class CentraShipmentWriter(WithoutTotal):
    """Tells Centra what was shipped, one order after the other."""

    def __init__(self) -> None:
        self._turns = Turns()

    def prepare(self, claim: Claim, unit: Unit) -> bytes:  # noqa: ARG002 - the protocol's
        """Need nothing from other directions: the order is in Centra already."""
        return claim.body

    async def send(self, claim: Claim, ends: Ends) -> Sent:
        """Go on from what is there, up to the completed shipment.

        Raises:
            WaitingError: The capture is on its way at the payment provider.
            RecordError: Centra refuses the shipment, or the capture failed.
        """
        notice = Notice.model_validate_json(claim.body)
        async with self._turns.of(str(notice.order_number)):
            sale = await _sale(notice, ends)
            own = await _find(notice, sale, ends)
            if own is None:
                _refuse_more_than_open(claim, notice, sale)
                own = await _create(notice, ends)
                sale = await _sale(notice, ends)
            await _name(notice, own, ends)
            shipment = _shown(claim, sale, own)
            if ends.settings.fulfilment.capture:
                await _capture(claim, notice, sale, shipment, ends)
            if ends.settings.fulfilment.complete and not shipment.is_shipped:
                if not shipment.is_good_to_go:  # made by hand, and not let go
                    await ends.centra.let_shipment_go(shipment.id)
                await _complete(claim, notice, shipment, ends)
        return Sent(CENTRA_SHIPMENT, str(own), {"how": "told", **_NAMED})

    async def probe(self, claim: Claim, ends: Ends) -> Sent | None:
        """Look whether all of it was done; what is half done is gone on with later.

        The order, read again, shows what was made, captured and completed.
        """
        if not claim.body:
            return None
        notice = Notice.model_validate_json(claim.body)
        sale = await _sale(notice, ends)
        own = await _find(notice, sale, ends)
        shipment = sale.shipment(own) if own is not None else None
        if shipment is None or not _is_done(sale, shipment, ends):
            return None
        await _name(notice, shipment.id, ends)
        return Sent(CENTRA_SHIPMENT, str(shipment.id), {"how": "found", **_NAMED})


def _is_done(sale: Sale, shipment: Shipment, ends: Ends) -> bool:
    rules = ends.settings.fulfilment
    is_paid = not rules.capture or capture_state(sale, shipment) in {"done", "nothing"}
    return is_paid and (shipment.is_shipped or not rules.complete)


async def _sale(notice: Notice, ends: Ends) -> Sale:
    number = notice.order_number
    async for page in ends.centra.iter_sale_pages(numbers=[number]):
        for one in page.found:
            if one.model.number == number:
                return one.model
        for lost in page.lost:
            raise lost.error
    message = f"order {number} is not in Centra any more"
    raise RecordError(
        message,
        code="ORDER_GONE",
        fix="Look for the order in Centra; set this aside if it was deleted.",
        record_id=str(number),
    )


async def _find(notice: Notice, sale: Sale, ends: Ends) -> int | None:
    """The shipment that Centra has of it: noted, named, or plainly the same.

    The last is what was made while its answer was lost, or by hand where no room is
    left for another: an order takes no more units than it has.
    """
    there = {one.id for one in sale.shipments}
    with ends.books.read() as unit:
        hits = unit.index.find(CENTRA_SHIPMENT, "reference", [notice.reference])
    for row in chain.from_iterable(hits.values()):
        if int(row.target_id) in there:
            return int(row.target_id)
    if not there:
        return None
    named = await ends.centra.find_external_id("Shipment", notice.reference)
    if named in there:
        return named
    is_full = _lacking(notice, sale) is not None
    with ends.books.read() as unit:
        for one in sorted(sale.shipments, key=lambda one: one.id):
            is_new = one.id not in notice.seen
            is_free = not _is_claimed(one, unit)
            if (is_new or is_full) and is_free and _is_same(notice, sale, one):
                return one.id
    return None


def _is_claimed(one: Shipment, unit: Unit) -> bool:
    """Whether a shipment answers another one of Visma.net's already."""
    target = (CENTRA_SHIPMENT, str(one.id))
    return bool(unit.index.of_target(*target) or unit.links.by_target(*target))


def _is_same(notice: Notice, sale: Sale, one: Shipment) -> bool:
    """Whether a shipment carries exactly these goods; bundles bring their contents."""
    kinds = {line.id: line.kind for line in sale.lines}
    units = {part.order_line.id: part.quantity for part in one.lines if part.quantity}
    contents = {
        line
        for line in units.keys() - notice.units.keys()
        if kinds.get(line) == "BundleItemOrderLine"
    }
    goods = {line: n for line, n in units.items() if line not in contents}
    return goods == notice.units


def _lacking(notice: Notice, sale: Sale) -> int | None:
    left = open_quantities(sale)
    return next(
        (line for line, units in notice.units.items() if units > left.get(line, 0)),
        None,
    )


def _refuse_more_than_open(claim: Claim, notice: Notice, sale: Sale) -> None:
    line = _lacking(notice, sale)
    if line is None:
        return
    left = max(0, open_quantities(sale).get(line, 0))
    message = (
        f"{claim.label}: {notice.units[line]} units of order line {line} left, but in "
        f"Centra only {left} of them are in no shipment yet"
    )
    raise RecordError(
        message,
        code="SHIPPED_IN_CENTRA_TOO",
        fix="Compare with the shipments that were made in Centra by hand; delete one "
        "that is wrong and retry, or set this aside.",
        record_id=claim.label,
    )


async def _create(notice: Notice, ends: Ends) -> int:
    own = await ends.centra.create_shipment(
        NewShipment(
            notice.order_number,
            [NewShipmentLine(one.order_line, one.quantity) for one in notice.lines],
            _parcel(notice),
        )
    )
    _note(notice, own, {}, ends)
    return own


async def _name(notice: Notice, own: int, ends: Ends) -> None:
    """Give the shipment its external id, once."""
    with ends.books.read() as unit:
        rows = unit.index.of_target(CENTRA_SHIPMENT, str(own))
    if any(row.detail.get("named") for row in rows):
        return
    name = ExternalId("Shipment", own, notice.reference)
    await ends.centra.set_external_ids([name])
    _note(notice, own, _NAMED, ends)


def _note(notice: Notice, own: int, detail: dict[str, str], ends: Ends) -> None:
    row = IndexRow(CENTRA_SHIPMENT, "reference", notice.reference, str(own), detail)
    with ends.books.begin() as unit:
        unit.index.add(CENTRA_SHIPMENT, [row])


def _shown(claim: Claim, sale: Sale, own: int) -> Shipment:
    shipment = sale.shipment(own)
    if shipment is None:
        message = f"{claim.label}: Centra does not show its shipment {own} yet"
        raise InDoubtError(message)
    return shipment


async def _capture(
    claim: Claim, notice: Notice, sale: Sale, shipment: Shipment, ends: Ends
) -> None:
    """See that the money is taken before the goods count as delivered."""
    match capture_state(sale, shipment):
        case "done" | "nothing":
            return
        case "pending":
            raise WaitingError
        case "failed" if not _is_told(claim, sale, shipment, ends):
            raise _failed(claim, "the payment provider refused it")
        case _:
            pass
    try:
        captured = await ends.centra.capture_shipment(shipment.id)
    except RecordError as error:
        said, is_captured = error.message, False
    else:
        said, is_captured = "; ".join(captured.warnings), captured.is_captured
    if is_captured:
        return
    sale = await _sale(notice, ends)
    match capture_state(sale, _shown(claim, sale, shipment.id)):
        case "done" | "nothing":
            return
        case "pending":
            raise WaitingError
        case _:
            raise _failed(claim, said or "Centra gave no reason")


def _is_told(claim: Claim, sale: Sale, shipment: Shipment, ends: Ends) -> bool:
    """Whether a person has seen this failure already, and wants another try."""
    failed = failed_at(sale, shipment)
    with ends.books.read() as unit:
        rows = unit.exceptions.list(claim.direction, status=None)
    told = [
        row.last_at
        for row in rows
        if row.source_id == claim.source_id and row.code == CAPTURE_FAILED
    ]
    return failed is not None and bool(told) and max(told) >= failed


def _failed(claim: Claim, said: str) -> RecordError:
    message = f"{claim.label}: its payment could not be captured: {said}"
    return RecordError(
        message,
        code=CAPTURE_FAILED,
        fix="Settle the payment with the customer or provider (capture it in Centra, "
        "or mark the shipment as paid), then retry; the goods have left.",
        record_id=claim.label,
    )


async def _complete(
    claim: Claim, notice: Notice, shipment: Shipment, ends: Ends
) -> None:
    settings = ends.settings
    # Visma.net knows the day only; Centra refuses what is not past yet.
    noon = datetime.combine(notice.shipped_on, time(12), settings.zone)
    latest = ends.clock().astimezone(settings.zone) - timedelta(minutes=1)
    try:
        is_shipped = await ends.centra.complete_shipment(
            shipment.id,
            shipped_at=min(noon, latest).replace(microsecond=0),
            send_email=settings.fulfilment.send_email,
            parcel=_parcel(notice),
        )
    except RecordError:
        is_shipped = False
        sale = await _sale(notice, ends)
        if not _shown(claim, sale, shipment.id).is_shipped:
            raise
        return
    if not is_shipped:
        message = f"{claim.label}: Centra does not show its shipment as shipped yet"
        raise InDoubtError(message)


def _parcel(notice: Notice) -> Parcel:
    return Parcel(notice.carrier, notice.tracking_number, notice.packages)
