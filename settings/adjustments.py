"""What becomes of stock that people change in Centra by hand."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from settings.base import Frozen

__all__ = ["StockAdjustmentRules"]


class StockAdjustmentRules(Frozen):
    """How counts and corrections of Centra become adjustments in Visma.net."""

    enabled: bool = Field(default=False, description="Carry stock adjustments at all.")
    reason_code: str | None = Field(
        None, description="Reason code of every line, where Visma.net asks for one."
    )
    warehouses: dict[str, str] = Field(
        default_factory=dict,
        description="Visma.net warehouse by Centra's, where one of Centra is several.",
    )
    ignore_warehouses: tuple[str, ...] = Field(
        (), description="Warehouses of Centra whose stock Visma.net does not keep."
    )
    ignore_descriptions: tuple[str, ...] = Field(
        (),
        description="Descriptions of stock changes that nobody made by hand, or how they "
        "begin, besides Centra's own of shipments and returns: those of other integrations.",
    )
    releases: Literal["visma", "connector"] = Field(
        "visma", description="Who releases the adjustments."
    )
