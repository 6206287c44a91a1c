"""The tables of a company that an administrator fills in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from sandbox.visma.goods_records import ItemClass
from sandbox.visma.ledger_records import CashAccount
from sandbox.visma.records import CustomerClass, OrderType
from sandbox.visma.vat import VatCode

__all__ = ["Setup"]


@dataclass(frozen=True, kw_only=True)
class Setup:
    """The tables that an administrator of the company has filled in."""

    base_currency: str = "SEK"
    home: str = "SE"
    currencies: Mapping[str, str] = field(default_factory=dict)
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    countries: Mapping[str, str] = field(default_factory=dict)
    branches: Mapping[str, str] = field(default_factory=dict)
    warehouses: Mapping[str, str] = field(default_factory=dict)
    terms: Mapping[str, str] = field(default_factory=dict)
    payment_methods: Mapping[str, str] = field(default_factory=dict)
    cash_accounts: Mapping[str, CashAccount] = field(default_factory=dict)
    carriers: Mapping[str, str] = field(default_factory=dict)
    accounts: frozenset[str] = frozenset()
    reasons: frozenset[str] = frozenset()
    stock_reasons: Mapping[str, str] = field(default_factory=dict)
    """Reason codes of stock documents with their usage."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    attribute_values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The values of those attributes that are chosen from a list."""
    item_classes: Mapping[str, ItemClass] = field(default_factory=dict)
    sales_categories: Mapping[int, str] = field(default_factory=dict)
    price_classes: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    stock_excludes: Literal["orders", "shipments"] = "orders"
    """Since when what is available for shipment leaves out the units of an order."""
    classes: Mapping[str, CustomerClass] = field(default_factory=dict)
    order_types: Mapping[str, OrderType] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    vat_codes: tuple[VatCode, ...] = ()
    price_digits: int = 4
    first_year: int = 0
    years: int = 0

    def codes_by_category(self) -> dict[str, tuple[VatCode, ...]]:
        """Return the VAT ids that each category lists."""
        return {
            category: tuple(
                code for code in self.vat_codes if category in code.categories
            )
            for category in self.categories
        }
