"""Which accounts of the general ledger the month is tied out against."""

from __future__ import annotations

from pydantic import Field

from settings.base import Frozen

__all__ = ["MonthEndRules"]


class MonthEndRules(Frozen):
    """Accounts that no document names; those of clearing and gift cards are known."""

    receivables: tuple[str, ...] = Field(
        (), description="Accounts of what customers owe; none: not compared."
    )
    vat: tuple[str, ...] = Field(
        (), description="Accounts of VAT on sales; none: not compared."
    )
