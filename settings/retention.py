"""How long the ledger keeps what: evidence can only be kept longer, never shorter."""

from __future__ import annotations

from pydantic import Field

from settings.base import Frozen

__all__ = ["RetentionRules"]


class RetentionRules(Frozen):
    """When housekeeping lets go of payloads and runs in the ledger."""

    evidence_years: int = Field(
        7, ge=7, description="Calendar years after its own that evidence is kept."
    )
    oss_evidence_years: int = Field(
        10,
        ge=10,
        description="The same where a VAT row of the connection is, or ever was, OSS.",
    )
    other_days: int = Field(
        400, ge=90, description="What was left out, or sent without an amount."
    )
    overtaken_days: int = Field(
        90, ge=30, description="Earlier versions of a record that were never sent."
    )
    runs_days: int = Field(
        100, ge=45, description="Runs that wrote nothing; the others are evidence."
    )
