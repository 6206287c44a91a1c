"""The Visma.net side: the companies that finance knew before the connector, and an invoice."""

from decimal import Decimal
from typing import Final

from sandbox.centra.sales import Order
from sandbox.centra.totals import totals_of
from sandbox.seed.wholesale import COMPANIES
from sandbox.visma.company import Company

__all__ = ["WEB_CUSTOMER", "add_companies", "add_foreign_invoice"]

WEB_CUSTOMER: Final = "10001"
_DECOY: Final = "Fjällräv & Lind Fritid AB"


def add_companies(company: Company) -> None:
    """Add those wholesale customers that Visma.net has already, and what could be mistaken.

    One is known by its organisation number, written with a hyphen as finance does; one by its VAT
    number, one by its e-mail alone. Two share an e-mail, and only one of them has the right number.
    A decoy has nearly the name of another. One is on credit hold. The rest is new.
    """
    domestic, norway = COMPANIES["domestic"], COMPANIES["norway"]
    germany, denmark = COMPANIES["germany"], COMPANIES["denmark"]
    britain, blocked = COMPANIES["britain"], COMPANIES["blocked"]
    company.add_customer(
        name=_DECOY,
        corporate_id="559012-9999",
        email="kontakt@fjallrav-fritid.example",
    )
    company.add_customer(
        name="Fjällräv och Lind Sport AB",
        corporate_id="559012-3456",
        vat_registration_id=domestic.vat_number,
        email="faktura@fjallrav-lind.example",
    )
    company.add_customer(
        name=norway.name,
        corporate_id=norway.registration,
        currency="NOK",
        vat_zone="EXPORT",
        country="NO",
    )
    company.add_customer(
        name="Kaufhaus Weiss und Soehne",
        vat_registration_id=germany.vat_number,
        currency="EUR",
        vat_zone="EUB2B",
        country="DE",
    )
    company.add_customer(
        name=denmark.name,
        email=denmark.email,
        currency="DKK",
        vat_zone="EUB2B",
        country="DK",
    )
    for name, number in (
        ("Harbour & Sons (Ireland) Ltd", "IE654321"),
        (britain.name, britain.registration),
    ):
        company.add_customer(
            name=name,
            corporate_id=number,
            email=britain.email,
            currency="GBP",
            vat_zone="EXPORT",
            country="GB",
        )
    company.add_customer(
        name=blocked.name,
        corporate_id=blocked.registration,
        email=blocked.email,
        status="CreditHold",
    )


def add_foreign_invoice(company: Company, order: Order) -> str:
    """Book an order as an invoice, as another connector would have: by its bare number."""
    totals = totals_of(order)
    denominator = order.frame.currency.denominator
    return company.add_invoice(
        customer=WEB_CUSTOMER,
        gross=Decimal(totals.grand_total) / denominator,
        vat=Decimal(totals.tax) / denominator,
        currency=order.frame.currency.code,
        on=company.local_date(order.created_at),
        customer_ref_number=str(order.number),
    )
