"""Adyen's Settlement details report as CSV: a header, and one row an entry.

Source: Adyen Docs, "Settlement details report" (columns, entries, examples of a
settled payment, a chargeback and a fee), "Settlement detail report deposit correction
line" and "Merchant payout details sheet" (PaymentCost, names of journal types); the
order of the columns differs by account, so they are found by name. Of a type the
credit or the debit in the net currency (NC) is after fees: gross is net and fees
together, as the examples show (5.00 GBP, net 4.88, fees 0.04 + 0.01 + 0.07). Not found:
a complete list of types; what is not in the table below parks its payout. Dates are
those of the account's time zone, and are taken as they stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from mapping.money import minor_unit
from mapping.settlement_files.table import Row, has_header, rows_under
from mapping.settlement_lines import (
    LineKind,
    SettlementFile,
    SettlementLine,
    Unreadable,
)

__all__ = ["fits", "read"]

_HEADER = (
    "Psp Reference",
    "Type",
    "Creation Date",
    "Net Currency",
    "Net Debit (NC)",
    "Net Credit (NC)",
    "Batch Number",
)
_FEES = ("Commission (NC)", "Markup (NC)", "Scheme Fees (NC)", "Interchange (NC)")
_KINDS: Mapping[str, LineKind] = {
    "Settled": LineKind.CAPTURE,
    "Refunded": LineKind.REFUND,
    "RefundedReversed": LineKind.REFUND,
    "Chargeback": LineKind.CHARGEBACK,
    "SecondChargeback": LineKind.CHARGEBACK,
    "ChargebackReversed": LineKind.CHARGEBACK_REVERSAL,
    "Fee": LineKind.FEE,
    "PaymentCost": LineKind.FEE,
    "InvoiceDeduction": LineKind.FEE,
    "DepositCorrection": LineKind.CORRECTION,
    "Balancetransfer": LineKind.CORRECTION,
    "MerchantPayout": LineKind.PAYOUT,
}
_DAY = len("2026-03-01")


def fits(text: str) -> bool:
    """Whether a file has the header of this layout."""
    return has_header(text, _HEADER)


def read(text: str, zone: ZoneInfo) -> SettlementFile:  # noqa: ARG001 - as all layouts
    """Read a file: one batch, or several.

    Raises:
        RecordError: A row cannot be read, or does not agree with itself.
    """
    rows = list(rows_under(text, _HEADER))
    lines: list[SettlementLine] = []
    bad: list[Unreadable] = []
    for row in rows:
        kind = _KINDS.get(row.text("Type"))
        if kind is None:
            bad.append(_unknown(row))
        else:
            lines += _lines(row, kind)
    merchants = frozenset(row.text("Merchant Account") for row in rows) - {""}
    return SettlementFile("adyen", tuple(lines), tuple(bad), merchants)


def _payout(row: Row) -> str:
    """A batch number is one of its merchant account."""
    batch = row.text("Batch Number")
    if not batch:
        raise row.wrong("Batch Number", "it is empty")
    return "/".join(filter(None, (row.text("Merchant Account"), batch)))


def _unknown(row: Row) -> Unreadable:
    return Unreadable(
        row=row.number,
        payout=_payout(row),
        currency=row.currency("Net Currency"),
        code="SETTLEMENT_KIND_UNKNOWN",
        reason=f"row {row.number} is of the type '{row.text('Type')}'",
        fix="Book that payout by hand, and ask for a version that knows the type.",
    )


def _lines(row: Row, kind: LineKind) -> Iterator[SettlementLine]:
    currency = row.currency("Net Currency")
    net = row.amount("Net Credit (NC)", currency) - row.amount(
        "Net Debit (NC)", currency
    )

    def line(kind: LineKind, amount: Decimal) -> SettlementLine:
        return SettlementLine(
            row=row.number,
            kind=kind,
            amount=amount,
            currency=currency,
            day=_day(row),
            payout=_payout(row),
            references=_references(row, kind),
            order=row.text("Merchant Reference"),
            text=" ".join(
                filter(None, (row.text("Type"), row.text("Modification Reference")))
            ),
        )

    if kind in {LineKind.PAYOUT, LineKind.CORRECTION, LineKind.FEE}:
        yield line(kind, -net if kind is LineKind.PAYOUT else net)
        return
    fees = sum((_fee(row, name) for name in _FEES), Decimal(0))
    gross = net + fees
    _check_gross(row, gross, currency)
    yield line(kind, gross)
    if fees:
        yield line(LineKind.FEE, -fees)


def _fee(row: Row, name: str) -> Decimal:
    """A fee may be finer than the currency; only their sum is money."""
    text = row.text(name)
    try:
        return Decimal(text or 0)
    except ArithmeticError:
        raise row.wrong(name, f"'{text}' is no amount") from None


def _check_gross(row: Row, gross: Decimal, currency: str) -> None:
    """In one currency the gross columns tell the same.

    Raises:
        RecordError: They do not, or net and fees are finer than the currency.
    """
    what = f"net and fees come to {gross} {currency}"
    if gross % minor_unit(currency):
        raise row.wrong("Net Credit (NC)", f"{what}, which is finer than {currency} is")
    if row.text("Gross Currency") != currency:
        return
    told = row.amount("Gross Credit (GC)", currency) - row.amount(
        "Gross Debit (GC)", currency
    )
    if told != gross:
        raise row.wrong("Net Credit (NC)", f"{what}, gross is {told}")


def _day(row: Row) -> date:
    text = row.text("Creation Date")
    try:
        return date.fromisoformat(text[:_DAY])
    except ValueError:
        raise row.wrong("Creation Date", f"'{text}' is no date") from None


def _references(row: Row, kind: LineKind) -> tuple[str, ...]:
    """The payment's reference; of a refund that of the refund itself first.

    What is of no payment has words there.
    """
    if not row.text("Psp Reference"):
        return ()
    names = ["Psp Reference", "Modification Reference"]
    if kind is LineKind.REFUND:
        names.reverse()
    return tuple(dict.fromkeys(filter(None, (row.text(name) for name in names))))
