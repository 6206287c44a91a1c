"""The VAT setup of the demo companies: zones, categories and the ids in both."""

from collections.abc import Mapping
from decimal import Decimal

from sandbox.visma.vat import VatCode

__all__ = ["CATEGORIES", "ZONES", "vat_codes"]

ZONES: Mapping[str, str] = {
    "SE": "Sweden",
    "NO": "Norway",
    "GB": "United Kingdom",
    "OSS-DK": "OSS Denmark",
    "OSS-FI": "OSS Finland",
    "OSS-DE": "OSS Germany",
    "OSS-FR": "OSS France",
    "OSS-NL": "OSS Netherlands",
    "EUB2B": "Companies in the EU",
    "EXPORT": "Outside the EU",
}
CATEGORIES: Mapping[str, str] = {
    "STD": "Standard rate, net",
    "MID": "Middle rate, net",
    "LOW": "Low rate, net",
    "STDG": "Standard rate, VAT included",
    "MIDG": "Middle rate, VAT included",
    "LOWG": "Low rate, VAT included",
    "EXEMPT": "Exempt",
    "RC": "Reverse charge",
    "ZERO": "Zero rate",
}
_RATES = {
    "SE": {"STD": "25", "MID": "12", "LOW": "6"},
    "NO": {"STD": "25", "MID": "15", "LOW": "12"},
    "GB": {"STD": "20", "MID": "5", "LOW": "0"},
    "OSS-DK": {"STD": "25"},
    "OSS-FI": {"STD": "25.5", "MID": "14", "LOW": "10"},
    "OSS-DE": {"STD": "19", "LOW": "7"},
    "OSS-FR": {"STD": "20", "MID": "10", "LOW": "5.5"},
    "OSS-NL": {"STD": "21", "LOW": "9"},
}


def vat_codes() -> tuple[VatCode, ...]:
    """Return every VAT id: each rate once on top of the amount and once inside it."""
    codes: list[VatCode] = []
    for zone, rates in _RATES.items():
        for category, rate in rates.items():
            stem = f"{zone.removeprefix('OSS-')}{rate.replace('.', '')}"
            title = f"VAT {rate} %, {ZONES[zone]}"
            zones = frozenset({zone})
            codes += (
                VatCode(
                    stem,
                    title,
                    Decimal(rate),
                    "ItemAmount",
                    "Vat",
                    zones,
                    frozenset({category}),
                ),
                VatCode(
                    f"{stem}G",
                    f"{title}, included",
                    Decimal(rate),
                    "ExtractFromItemAmount",
                    "Vat",
                    zones,
                    frozenset({f"{category}G"}),
                ),
            )
    nothing = Decimal(0)
    codes += (
        VatCode(
            "RC0",
            "Reverse charge",
            nothing,
            "ItemAmount",
            "ReverseVat",
            frozenset({"EUB2B"}),
            frozenset({"RC"}),
        ),
        VatCode(
            "EX0",
            "Export",
            nothing,
            "ItemAmount",
            "Vat",
            frozenset({"EXPORT"}),
            frozenset({"ZERO", "STD", "MID", "LOW", "STDG", "MIDG", "LOWG"}),
        ),
        VatCode(
            "E0",
            "Exempt",
            nothing,
            "ItemAmount",
            "ExemptVat",
            frozenset(ZONES),
            frozenset({"EXEMPT"}),
        ),
    )
    return tuple(codes)
