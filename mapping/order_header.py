"""What must change in the header of a sales order: VAT zone, note, addresses."""

from __future__ import annotations

from connectors.visma import models as visma
from mapping.texts import cut

__all__ = ["header_changes"]

_NOTE = 2048


def header_changes(
    current: visma.SalesOrder, wanted: visma.NewSalesOrder
) -> visma.SalesOrderPatch | None:
    """Return the changes of zone, note and addresses; None if all is as wanted."""
    zone = current.customer.tax_zone
    known_zone = zone.id if zone else None
    patch = visma.SalesOrderPatch(
        tax_zone_id=wanted.tax_zone_id
        if known_zone is not None and known_zone != wanted.tax_zone_id
        else None,
        note=_note(current.note or "", wanted.note or ""),
        shipping=None
        if wanted.shipping is None or _is_there(current.shipping, wanted.shipping)
        else visma.NewShipping(
            address=wanted.shipping.address, contact=wanted.shipping.contact
        ),
        billing=None
        if wanted.billing is None or _is_there(current.billing, wanted.billing)
        else wanted.billing,
    )
    return None if patch == visma.SalesOrderPatch() else patch


def _note(current: str, wanted: str) -> str | None:
    """Return the note with our lines added; what a person wrote there stays."""
    missing = [line for line in wanted.splitlines() if line not in current]
    if not missing:
        return None
    added = "\n".join(missing)
    return cut(f"{current}\n{added}" if current else added, _NOTE)


def _is_there(
    current: visma.Destination | None, wanted: visma.NewShipping | visma.NewBilling
) -> bool:
    """Tell whether address and contact are as wanted; unread counts as yes."""
    if current is None:
        return True
    has, to = current.address, wanted.address
    address = has is None or to is None or _texts(
        has.line1, has.line2, has.line3, has.postal_code, has.city,
        has.country.id if has.country else None,
    ) == _texts(
        to.line1, to.line2, to.line3, to.postal_code, to.city, to.country_id
    )  # fmt: skip
    who, reach = current.contact, wanted.contact
    contact = (
        who is None
        or reach is None
        or _texts(who.name, who.attention, who.email, who.phone1)
        == _texts(reach.name, reach.attention, reach.email, reach.phone1)
    )
    return address and contact


def _texts(*values: str | None) -> tuple[str, ...]:
    return tuple((value or "").strip() for value in values)
