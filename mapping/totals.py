"""What Visma.net will compute, and the gate that only exact totals pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from connectors.errors import RecordError
from mapping.documents import Document, LineKind
from mapping.posted_lines import PostedLine
from mapping.rounding import ZERO, Rounding
from settings.posting import OrderRules

__all__ = ["Gated", "PredictedTax", "Prediction", "gate", "predict"]


@dataclass(frozen=True, slots=True)
class PredictedTax:
    """VAT that Visma.net computes for one VAT id on the whole document."""

    tax: str
    rate: Decimal
    prices: Literal["net", "gross"]
    taxable: Decimal
    vat: Decimal


@dataclass(frozen=True, slots=True)
class Prediction:
    """The totals that Visma.net will show."""

    total: Decimal
    vat: Decimal
    taxes: tuple[PredictedTax, ...]

    def vat_at(self, rate: Decimal) -> Decimal:
        """Return the VAT at a rate, over all VAT ids."""
        return sum((tax.vat for tax in self.taxes if tax.rate == rate), ZERO)

    @property
    def by_rate(self) -> dict[Decimal, Decimal]:
        """VAT by rate, higher rates first."""
        rates = sorted({tax.rate for tax in self.taxes}, reverse=True)
        return {rate: self.vat_at(rate) for rate in rates}


@dataclass(frozen=True, slots=True)
class Gated:
    """Lines that come to the exact total, and how VAT per rate differs by rounding."""

    lines: tuple[PostedLine, ...]
    prediction: Prediction
    vat_differences: dict[Decimal, Decimal]
    notes: tuple[str, ...]


def predict(lines: Sequence[PostedLine], rounding: Rounding) -> Prediction:
    """Return what Visma.net computes: lines rounded, VAT per tax on the whole document.

    A VAT id with calculateOn ItemAmount adds its VAT to the sum of its lines; one with
    ExtractFromItemAmount takes it out of that sum (VAT page of the ERP API).
    """
    sums: dict[tuple[str, Decimal, Literal["net", "gross"]], Decimal] = {}
    for line in lines:
        key = (line.tax, line.rate, line.prices)
        sums[key] = sums.get(key, ZERO) + rounding.amount(line.sum)
    taxes = tuple(
        _predicted(tax, rate, prices, amount, rounding)
        for (tax, rate, prices), amount in sums.items()
    )
    vat = sum((tax.vat for tax in taxes), ZERO)
    total = sum((tax.taxable for tax in taxes), vat)
    return Prediction(rounding.document_total(total), vat, taxes)


def _predicted(
    tax: str,
    rate: Decimal,
    prices: Literal["net", "gross"],
    amount: Decimal,
    rounding: Rounding,
) -> PredictedTax:
    if prices == "gross":
        vat = rounding.vat_in(amount, rate)
        return PredictedTax(tax, rate, prices, amount - vat, vat)
    vat = rounding.vat_on(amount, rate)
    return PredictedTax(tax, rate, prices, amount, vat)


def gate(document: Document, lines: Sequence[PostedLine], orders: OrderRules) -> Gated:
    """Let lines through that will come to the document's total to the minor unit.

    A rounding line is added only when it is at most half a minor unit per line; with
    it the totals are equal. VAT per rate may differ by rounding alone.

    Raises:
        RecordError: the total or the VAT of a rate would differ by more.
    """
    rounding = document.rounding
    prediction = predict(lines, rounding)
    left = document.total - prediction.total
    passed = tuple(lines)
    notes: tuple[str, ...] = ()
    if left:
        if abs(left) > document.rounding_room:
            raise _too_far(document, prediction)
        passed = (*passed, _rounding_line(left, orders))
        notes = (f"Rounding line of {left:f} {document.currency}.",)
        prediction = predict(passed, rounding)
        if prediction.total != document.total:
            raise _too_far(document, prediction)
    return Gated(passed, prediction, _vat_differences(document, prediction), notes)


def _rounding_line(amount: Decimal, orders: OrderRules) -> PostedLine:
    return PostedLine(
        key="R1",
        kind=LineKind.ROUNDING,
        item=orders.rounding_item,
        description="Rounding",
        quantity=Decimal(1),
        unit_price=amount,
        discount=ZERO,
        amount=amount,
        rate=ZERO,
        category=orders.rounding_category,
        tax=orders.rounding_category,
        prices="net",
    )


def _vat_differences(
    document: Document, prediction: Prediction
) -> dict[Decimal, Decimal]:
    differences: dict[Decimal, Decimal] = {}
    for total in document.vat_totals:
        difference = prediction.vat_at(total.rate) - total.vat
        # summed by line at Centra, rounded once a VAT id on the document at Visma.net
        taxes = sum(tax.rate == total.rate for tax in prediction.taxes)
        room = document.vat_room(total.rate) + document.rounding.half * max(taxes, 1)
        if abs(difference) > room:
            raise RecordError(
                f"VAT at {total.rate:f} % of order {document.record_id} is "
                f"{total.vat:,f} {document.currency} in Centra, but Visma.net would "
                f"compute {prediction.vat_at(total.rate):,f}.",
                code="VAT_DIFFERS",
                fix="Compare the order's tax lines with its [[vat]] rows.",
                record_id=document.record_id,
            )
        if difference:
            differences[total.rate] = difference
    return differences


def _too_far(document: Document, prediction: Prediction) -> RecordError:
    rounding, currency = document.rounding, document.currency
    net = prediction.total - prediction.vat
    left = document.total - prediction.total
    fix = 'Map its rates to gross VAT categories: [[vat]] ... prices = "gross".'
    if all(tax.prices == "gross" or not tax.rate for tax in prediction.taxes):
        fix = "Compare the order's totals in Centra, correct them and retry it."
    if rounding.cash:
        fix = f"Remove rounding.{currency}.cash, or round in Centra as well."
    return RecordError(
        f"Visma.net would compute {net:,f} + VAT {prediction.vat:,f} = "
        f"{prediction.total:,f} {currency} for order {document.record_id}, but it was "
        f"sold for {document.total:,f}; the difference of {left:f} is more than the "
        f"{document.rounding_room:f} that rounding {document.counted} lines explains.",
        code="TOTALS_GATE",
        fix=fix,
        record_id=document.record_id,
    )
