"""Orders as Centra would state them, with valid defaults and totals that add up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.centra import models as centra
from settings.connection import Connection

D = Decimal

VAT = [
    {"countries": ["SE"], "rate": "25", "category": "STDG", "zone": "SE", "prices": "gross"},
    {"countries": ["SE"], "rate": "12", "category": "MIDG", "zone": "SE", "prices": "gross"},
    {"countries": ["SE"], "rate": "6", "category": "LOWG", "zone": "SE", "prices": "gross"},
    {"countries": ["SE"], "rate": "0", "category": "ZERO", "zone": "SE"},
    {
        "countries": ["DE"], "rate": "19", "customer": "b2c", "category": "STD",
        "zone": "OSS-DE",
    },
    {"countries": ["FI"], "rate": "25.5", "category": "STD", "zone": "OSS-FI"},
    {
        "countries": ["EU"], "rate": "0", "customer": "b2b", "category": "RC",
        "zone": "EUB2B", "scheme": "reverse_charge",
    },
    {"countries": ["*"], "rate": "0", "category": "ZERO", "zone": "EXPORT"},
    {"countries": ["JP"], "rate": "10", "category": "STD", "zone": "JP"},
]  # fmt: skip

NET_VAT = [
    {"countries": ["*"], "rate": rate, "category": f"C{rate}", "zone": "Z"}
    for rate in ("25", "12", "6", "0", "10")
]
GROSS_VAT = [{**row, "prices": "gross"} for row in NET_VAT]

CONNECTION: dict[str, Any] = {
    "name": "nordhem",
    "prefix": "N-",
    "start_on": date(2026, 1, 1),
    "currencies": ["SEK", "EUR", "JPY", "USD"],
    "centra": {"url": "https://nordhem.example/graphql"},
    "visma": {"tenant_id": "11111111-1111-4111-8111-111111111111", "branch": "1"},
    "stores": {
        "Retail": {"warehouse": "MAIN"},
        "Wholesale": {"warehouse": "MAIN"},
        "Webkunde": {
            "dtc_customers": "collective",
            "collective": [
                {"number": "10011"},
                {"number": "10004", "country": "EU", "currency": "EUR"},
                {"number": "10001", "country": "SE", "currency": "SEK"},
            ],
        },
    },
    "vat": VAT,
    "payment_methods": {
        "Klarna": {"method": "KLARNA", "cash_account": "1580"},
        "Adyen": {"method": "ADYEN"},
    },
    "customers": {"terms": {"30 days": "30"}, "classes_by_country": {"FI": "DTCFI"}},
    "leave_out": {
        "pricelists": ["Staff"],
        "email_domains": ["test.example"],
        "accounts": [99],
    },
}


def a_connection(**changes: Any) -> Connection:
    """Return the settings of a Swedish store, with top-level keys replaced."""
    return Connection.model_validate({**CONNECTION, **changes})


def whole(value: Decimal, digits: int) -> Decimal:
    """Round half up to the digits of a currency."""
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def money(value: Decimal | str | int) -> centra.Amount:
    """Return an amount as Centra states it."""
    return centra.Amount(value=Decimal(value))


def a_rule(
    rate: str | Decimal,
    *,
    included: str | Decimal = "0",
    added: str | Decimal = "0",
    deducted: str | Decimal = "0",
) -> centra.TaxRuleValue:
    """Return the VAT of one tax rule."""
    return centra.TaxRuleValue.model_validate(
        {
            "rule": {"tax_percent": Decimal(rate)},
            "tax_included": money(included),
            "tax_added": money(added),
            "tax_deducted": money(deducted),
        }
    )


@dataclass(frozen=True)
class Line:
    """A line to order: list price per unit, with VAT where the prices include it."""

    price: str | Decimal = "100.00"
    quantity: int = 1
    rate: str | Decimal = "25"
    kind: str = "ProductOrderLine"
    id: int = 0
    sku: str | None = "JKT-BLK-M"
    cancelled: int = 0
    bundle: int | None = None
    brand: str | None = None
    category: str | None = None
    original: str | None = None

    @property
    def value(self) -> Decimal:
        """The line's value as the pricelist states it."""
        return Decimal(self.price) * self.quantity


def _tax(value: Decimal, rate: Decimal, mode: str, digits: int) -> Decimal:
    if mode == "none":
        return Decimal(0)
    over = 100 if mode == "added" else 100 + rate
    return whole(value * rate / over, digits)


def a_line(
    line: Line | None = None, *, mode: str = "included", digits: int = 2
) -> centra.OrderLine:
    """Return an order line."""
    line = line or Line()
    rate = Decimal(line.rate)
    value = whole(line.value, digits)
    tax = _tax(value, rate, mode, digits)
    gross = value + tax if mode == "added" else value
    net = value if mode in {"added", "none"} else value - tax
    return centra.OrderLine.model_validate(
        {
            "kind": line.kind,
            "id": line.id,
            "product_number": "JKT",
            "product_name": "Jacket Åre",
            "size": "M",
            "quantity": line.quantity,
            "cancelled_quantity": line.cancelled,
            "tax_percent": rate,
            "gross": {"value": gross},
            "net": {"value": net},
            "unit_original": {"value": line.original} if line.original else None,
            "product_size": {"sku": line.sku, "ean": "7350000000012"}
            if line.sku
            else None,
            "bundle": {"id": line.bundle} if line.bundle else None,
            "brand": {"id": 1, "name": line.brand} if line.brand else None,
            "category": {"id": 1, "name": line.category} if line.category else None,
        }
    )


def _shares(
    amount: Decimal, weights: dict[Decimal, Decimal], mode: str, digits: int
) -> list[tuple[Decimal, Decimal]]:
    """Split an amount by the lines' rates: (rate, VAT), in whole minor units."""
    total = sum(weights.values())
    left, left_weight = amount, total
    shares = []
    for rate, weight in weights.items():
        part = whole(left * weight / left_weight, digits) if left_weight else left
        left, left_weight = left - part, left_weight - weight
        shares.append((rate, _tax(part, rate, mode, digits)))
    return shares


def _rules(
    shares: Sequence[tuple[Decimal, Decimal]], mode: str
) -> list[centra.TaxRuleValue]:
    return [
        a_rule(rate, **{mode: tax})
        for rate, tax in shares
        if mode != "none" and rate and tax
    ]


def a_totals(
    lines: Sequence[Line],
    *,
    mode: str = "included",
    digits: int = 2,
    shipping: str | Decimal = "0",
    handling: str | Decimal = "0",
    discount: str | Decimal = "0",
    credit: str | Decimal = "0",
    by_document: bool = False,
) -> tuple[centra.Totals, Decimal]:
    """Return an order's totals and its grand total, by Centra's own identity.

    `by_document` rounds VAT of the lines once per rate instead of once per line.
    """
    weights: dict[Decimal, Decimal] = {}
    counted = [line for line in lines if line.kind != "BundleItemOrderLine"]
    tax = Decimal(0)
    for line in counted:
        value = whole(line.value, digits)
        rate = Decimal(line.rate)
        weights[rate] = weights.get(rate, Decimal(0)) + value
        tax += _tax(value, rate, mode, digits)
    if by_document:
        parts = [_tax(value, rate, mode, digits) for rate, value in weights.items()]
        tax = sum(parts, Decimal(0))
    amounts = [Decimal(value) for value in (shipping, handling, discount)]
    ship, hand, disc = (_shares(amount, weights, mode, digits) for amount in amounts)
    tax += sum((t for _, t in (*ship, *hand)), Decimal(0))
    tax -= sum((t for _, t in disc), Decimal(0))
    value = sum(weights.values(), Decimal(0))
    base = value + amounts[0] + amounts[1] - amounts[2] - Decimal(credit)
    sign = {"added": 1, "deducted": -1}.get(mode, 0)
    totals = centra.Totals.model_validate(
        {
            "line_values": money(value),
            "shipping": money(amounts[0]),
            "handling": money(amounts[1]),
            "discounts": money(amounts[2] + Decimal(credit)),
            "tax_included": money(tax if mode == "included" else 0),
            "tax_added": money(tax if mode == "added" else 0),
            "tax_deducted": money(tax if mode == "deducted" else 0),
            "shipping_tax_rules": _rules(ship, mode),
            "handling_tax_rules": _rules(hand, mode),
            "discount_tax_rules": _rules(disc, mode),
        }
    )
    return totals, base + sign * tax


def an_address(**changes: Any) -> centra.Address:
    """Return an address in Sweden."""
    values = {
        "first_name": "Åsa",
        "last_name": "Öberg",
        "address1": "Storgatan 1",
        "city": "Umeå",
        "zip_code": "903 26",
        "country": {"code": "SE", "name": "Sweden", "isEU": True},
        "email": "asa@nordhem.example",
        "phone_number": "090-123 45 67",
    }
    return centra.Address.model_validate({**values, **changes})


def a_country(code: str, *, is_eu: bool | None = None) -> centra.Country:
    """Return a country."""
    return centra.Country(code=code, is_eu=is_eu)


def a_payment(
    entry_type: str = "AUTH",
    value: str | Decimal = "100.00",
    *,
    status: str = "SUCCESS",
    reference: str | None = "psp-1",
    method: str | None = "Klarna",
    id: int = 1,  # noqa: A002 - Centra's own name
) -> centra.PaymentHistoryEntry:
    """Return an entry of the payment history."""
    return centra.PaymentHistoryEntry.model_validate(
        {
            "id": id,
            "created_at": datetime(2026, 3, 4, 9, 30, tzinfo=UTC),
            "status": status,
            "entry_type": entry_type,
            "external_reference": reference,
            "payment_method": method,
            "value": money(value),
        }
    )


def an_order(
    lines: Sequence[Line] = (Line(),),
    *,
    mode: str = "included",
    currency: str = "SEK",
    digits: int = 2,
    shipping: str | Decimal = "0",
    handling: str | Decimal = "0",
    discount: str | Decimal = "0",
    credit: str | Decimal = "0",
    by_document: bool = False,
    **changes: Any,
) -> centra.Order:
    """Return a confirmed and paid DTC order of a Swedish buyer."""
    numbered = [
        line if line.id else Line(**{**line.__dict__, "id": 11 + i})
        for i, line in enumerate(lines)
    ]
    totals, grand = a_totals(
        numbered,
        mode=mode,
        digits=digits,
        shipping=shipping,
        handling=handling,
        discount=discount,
        credit=credit,
        by_document=by_document,
    )
    discounts = []
    if Decimal(discount):
        discounts.append({"kind": "AdminDiscount", "value": money(discount)})
    if Decimal(credit):
        discounts.append({"kind": "AppliedVoucherCredit", "value": money(credit)})
    values: dict[str, Any] = {
        "kind": "DirectToConsumerOrder",
        "id": "a1b2c3",
        "number": 1001,
        "status": "CONFIRMED",
        "created_at": datetime(2026, 3, 4, 9, 30, tzinfo=UTC),
        "updated_at": datetime(2026, 3, 4, 9, 31, tzinfo=UTC),
        "order_date": datetime(2026, 3, 4, 9, 30, tzinfo=UTC),
        "store": {"id": 1, "name": "Retail", "type": "DIRECT_TO_CONSUMER"},
        "market": {"id": 1, "name": "Sweden"},
        "pricelist": {"id": 1, "name": "SEK"},
        "country": {"code": "SE", "isEU": True},
        "grand_total": {"value": grand, "currency": {"code": currency}},
        "totals": totals,
        "lines": [a_line(line, mode=mode, digits=digits) for line in numbered],
        "discounts_applied": discounts,
        "billing_address": an_address(),
        "shipping_address": an_address(),
        "payment_method": {"id": 1, "name": "Klarna"},
        "payment_history": [a_payment(value=grand)],
        "customer": {
            "id": 12,
            "email": "asa@nordhem.example",
            "first_name": "Åsa",
            "last_name": "Öberg",
        },
    }
    return centra.Order.model_validate({**values, **changes})


def a_wholesale_order(
    lines: Sequence[Line] = (Line(price="400.00", quantity=5),), **changes: Any
) -> centra.Order:
    """Return an order of a Swedish shop, at prices without VAT."""
    values: dict[str, Any] = {
        "kind": "WholesaleOrder",
        "store": {"id": 2, "name": "Wholesale", "type": "WHOLESALE"},
        "customer": None,
        "payment_method": None,
        "payment_history": [],
        "account": {
            "id": 3,
            "name": "Fjällboden AB",
            "payment_terms": {"id": 1, "description": "30 days"},
            "organization_number": "556677-8899",
            "vat_number": "SE556677889901",
        },
        "buyer": {"id": 7, "email": "inkop@fjallboden.example", "first_name": "Bo"},
        "purchase_order_number": "PO-77",
        "billing_address": an_address(company_name="Fjällboden AB", email=None),
        "shipping_address": an_address(company_name="Fjällboden AB", email=None),
    }
    mode = changes.pop("mode", "added")
    return an_order(lines, mode=mode, **{**values, **changes})
