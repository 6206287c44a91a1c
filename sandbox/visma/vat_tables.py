"""VAT ids, categories and zones as ERP v1 shows them."""

from collections.abc import Iterable
from typing import Any

from sandbox.visma.company import Company
from sandbox.visma.vat import VatCode

__all__ = ["category_rows", "vat_rows", "zone_rows"]


def vat_rows(company: Company) -> Iterable[dict[str, Any]]:
    """Return the VAT ids with their rates, zones and categories."""
    setup = company.setup
    for code in setup.vat_codes:
        yield {
            "vatId": code.id,
            "description": code.description,
            "type": code.kind,
            "reverseVat": code.kind == "ReverseVat",
            "includeinVatExemptTotal": code.kind == "ExemptVat",
            "includeinVatTotal": code.kind != "ExemptVat",
            "calculateOn": code.calculate_on,
            "schedules": [
                {
                    "startDate": f"{setup.first_year}-01-01T00:00:00",
                    "vatRate": code.rate,
                    "groupType": "Output",
                }
            ],
            "categories": [
                {"vatCategoryId": category, "description": title}
                for category, title in setup.categories.items()
                if category in code.categories
            ],
            "zones": [
                {"id": zone, "description": title}
                for zone, title in setup.zones.items()
                if zone in code.zones
            ],
        }


def category_rows(company: Company) -> Iterable[dict[str, Any]]:
    """Return the VAT categories with the VAT ids that each lists."""
    for category, title in company.setup.categories.items():
        yield {
            "vatCategoryId": category,
            "description": title,
            "active": True,
            "excludeListedTaxes": False,
            "vatCategoryLines": [
                _line(code) for code in company.vat_by_category[category]
            ],
        }


def _line(code: VatCode) -> dict[str, Any]:
    return {
        "vatId": code.id,
        "description": code.description,
        "type": code.kind,
        "calculateOn": code.calculate_on,
    }


def zone_rows(company: Company) -> Iterable[dict[str, Any]]:
    """Return the VAT zones."""
    for zone, title in company.setup.zones.items():
        yield {"id": zone, "description": title, "defaultVatCategory": "STD"}
