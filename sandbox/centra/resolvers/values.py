"""Money, dates, tax, countries, and the shop's frame."""

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox.centra.dates import ATOM, date_to_text
from sandbox.centra.filters import matches, text_test
from sandbox.centra.money import Amount, Currency
from sandbox.centra.places import Market, Pricelist, Store, TaxRule
from sandbox.centra.quotas import Bucket
from sandbox.centra.registry import Request, resolves
from sandbox.centra.totals import TaxShare

__all__ = ["minor_to_float"]

Arguments = Mapping[str, Any]

_DATES = {
    "Currency": ("updatedAt",),
    "TaxRule": ("applyFrom", "applyTo"),
    "Order": ("createdAt", "updatedAt", "orderDate"),
    "WholesaleOrder": ("preferredShippingDate", "estimatedDeliveryDate"),
    "PaymentHistoryEntry": ("createdAt",),
    "Shipment": ("createdAt", "updatedAt", "shippedAt", "paidAt", "capturedAt"),
    "Return": ("createdAt",),
    "Customer": ("createdAt", "updatedAt"),
    "Account": ("createdAt", "updatedAt"),
    "StockChange": ("createdAt",),
    "Event": ("createdAt",),
    "EventListener": ("createdAt", "updatedAt"),
}
_ATTRIBUTES = {
    "createdAt": "created_at",
    "updatedAt": "updated_at",
    "orderDate": "order_date",
    "shippedAt": "shipped_at",
    "paidAt": "paid_at",
    "capturedAt": "captured_at",
    "applyFrom": "apply_from",
    "applyTo": "apply_to",
    "preferredShippingDate": "preferred_shipping_date",
    "estimatedDeliveryDate": "estimated_delivery_date",
}


def _date(attribute: str) -> Any:  # noqa: ANN401
    def resolve(source: Any, request: Request, arguments: Arguments) -> str | None:  # noqa: ANN401
        at = getattr(source, attribute)
        pattern = arguments.get("format") or ATOM
        return None if at is None else date_to_text(at, request.instance.zone, pattern)

    return resolve


for _type, _names in _DATES.items():
    for _name in _names:
        resolves(_type, _name)(_date(_ATTRIBUTES[_name]))


# -- money ------------------------------------------------------------------------------


def minor_to_float(amount: Amount) -> float:
    """Return the float that the API shows: the dust of a sum is a real one."""
    value = float(amount.minor / amount.frame.currency.denominator)
    if amount.frame.has_dust and value and not value.is_integer():
        return math.nextafter(value, math.inf)
    return value


@resolves("MonetaryValue", "value")
def _value(amount: Amount, _request: Request, _arguments: Arguments) -> float:
    return minor_to_float(amount)


@resolves("MonetaryValue", "valueInCents")
def _cents(amount: Amount, _request: Request, _arguments: Arguments) -> int:
    return round(amount.minor)


@resolves("MonetaryValue", "formattedValue")
def _formatted(amount: Amount, _request: Request, _arguments: Arguments) -> str:
    currency = amount.frame.currency
    value = Decimal(amount.minor) / currency.denominator
    text = f"{value:,.{currency.decimal_digits}f}".replace(
        ",", currency.thousands_separator
    )
    return f"{currency.prefix}{text}{currency.suffix}"


@resolves("MonetaryValue", "currency")
def _currency(amount: Amount, _request: Request, _arguments: Arguments) -> Currency:
    return amount.frame.currency


@resolves("MonetaryValue", "conversionRate")
def _rate(amount: Amount, _request: Request, _arguments: Arguments) -> float:
    return amount.frame.rate


@resolves("MonetaryValue", "conversionDate")
def _rated_at(amount: Amount, request: Request, arguments: Arguments) -> str:
    pattern = arguments.get("format") or ATOM
    return date_to_text(amount.frame.at, request.instance.zone, pattern)


# -- tax --------------------------------------------------------------------------------


def _share(mode: str) -> Any:  # noqa: ANN401
    def resolve(share: TaxShare, _request: Request, _arguments: Arguments) -> Amount:
        tax = share.tax if share.order.tax_mode == mode else 0
        return Amount(tax, share.order.frame)

    return resolve


resolves("AppliedTaxRuleValue", "taxIncluded")(_share("included"))
resolves("AppliedTaxRuleValue", "taxAdded")(_share("added"))
resolves("AppliedTaxRuleValue", "taxDeducted")(_share("deducted"))


@resolves("AppliedTaxRule", "taxId")
def _tax_id(rule: TaxRule, _request: Request, _arguments: Arguments) -> str:
    return str(rule.id)


@resolves("AppliedTaxRule", "taxName")
def _tax_name(rule: TaxRule, _request: Request, _arguments: Arguments) -> str:
    return rule.name


@resolves("AppliedTaxRule", "taxPercent")
def _tax_percent(rule: TaxRule, _request: Request, _arguments: Arguments) -> float:
    return rule.rate


@resolves("AppliedTaxRule", "taxRule")
def _tax_rule(
    rule: TaxRule, _request: Request, _arguments: Arguments
) -> TaxRule | None:
    return None if rule.apply_to else rule


# -- the shop's frame -------------------------------------------------------------------


@resolves("Query", "currencies")
def _currencies(_: None, request: Request, arguments: Arguments) -> list[Currency]:
    where = dict(arguments.get("where") or {})
    name = request.token.integration
    external = request.instance.conversions.external
    tests: list[Any] = []
    for key, read in {"id": lambda c: c.id, "code": lambda c: c.code}.items():
        if where.get(key) is not None:
            wanted = set(where[key])
            tests.append(lambda c, read=read, wanted=wanted: read(c) in wanted)
    if where.get("isBase") is not None:
        tests.append(lambda c: c.is_base == where["isBase"])
    if where.get("name") is not None:
        tests.append(text_test(where["name"], lambda c: c.name))
    if where.get("search") is not None:
        tests.append(
            text_test({"contains": where["search"]}, lambda c: c.name + c.code)
        )
    if where.get("externalId") is not None:
        ids = set(where["externalId"])
        tests.append(lambda c: external(name, "Currency", c.id) in ids)
    return matches(request.instance.currencies.values(), tests)


@resolves("Currency", "externalId")
def _currency_external(
    currency: Currency, request: Request, _arguments: Arguments
) -> str | None:
    name = request.token.integration
    return request.instance.conversions.external(name, "Currency", currency.id)


@resolves("Query", "countries")
def _countries(_: None, request: Request, _arguments: Arguments) -> list[Any]:
    return list(request.instance.countries.values())


@resolves("Query", "rateLimits")
def _rate_limits(_: None, request: Request, _arguments: Arguments) -> list[Bucket]:
    return request.instance.limits.buckets(request.now)


@resolves("Query", "stores")
def _stores(_: None, request: Request, arguments: Arguments) -> list[Store]:
    wanted = (arguments.get("where") or {}).get("type")
    return [
        store
        for store in request.instance.stores.values()
        if request.token.sees_store(store.id) and wanted in {None, store.type}
    ]


def _in_stores(rows: Any, request: Request, arguments: Arguments) -> list[Any]:  # noqa: ANN401
    ids = (arguments.get("where") or {}).get("storeId")
    return [
        row
        for row in rows
        if request.token.sees_store(row.store.id)
        and (ids is None or row.store.id in ids)
    ]


@resolves("Query", "markets")
def _markets(_: None, request: Request, arguments: Arguments) -> list[Market]:
    return _in_stores(request.instance.markets.values(), request, arguments)


@resolves("Query", "pricelists")
def _pricelists(_: None, request: Request, arguments: Arguments) -> list[Pricelist]:
    return _in_stores(request.instance.pricelists.values(), request, arguments)
