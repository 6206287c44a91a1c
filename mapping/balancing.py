"""Bringing lines, VAT per rate and the source's total into one document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Literal

from connectors.errors import RecordError
from mapping.documents import Document, DocumentLine, LineKind, VatTotal, add_up
from mapping.rounding import HUNDRED, ZERO, Rounding

__all__ = ["build_document"]


def build_document(
    lines: Sequence[DocumentLine],
    *,
    record_id: str,
    currency: str,
    rounding: Rounding,
    total: Decimal,
    vat: Decimal,
    exact: Literal["net", "gross"],
    credit: Decimal = ZERO,
    notes: tuple[str, ...] = (),
    is_part: bool = False,
) -> Document:
    """Build a document from its lines and the source's total and VAT.

    `exact` says which amounts of the lines the source states; the other side is
    rounded per line and may differ from the document's VAT by that rounding. What
    then is left between lines and total becomes a rounding line, if it is at most
    half a minor unit per line; twice that for a part, whose amounts were rounded twice.

    Raises:
        RecordError: the lines do not come to the total or to the VAT.
    """
    totals = _vat_totals(lines, vat, exact, record_id, currency, rounding)
    left = total - sum((t.gross for t in totals), ZERO)
    roundings = len(lines) * (2 if is_part else 1)
    if left and abs(left) <= rounding.half * roundings:
        extra = DocumentLine(
            "R1", LineKind.ROUNDING, net=left, rate=ZERO, vat=ZERO, gross=left
        )
        lines = (*lines, extra)
        totals = _with_rounding(totals, left)
    return Document(
        record_id=record_id,
        currency=currency,
        rounding=rounding,
        lines=tuple(lines),
        vat_totals=totals,
        total=total,
        credit=credit,
        notes=notes,
        is_part=is_part,
    )


def _vat_totals(
    lines: Sequence[DocumentLine],
    vat: Decimal,
    exact: Literal["net", "gross"],
    record_id: str,
    currency: str,
    rounding: Rounding,
) -> tuple[VatTotal, ...]:
    rates = sorted({line.rate for line in lines}, reverse=True)
    at = {rate: [line for line in lines if line.rate == rate] for rate in rates}
    vats = {rate: sum((line.vat for line in at[rate]), ZERO) for rate in rates}
    taxed = [rate for rate in rates if rate]
    room = {
        rate: sum((line.vat_room(rounding) for line in at[rate]), rounding.half)
        for rate in taxed
    }
    left = vat - sum(vats.values(), ZERO)
    if abs(left) > sum(room.values(), ZERO):
        stated = add_up((line.vat for line in lines), currency)
        raise RecordError(
            f"Document {record_id} does not add up: VAT by line is {stated}, but "
            f"Centra's VAT is {vat:,f} {currency}; rounding explains at most "
            f"{sum(room.values(), ZERO):f}.",
            code="TOTALS_DO_NOT_ADD_UP",
            fix="Check the order's tax lines in Centra, correct them and retry it.",
            record_id=record_id,
        )
    _settle(left, vats, room, at, exact, rounding)
    return tuple(_vat_total(rate, vats[rate], at[rate], exact) for rate in rates)


def _settle(
    left: Decimal,
    vats: dict[Decimal, Decimal],
    room: dict[Decimal, Decimal],
    at: dict[Decimal, list[DocumentLine]],
    exact: Literal["net", "gross"],
    rounding: Rounding,
) -> None:
    """Give the difference between document and line VAT to the rates it fits best."""
    if not left:
        return
    ideal = {
        rate: sum((_ideal_vat(line, exact) for line in at[rate]), ZERO) for rate in room
    }
    by_line = dict(vats)
    step = rounding.step if left > 0 else -rounding.step
    for _ in range(int(abs(left) / rounding.step)):
        open_rates = [
            rate
            for rate in room
            if abs(vats[rate] + step - by_line[rate]) <= room[rate]
        ] or list(room)
        nearest = min(
            open_rates,
            key=lambda rate: (
                abs(vats[rate] + step - ideal[rate]) - abs(vats[rate] - ideal[rate])
            ),
        )
        vats[nearest] += step


def _ideal_vat(line: DocumentLine, exact: Literal["net", "gross"]) -> Decimal:
    if exact == "net":
        return line.exact_vat
    return line.gross * line.rate / (HUNDRED + line.rate)


def _vat_total(
    rate: Decimal,
    vat: Decimal,
    lines: Sequence[DocumentLine],
    exact: Literal["net", "gross"],
) -> VatTotal:
    if exact == "net":
        net = sum((line.net for line in lines), ZERO)
        return VatTotal(rate, net=net, vat=vat, gross=net + vat)
    gross = sum((line.gross for line in lines), ZERO)
    return VatTotal(rate, net=gross - vat, vat=vat, gross=gross)


def _with_rounding(
    totals: tuple[VatTotal, ...], amount: Decimal
) -> tuple[VatTotal, ...]:
    if ZERO not in {total.rate for total in totals}:
        return (*totals, VatTotal(ZERO, net=amount, vat=ZERO, gross=amount))
    return tuple(
        replace(total, net=total.net + amount, gross=total.gross + amount)
        if total.rate == ZERO
        else total
        for total in totals
    )
