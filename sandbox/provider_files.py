"""The files of payment providers, each in its own layout.

Sources: "Settlement reports" of Klarna Docs; "Settlement details report" of Adyen Docs;
and a plain list, as a merchant would write it for a provider without a layout.
"""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

__all__ = ["WRITERS", "Kind", "Settled", "Settlement"]

_ZERO = Decimal(0)
_AMSTERDAM = ZoneInfo("Europe/Amsterdam")


class Kind(StrEnum):
    """What happened to the money."""

    CAPTURE = "capture"
    REFUND = "refund"
    CHARGEBACK = "chargeback"
    REVERSAL = "chargeback_reversal"
    CORRECTION = "correction"


@dataclass(frozen=True)
class Settled:
    """One thing that was settled: what it adds to the payout, before its fee."""

    kind: Kind
    amount: Decimal
    at: datetime
    fee: Decimal = _ZERO
    psp: str = ""
    """The provider's reference of the payment."""
    own: str = ""
    """That of the capture, refund or dispute."""
    order: str = ""
    text: str = ""


@dataclass(frozen=True)
class Settlement:
    """One payout and what it is made of."""

    method: str
    merchant: str
    payout: str
    currency: str
    at: datetime
    lines: list[Settled]
    paid: Decimal


def _own(one: Settlement) -> str:
    header = (
        "payout_id",
        "payout_date",
        "currency",
        "kind",
        "reference",
        "order",
        "amount",
        "date",
        "method",
    )
    day = one.at.date().isoformat()
    rows: list[Iterable[object]] = []
    for line in one.lines:
        reference = line.psp if line.kind is Kind.CAPTURE else line.own
        common = (one.payout, day, one.currency)
        happened = line.at.date().isoformat()
        rows.append(
            (
                *common,
                line.kind,
                reference or line.psp,
                line.order,
                line.amount,
                happened,
                one.method,
            )
        )
        if line.fee:
            rows.append(
                (
                    *common,
                    "fee",
                    reference,
                    line.order,
                    -line.fee,
                    happened,
                    one.method,
                )
            )
    rows.append(
        (one.payout, day, one.currency, "payout", "", "", one.paid, "", one.method)
    )
    return _written(",", header, rows)


_KLARNA_TYPES = {
    Kind.CAPTURE: ("SALE", "PURCHASE"),
    Kind.REFUND: ("RETURN", "PURCHASE_RETURN"),
    Kind.CHARGEBACK: ("REVERSAL", "REVERSAL"),
    Kind.REVERSAL: ("CREDIT", "CORRECTION_DISPUTE"),
    Kind.CORRECTION: ("HOLDBACK", "ROLLING_RESERVE"),
}


def _klarna(one: Settlement) -> str:
    """Write a summary row, and the transactions under a header of their own; no minus."""

    def total(*kinds: Kind) -> Decimal:
        return abs(sum((x.amount for x in one.lines if x.kind in kinds), _ZERO))

    summary = {
        "payment_reference": one.payout,
        "payout_date": _utc(one.at),
        "settlement_currency": one.currency,
        "merchant_settlement_type": "NET",
        "merchant_id": one.merchant,
        "total_sale_amount": total(Kind.CAPTURE),
        "total_fee_amount": sum((x.fee for x in one.lines), _ZERO),
        "total_return_amount": total(Kind.REFUND),
        "total_reversal_amount": total(Kind.CHARGEBACK),
        "total_holdback_amount": total(Kind.CORRECTION),
        "total_credit_amount": total(Kind.REVERSAL),
        "total_tax_amount": "0.00",
        "total_settlement_amount": one.paid,
    }
    head = _written(";", tuple(summary), [summary.values()])
    rows: list[Iterable[object]] = []
    for line in one.lines:
        kind, detail = _KLARNA_TYPES[line.kind]
        if line.kind is Kind.CORRECTION and line.amount > 0:
            kind = "RELEASE"
        shared = (_utc(line.at), line.psp)
        capture = line.own if line.kind is Kind.CAPTURE else ""
        refund = line.own if line.kind is Kind.REFUND else ""
        end = (line.order, one.currency)
        rows.append((kind, detail, abs(line.amount), *shared, capture, refund, *end))
        if line.fee:
            fee = ("FEE", "PURCHASE_FEE_PERCENTAGE", line.fee)
            rows.append((*fee, *shared, capture, "", *end))
    header = (
        "type",
        "detailed_type",
        "amount",
        "capture_date",
        "order_id",
        "capture_id",
        "refund_id",
        "merchant_reference1",
        "posting_currency",
    )
    return f"{head}\r\n{_written(';', header, rows)}"


_ADYEN_TYPES = {
    Kind.CAPTURE: "Settled",
    Kind.REFUND: "Refunded",
    Kind.CHARGEBACK: "Chargeback",
    Kind.REVERSAL: "ChargebackReversed",
    Kind.CORRECTION: "DepositCorrection",
}
_ADYEN = (
    "Company Account",
    "Merchant Account",
    "Psp Reference",
    "Merchant Reference",
    "Payment Method",
    "Creation Date",
    "TimeZone",
    "Type",
    "Modification Reference",
    "Gross Currency",
    "Gross Debit (GC)",
    "Gross Credit (GC)",
    "Exchange Rate",
    "Net Currency",
    "Net Debit (NC)",
    "Net Credit (NC)",
    "Commission (NC)",
    "Markup (NC)",
    "Scheme Fees (NC)",
    "Interchange (NC)",
    "Payment Method Variant",
    "Modification Merchant Reference",
    "Batch Number",
)


def _adyen(one: Settlement) -> str:
    """Write gross and net, debit and credit apart; the payout is the last row."""

    def sides(amount: Decimal) -> tuple[object, object]:
        return (-amount, "") if amount < 0 else ("", amount)

    def row(
        kind: str, line: Settled, gross: tuple[object, ...], net: Decimal
    ) -> list[object]:
        return [
            "NordhemGroup",
            one.merchant,
            line.psp,
            line.order,
            "visa" if line.psp else "",
            line.at.astimezone(_AMSTERDAM).strftime("%Y-%m-%d %H:%M:%S"),
            "CET",
            kind,
            line.own or line.text,
            *gross,
            one.currency,
            *sides(net),
            "",
            line.fee or "",
            "",
            "",
            "visaclassic" if line.psp else "",
            "",
            one.payout,
        ]

    rows = []
    for line in one.lines:
        bare = line.kind is Kind.CORRECTION
        gross = (one.currency, *sides(line.amount), 1)
        rows.append(
            row(
                _ADYEN_TYPES[line.kind],
                line,
                (one.currency, "", "", "") if bare else gross,
                line.amount - line.fee,
            )
        )
    last = Settled(Kind.CORRECTION, _ZERO, at=one.at, text="TX batch payout")
    rows.append(row("MerchantPayout", last, (one.currency, "", "", ""), -one.paid))
    return _written(",", _ADYEN, rows)


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _written(
    separator: str, header: Iterable[str], rows: Iterable[Iterable[object]]
) -> str:
    target = io.StringIO()
    writer = csv.writer(target, delimiter=separator, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return target.getvalue()


WRITERS: dict[str, Callable[[Settlement], str]] = {
    "own": _own,
    "klarna": _klarna,
    "adyen": _adyen,
}
