"""The model of one connection file: which store meets which company, and how."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, HttpUrl, field_validator, model_validator

from settings.adjustments import StockAdjustmentRules
from settings.after_sales import (
    CreditNoteRules,
    CreditStatusRules,
    FulfilmentRules,
    InvoiceRules,
    ReturnRules,
)
from settings.alerts import AlertRules
from settings.base import Frozen
from settings.certificate import CertificateRules
from settings.links import LinkRules
from settings.month_end import MonthEndRules
from settings.posting import (
    CustomerRules,
    LeaveOutRules,
    OrderRules,
    PaymentMethod,
    PostingRule,
    RoundingRule,
    StoreRules,
    VatRule,
)
from settings.prices import PriceRules
from settings.products import ProductRules
from settings.rates import RateRules
from settings.retention import RetentionRules
from settings.stock import StockRules

__all__ = ["CentraEnd", "Connection", "Limits", "VismaEnd"]

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,30}$")]
Prefix = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{0,6}-?$")]


@cache
def _time_zones() -> frozenset[str]:
    """The names of all time zones; it takes a walk through hundreds of files."""
    return frozenset(available_timezones())


class CentraEnd(Frozen):
    """Where the Centra store answers, and as whom the connector speaks."""

    url: HttpUrl = Field(description="The store's GraphQL address.")
    page_size: int = Field(100, ge=1, le=200, description="Orders read per request.")
    requests_per_10s: int = Field(60, ge=1, description="Of the plan; Growth is 60.")
    requests_per_hour: int = Field(5_000, ge=1)
    discount_sign: Literal["positive", "negative"] = Field(
        "positive",
        description="Whether totals.discounts is written positive and subtracted.",
    )
    verified_fields: bool = Field(
        default=False,
        description="Also ask for fields whose names no public schema page shows.",
    )


class VismaEnd(Frozen):
    """Where the Visma.net company answers, and how the connector logs in."""

    erp_url: HttpUrl = HttpUrl("https://api.finance.visma.net")
    salesorder_url: HttpUrl = HttpUrl("https://salesorder.visma.net")
    connect_url: HttpUrl = HttpUrl("https://connect.visma.com")
    tenant_id: str = Field(min_length=1, description="The COMPANY tenant id.")
    grant: Literal["client_credentials", "authorization_code"] = "client_credentials"
    company_id: int | None = Field(None, description="Legacy ipp-company-id header.")
    branch: str | None = Field(None, description="Branch on every document.")
    page_size: int = Field(500, ge=1, le=5_000)
    requests_per_hour: int = Field(
        4_000, ge=1, description="Used until the X-RateLimit-Limit header is seen."
    )
    requests_per_second: Decimal = Field(Decimal(20), gt=0)
    at_once: int = Field(4, ge=1, le=8, description="Requests in the air at once.")


class Limits(Frozen):
    """What a run may do before a person must look."""

    max_writes: int = Field(
        500, ge=1, description="A run with more writes stops as a plan to approve."
    )
    probe_after_minutes: tuple[Annotated[int, Field(ge=0)], ...] = Field(
        (2, 10),
        min_length=1,
        description="When a document in doubt is looked for, since it was sent. The "
        "last must outlast the time until lists show a new document.",
    )
    overlap_minutes_centra: int = Field(10, ge=1)
    overlap_minutes_visma: int = Field(120, ge=120)
    batch_size: int = Field(500, ge=1, le=5_000, description="Records in one task.")
    lease_seconds: int = Field(
        300,
        ge=1,
        description="After so long without an answer a worker counts as killed. More "
        "than the longest call, 250 s, unless the other side is known to be fast.",
    )
    reserved_share: Decimal = Field(
        Decimal("0.25"), ge=0, lt=1, description="Of each quota, for orders, refunds."
    )
    backfill_share: Decimal = Field(
        Decimal("0.5"),
        gt=0,
        le=1,
        description="How much of each quota may be used when a backfill asks for more.",
    )


class Connection(Frozen):
    """One Centra store (or several) and one Visma.net company that must agree."""

    name: Name
    prefix: Prefix = Field(
        description="Put before every reference that the connector writes, e.g. 'N-'."
    )
    start_on: date = Field(
        description="Nothing older is written without an explicit backfill."
    )
    time_zone: str = Field("Europe/Stockholm", description="Of the company's books.")
    base_currency: str = Field("SEK", pattern=r"^[A-Z]{3}$")
    currencies: tuple[str, ...] = Field(min_length=1)
    centra: CentraEnd
    visma: VismaEnd
    limits: Limits = Limits()
    stores: dict[str, StoreRules] = Field(
        min_length=1, description="By the store's name in Centra, or '*'."
    )
    vat: tuple[VatRule, ...] = Field(min_length=1)
    payment_methods: dict[str, PaymentMethod] = Field(
        default_factory=dict, description="By the payment method's name in Centra."
    )
    customers: CustomerRules = CustomerRules()
    orders: OrderRules = OrderRules()
    leave_out: LeaveOutRules = LeaveOutRules()
    fulfilment: FulfilmentRules = FulfilmentRules()
    invoices: InvoiceRules = InvoiceRules()
    returns: ReturnRules = ReturnRules()
    credit_notes: CreditNoteRules = CreditNoteRules()
    credit_status: CreditStatusRules = CreditStatusRules()
    certificate: CertificateRules = CertificateRules()
    month_end: MonthEndRules = MonthEndRules()
    links: LinkRules = LinkRules()
    products: ProductRules = ProductRules()
    prices: PriceRules = PriceRules()
    stock: StockRules = StockRules()
    stock_adjustments: StockAdjustmentRules = StockAdjustmentRules()
    posting: tuple[PostingRule, ...] = ()
    rounding: dict[str, RoundingRule] = Field(
        default_factory=dict, description="By currency, where it is not the usual way."
    )
    rates: RateRules = RateRules()
    retention: RetentionRules = RetentionRules()
    alerts: AlertRules = AlertRules()
    adopt_references: tuple[str, ...] = Field(
        (),
        description="How an earlier connector wrote order references: '{number}'.",
    )

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in _time_zones():
            message = f"'{value}' is no time zone; write it like 'Europe/Stockholm'"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _base_currency_is_listed(self) -> Connection:
        if self.base_currency not in self.currencies:
            message = f"base_currency {self.base_currency} is missing in currencies"
            raise ValueError(message)
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The company's time zone, in which documents are dated."""
        return ZoneInfo(self.time_zone)

    @property
    def version(self) -> str:
        """Hash of every setting, noted on each document that they shaped."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    def store(self, name: str) -> StoreRules | None:
        """The rules of a store by its Centra name, or None if it is not ours."""
        return self.stores.get(name) or self.stores.get("*")
