"""Records of the shop's frame: countries, stores, markets, pricelists, tax rules, addresses."""

from dataclasses import dataclass, field
from datetime import datetime

from sandbox.centra.money import Currency

__all__ = [
    "Address",
    "Attribute",
    "AttributeElement",
    "AttributeType",
    "Country",
    "Market",
    "Pricelist",
    "ShippingOption",
    "Store",
    "StorePlugin",
    "TaxRule",
    "Terms",
]


@dataclass(slots=True, eq=False)
class Country:
    """A country by its ISO code."""

    id: int
    code: str
    name: str
    continent: str
    is_eu: bool
    states: tuple[object, ...] = ()


@dataclass(slots=True, eq=False)
class Address:
    """An address as people type it: nothing is sure but the country."""

    country: Country
    first_name: str | None = None
    last_name: str | None = None
    company_name: str | None = None
    attention: str | None = None
    address1: str | None = None
    address2: str | None = None
    zip_code: str | None = None
    city: str | None = None
    state_or_province: str | None = None
    email: str | None = None
    phone_number: str | None = None
    cell_phone_number: str | None = None
    vat_number: str | None = None
    fax_number: str | None = None
    state: None = None


@dataclass(slots=True, eq=False)
class Store:
    """A shop window; `type` decides what its orders are."""

    id: int
    name: str
    type: str


@dataclass(slots=True, eq=False)
class Market:
    """A group of countries, or of accounts, of one store."""

    id: int
    name: str
    store: Store
    assigned_to_countries: list[Country] = field(default_factory=list)
    allocation_rule_id: int | None = None
    """None: the instance's first rule."""


@dataclass(slots=True, eq=False)
class Pricelist:
    """Prices in one currency, for one store."""

    id: int
    name: str
    store: Store
    currency: Currency
    assigned_to_countries: list[Country] = field(default_factory=list)
    status: str = "ACTIVE"
    default_shipping_option: "ShippingOption | None" = None
    typename = "Pricelist"


@dataclass(slots=True, eq=False)
class TaxRule:
    """A rate, in basis points, for countries and a group of goods."""

    id: int
    code: str
    name: str
    basis_points: int
    apply_from: datetime
    countries: list[Country]
    apply_to: datetime | None = None
    apply_tax_to_shipping: bool = True
    apply_tax_to_handling: bool = True

    @property
    def rate(self) -> float:
        """The rate in percent."""
        return self.basis_points / 100

    @property
    def display_name(self) -> str:
        """The name that buyers see."""
        return self.name


@dataclass(slots=True, eq=False)
class StorePlugin:
    """A payment method.

    An asynchronous one takes a request now and moves the money later, if at all.
    """

    id: int
    uri: str
    name: str
    plugin: str
    status: str = "ACTIVE"
    is_asynchronous: bool = False


@dataclass(slots=True, eq=False)
class ShippingOption:
    """A way to send goods."""

    id: int
    name: str
    uri: str


@dataclass(slots=True, eq=False)
class Terms:
    """Payment or shipping terms of wholesale."""

    id: int
    description: str


@dataclass(slots=True, frozen=True)
class AttributeElement:
    """One text of an attribute type; a multiple one holds several values."""

    key: str
    is_multi: bool = False
    kind = "INPUT"


@dataclass(slots=True, eq=False)
class AttributeType:
    """A kind of attribute for one type of object, as an administrator has set it up."""

    name: str
    object_type: str
    elements: tuple[AttributeElement, ...]
    is_mapped: bool = False
    is_multi: bool = False


@dataclass(slots=True, eq=False)
class Attribute:
    """A custom text on an object: the type's name, the element's key and the value."""

    name: str
    key: str
    value: str
    object_type: str
    typename = "AttributeStringElement"
