"""The Visma.net side: every item, and the companies that finance knew before the connector."""

from decimal import Decimal
from typing import Final

from sandbox.centra.sales import Order
from sandbox.centra.store import CentraInstance
from sandbox.centra.totals import totals_of
from sandbox.seed.catalogue import BUNDLE, UNKNOWN_IN_VISMA
from sandbox.seed.markets import CURRENCIES
from sandbox.seed.wholesale import COMPANIES
from sandbox.visma.company import Company

__all__ = ["WEB_CUSTOMER", "add_companies", "add_foreign_invoice", "add_items"]

WEB_CUSTOMER: Final = "10001"
_CATEGORIES: Final = {"standard": "STD", "food": "MID", "book": "LOW"}
_DECOY: Final = "Fjällräv & Lind Fritid AB"


def add_items(company: Company, instance: CentraInstance, base: str) -> None:
    """Make a stock item of every size but the bundle and the prototype."""
    rate = Decimal(str(CURRENCIES[base][1]))
    for size in instance.catalogue.product_sizes.values():
        sku = size.sku
        if sku in {BUNDLE, UNKNOWN_IN_VISMA}:
            continue
        product = size.variant.product
        net = Decimal(product.prices["SEK"]) / 125 / rate
        company.add_item(
            sku,
            f"{product.name} {size.variant.name} {size.description}",
            stock=True,
            vat_category=_CATEGORIES[product.kind],
            ean=size.ean,
            default_price=net.quantize(Decimal("0.01")),
        )


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
