"""The document both systems must agree on: lines, VAT per rate, and the total.

A sales order, an invoice, a credit note and a return order are written from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from connectors.errors import RecordError
from mapping.money import Money
from mapping.rounding import ZERO, Rounding, percent

__all__ = [
    "Document",
    "DocumentLine",
    "LineKind",
    "VatTotal",
    "add_up",
]


class LineKind(StrEnum):
    """What a line stands for."""

    PRODUCT = "product"
    SHIPPING = "shipping"
    HANDLING = "handling"
    DISCOUNT = "discount"
    VOUCHER = "voucher"
    GIFT_CARD = "gift_card"
    RETURN_COST = "return_cost"
    ALLOWANCE = "allowance"
    ROUNDING = "rounding"


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One line, as the source applied it; `roundings` are those within its VAT.

    Discounts, vouchers and the cost of a return are negative; all else is positive.
    """

    key: str
    kind: LineKind
    net: Decimal
    rate: Decimal
    vat: Decimal
    gross: Decimal
    quantity: Decimal = Decimal(1)
    item: str = ""
    description: str = ""
    brand: str | None = None
    group: str | None = None
    roundings: int = 1

    def vat_room(self, rounding: Rounding) -> Decimal:
        """How far the line's VAT may be from its rate, through rounding alone."""
        return rounding.half * self.roundings * (1 + percent(self.rate))

    @property
    def exact_vat(self) -> Decimal:
        """The rate's share of the net amount, unrounded."""
        return self.net * percent(self.rate)


@dataclass(frozen=True, slots=True)
class VatTotal:
    """The document's amounts at one VAT rate."""

    rate: Decimal
    net: Decimal
    vat: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class Document:
    """A sale or a credit that adds up; one that does not cannot be constructed.

    `credit` is what was paid by voucher credit or gift card and is therefore part
    of the total, though not of what the source asks the customer to pay. The amounts
    of a part (`is_part`) are what other parts left over: rounded twice each.
    """

    record_id: str
    currency: str
    rounding: Rounding
    lines: tuple[DocumentLine, ...]
    vat_totals: tuple[VatTotal, ...]
    total: Decimal
    credit: Decimal = ZERO
    notes: tuple[str, ...] = ()
    is_part: bool = False

    def __post_init__(self) -> None:
        for line in self.lines:
            self._check_line(line)
        rates = {line.rate for line in self.lines}
        if rates != {vat.rate for vat in self.vat_totals}:
            raise self._wrong("the VAT totals do not name the rates of the lines")
        for vat in self.vat_totals:
            self._check_rate(vat)
        if sum((vat.gross for vat in self.vat_totals), ZERO) != self.total:
            sums = add_up((v.gross for v in self.vat_totals), self.currency)
            raise self._wrong(f"{sums}, but the total is {self._money(self.total)}")

    @property
    def vat(self) -> Decimal:
        """VAT of the whole document."""
        return sum((total.vat for total in self.vat_totals), ZERO)

    @property
    def grand_total(self) -> Money:
        """The total with VAT, as money."""
        return Money(self.total, self.currency)

    @property
    def counted(self) -> int:
        """How many lines were rounded; discounts are sent within others, but count."""
        return sum(line.kind is not LineKind.ROUNDING for line in self.lines)

    @property
    def rounding_room(self) -> Decimal:
        """How far rounding alone may move the total: half a minor unit a rounding."""
        return self.rounding.half * self.counted * (2 if self.is_part else 1)

    def at_rate(self, rate: Decimal) -> tuple[DocumentLine, ...]:
        """Return the lines with this VAT rate."""
        return tuple(line for line in self.lines if line.rate == rate)

    def vat_room(self, rate: Decimal) -> Decimal:
        """How far VAT summed by line and VAT of the whole may be apart at a rate."""
        by_line = (line.vat_room(self.rounding) for line in self.at_rate(rate))
        return sum(by_line, self.rounding.half)

    def _check_line(self, line: DocumentLine) -> None:
        if line.net + line.vat != line.gross:
            raise self._wrong(
                f"line {line.key}: {self._money(line.net)} + VAT "
                f"{self._money(line.vat)} is not {self._money(line.gross)}"
            )
        if abs(line.vat - line.exact_vat) > line.vat_room(self.rounding):
            raise RecordError(
                f"Line {line.key} of {self.record_id} has {self._money(line.vat)} VAT "
                f"on {self._money(line.net)} net, which is not {line.rate:f} %.",
                code="LINE_VAT_DOES_NOT_FIT",
                fix="Check the tax rules of the order in Centra, then retry it.",
                record_id=self.record_id,
            )

    def _check_rate(self, vat: VatTotal) -> None:
        lines = self.at_rate(vat.rate)
        by_line = sum((line.vat for line in lines), ZERO)
        if vat.net + vat.vat != vat.gross:
            raise self._wrong(f"net and VAT at {vat.rate:f} % are not its gross")
        if abs(vat.vat - by_line) > self.vat_room(vat.rate):
            raise self._wrong(
                f"VAT at {vat.rate:f} % is {self._money(vat.vat)}, but its lines have "
                f"{add_up((line.vat for line in lines), self.currency)}"
            )
        if ZERO not in (
            sum((line.net for line in lines), ZERO) - vat.net,
            sum((line.gross for line in lines), ZERO) - vat.gross,
        ):
            raise self._wrong(
                f"the lines at {vat.rate:f} % come to neither the net nor the gross"
            )

    def _money(self, value: Decimal) -> str:
        return f"{value:,f}"

    def _wrong(self, what: str) -> RecordError:
        return RecordError(
            f"Document {self.record_id} does not add up in {self.currency}: {what}.",
            code="TOTALS_DO_NOT_ADD_UP",
            fix="Check the order's totals in Centra, correct them and retry it.",
            record_id=self.record_id,
        )


_SHOWN = 6


def add_up(values: Iterable[Decimal], currency: str) -> str:
    """Write a sum in figures: '500.00 + 49.00 - 60.00 = 489.00 SEK'."""
    parts = [value for value in values if value]
    total = sum(parts, ZERO)
    text = ""
    for value in parts[:_SHOWN]:
        sign = ("-" if value < 0 else "+") if text else ("-" if value < 0 else "")
        text += f" {sign} {abs(value):,f}" if text else f"{sign}{abs(value):,f}"
    if len(parts) > _SHOWN:
        text += f" + {len(parts) - _SHOWN} more"
    return f"{text or '0'} = {total:,f} {currency}"
