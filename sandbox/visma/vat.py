"""VAT as Visma.net computes it: by zone and category, per tax id, rounded once per document."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

__all__ = [
    "Amount",
    "CalculateOn",
    "Tax",
    "Totals",
    "VatCode",
    "VatKind",
    "digits_of",
    "line_amount",
    "rounded",
    "totals_of",
]

CalculateOn = Literal["ItemAmount", "ExtractFromItemAmount"]
VatKind = Literal["Vat", "ExemptVat", "ReverseVat"]

_HUNDRED = Decimal(100)
_NO_DIGITS = frozenset({"JPY"})


@dataclass(frozen=True)
class VatCode:
    """One VAT id with the zones and categories that it is listed in."""

    id: str
    description: str
    rate: Decimal
    calculate_on: CalculateOn
    kind: VatKind
    zones: frozenset[str]
    categories: frozenset[str]


@dataclass(frozen=True)
class Amount:
    """An amount of a document that VAT falls on: a line, or the freight."""

    value: Decimal
    category: str | None


@dataclass(frozen=True)
class Tax:
    """What one VAT id comes to on a whole document."""

    code: VatCode
    taxable: Decimal
    tax: Decimal


@dataclass(frozen=True)
class Totals:
    """The totals of a document in its own currency."""

    order_total: Decimal
    tax_total: Decimal
    taxable_total: Decimal
    exempt_total: Decimal
    taxes: tuple[Tax, ...]


def digits_of(currency: str) -> int:
    """Return the number of decimals that amounts in a currency have."""
    return 0 if currency in _NO_DIGITS else 2


def rounded(value: Decimal, digits: int) -> Decimal:
    """Round half up, away from zero, as the ERP does."""
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def line_amount(
    quantity: Decimal, unit_price: Decimal, discount: Decimal, digits: int
) -> Decimal:
    """Return what a line comes to after its discount."""
    return rounded(quantity * unit_price - discount, digits)


def totals_of(
    amounts: Iterable[Amount],
    *,
    zone: str | None,
    codes: Mapping[str, tuple[VatCode, ...]],
    digits: int,
) -> Totals:
    """Compute a document's totals; `codes` lists the VAT ids of each category.

    A tax falls on an amount when its id is in both the zone and the amount's category. Each
    tax is rounded once, on the sum of its amounts. An id that extracts its tax takes the
    amounts as VAT-inclusive.
    """
    total = Decimal(0)
    net_bases: dict[VatCode, Decimal] = {}
    gross_bases: dict[VatCode, Decimal] = {}
    for amount in amounts:
        total += amount.value
        for code in codes.get(amount.category or "", ()):
            if zone not in code.zones:
                continue
            bases = (
                gross_bases
                if code.calculate_on == "ExtractFromItemAmount"
                else net_bases
            )
            bases[code] = bases.get(code, Decimal(0)) + amount.value
    taxes = [
        Tax(code, rounded(base, digits), rounded(base * code.rate / _HUNDRED, digits))
        for code, base in net_bases.items()
    ]
    added = sum((tax.tax for tax in taxes), Decimal(0))
    for code, base in gross_bases.items():
        tax = rounded(base * code.rate / (_HUNDRED + code.rate), digits)
        taxes.append(Tax(code, rounded(base, digits) - tax, tax))
    taxes.sort(key=lambda tax: tax.code.id)
    return Totals(
        order_total=rounded(total + added, digits),
        tax_total=rounded(sum((tax.tax for tax in taxes), Decimal(0)), digits),
        taxable_total=rounded(
            sum(
                (tax.taxable for tax in taxes if tax.code.kind != "ExemptVat"),
                Decimal(0),
            ),
            digits,
        ),
        exempt_total=rounded(
            sum(
                (tax.taxable for tax in taxes if tax.code.kind == "ExemptVat"),
                Decimal(0),
            ),
            digits,
        ),
        taxes=tuple(taxes),
    )
