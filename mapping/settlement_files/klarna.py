"""Klarna's settlement report as CSV: a summary row a payout, then its transactions.

Source: Klarna Docs, "Settlement reports" (calculation of the settlement amount, summary
section fields, transaction fields, detailed type) and "Settlement report types" (the
combined report has both sections in one file). That cells are separated by semicolons
is told by a shop system's help page ("Klarna CSV and PDF") alone, so commas are read
too. Not found: a file itself; whether the amounts of fees, returns and reversals are
written with their minus, so both are read; what the fee rows of a settlement of the
type GROSS look like. In each of these the sum decides: it must be total_settlement_amount.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from mapping.settlement_files.table import Row, has_header, rows_under
from mapping.settlement_lines import (
    LineKind,
    SettlementFile,
    SettlementLine,
    Unreadable,
)

__all__ = ["fits", "read"]

_SUMMARY = ("payment_reference", "payout_date", "total_settlement_amount")
_TRANSACTIONS = ("type", "amount", "order_id")
_KINDS: Mapping[str, tuple[LineKind, bool]] = {
    "SALE": (LineKind.CAPTURE, False),
    "RETURN": (LineKind.REFUND, True),
    "FEE": (LineKind.FEE, True),
    "TAX": (LineKind.FEE, True),
    "FEE_REFUND": (LineKind.FEE, False),
    "COMMISSION": (LineKind.FEE, False),
    "REVERSAL": (LineKind.CHARGEBACK, True),
    "REVERSAL_MERCHANT_PROTECTION": (LineKind.CHARGEBACK_REVERSAL, False),
    "CORRECTION": (LineKind.CORRECTION, False),
    "CREDIT": (LineKind.CORRECTION, False),
    "RELEASE": (LineKind.CORRECTION, False),
    "CHARGE": (LineKind.CORRECTION, True),
    "HOLDBACK": (LineKind.CORRECTION, True),
}
"""Kind by type, and whether it takes away (−) whatever the sign in the file."""
_IN_SUMMARY: Mapping[str, tuple[LineKind, int, str]] = {
    "total_tax_amount": (LineKind.FEE, -1, "TAX"),
    "total_fee_correction_amount": (LineKind.FEE, 1, ""),
    "total_repay_amount": (LineKind.CORRECTION, -1, ""),
    "total_deposit_amount": (LineKind.CORRECTION, 1, ""),
}
"""What the summary alone may tell: its kind, its sign, and the type that tells it too."""


def fits(text: str) -> bool:
    """Whether a file has both headers of this layout."""
    return has_header(text, _SUMMARY) and has_header(text, _TRANSACTIONS)


def read(text: str, zone: ZoneInfo) -> SettlementFile:
    """Read a file with one payout, or with several if its transactions name theirs.

    Raises:
        RecordError: A row cannot be read.
    """
    heads = list(rows_under(text, _SUMMARY, until=_TRANSACTIONS))
    payouts = {row.text("payment_reference"): row for row in heads}
    rows = list(rows_under(text, _TRANSACTIONS))
    read_ = [_line(row, _head(row, payouts), zone) for row in rows]
    lines = [one for one in read_ if isinstance(one, SettlementLine)]
    bad = [one for one in read_ if isinstance(one, Unreadable)]
    types = {row.text("type").upper() for row in rows}
    for row in payouts.values():
        lines += _summary(row, zone, types)
    merchants = frozenset(row.text("merchant_id") for row in heads) - {""}
    return SettlementFile("klarna", tuple(lines), tuple(bad), merchants)


def _head(row: Row, payouts: Mapping[str, Row]) -> Row:
    """The summary of the payout that a transaction belongs to."""
    named = row.text("payment_reference")
    if not named and len(payouts) == 1:
        return next(iter(payouts.values()))
    if named not in payouts:
        raise row.wrong("payment_reference", f"no summary is of the payout '{named}'")
    return payouts[named]


def _line(row: Row, head: Row, zone: ZoneInfo) -> SettlementLine | Unreadable:
    currency = head.currency("settlement_currency")
    payout, kind = head.text("payment_reference"), row.text("type").upper()
    posted = row.text("posting_currency") or currency
    place = {"row": row.number, "payout": payout, "currency": currency}
    if kind not in _KINDS:
        return Unreadable(
            **place,
            code="SETTLEMENT_KIND_UNKNOWN",
            reason=f"row {row.number} is of the type '{kind}'",
            fix="Book that payout by hand, and ask for a version that knows the type.",
        )
    if posted != currency:
        return Unreadable(
            **place,
            code="SETTLEMENT_CURRENCY",
            reason=f"row {row.number} is in {posted}, its payout in {currency}",
            fix="Book that payout by hand: its rate is not in the file.",
        )
    meaning, takes = _KINDS[kind]
    if row.text("detailed_type").upper() == "COMMISSION_RETURN":
        meaning = LineKind.FEE
    amount = row.amount("amount", currency)
    return SettlementLine(
        row=row.number,
        kind=meaning,
        amount=-abs(amount) if takes else amount,
        currency=currency,
        day=_day(row, head, zone),
        payout=payout,
        references=_references(row, meaning),
        order=row.text("merchant_reference1"),
        text=" ".join(filter(None, (kind, row.text("detailed_type")))),
    )


def _day(row: Row, head: Row, zone: ZoneInfo) -> date:
    """The day of the event; of one that tells none, that of the payout."""
    for name in ("capture_date", "sale_date"):
        if row.text(name):
            return row.day(name, zone)
    return head.day("payout_date", zone)


def _references(row: Row, kind: LineKind) -> tuple[str, ...]:
    """A refund's own id first; the order's stands on every line of it."""
    own = {LineKind.CAPTURE: "capture_id", LineKind.REFUND: "refund_id"}.get(kind, "")
    names = ("order_id", own) if kind is not LineKind.REFUND else (own, "order_id")
    found = [row.text(name) for name in (*names, "short_order_id") if name]
    return tuple(dict.fromkeys(filter(None, found)))


def _summary(row: Row, zone: ZoneInfo, types: set[str]) -> Iterator[SettlementLine]:
    """What a payout came to, and what only its summary tells."""
    currency = row.currency("settlement_currency")

    def line(kind: LineKind, amount: Decimal, text: str) -> SettlementLine:
        return SettlementLine(
            row=row.number,
            kind=kind,
            amount=amount,
            currency=currency,
            day=row.day("payout_date", zone),
            payout=row.text("payment_reference"),
            text=text,
        )

    for name, (kind, sign, told_by) in _IN_SUMMARY.items():
        amount = row.amount(name, currency)
        if amount and told_by not in types:
            yield line(kind, sign * abs(amount), name)
    total = row.amount("total_settlement_amount", currency)
    yield line(LineKind.PAYOUT, total, "total_settlement_amount")
