"""What the merchant decides about prices: which price list of Visma.net is which pricelist."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from settings.base import Frozen

__all__ = ["PriceRules", "PricelistRule"]


class PricelistRule(Frozen):
    """Where the prices of one pricelist of Centra come from."""

    price_class: str | None = Field(
        None, min_length=1, description="Customer price class; none: base prices."
    )
    includes_vat: bool = Field(
        description="Whether prices on the pricelist in Centra have VAT in them."
    )
    visma_includes_vat: bool = Field(
        description="Whether these prices of Visma.net have VAT in them."
    )
    vat_rate: Decimal | None = Field(
        None, ge=0, lt=100, description="In percent; needed where the two differ."
    )
    vat_categories: tuple[str, ...] = Field(
        (), description="VAT categories of that rate; none: items are not checked."
    )
    promotions: bool = Field(
        default=True, description="Whether a promotional price goes before the others."
    )
    fallback: tuple[Literal["base", "default_price"], ...] = Field(
        (), description="Where else to look for an item that has no price there."
    )

    @model_validator(mode="after")
    def _can_convert(self) -> PricelistRule:
        if self.includes_vat != self.visma_includes_vat and self.vat_rate is None:
            message = (
                "prices have VAT in them on one side only: set vat_rate, the percent "
                "by which they are converted"
            )
            raise ValueError(message)
        if self.vat_categories and self.includes_vat == self.visma_includes_vat:
            message = (
                "vat_categories names items of the rate by which prices are converted, "
                "and these are not converted: leave it out"
            )
            raise ValueError(message)
        if self.price_class is None and "base" in self.fallback:
            message = 'fallback names "base", but base prices are what is taken anyway'
            raise ValueError(message)
        return self


class PriceRules(Frozen):
    """How sales prices of Visma.net become prices of Centra."""

    pricelists: dict[str, PricelistRule] = Field(
        default_factory=dict,
        description="By the pricelist's name in Centra; none: carry no prices.",
    )
    max_change: Decimal = Field(
        Decimal("0.3"),
        gt=0,
        description="Share by which a price may change; more must be approved.",
    )
    change_hours: int = Field(
        24, ge=1, description="Within so many hours, changes of a price are added up."
    )
    max_gone_share: Decimal = Field(
        Decimal("0.1"),
        ge=0,
        le=1,
        description="Of a price list; when more (and more than ten) are gone, a run stops.",
    )
