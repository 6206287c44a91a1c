"""Exchange rates: where they come from, how old they may be, and a table by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, HttpUrl, model_validator

from settings.base import Frozen

__all__ = ["ManualRate", "RateRules", "RateSource"]

RateSource = Literal["centra", "ecb", "riksbank", "visma", "manual"]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class ManualRate(Frozen):
    """A rate by hand: what one unit of a currency is in another, and when it counts."""

    currency: Currency
    to: Currency
    rate: Decimal = Field(gt=0)
    since: date = Field(description="The first day on which it counts.")
    until: date | None = Field(
        None, description="The last day; none: until the next row of the pair."
    )

    @model_validator(mode="after")
    def _makes_sense(self) -> ManualRate:
        if self.currency == self.to:
            message = f"a rate of {self.currency} to itself is none"
            raise ValueError(message)
        if self.until is not None and self.until < self.since:
            message = f"until {self.until} is before since {self.since}"
            raise ValueError(message)
        return self


class RateRules(Frozen):
    """Which rate a document in a foreign currency gets."""

    sources: tuple[RateSource, ...] = Field(
        ("manual", "centra", "ecb"),
        min_length=1,
        description="In the order in which they are asked.",
    )
    max_age_days: int = Field(
        7,
        ge=0,
        le=31,
        description="How old a published rate may be: weekends and holidays have none.",
    )
    max_jump: Decimal = Field(
        Decimal(10),
        gt=0,
        lt=100,
        description="Percent; a rate that is further from the one before it is parked.",
    )
    orders_and_payments: Literal["read_back", "write"] = Field(
        "read_back",
        description="Sales orders and payments take no rate: what Visma.net booked is "
        "read back, or ours is written to its table first.",
    )
    rate_type: str = Field("SPOT", description="Rate type in Visma.net's own table.")
    difference_accounts: tuple[str, ...] = Field(
        ("3960", "7960"),
        description="Accounts to which Visma.net books gain and loss of settled documents.",
    )
    ecb_url: HttpUrl = HttpUrl("https://www.ecb.europa.eu/stats/eurofxref")
    riksbank_url: HttpUrl = HttpUrl("https://api.riksbank.se/swea/v1")
    table: tuple[ManualRate, ...] = Field((), description="Rates by hand.")

    @model_validator(mode="after")
    def _once_each(self) -> RateRules:
        twice = sorted({one for one in self.sources if self.sources.count(one) > 1})
        if twice:
            message = f"{', '.join(twice)} is there twice"
            raise ValueError(message)
        days = [(one.currency, one.to, one.since) for one in self.table]
        double = sorted({one for one in days if days.count(one) > 1})
        if double:
            currency, to, since = double[0]
            message = f"two rates of {currency} to {to} count since {since}"
            raise ValueError(message)
        return self
