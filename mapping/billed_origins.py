"""Where each amount of a document that Visma.net made of sales orders comes from.

Visma.net bills a sales order in parts, so a line is told back to the line that was
sent, and by it to what Centra said; what is otherwise on the document is said to be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from connectors.visma.ledger_models import TaxDetail
from mapping.billed_lines import BilledOrder, BilledPart, billed_parts
from mapping.origins import Origins, Stated, VatOrigin
from mapping.posted_lines import PostedLine
from mapping.rounding import ZERO, Rounding, plain
from mapping.totals import Prediction, predict

__all__ = ["Billed", "billed_origins"]


@dataclass(frozen=True, slots=True)
class Billed:
    """What Visma.net has the document come to; VAT by id, empty where it told none."""

    total: Decimal
    vat: Decimal
    currency: str
    taxes: tuple[TaxDetail, ...] = ()


def billed_origins(
    billed: Billed, orders: Sequence[BilledOrder], rounding: Rounding
) -> Origins:
    """Tell a document back to the lines that were sent, and to Centra's shipments.

    Total and VAT of the answer are what the sent lines come to, for the units that are
    on the document: they differ from Visma.net's only if something was changed there.
    """
    parts = [part for one in orders for part in billed_parts(one, rounding)]
    posted = [one.posted for one in parts if one.posted is not None]
    due = predict(posted, rounding)
    agrees = (due.total, due.vat) == (billed.total, billed.vat)
    is_whole = all(_is_whole(one) for one in orders)
    notes = [] if agrees else [_changed(due, billed)]
    stated, rest = _stated(billed, orders, parts, is_whole=is_whole)
    if rest and agrees and abs(rest) <= rounding.half * (2 * len(parts) + 2):
        stated.append(Stated("rounding, as an order is billed in parts", rest))
    elif rest:
        notes.append(
            f"Visma.net has {rest:+,f} {billed.currency} against what Centra says of it"
        )
    return Origins(
        total=due.total,
        vat=due.vat,
        currency=billed.currency,
        stated=tuple(stated),
        lines=tuple(one.origin for one in parts),
        taxes=tuple(_taxes(billed, due, orders, posted, is_whole=is_whole)),
        notes=tuple(notes),
        posted=tuple(posted),
    )


def _is_whole(order: BilledOrder) -> bool:
    """Whether the document has all units of every line of the order."""
    sent, has = Counter[str](), Counter[str]()
    for posted in order.sent.posted:
        sent[posted.item] += int(posted.quantity)
    for line in order.lines:
        has[line.inventory_number or ""] += int(line.quantity)
    return sent == has


def _stated(
    billed: Billed,
    orders: Sequence[BilledOrder],
    parts: Sequence[BilledPart],
    *,
    is_whole: bool,
) -> tuple[list[Stated], Decimal]:
    """The fields that the total is the sum of, and what they leave of it."""
    if all(one.left for one in orders):
        found = [said for one in orders for left in one.left for said in left.stated]
    elif is_whole:
        found = [said for one in orders for said in one.sent.stated]
    else:
        found = [Stated(f"{one.origin.what}", one.origin.amount) for one in parts]
        added = sum((tax.vat_amount for tax in billed.taxes), ZERO)
        if any(one.origin.prices == "net" for one in parts) and added:
            found.append(Stated("VAT", added))
    return found, billed.total - sum((one.value for one in found), ZERO)


def _taxes(
    billed: Billed,
    due: Prediction,
    orders: Sequence[BilledOrder],
    posted: Sequence[PostedLine],
    *,
    is_whole: bool,
) -> Iterator[VatOrigin]:
    """VAT by id as Visma.net has it, beside what Centra says of these shipments."""
    said = _centra_vat(orders, is_whole=is_whole)
    rows = [
        (
            plain(one.vat_rate or ZERO),
            one.vat_id or "",
            one.taxable_amount,
            one.vat_amount,
        )
        for one in billed.taxes
    ] or [(plain(one.rate), one.tax, one.taxable, one.vat) for one in due.taxes]
    shared = Counter(rate for rate, *_ in rows)
    for rate, name, base, vat in rows:
        if not rate and not vat:
            continue
        prices = {one.prices for one in posted if plain(one.rate) == rate}
        how = {
            frozenset({"gross"}): "taken out of the sum",
            frozenset({"net"}): "added to the sum",
        }.get(frozenset(prices), "computed")
        rule = f"{how} by {name}, once on the whole document"
        centra = said.get(rate) if shared[rate] == 1 else None
        if centra is not None and centra != vat:
            rule += f"; {vat - centra:+,f} against Centra, which rounds by line"
        yield VatOrigin(rate, base, vat, centra, rule)


def _centra_vat(
    orders: Sequence[BilledOrder], *, is_whole: bool
) -> dict[Decimal, Decimal]:
    """VAT by rate that Centra has for just this; empty where nobody knows."""
    if all(one.left for one in orders):
        told = [left for one in orders for left in one.left]
    elif is_whole:
        told = [one.sent for one in orders]
    else:
        return {}
    sums: dict[Decimal, Decimal] = {}
    for one in told:
        for tax in one.taxes:
            if tax.centra is not None:
                sums[tax.rate] = sums.get(tax.rate, ZERO) + tax.centra
    return sums


def _changed(due: Prediction, billed: Billed) -> str:
    return (
        f"what was sent of it comes to {due.total:,f} with {due.vat:,f} VAT, Visma.net "
        f"has {billed.total:,f} with {billed.vat:,f}: it was changed there"
    )
