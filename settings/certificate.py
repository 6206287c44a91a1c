"""How the certificate judges what is under way."""

from __future__ import annotations

from pydantic import Field

from settings.base import Frozen

__all__ = ["CertificateRules"]


class CertificateRules(Frozen):
    """When a difference that should go by itself has become too old."""

    in_flight_days: int = Field(
        2, ge=0, description="Days after which what is under way must be signed."
    )
    clearing_days: int = Field(
        30,
        ge=0,
        description="Days after which money that a provider with settlement files has "
        "not paid out must be signed.",
    )
    margin_days: int = Field(
        45,
        ge=0,
        description="How far before a period is read, for what was booked later.",
    )
