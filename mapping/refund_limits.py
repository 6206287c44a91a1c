"""That no more is given back than was sold: of each line, rate, charge, discount, credit.

What earlier returns took back is kept by the ledger (`Undone`), so these are rules over
all that was booked, not over one return.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from connectors.centra import models as centra
from connectors.centra.sale_models import Return, Sale, Shipment
from connectors.errors import RecordError
from mapping.credits import sale_total
from mapping.documents import add_up
from mapping.order_documents import order_to_document
from mapping.rounding import ZERO, Rounding, plain, rounding_for
from mapping.undone import Undone, ValuesOfLines, undone_by
from settings.connection import Connection

__all__ = ["Given", "check_credit", "check_within"]


@dataclass(frozen=True, slots=True)
class Given:
    """What a return or an allowance gives back, and the VAT in it."""

    amount: Decimal
    vat: Decimal


def check_within(ret: Return, before: Sequence[Undone], connection: Connection) -> None:
    """See that a return, with those before it, takes no more back than was sold.

    Compared are units and value of each line, value and VAT at each rate, shipping,
    handling, discount, store credit, and the money and VAT of the whole.

    Raises:
        RecordError: it does, or its shipment is not one of its order.
    """
    shipment = ret.order.shipment(ret.shipment.id)
    if shipment is None:
        raise _too_much(ret, f"shipment {ret.shipment.id} is none of its order")
    wrong = next(iter(_Comparison(ret, shipment, before, connection)), None)
    if wrong is not None:
        raise _too_much(ret, wrong)


def check_credit(
    sale: Sale,
    own: Given,
    before: Sequence[Given],
    connection: Connection,
    *,
    record_id: str,
) -> None:
    """See that a credit, with all others of its sale, is no more than was sold.

    Returns are measured against their shipments, line by line; allowances have no
    lines, so returns and allowances together are measured by their value and VAT.

    Raises:
        RecordError: it is more.
    """
    currency = sale.grand_total.currency.code
    rounding = rounding_for(currency, connection)
    room = rounding.step * len(before)
    sold = sale_total(sale, connection, rounding).total
    total = sum((one.amount for one in before), own.amount)
    if total > sold + room:
        raise _too_much_credit(sale, total, own.amount, sold, "", record_id)
    document = order_to_document(sale, connection=connection)
    vat = sum((one.vat for one in before), own.vat)
    by_line = sum((document.vat_room(one.rate) for one in document.vat_totals), ZERO)
    if vat > document.vat + by_line + room:
        of_vat = "VAT of "
        raise _too_much_credit(sale, vat, own.vat, document.vat, of_vat, record_id)


class _Comparison:
    """One return and those before it, against their shipment; yields what is too much."""

    def __init__(
        self,
        ret: Return,
        shipment: Shipment,
        before: Sequence[Undone],
        connection: Connection,
    ) -> None:
        self.own = undone_by(ret, connection)
        self.order = ret.order
        self.shipment = shipment
        self.connection = connection
        currency = ret.order.grand_total.currency.code
        self.currency = currency
        self.rounding: Rounding = rounding_for(currency, connection)
        self.of_order = [
            *(one for one in before if one.order == ret.order.number),
            self.own,
        ]
        self.same = [one for one in self.of_order if one.shipment_id == shipment.id]

    def __iter__(self) -> Iterator[str]:
        sold = ValuesOfLines(
            {line.id: plain(line.tax_percent) for line in self.order.lines}
        )
        for line in self.shipment.lines:
            sold.add(line.id, line.order_line.id, line.quantity, line)
        yield from self._units(sold)
        yield from self._lines(sold)
        yield from self._rates(sold)
        yield from self._charges()
        yield from self._credit()
        yield from self._whole()

    def _room(self, undone: Sequence[Undone]) -> Decimal:
        """A minor unit for each amount of each return that may have been rounded."""
        return self.rounding.step * sum(len(one.units) + 1 for one in undone)

    def _units(self, sold: ValuesOfLines) -> Iterator[str]:
        for key in self.own.units:
            total = sum(one.units.get(key, 0) for one in self.same)
            if total > sold.units.get(key, 0):
                yield (
                    f"{total} units of shipment line {key} came back, but "
                    f"{sold.units.get(key, 0)} were shipped"
                )

    def _lines(self, sold: ValuesOfLines) -> Iterator[str]:
        room = self.rounding.step * len(self.same)
        for key in self.own.lines:
            parts = [one.lines.get(key, ZERO) for one in self.same]
            if sum(parts, ZERO) > sold.lines.get(key, ZERO) + room:
                yield (
                    f"of shipment line {key} {self._sum(parts)} came back, but "
                    f"{sold.lines.get(key, ZERO):,f} were shipped"
                )

    def _rates(self, sold: ValuesOfLines) -> Iterator[str]:
        room = self._room(self.same)
        for rate in self.own.values:
            parts = [one.values.get(rate, ZERO) for one in self.same]
            taxes = [one.taxes.get(rate, ZERO) for one in self.same]
            if sum(parts, ZERO) > sold.values.get(rate, ZERO) + room:
                yield (
                    f"goods of {self._sum(parts)} at {rate} % VAT came back, but "
                    f"{sold.values.get(rate, ZERO):,f} were shipped"
                )
            if sum(taxes, ZERO) > sold.taxes.get(rate, ZERO) + room:
                yield (
                    f"{self._sum(taxes)} VAT at {rate} % came back, but "
                    f"{sold.taxes.get(rate, ZERO):,f} was sold"
                )

    def _charges(self) -> Iterator[str]:
        """Of the shipment where it tells, else of the order: all its returns count."""
        totals = self.shipment.totals
        of_order = self.order.totals
        nothing = ZERO
        yield from self._at_most(
            "shipping",
            totals.shipping,
            of_order.shipping,
            lambda o: o.shipping,
            nothing,
        )
        yield from self._at_most(
            "handling",
            totals.handling,
            of_order.handling,
            lambda o: o.handling,
            nothing,
        )
        yield from self._at_most(
            "discount",
            totals.discounts,
            of_order.discounts,
            lambda o: o.discount,
            self._room(self.same),
        )

    def _at_most(
        self,
        name: str,
        stated: centra.Amount | None,
        of_order: centra.Amount,
        part: Callable[[Undone], Decimal],
        room: Decimal,
    ) -> Iterator[str]:
        limit = abs((of_order if stated is None else stated).value)
        parts = [part(o) for o in (self.of_order if stated is None else self.same)]
        if sum(parts, ZERO) > limit + room and part(self.own):
            verb = "taken off" if name == "discount" else "given back"
            yield f"{name} of {self._sum(parts)} is {verb}, but {limit:,f} was sold"

    def _credit(self) -> Iterator[str]:
        """Store credit was a payment: no more of it comes to life than was used."""
        sold = sale_total(self.order, self.connection, self.rounding).credit
        parts = [one.credit for one in self.of_order]
        if self.own.credit and sum(parts, ZERO) > sold + self._room(self.of_order):
            yield (
                f"store credit of {self._sum(parts)} is given back, but {sold:,f} "
                "was used"
            )

    def _whole(self) -> Iterator[str]:
        """The money, and the VAT in it: also where a discount was left out.

        Rounded were the lines, and shipping, handling and discount at each rate.
        """
        rates = {plain(line.tax_percent) for line in self.order.lines}
        shows = self.shipment.totals.shipping is not None
        undone = self.same if shows else self.of_order
        paid = self.shipment.grand_total if shows else self.order.grand_total
        parts = len(undone) * 3 * len(rates)
        room = self._room(undone) + self.rounding.step * parts
        totals = [one.total for one in undone]
        if sum(totals, ZERO) > paid.value + room:
            yield (
                f"{self._sum(totals)} is given back, but it was sold for "
                f"{paid.value:,f}"
            )
        vat = self._vat_sold(shows=shows)
        taxes = [one.vat for one in undone]
        if sum(taxes, ZERO) > vat + room:
            yield f"VAT of {self._sum(taxes)} is given back, but {vat:,f} was sold"

    def _vat_sold(self, *, shows: bool) -> Decimal:
        totals, own = self.order.totals, self.shipment.totals
        if shows and own.tax_included is not None and own.tax_added is not None:
            return own.tax_included.value + own.tax_added.value
        return totals.tax_included.value + totals.tax_added.value

    def _sum(self, parts: Sequence[Decimal]) -> str:
        """The sum in figures; of one amount, that amount."""
        used = [one for one in parts if one]
        if len(used) < 2:  # noqa: PLR2004 - one amount is no sum
            return f"{sum(used, ZERO):,f}"
        return add_up(used, self.currency)


def _too_much(ret: Return, what: str) -> RecordError:
    return RecordError(
        f"return {ret.id} of order {ret.order.number} is larger than its shipment: "
        f"{what}.",
        code="RETURN_LARGER_THAN_SHIPMENT",
        fix="Compare the returns of the shipment in Centra, correct them, and retry.",
        record_id=str(ret.id),
    )


def _too_much_credit(
    sale: Sale, total: Decimal, own: Decimal, sold: Decimal, of: str, record_id: str
) -> RecordError:
    currency = sale.grand_total.currency.code
    return RecordError(
        f"{record_id}: {of}{total:,f} {currency} would be credited on order "
        f"{sale.number}, {total - own:,f} of it by other returns and allowances, but "
        f"only {sold:,f} was sold.",
        code="CREDIT_LARGER_THAN_SALE",
        fix="Find the return or refund that is in Centra twice, or is no allowance but "
        "the money of a return; credit what is right by hand, then set this aside.",
        record_id=record_id,
    )
