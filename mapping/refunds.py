"""Which returns and refunds are booked, and that no more is given back than was sold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from connectors.centra import models as centra
from connectors.centra.sale_models import Return, Sale, Shipment
from connectors.errors import RecordError
from mapping.credits import sale_total
from mapping.dates import document_date
from mapping.payments import payment_state
from mapping.rounding import ZERO, Rounding, plain, rounding_for
from mapping.scope import LeftOut, left_out
from settings.connection import Connection

__all__ = [
    "Undone",
    "check_credit",
    "check_within",
    "is_paid_back",
    "is_refund",
    "left_out_of_refunds",
    "refund_asked_for",
    "refunds_of",
    "returned_on",
    "undone_by",
]

_BY_KIND = frozenset(
    {"OTHER_STORE", "INTERNAL", "PRICELIST", "TEST_BUYER", "ACCOUNT", "ZERO_VALUE"}
)


class Undone(BaseModel):
    """What one return takes back of its shipment; holds nothing about a person."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    return_id: int
    shipment_id: int
    order: int
    is_completed: bool
    units: dict[int, int]
    """By shipment line."""
    values: dict[str, Decimal]
    """Value of the lines, VAT included, by VAT rate."""
    shipping: Decimal
    handling: Decimal


def undone_by(ret: Return) -> Undone:
    """Return what a return takes back, as later returns of its shipment must know."""
    units: dict[int, int] = {}
    values: dict[str, Decimal] = {}
    rates = {line.id: plain(line.tax_percent) for line in ret.order.lines}
    for line in ret.lines:
        key = line.shipment_line.id
        units[key] = units.get(key, 0) + line.quantity
        rate = format(rates.get(line.order_line.id, ZERO), "f")
        values[rate] = values.get(rate, ZERO) + line.gross.value
    return Undone(
        return_id=ret.id,
        shipment_id=ret.shipment.id,
        order=ret.order.number,
        is_completed=ret.is_completed,
        units=units,
        values=values,
        shipping=ret.totals.shipping.value,
        handling=ret.totals.handling.value,
    )


def check_within(ret: Return, before: Sequence[Undone], connection: Connection) -> None:
    """See that a return, with those before it, takes no more back than was sold.

    Compared are units of each line, value at each VAT rate, shipping and handling.

    Raises:
        RecordError: it does, or its shipment is not one of its order.
    """
    shipment = ret.order.shipment(ret.shipment.id)
    if shipment is None:
        raise _too_much(ret, f"shipment {ret.shipment.id} is none of its order")
    rounding = rounding_for(ret.order.grand_total.currency.code, connection)
    same = [one for one in before if one.shipment_id == shipment.id]
    all_of_order = [one for one in before if one.order == ret.order.number]
    wrong = next(_wrong(ret, shipment, same, all_of_order, rounding), None)
    if wrong is not None:
        raise _too_much(ret, wrong)


def check_credit(
    sale: Sale,
    amount: Decimal,
    before: Sequence[Decimal],
    connection: Connection,
    *,
    record_id: str,
) -> None:
    """See that a credit, with all others of its sale, is no more than was sold.

    Returns are measured against their shipments, line by line; allowances have no
    lines, so returns and allowances together are measured by their value.

    Raises:
        RecordError: it is more.
    """
    rounding = rounding_for(sale.grand_total.currency.code, connection)
    sold = sale_total(sale, connection, rounding).total
    total = sum(before, amount)
    if total <= sold + rounding.step * len(before):
        return
    currency = sale.grand_total.currency.code
    raise RecordError(
        f"{record_id}: {total:,f} {currency} would be credited on order {sale.number}, "
        f"{total - amount:,f} of it by other returns and allowances, but only "
        f"{sold:,f} was sold.",
        code="CREDIT_LARGER_THAN_SALE",
        fix="Find the return or refund that is in Centra twice, or is no allowance but "
        "the money of a return; credit what is right by hand, then set this aside.",
        record_id=record_id,
    )


def _wrong(
    ret: Return,
    shipment: Shipment,
    same: Sequence[Undone],
    all_of_order: Sequence[Undone],
    rounding: Rounding,
) -> Iterator[str]:
    yield from _units(ret, shipment, same)
    yield from _values(ret, shipment, same, rounding)
    yield from _charges(ret, shipment, same, all_of_order)


def _units(ret: Return, shipment: Shipment, same: Sequence[Undone]) -> Iterator[str]:
    shipped = {line.id: line.quantity for line in shipment.lines}
    for key, units in undone_by(ret).units.items():
        total = units + sum(one.units.get(key, 0) for one in same)
        if total > shipped.get(key, 0):
            yield (
                f"{total} units of shipment line {key} came back, but "
                f"{shipped.get(key, 0)} were shipped"
            )


def _values(
    ret: Return, shipment: Shipment, same: Sequence[Undone], rounding: Rounding
) -> Iterator[str]:
    rates = {line.id: plain(line.tax_percent) for line in ret.order.lines}
    sold: dict[str, Decimal] = {}
    for line in shipment.lines:
        rate = format(rates.get(line.order_line.id, ZERO), "f")
        sold[rate] = sold.get(rate, ZERO) + line.gross.value
    room = rounding.step * (len(ret.lines) + sum(len(one.units) for one in same))
    for rate, value in undone_by(ret).values.items():
        total = value + sum((one.values.get(rate, ZERO) for one in same), ZERO)
        if total > sold.get(rate, ZERO) + room:
            yield (
                f"goods of {total:,f} at {rate} % VAT came back, but "
                f"{sold.get(rate, ZERO):,f} were shipped"
            )


def _charges(
    ret: Return,
    shipment: Shipment,
    same: Sequence[Undone],
    all_of_order: Sequence[Undone],
) -> Iterator[str]:
    """Shipping and handling: of the shipment where it tells, else of the order."""
    own = undone_by(ret)
    for name in ("shipping", "handling"):
        stated: centra.Amount | None = getattr(shipment.totals, name)
        limit = stated or getattr(ret.order.totals, name)
        others = all_of_order if stated is None else same
        total = getattr(own, name) + sum((getattr(o, name) for o in others), ZERO)
        if total > limit.value:
            yield f"{name} of {total:,f} is given back, but {limit.value:,f} was sold"


def _too_much(ret: Return, what: str) -> RecordError:
    return RecordError(
        f"return {ret.id} of order {ret.order.number} is larger than its shipment: "
        f"{what}.",
        code="RETURN_LARGER_THAN_SHIPMENT",
        fix="Compare the returns of the shipment in Centra, correct them, and retry.",
        record_id=str(ret.id),
    )


def left_out_of_refunds(
    sale: Sale, on: date, connection: Connection, *, known: bool
) -> LeftOut | None:
    """Return the rule that leaves a return or refund out, None if it is booked.

    The kind of its order decides, never the order's state: it was shipped. What was
    booked before (`known`) is never left out.
    """
    if known:
        return None
    if on < connection.start_on:
        return LeftOut(
            "BEFORE_START", f"dated {on}, before start_on {connection.start_on}"
        )
    always = connection.model_copy(update={"start_on": date.min})
    rule = left_out(sale, always)
    return rule if rule is not None and rule.code in _BY_KIND else None


def returned_on(ret: Return, connection: Connection) -> date:
    """Return the day of the books on which a return was completed, or else made."""
    return document_date(ret.completed_at or ret.created_at, connection.zone)


def is_paid_back(ret: Return) -> bool:
    """Whether the money of a return's shipment was taken, so that it is given back.

    Its credit note is then left open for the refund to settle. What nobody has paid
    is taken off the invoice instead.
    """
    shipment = ret.order.shipment(ret.shipment.id)
    if shipment is not None and (shipment.is_captured or shipment.is_paid):
        return True
    paid = payment_state(ret.order)
    return paid.captured + paid.gift_card_captured >= ret.order.grand_total.value


def is_refund(entry: centra.PaymentHistoryEntry) -> bool:
    """Whether money, or a gift card, was given back for good."""
    kinds = {"REFUND", "REFUND_GIFT_CARD"}
    return entry.status == "SUCCESS" and entry.entry_type in kinds


def refunds_of(sale: Sale) -> tuple[centra.PaymentHistoryEntry, ...]:
    """Return the refunds of a sale that came to an end."""
    return tuple(entry for entry in sale.payment_history if is_refund(entry))


def refund_asked_for(ret: Return) -> centra.PaymentHistoryEntry | None:
    """Return the refund of a return that the payment provider has not answered."""
    own = {one.id for one in ret.refund_payment_history}
    asked = [
        entry
        for entry in ret.order.payment_history
        if entry.id in own
        and (entry.entry_type, entry.status) == ("REFUND_REQUEST", "PENDING")
    ]
    return asked[-1] if asked else None
