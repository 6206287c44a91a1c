"""The two shops before their first order: currencies, stores, markets, pricelists, tax rules."""

from datetime import UTC, datetime
from typing import Final

from sandbox.centra.money import Currency
from sandbox.centra.places import (
    AttributeElement,
    AttributeType,
    Country,
    Market,
    Pricelist,
    ShippingOption,
    Store,
    StorePlugin,
    TaxRule,
    Terms,
)
from sandbox.centra.sales import DeliveryWindow
from sandbox.centra.store import CentraInstance
from sandbox.clock import Clock
from sandbox.seed.assortment import put_on_pricelist
from sandbox.seed.markets import COUNTRIES, CURRENCIES, SALES_COUNTRIES, SalesCountry
from sandbox.seed.shelves import add_warehouses

__all__ = [
    "DTC_STORE",
    "WHOLESALE_STORE",
    "add_country",
    "add_seller_rule",
    "add_tax_rule",
    "dtc_market",
    "dtc_pricelist",
    "dtc_rule",
    "empty_shop",
    "open_shop",
    "wholesale_pricelist",
]

DTC_STORE: Final = 1
WHOLESALE_STORE: Final = 2
_BRITISH_RATE: Final = 2000
_SINCE: Final = datetime(2020, 1, 1, tzinfo=UTC)
_ATTRIBUTES: Final = (
    ("Order", "gift_message", "text"),
    ("Order", "visma_invoices", "list"),
    ("Order", "visma_credit_notes", "list"),
    ("Account", "visma_credit", "status"),
    ("Product", "material", "text"),
    ("ProductVariant", "colour", "code"),
)
_TERMS: Final = {1: "0 days", 2: "10 days net", 3: "30 days net", 4: "60 days net"}
_METHODS: Final = {
    # by uri its name, its plugin, and whether it is asynchronous
    "klarna-payments": ("Klarna", "Klarna Payments", True),
    "adyen-drop-in": ("Adyen", "Adyen Drop-In", True),
    "invoice": ("Invoice", "Invoice", False),
    "stripe-checkout": ("Stripe", "Stripe Checkout", False),
}


def empty_shop(name: str, clock: Clock, base: str) -> CentraInstance:
    """Return an instance with currencies, payment methods and warehouses only."""
    instance = CentraInstance(name, clock)
    base_rate = CURRENCIES[base][1]
    for code, (title, rate, digits, number, prefix, suffix) in CURRENCIES.items():
        instance.currencies[code] = Currency(
            id=len(instance.currencies) + 1,
            code=code,
            name=title,
            current_base_rate=round(rate / base_rate, 6),
            decimal_digits=digits,
            denominator=10**digits,
            iso_number=number,
            prefix=prefix,
            suffix=suffix,
            is_base=code == base,
            updated_at=_SINCE,
        )
    for code, (title, continent, is_eu) in COUNTRIES.items():
        add_country(instance, code, title, continent, is_eu=is_eu)
    for uri, (title, plugin, is_asynchronous) in _METHODS.items():
        number_of = len(instance.payment_methods) + 1
        instance.payment_methods[uri] = StorePlugin(
            number_of, uri, title, plugin, is_asynchronous=is_asynchronous
        )
    for uri, title in (
        ("home", "Hem till dörren"),
        ("pickup", "Ombud"),
        ("freight", "Frakt"),
    ):
        instance.shipping_options[uri] = ShippingOption(
            len(instance.shipping_options) + 1, title, uri
        )
    for key, text in _TERMS.items():
        instance.payment_terms[key] = Terms(key, text)
    for object_type, kind, element in _ATTRIBUTES:
        instance.attribute_types[object_type, kind] = AttributeType(
            kind, object_type, (AttributeElement(element),)
        )
    add_warehouses(instance)
    return instance


def open_shop(
    name: str, clock: Clock, base: str, countries: tuple[str, ...], *, wholesale: bool
) -> CentraInstance:
    """Return an instance with stores, and a market and a pricelist for each country."""
    instance = empty_shop(name, clock, base)
    store = Store(DTC_STORE, f"{name.capitalize()} webshop", "DIRECT_TO_CONSUMER")
    instance.stores[store.id] = store
    for code in countries:
        add_market(instance, store, SALES_COUNTRIES[code])
    if wholesale:
        _add_wholesale(instance)
    return instance


def add_country(
    instance: CentraInstance, code: str, name: str, continent: str, *, is_eu: bool
) -> Country:
    """Return a country of the instance, new if need be."""
    if code not in instance.countries:
        instance.countries[code] = Country(
            len(instance.countries) + 1, code, name, continent, is_eu
        )
    return instance.countries[code]


def add_market(instance: CentraInstance, store: Store, place: SalesCountry) -> Market:
    """Open a store's market in a country, with its rates and its pricelist."""
    country = instance.countries[place.code]
    market = Market(len(instance.markets) + 1, country.name, store, [country])
    instance.markets[market.id] = market
    for kind, basis_points in place.rates.items():
        add_tax_rule(instance, country, kind, basis_points)
    pricelist = dtc_pricelist(instance, place.currency)
    if pricelist is None:
        currency = instance.currencies[place.currency]
        pricelist = Pricelist(
            len(instance.pricelists) + 1, f"Retail {currency.code}", store, currency
        )
        instance.pricelists[pricelist.id] = pricelist
    pricelist.assigned_to_countries.append(country)
    return market


def add_tax_rule(
    instance: CentraInstance,
    country: Country,
    kind: str,
    basis_points: int,
    *,
    until: datetime | None = None,
) -> TaxRule:
    """Make a tax rule for a country and a kind of goods."""
    percent = f"{basis_points / 100:g}"
    code = f"{country.code}-{kind}" + ("-old" if until else "")
    rule = TaxRule(
        id=len(instance.tax_rules) + 1,
        code=code,
        name=f"{country.name} {percent} %",
        basis_points=basis_points,
        apply_from=_SINCE,
        apply_to=until,
        countries=[country],
    )
    instance.tax_rules[code] = rule
    return rule


def add_seller_rule(instance: CentraInstance) -> TaxRule:
    """Make the British rule of a seller who has no other, wherever the goods go."""
    rule = TaxRule(
        id=len(instance.tax_rules) + 1,
        code="GB-seller",
        name="United Kingdom 20 %",
        basis_points=_BRITISH_RATE,
        apply_from=_SINCE,
        countries=[instance.countries["GB"]],
    )
    instance.tax_rules[rule.code] = rule
    return rule


def dtc_market(instance: CentraInstance, country: str) -> Market:
    """Return the consumers' market of a country."""
    for market in instance.markets.values():
        codes = [c.code for c in market.assigned_to_countries]
        if market.store.id == DTC_STORE and country in codes:
            return market
    message = f"{instance.name} does not sell to consumers in {country}"
    raise LookupError(message)


def dtc_pricelist(instance: CentraInstance, currency: str) -> Pricelist | None:
    """Return the consumers' pricelist of a currency."""
    return _pricelist(instance, DTC_STORE, currency)


def wholesale_pricelist(instance: CentraInstance, currency: str) -> Pricelist:
    """Return the wholesale pricelist of a currency, without VAT."""
    found = _pricelist(instance, WHOLESALE_STORE, currency)
    if found is None:
        store, money = instance.stores[WHOLESALE_STORE], instance.currencies[currency]
        found = Pricelist(
            len(instance.pricelists) + 1, f"Wholesale {currency}", store, money
        )
        instance.pricelists[found.id] = found
        for product in instance.catalogue.products.values():
            put_on_pricelist(instance, product, found)
    return found


def _pricelist(
    instance: CentraInstance, store_id: int, currency: str
) -> Pricelist | None:
    return next(
        (
            pricelist
            for pricelist in instance.pricelists.values()
            if pricelist.store.id == store_id and pricelist.currency.code == currency
        ),
        None,
    )


def dtc_rule(instance: CentraInstance, country: str, kind: str) -> TaxRule | None:
    """Return the rule for a kind of goods in a country, if there is tax."""
    return instance.tax_rules.get(f"{country}-{kind}")


def _add_wholesale(instance: CentraInstance) -> None:
    store = Store(WHOLESALE_STORE, "Nordhem wholesale", "WHOLESALE")
    instance.stores[store.id] = store
    market = Market(len(instance.markets) + 1, "Wholesale", store)
    market.allocation_rule_id = 2
    instance.markets[market.id] = market
    reverse = TaxRule(
        id=len(instance.tax_rules) + 1,
        code="EU-reverse",
        name="EU reverse charge 0 %",
        basis_points=0,
        apply_from=_SINCE,
        countries=[
            c for c in instance.countries.values() if c.is_eu and c.code != "SE"
        ],
    )
    instance.tax_rules[reverse.code] = reverse
    for window in (
        DeliveryWindow(1, "Lagervaror", "AtOnceDeliveryWindow"),
        DeliveryWindow(2, "SS27 leverans 1", "PreorderDeliveryWindow"),
    ):
        instance.delivery_windows[window.id] = window
