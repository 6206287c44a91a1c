"""Whether an invoice that Visma.net made of a shipment is what was delivered."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from connectors.visma.ledger_models import InvoiceRow
from mapping.documents import Document
from mapping.rounding import ZERO, plain

__all__ = ["Proof", "booked_vat", "differences", "proof_of"]


class Proof(BaseModel):
    """What an invoice must come to: its total, and the VAT at each rate.

    Visma.net spreads discounts over shipments by itself, so each figure may differ
    by the rounding of the lines, and by no more; those of a part were rounded twice.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    currency: str
    total: Decimal
    room: Decimal
    vat: Mapping[str, Decimal]
    vat_room: Mapping[str, Decimal]


def proof_of(document: Document) -> Proof:
    """Return the figures of a document, and how far rounding may move them."""
    half = document.rounding.half
    roundings = 2 if document.is_part else 1
    return Proof(
        currency=document.currency,
        total=document.total,
        room=half * len(document.lines) * roundings,
        vat={f"{plain(one.rate):f}": one.vat for one in document.vat_totals},
        vat_room={
            f"{plain(one.rate):f}": document.vat_room(one.rate) + half
            for one in document.vat_totals
        },
    )


def booked_vat(document: InvoiceRow) -> dict[str, Decimal]:
    """Return the VAT that a document shows at each rate; none where it shows no VAT."""
    booked: dict[str, Decimal] = {}
    for one in document.tax_details:
        rate = f"{plain(one.vat_rate or ZERO):f}"
        booked[rate] = booked.get(rate, ZERO) + one.vat_amount
    return booked


def differences(proof: Proof, invoice: InvoiceRow) -> list[str]:
    """Say what of an invoice is not as it must be; per rate where it shows its VAT."""
    found = []
    if invoice.currency_id is not None and invoice.currency_id != proof.currency:
        found.append(f"it is in {invoice.currency_id}, not {proof.currency}")
    total = invoice.amount if invoice.amount is not None else ZERO
    if abs(total - proof.total) > proof.room:
        found.append(f"its total is {total:f}, not {proof.total:f}")
    booked = booked_vat(invoice)
    if not invoice.tax_details:
        expected = sum(proof.vat.values(), ZERO)
        said = invoice.vat_total if invoice.vat_total is not None else expected
        booked, wanted = {"": said}, {"": expected}
        rooms = {"": sum(proof.vat_room.values(), ZERO)}
    else:
        wanted, rooms = dict(proof.vat), dict(proof.vat_room)
    for rate in sorted(booked.keys() | wanted.keys()):
        there, due = booked.get(rate, ZERO), wanted.get(rate, ZERO)
        if abs(there - due) > rooms.get(rate, ZERO):
            what = f"its VAT at {rate} %" if rate else "its VAT"
            found.append(f"{what} is {there:f}, not {due:f}")
    return found
