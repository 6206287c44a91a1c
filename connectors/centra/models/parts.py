"""What several answers of Centra have in common: amounts, places, names, sizes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal, NewType

from pydantic import Field, model_validator

from connectors.wire import Incoming

__all__ = [
    "Account",
    "Address",
    "Amount",
    "Buyer",
    "Country",
    "Currency",
    "Customer",
    "DeliveryWindow",
    "Market",
    "Named",
    "OrderNumber",
    "PaymentTerms",
    "Pricelist",
    "ProductSize",
    "Store",
]


OrderNumber = NewType("OrderNumber", int)


class Amount(Incoming):
    """A MonetaryValue without its currency, which the document states once."""

    value: Decimal


class Currency(Incoming):
    """A currency as the store uses it; `decimal_digits` is Centra's own."""

    code: str
    decimal_digits: int = 2
    is_base: bool | None = None
    current_base_rate: Decimal | None = None
    """What one unit is in the instance's base currency now."""


class Country(Incoming):
    """A country; `code` is ISO 3166 alpha-2."""

    code: str | None = None
    name: str | None = None
    is_eu: bool | None = Field(None, alias="isEU")


class Named(Incoming):
    """Something that is known by id and name."""

    id: int
    name: str | None = None


class Store(Named):
    """A store of the instance."""

    type: Literal["DIRECT_TO_CONSUMER", "WHOLESALE"] | None = None


class Market(Named):
    """A market of a store."""


class Pricelist(Named):
    """A pricelist; it fixes an order's currency."""


class Address(Incoming):
    """A billing or shipping address; every field may be missing."""

    company_name: str | None = None
    attention: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    state_or_province: str | None = None
    zip_code: str | None = None
    country: Country | None = None
    email: str | None = None
    phone_number: str | None = None
    cell_phone_number: str | None = None
    vat_number: str | None = None


class ProductSize(Incoming):
    """The sellable item behind a line; None once it is deleted."""

    sku: str | None = Field(None, alias="SKU")
    ean: str | None = Field(None, alias="EAN")


class Customer(Incoming):
    """A DTC customer; two may share one e-mail (registered and guest)."""

    id: int
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone_number: str | None = None
    billing_address: Address | None = None


class PaymentTerms(Incoming):
    """Agreed payment terms of a wholesale account."""

    id: int
    description: str | None = None


class Account(Incoming):
    """A wholesale account: the company behind its buyers."""

    id: int
    name: str | None = None
    payment_terms: PaymentTerms | None = None
    organization_number: str | None = None
    vat_number: str | None = None
    billing_address: Address | None = None

    @model_validator(mode="before")
    @classmethod
    def _vat_number_of_address(cls, data: Any) -> Any:  # noqa: ANN401 - any wire value
        # Accounts show no VAT number of their own; their billing address has it.
        if isinstance(data, dict) and data.get("vatNumber") is None:
            address = data.get("billingAddress")
            if isinstance(address, dict) and address.get("vatNumber"):
                return {**data, "vatNumber": address["vatNumber"]}
        return data


class Buyer(Incoming):
    """A person who orders for a wholesale account."""

    id: int
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None


class DeliveryWindow(Incoming):
    """When a wholesale order is to be delivered."""

    id: int
    name: str | None = None
    begin_on: str | None = None
    end_on: str | None = None
