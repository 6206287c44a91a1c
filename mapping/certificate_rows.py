"""What an invoice or credit note of Visma.net says, as entries of the certificate."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connectors.visma.ledger_models import InvoiceLine, InvoiceRow
from mapping.certificate import Entry, Ordered, Pair
from mapping.certificate_accounts import Amounts
from mapping.dates import posted_period
from mapping.money import minor_units
from mapping.month import Month
from mapping.rounding import ZERO, plain
from settings.connection import Connection

__all__ = ["Place", "day_of", "document_entries", "last_day"]


@dataclass(frozen=True, slots=True)
class Place:
    """What a document is compared as, and what is known of it beside its amounts."""

    pair: Pair
    orders: tuple[int, ...]
    key: str
    sign: int = 1
    undone_by: str = ""
    undoes: str = ""
    stray: str = ""
    ordered: Ordered | None = None


def document_entries(
    row: InvoiceRow, place: Place, settings: Connection
) -> Iterator[Entry]:
    """Return a document by VAT rate, where it shows its VAT; else whole.

    What is of the whole document is on the first of its entries alone.
    """
    base, sign = settings.base_currency, place.sign
    currency = row.currency_id or base
    total = row.amount or ZERO
    rates = _by_rate(row) or {None: (total, row.vat_total or ZERO)}
    by_account = _sums(row, currency, sign, lambda line: line.account)
    accounts = tuple(one for one in by_account if one[0])
    by_category = _sums(row, currency, sign, lambda line: line.vat_code)
    ordered, stray = place.ordered, place.stray
    for rate, (gross, vat) in rates.items():
        yield Entry(
            side="visma",
            pair=place.pair,
            orders=place.orders,
            key=place.key,
            number=row.reference_number,
            kind="credit note" if row.document_type == "CreditNote" else "invoice",
            day=day_of(row) or date.min,
            currency=currency,
            gross=sign * minor_units(gross, currency),
            vat=sign * minor_units(vat, currency),
            rate=rate,
            category=_category(row, rate, settings),
            base=_base(row, gross, sign, base),
            period=posted_period(row.post_period),
            is_booked=row.is_released,
            accounts=accounts,
            categories=by_category,
            zone=row.vat_zone or "",
            customer=row.customer_number or "",
            ordered=ordered,
            undone_by=place.undone_by,
            undoes=place.undoes,
            stray=stray,
        )
        accounts, by_category, ordered, stray = (), (), None, ""


def day_of(row: InvoiceRow) -> date | None:
    """The day of a document."""
    text = row.document_date
    return date.fromisoformat(text[:10]) if text else None


def last_day(row: InvoiceRow) -> date | None:
    """The day of a document, or the first of the month that it is booked in, if later."""
    on, period = day_of(row), posted_period(row.post_period)
    if on is None or period is None:
        return on
    return max(on, Month.of_period(period).first)


def _by_rate(row: InvoiceRow) -> dict[Decimal | None, tuple[Decimal, Decimal]]:
    """Gross and VAT by rate; what no VAT id is about is at 0 %."""
    if not row.tax_details:
        return {}
    sums: defaultdict[Decimal | None, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for one in row.tax_details:
        sums[plain(one.vat_rate or ZERO)][0] += one.taxable_amount + one.vat_amount
        sums[plain(one.vat_rate or ZERO)][1] += one.vat_amount
    rest = (row.amount or ZERO) - sum((gross for gross, _ in sums.values()), ZERO)
    if rest:
        sums[plain(ZERO)][0] += rest
    return {rate: (gross, vat) for rate, (gross, vat) in sums.items()}


def _category(row: InvoiceRow, rate: Decimal | None, settings: Connection) -> str:
    """The category of a rate: that of all lines, or the one the settings give it."""
    names = {line.vat_code for line in row.lines if line.vat_code}
    if len(names) == 1:
        return next(iter(names))
    fitting = {
        rule.category
        for rule in settings.vat
        if rate is not None and plain(rule.rate) == rate and rule.category in names
    }
    return next(iter(fitting)) if len(fitting) == 1 else ""


def _base(row: InvoiceRow, gross: Decimal, sign: int, base: str) -> int | None:
    """Its share of what the document came to in the company's currency."""
    if row.amount_in_base is None or not row.amount:
        return None
    return sign * minor_units(row.amount_in_base * gross / row.amount, base)


def _sums(
    row: InvoiceRow,
    currency: str,
    sign: int,
    place: Callable[[InvoiceLine], str | None],
) -> Amounts:
    """What the lines of a document come to by account, or by VAT category."""
    sums: Counter[str] = Counter()
    for line in row.lines:
        if line.amount:
            sums[place(line) or ""] += sign * minor_units(line.amount, currency)
    return tuple(sorted(sums.items()))
