"""Records of buyers: DTC customers, wholesale accounts and their buyers."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sandbox.centra.places import Address, Attribute, Market, Pricelist, Terms

if TYPE_CHECKING:
    from sandbox.centra.sales import Order

__all__ = ["Account", "Buyer", "Customer"]


@dataclass(slots=True, eq=False)
class Customer:
    """A consumer; the e-mail is not a key, for a guest and a registered one may share it."""

    id: int
    email: str
    first_name: str
    last_name: str
    created_at: datetime
    updated_at: datetime
    phone_number: str | None = None
    is_registered: bool = False
    billing_address: Address | None = None
    shipping_address: Address | None = None
    attributes: list[Attribute] = field(default_factory=list)
    typename = "Customer"


@dataclass(slots=True, eq=False)
class Account:
    """A company that buys wholesale."""

    id: int
    name: str
    market: Market
    pricelist: Pricelist
    created_at: datetime
    updated_at: datetime
    status: str = "ACTIVE"
    payment_terms: Terms | None = None
    shipping_terms: Terms | None = None
    billing_address: Address | None = None
    shipping_address: Address | None = None
    company_registration_number: str | None = None
    credit_limit: int | None = None
    apply_credit_limit: bool = False
    block_if_unpaid_invoices: bool = False
    is_internal: bool = False
    internal_comment: str | None = None
    other_comment: str | None = None
    website_url: str | None = None
    discount_percent: float = 0.0
    is_discount_visible: bool = False
    attributes: list[Attribute] = field(default_factory=list)
    buyers: list["Buyer"] = field(default_factory=list)
    orders: list["Order"] = field(default_factory=list)
    typename = "Account"


@dataclass(slots=True, eq=False)
class Buyer:
    """A person who buys for an account."""

    id: int
    account: Account
    first_name: str
    last_name: str
    email: str
    billing_address: Address | None = None
    status: str = "ACTIVE"
    website_url: str | None = None
    receive_auto_emails: bool = True
    typename = "Buyer"
