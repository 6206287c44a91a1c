"""When somebody is to be told: the limits of one connection."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import Field

from settings.base import Frozen

__all__ = ["AlertRules"]


class AlertRules(Frozen):
    """What may last how long before it is an alert."""

    silent_intervals: int = Field(
        5,
        ge=1,
        description="Intervals of its schedule that a direction may be without success.",
    )
    silent_minutes: int = Field(
        15, ge=1, description="It may be so at least that long, however short they are."
    )
    exception_hours: int = Field(
        24, ge=1, description="How old the oldest parked record may be."
    )
    exception_amount: Decimal = Field(
        Decimal(50_000),
        ge=0,
        description="How much may be at stake in parked records of one currency.",
    )
    certificate_nights: int = Field(
        2, ge=1, description="Nights without a certificate."
    )
    stock_minutes: int = Field(
        30, ge=1, description="How old the figures of stock may be."
    )
    hint_minutes: int = Field(
        30, ge=1, description="How long a webhook may wait for a run."
    )
    days_before_end: int = Field(
        14, ge=1, description="How long before its end a token or login is told."
    )
    centra_token_ends_on: date | None = Field(
        None, description="When the token of Centra ends, as the AMS shows it."
    )
    visma_login_ends_on: date | None = Field(
        None, description="When the login of a person to Visma.net ends."
    )
