"""The exchange rate of a document, as the ledger keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

__all__ = ["BookedDocument", "Stamp", "StampRow"]


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which rate a document in a foreign currency got; one a record.

    `rate` is what one unit of `currency` is in `base_currency`. It is None where
    Visma.net takes none: then its own is read back. `amount` is the document's total
    in its own currency.
    """

    currency: str
    base_currency: str
    on: date
    source: str
    rate: Decimal | None = None
    rate_on: date | None = None
    how: str = "read_back"
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class BookedDocument:
    """What Visma.net has booked: the total in base currency, and its own rate."""

    kind: str
    number: str
    amount: Decimal
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class StampRow:
    """A stamp with the record that it belongs to, and what was booked."""

    direction: str
    source_id: str
    label: str
    stamp: Stamp
    settings_version: str
    stamped_at: datetime
    booked: BookedDocument | None
    booked_at: datetime | None
