"""What the merchant decides about stock: which warehouse is which, and which figure counts."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from settings.base import Frozen

__all__ = ["Excludes", "QuantityKind", "StockRules"]

QuantityKind = Literal["availableForShipment", "available", "onHand"]
"""Which of Visma.net's quantities is carried."""

Excludes = Literal["orders", "shipments", "issues"]
"""Since when a quantity leaves out the units of a sales order: since the order stands,
since they are on a shipment, or since the shipment was confirmed."""

_BY_KIND: dict[QuantityKind, Excludes] = {
    "availableForShipment": "orders",
    "available": "orders",
    "onHand": "issues",
}


class StockRules(Frozen):
    """How stock of Visma.net becomes stock of Centra."""

    warehouses: dict[str, Annotated[tuple[str, ...], Field(min_length=1)]] = Field(
        default_factory=dict,
        description="Visma.net warehouses by Centra's name or id; none: carry no stock.",
    )
    ignore_warehouses: tuple[str, ...] = Field(
        (), description="Visma.net warehouses whose stock is not sold in Centra."
    )
    quantity: QuantityKind = Field(
        "availableForShipment", description="Which quantity of Visma.net counts."
    )
    excludes: Excludes | None = Field(
        None, description="Since when it leaves out the units of an order."
    )
    buffer: int = Field(
        0, ge=0, description="Units of each size that a warehouse keeps back."
    )
    buffers: dict[str, Annotated[int, Field(ge=0)]] = Field(
        default_factory=dict, description="Other buffers, by warehouse of Centra."
    )
    chunk: int = Field(
        100, ge=1, le=500, description="Sizes of one warehouse set in one call."
    )
    max_zero_share: Decimal = Field(
        Decimal("0.2"),
        ge=0,
        le=1,
        description="Of a warehouse's sizes above zero; more to zero must be approved.",
    )
    max_zeros: int = Field(
        200, ge=0, description="More sizes of a warehouse to zero must be approved."
    )
    zero_hours: int = Field(
        24, ge=1, description="How long sizes that fall to zero count together, hours."
    )
    max_unknown_share: Decimal = Field(
        Decimal("0.1"),
        ge=0,
        le=1,
        description="Of a warehouse's figures; when more are missing, a run stops.",
    )
    orders_elsewhere: bool = Field(
        default=False,
        description="Another system books Centra's orders in Visma.net.",
    )
    overlap_minutes: int = Field(
        10, ge=1, description="Read again before the newest change that was seen."
    )

    @property
    def excluded_since(self) -> Excludes:
        """Since when the chosen quantity leaves out the units of a sales order."""
        return self.excludes or _BY_KIND[self.quantity]

    @property
    def is_on(self) -> bool:
        """Whether stock is carried at all."""
        return bool(self.warehouses)

    def buffer_of(self, warehouse: str) -> int:
        """Units of each size that a warehouse of Centra keeps back, by its key here."""
        return self.buffers.get(warehouse, self.buffer)

    def centra_name_of(self, warehouse: str) -> str | None:
        """The warehouse of Centra, as it is named here, that one of Visma.net is part of."""
        return next(
            (name for name, ids in self.warehouses.items() if warehouse in ids), None
        )

    @field_validator("warehouses")
    @classmethod
    def _each_is_sold_once(
        cls, value: dict[str, tuple[str, ...]]
    ) -> dict[str, tuple[str, ...]]:
        counted = Counter(one for names in value.values() for one in names)
        doubled = sorted(one for one, times in counted.items() if times > 1)
        if doubled:
            message = (
                f"warehouse {', '.join(doubled)} of Visma.net stands there twice: its "
                "goods would be sold twice"
            )
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _names_fit_together(self) -> StockRules:
        mapped = {one for names in self.warehouses.values() for one in names}
        both = sorted(mapped & set(self.ignore_warehouses))
        if both:
            message = f"warehouse {', '.join(both)} is both mapped and ignored"
            raise ValueError(message)
        unknown = sorted(set(self.buffers) - set(self.warehouses))
        if unknown:
            message = f"buffers names {', '.join(unknown)}, which warehouses does not"
            raise ValueError(message)
        return self
