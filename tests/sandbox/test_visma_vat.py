"""VAT of a document: by zone and category, per tax id, rounded once."""

from decimal import Decimal

import pytest

from sandbox.visma.setup import demo_companies
from sandbox.visma.vat import Amount, line_amount, rounded, totals_of
from sandbox.world import World

CODES = demo_companies(World())["nordhem"].vat_by_category


def totals(zone: str | None, *amounts: tuple[str, str | None], digits: int = 2):
    """Compute the totals of amounts given as text."""
    return totals_of(
        [Amount(Decimal(value), category) for value, category in amounts],
        zone=zone,
        codes=CODES,
        digits=digits,
    )


def test_vat_is_rounded_once_per_tax_on_the_document() -> None:
    """Three lines of 0.99 have 0.74 VAT together, not three times 0.25."""
    result = totals("SE", ("0.99", "STD"), ("0.99", "STD"), ("0.99", "STD"))
    assert (result.tax_total, result.order_total) == (Decimal("0.74"), Decimal("3.71"))


def test_each_tax_is_rounded_alone() -> None:
    """Two rates are two taxes, each rounded half up."""
    result = totals("SE", ("10.02", "STD"), ("10.04", "MID"))
    assert [(tax.code.id, tax.tax) for tax in result.taxes] == [
        ("SE12", Decimal("1.20")),
        ("SE25", Decimal("2.51")),
    ]


def test_zone_decides_the_rate() -> None:
    """The same category is another tax in another zone."""
    assert totals("OSS-FI", ("100", "STD")).tax_total == Decimal("25.50")
    assert totals("EXPORT", ("100", "STD")).tax_total == Decimal("0.00")


@pytest.mark.parametrize(
    ("zone", "category"), [("EUB2B", "STD"), ("SE", None), (None, "STD")]
)
def test_an_empty_intersection_means_no_vat(
    zone: str | None, category: str | None
) -> None:
    """A category without an id of the zone carries no tax at all, and nobody says so."""
    result = totals(zone, ("100", category))
    assert (result.taxes, result.order_total) == ((), Decimal("100.00"))


def test_vat_inside_the_amount_is_extracted() -> None:
    """Ids that extract leave the order total at the sum of the lines."""
    result = totals("SE", ("349", "STDG"), ("49", "STDG"))
    assert (result.order_total, result.tax_total) == (
        Decimal("398.00"),
        Decimal("79.60"),
    )
    assert result.taxable_total == Decimal("318.40")


def test_exempt_amounts_have_a_total_of_their_own() -> None:
    """A gift card counts as exempt, not as taxable."""
    result = totals("SE", ("100", "STD"), ("500", "EXEMPT"))
    assert (result.taxable_total, result.exempt_total) == (
        Decimal("100.00"),
        Decimal("500.00"),
    )


def test_yen_have_no_decimals() -> None:
    """Amounts in yen are rounded to whole yen."""
    result = totals("SE", ("1999", "STDG"), digits=0)
    assert (result.order_total, result.tax_total) == (Decimal(1999), Decimal(400))


@pytest.mark.parametrize(
    ("value", "expected"), [("2.665", "2.67"), ("-2.665", "-2.67"), ("2.6649", "2.66")]
)
def test_halves_are_rounded_up(value: str, expected: str) -> None:
    """Half up, away from zero, on either side."""
    assert rounded(Decimal(value), 2) == Decimal(expected)


def test_a_line_is_quantity_times_price_less_discount() -> None:
    """The line is rounded to the digits of the currency after its discount."""
    assert line_amount(Decimal(3), Decimal("79.9925"), Decimal("1.50"), 2) == Decimal(
        "238.48"
    )
