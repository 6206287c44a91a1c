"""The two demo companies with the setup that an administrator would have made."""

from decimal import ROUND_HALF_UP, Decimal

import pycountry

from sandbox.visma.company import Company
from sandbox.visma.company_setup import Setup
from sandbox.visma.ledger_records import CashAccount
from sandbox.visma.records import CustomerClass, OrderType
from sandbox.visma.setup_goods import (
    ATTRIBUTE_VALUES,
    ATTRIBUTES,
    ITEM_CLASSES,
    PRICE_CLASSES,
    SALES_CATEGORIES,
    STOCK_REASONS,
    UNITS,
)
from sandbox.visma.setup_vat import CATEGORIES, ZONES, vat_codes
from sandbox.world import World

__all__ = ["demo_companies"]

_CURRENCIES = {
    "SEK": "Swedish krona",
    "NOK": "Norwegian krone",
    "DKK": "Danish krone",
    "EUR": "Euro",
    "GBP": "Pound sterling",
    "USD": "US dollar",
    "JPY": "Japanese yen",
    "CHF": "Swiss franc",
}
_SEK_RATES = {
    "SEK": "1",
    "NOK": "0.9612",
    "DKK": "1.5034",
    "EUR": "11.2145",
    "GBP": "13.0920",
    "USD": "10.4380",
    "JPY": "0.068700",
    "CHF": "11.8955",
}
_CLEARING = {
    "1580": "KLARNA",
    "1581": "ADYEN",
    "1582": "STRIPE",
    "2421": "GIFTCARD",
    "1930": "INVOICE",
}
_HOUSE_CUSTOMERS = (
    ("Webkunde SE SEK", "SE", "SEK", "SE"),
    ("Webkunde NO NOK", "NO", "NOK", "NO"),
    ("Webkunde DK DKK", "DK", "DKK", "OSS-DK"),
    ("Webkunde FI EUR", "FI", "EUR", "OSS-FI"),
    ("Webkunde DE EUR", "DE", "EUR", "OSS-DE"),
    ("Webkunde FR EUR", "FR", "EUR", "OSS-FR"),
    ("Webkunde NL EUR", "NL", "EUR", "OSS-NL"),
    ("Webkunde GB GBP", "GB", "GBP", "GB"),
    ("Webkunde US USD", "US", "USD", "EXPORT"),
    ("Webkunde JP JPY", "JP", "JPY", "EXPORT"),
    ("Webkunde other SEK", "SE", "SEK", "EXPORT"),
)
_CHARGES = {
    "SHIPPING": ("Shipping", "ServiceItem", "STD", "3520"),
    "HANDLING": ("Handling", "ServiceItem", "STD", "3520"),
    "ROUNDING": ("Rounding", "ChargeItem", "EXEMPT", "3740"),
    "GIFTCARD": ("Gift card", "ChargeItem", "EXEMPT", "2421"),
    "DISCOUNT": ("Discount", "ChargeItem", "STD", "3001"),
    "VOUCHER": ("Voucher", "ChargeItem", "STD", "3001"),
    "SALES": ("Goods sold", "NonStockItem", "STD", "3001"),
    "RETURNCOST": ("Return cost", "ChargeItem", "STD", "3590"),
    "ALLOWANCE": ("Allowance", "ChargeItem", "STD", "3001"),
    "COMPENSATION": ("Gift card as compensation", "ChargeItem", "EXEMPT", "2421"),
}
_ORDER_TYPES = (
    OrderType(
        id="SO",
        description="Sales order",
        behavior="SalesOrder",
        operation="Issue",
        document="Invoice",
    ),
    OrderType(
        id="IN",
        description="Invoice order",
        behavior="Invoice",
        operation="Issue",
        document="Invoice",
    ),
    OrderType(
        id="CM",
        description="Credit note",
        behavior="CreditMemo",
        operation="Receipt",
        document="CreditMemo",
    ),
    OrderType(
        id="RC",
        description="Return for credit",
        behavior="RMAOrder",
        operation="Receipt",
        document="CreditMemo",
        needs_reason=True,
    ),
    OrderType(
        id="QT",
        description="Quote",
        behavior="Quote",
        operation="Issue",
        document="NoUpdate",
    ),
    OrderType(
        id="CS",
        description="Cash sale",
        behavior="Invoice",
        operation="Issue",
        document="CashSale",
        needs_payment_reference=True,
    ),
)


def demo_companies(world: World) -> dict[str, Company]:
    """Return the two companies of the demo by instance name, with their house customers."""
    return {
        "nordhem": _company(
            world, "nordhem", "Nordhem AB", "1", "SEK", "SE", "Europe/Oslo"
        ),
        "fjord": _company(world, "fjord", "Fjord Outlet AS", "2", "NOK", "NO", "UTC"),
    }


def _company(
    world: World,
    instance: str,
    name: str,
    digit: str,
    currency: str,
    home: str,
    zone: str,
) -> Company:
    stem = "-".join(digit * length for length in (8, 4))
    company = Company(
        name=name,
        instance=instance,
        company_id=1_990_000 + int(digit),
        tenant_id=f"{stem}-4{digit * 3}-8{digit * 3}-{digit * 12}",
        customer_tenant_id=f"{stem}-4{digit * 3}-8{digit * 3}-{'ab'[int(digit) - 1] * 12}",
        clock=world.clock,
        random=world.random(f"visma/{instance}"),
        setup=_setup(world, currency, home),
        zone=zone,
    )
    for number, (title, kind, category, account) in _CHARGES.items():
        item = company.add_item(
            number, title, stock=False, vat_category=category, kind=kind
        )
        item.account = account
    for title, country, money, vat_zone in _HOUSE_CUSTOMERS:
        company.add_customer(
            name=title,
            customer_class="DTC",
            currency=money,
            vat_zone=vat_zone,
            country=country,
            currency_override=True,
        )
    return company


def _cash_accounts(base: str) -> dict[str, CashAccount]:
    """Return one account for each method and currency: a cash account has one currency."""
    found = [
        CashAccount(
            number=number if currency == base else f"{number}{currency}",
            method=method,
            currency=currency,
            branch="1",
        )
        for number, method in _CLEARING.items()
        for currency in _CURRENCIES
    ]
    return {account.number: account for account in found}


def _setup(world: World, currency: str, home: str) -> Setup:
    base = Decimal(_SEK_RATES[currency])
    rates = {
        code: (Decimal(rate) / base).quantize(
            Decimal("0.000001"), rounding=ROUND_HALF_UP
        )
        for code, rate in _SEK_RATES.items()
    }
    return Setup(
        base_currency=currency,
        home=home,
        currencies=_CURRENCIES,
        rates=rates,
        countries={land.alpha_2: land.name for land in pycountry.countries},
        branches={"1": "Main branch"},
        warehouses={"MAIN": "Main warehouse", "RETAIL": "Retail store"},
        terms={
            "0": "Payment on delivery",
            "10": "10 days net",
            "30": "30 days net",
            "60": "60 days net",
        },
        payment_methods={
            "KLARNA": "Klarna",
            "ADYEN": "Adyen",
            "GIFTCARD": "Gift cards",
            "INVOICE": "Invoice",
            "STRIPE": "Stripe",
        },
        cash_accounts=_cash_accounts(currency),
        carriers={"POSTNORD": "PostNord", "DHL": "DHL", "BRING": "Bring"},
        accounts=frozenset(
            {
                "1510",
                "1688",
                "1689",
                "2420",
                "2421",
                "2610",
                "3001",
                "3002",
                "3003",
                "3004",
                "3105",
                "3106",
                "3108",
                "3520",
                "3590",
                "3740",
                "3960",
                "3990",
                "6065",
                "6351",
                "6570",
            }
        ),
        reasons=frozenset({"RETURN", "EXCHANGE", "DAMAGED"}),
        stock_reasons=STOCK_REASONS,
        attributes=ATTRIBUTES,
        attribute_values=ATTRIBUTE_VALUES,
        item_classes=ITEM_CLASSES,
        sales_categories=SALES_CATEGORIES,
        price_classes=PRICE_CLASSES,
        units=UNITS,
        stock_excludes=world.stock_excludes,
        classes={
            "DTC": CustomerClass(
                id="DTC",
                description="Consumers",
                vat_zone=home,
                terms="0",
                payment_method="KLARNA",
                attributes=("CENTRAID",),
                allows_currency_override=True,
            ),
            "B2B": CustomerClass(
                id="B2B",
                description="Wholesale",
                vat_zone=home,
                terms="30",
                payment_method="INVOICE",
                attributes=("CENTRAID",),
                allows_currency_override=False,
            ),
        },
        order_types={kind.id: kind for kind in _ORDER_TYPES},
        zones=ZONES,
        categories=CATEGORIES,
        vat_codes=vat_codes(),
        first_year=2009,
        years=20,
    )
