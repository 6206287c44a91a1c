"""Which invoice a return or refund is credited against, and what credits it already."""

from __future__ import annotations

from connectors.centra.sale_models import Sale
from connectors.errors import RecordError
from ledger import Unit
from mapping.dates import document_date
from mapping.references import read_reference
from settings.connection import Connection
from tasks.direction import WaitingError
from tasks.ledger_documents import LedgerDocument
from tasks.sale_documents import invoices_of

__all__ = ["invoice_to_credit"]


def invoice_to_credit(
    unit: Unit,
    settings: Connection,
    sale: Sale,
    *,
    shipment: int | None,
    record_id: str,
) -> LedgerDocument:
    """Return the released invoice of a sale's shipment; any of the sale for None.

    Raises:
        WaitingError: It is not made or not released yet.
        RecordError: The sale is older than the connection, and no invoice of it is
            found; or several invoices may be the shipment's.
    """
    found = [one for one in invoices_of(unit, settings, sale) if one.counts]
    own = _of_shipment(unit, settings, found, shipment)
    released = [one for one in own if one.is_released]
    if len(released) > 1 and shipment is not None:
        numbers = ", ".join(one.number for one in released)
        raise RecordError(
            f"{record_id}: invoices {numbers} may all be that of shipment {shipment} "
            f"of order {sale.number}",
            code="INVOICE_UNCLEAR",
            fix="Credit it by hand in Visma.net with the return's reference, then "
            "retry: it is found.",
            record_id=record_id,
        )
    if released:
        return released[0]
    if not own and document_date(sale.order_date, settings.zone) < settings.start_on:
        raise RecordError(
            f"{record_id}: order {sale.number} is older than start_on, and no invoice "
            "of it is found in Visma.net",
            code="OLD_SALE",
            fix="Credit it by hand in Visma.net and set this aside, or write how old "
            "documents were named into adopt_references.",
            record_id=record_id,
        )
    raise WaitingError


def _of_shipment(
    unit: Unit,
    settings: Connection,
    found: list[LedgerDocument],
    shipment: int | None,
) -> list[LedgerDocument]:
    """By the shipment's reference, or the shipment of Visma.net that answers it.

    What names no shipment at all, as a whole order's invoice of an earlier connector,
    may be anyone's.
    """
    if shipment is None:
        return found
    exact = [one for one in found if shipment in _named(settings, one)]
    if exact:
        return exact
    numbers = _shipments_of_visma(unit, shipment, found)
    shipped = [one for one in found if set(one.shipments) & numbers]
    if shipped:
        return shipped
    foreign = {
        one.number for one in found if _names_another(settings, one, unit, shipment)
    }
    return [one for one in found if one.number not in foreign]


def _shipments_of_visma(
    unit: Unit, shipment: int, found: list[LedgerDocument]
) -> set[str]:
    """The shipments of Visma.net that answer one of Centra, or that it answers."""
    numbers = set()
    link = unit.links.get("fulfilment", str(shipment))
    if link is not None:
        numbers.add(_last(link.target_id))
    for number in {number for one in found for number in one.shipments}:
        made = unit.links.get("fulfilment", f"V{number}")
        if made is not None and _last(made.target_id) == str(shipment):
            numbers.add(number)
    return numbers


def _names_another(
    settings: Connection, one: LedgerDocument, unit: Unit, shipment: int
) -> bool:
    """Whether an invoice is surely that of another shipment."""
    for number in one.shipments:
        made = unit.links.get("fulfilment", f"V{number}")
        if made is not None and _last(made.target_id) != str(shipment):
            return True
    return bool(_named(settings, one) - {shipment})


def _named(settings: Connection, one: LedgerDocument) -> set[int]:
    """The shipments whose reference an invoice carries, made anew or not."""
    read = (read_reference(settings.prefix, name) for name in one.references)
    return {named.id for named in read if named and named.kind == "shipment"}


def _last(target_id: str) -> str:
    return target_id.rpartition("/")[2]
