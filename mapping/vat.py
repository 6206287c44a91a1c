"""Which VAT category and zone of Visma.net a rate of Centra is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from connectors.centra import models as centra
from connectors.errors import RecordError
from mapping.rounding import plain
from settings.posting import VatRule

__all__ = [
    "EU_COUNTRIES",
    "Sale",
    "find_vat_rule",
    "find_zone",
    "one_zone",
    "sale_of",
    "ship_to_country",
    "vat_number_of",
]

Kind = Literal["b2c", "b2b"]

# Members of the EU's VAT area by ISO code; 'EL' is how VAT numbers write Greece.
EU_COUNTRIES = frozenset(
    {
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR"),
        *("GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT"),
        *("RO", "SE", "SI", "SK"),
    }
)


@dataclass(frozen=True, slots=True)
class Sale:
    """What decides VAT: where the goods go, to what kind of buyer."""

    country: str
    in_eu: bool
    kinds: tuple[Kind, ...]
    vat_number: str | None
    record_id: str


def ship_to_country(order: centra.Order) -> centra.Country:
    """Return where the goods go.

    Raises:
        RecordError: neither address nor order names a country.
    """
    addresses = (order.shipping_address, order.billing_address)
    candidates = (
        addresses[0].country if addresses[0] else None,
        order.country,
        addresses[1].country if addresses[1] else None,
    )
    for country in candidates:
        if country is not None and country.code:
            return country
    raise RecordError(
        f"Order {order.number} names no country, neither in its addresses nor itself.",
        code="COUNTRY_MISSING",
        fix="Give the order's shipping address a country in Centra, then retry it.",
        record_id=str(order.number),
    )


def vat_number_of(order: centra.Order) -> str | None:
    """Return the buyer's VAT number, wherever the order keeps it."""
    found = (
        order.billing_address.vat_number if order.billing_address else None,
        order.shipping_address.vat_number if order.shipping_address else None,
        order.account.vat_number if order.account else None,
    )
    return next((number.strip() for number in found if number and number.strip()), None)


def sale_of(order: centra.Order) -> Sale:
    """Return what decides the VAT of an order."""
    country = ship_to_country(order)
    code = (country.code or "").strip().upper()
    vat_number = vat_number_of(order)
    kinds: tuple[Kind, ...] = ("b2c",)
    if order.kind == "WholesaleOrder":
        kinds = ("b2b",)
    elif vat_number:
        kinds = ("b2c", "b2b")
    in_eu = code in EU_COUNTRIES if country.is_eu is None else country.is_eu
    return Sale(code, in_eu, kinds, vat_number, str(order.number))


def find_vat_rule(
    sale: Sale, rate: Decimal, rules: Sequence[VatRule], *, group: str | None = None
) -> VatRule:
    """Return the first row of the VAT map that fits a rate, and a line's product group.

    Shipping, handling and discounts have no group: rows of a group are not for them.
    A DTC buyer with a VAT number who pays no VAT is looked up as a company first.

    Raises:
        RecordError: no row fits, or a reverse-charge row fits and no VAT number is
            known.
    """
    kinds = sale.kinds if rate else tuple(reversed(sale.kinds))
    for kind in kinds:
        for rule in rules:
            fits_line = plain(rule.rate) == plain(rate) and _is_of(rule, group)
            if fits_line and _fits(rule, sale, kind):
                return _checked(rule, sale)
    own = group if _names_groups(rules) else None
    of_group = f" on goods of '{own}'" if own else ""
    row_of_group = f'product_group = "{own}"\n' if own else ""
    raise RecordError(
        f"Order {sale.record_id} has {plain(rate):f} % VAT{of_group} for "
        f"{sale.kinds[0]} customers in {sale.country}, which the settings do not map.",
        code="VAT_NOT_MAPPED",
        fix=(
            "Add this to the settings, with your category and zone; the next run "
            f'takes it up:\n[[vat]]\ncountries = ["{sale.country}"]\n'
            f'rate = {plain(rate):f}\ncustomer = "{sale.kinds[0]}"\n{row_of_group}'
            'category = "..."\nzone = "..."'
        ),
        record_id=sale.record_id,
    )


def find_zone(sale: Sale, rules: Sequence[VatRule]) -> str | None:
    """Return the zone of a buyer without a rate at hand, None if several are possible.

    The rows that name the buyer most closely decide: kind before any, country before
    EU, EU before everywhere.
    """
    ranked = [(_closeness(rule, sale), rule.zone) for rule in rules]
    fitting = [row for row in ranked if row[0] is not None]
    if not fitting:
        return None
    best = max(closeness for closeness, _ in fitting if closeness is not None)
    zones = {zone for closeness, zone in fitting if closeness == best}
    return zones.pop() if len(zones) == 1 else None


def one_zone(rules: Sequence[VatRule], record_id: str) -> str | None:
    """Return the one zone of a document's lines, None for a document without any.

    Raises:
        RecordError: the lines' rows name different zones.
    """
    zones = sorted({rule.zone for rule in rules})
    if len(zones) > 1:
        raise RecordError(
            f"The lines of order {record_id} fall into the VAT zones "
            f"{' and '.join(zones)}, but a document has one.",
            code="VAT_ZONES_DIFFER",
            fix="Give the [[vat]] rows of this country and customer kind one zone.",
            record_id=record_id,
        )
    return zones[0] if zones else None


def _names_groups(rules: Sequence[VatRule]) -> bool:
    return any(rule.product_group is not None for rule in rules)


def _is_of(rule: VatRule, group: str | None) -> bool:
    wanted = rule.product_group
    if wanted is None:
        return True
    return group is not None and wanted.casefold() == group.strip().casefold()


def _fits(rule: VatRule, sale: Sale, kind: Kind) -> bool:
    if rule.customer not in {"any", kind}:
        return False
    if rule.scheme in {"oss", "export"} and sale.in_eu is not (rule.scheme == "oss"):
        return False
    names = set(rule.countries)
    return sale.country in names or "*" in names or ("EU" in names and sale.in_eu)


def _closeness(rule: VatRule, sale: Sale) -> tuple[int, int] | None:
    kind = sale.kinds[0]
    if not _fits(rule, sale, kind):
        return None
    if sale.country in rule.countries:
        place = 2
    else:
        place = 1 if "EU" in rule.countries and sale.in_eu else 0
    return (int(rule.customer == kind), place)


def _checked(rule: VatRule, sale: Sale) -> VatRule:
    if rule.scheme == "reverse_charge" and not sale.vat_number:
        raise RecordError(
            f"Order {sale.record_id} is reverse charge in {sale.country}, but no VAT "
            "number of the buyer is known.",
            code="VAT_NUMBER_MISSING",
            fix="Add the VAT number to the account or billing address in Centra.",
            record_id=sale.record_id,
        )
    return rule
