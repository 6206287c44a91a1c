"""The connector's own layout, documented in docs/settlement.md: for any provider.

Columns: payout_id, payout_date, currency, kind, amount; and, where there is something
to say, reference, order, date, method, merchant, description. Amounts have the sign of
what they add to the payout. Each payout has one row of the kind `payout`, with what
reached the bank; all others of it add up to that.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from mapping.settlement_files.table import Row, has_header, rows_under
from mapping.settlement_lines import (
    LineKind,
    SettlementFile,
    SettlementLine,
    Unreadable,
)

__all__ = ["fits", "read"]

_HEADER = ("payout_id", "payout_date", "currency", "kind", "amount")
_KINDS = {kind.value: kind for kind in LineKind}


def fits(text: str) -> bool:
    """Whether a file has the header of this layout."""
    return has_header(text, _HEADER)


def read(text: str, zone: ZoneInfo) -> SettlementFile:
    """Read a file.

    Raises:
        RecordError: A row cannot be read.
    """
    rows = list(rows_under(text, _HEADER))
    read_ = [_line(row, zone) for row in rows]
    return SettlementFile(
        "own",
        tuple(one for one in read_ if isinstance(one, SettlementLine)),
        tuple(one for one in read_ if isinstance(one, Unreadable)),
        frozenset(row.text("merchant") for row in rows) - {""},
        frozenset(row.text("method") for row in rows) - {""},
    )


def _line(row: Row, zone: ZoneInfo) -> SettlementLine | Unreadable:
    currency, payout = row.currency("currency"), row.text("payout_id")
    if not payout:
        raise row.wrong("payout_id", "it is empty: a line must belong to a payout")
    kind = _KINDS.get(row.text("kind"))
    if kind is None:
        return Unreadable(
            row=row.number,
            payout=payout,
            currency=currency,
            code="SETTLEMENT_KIND_UNKNOWN",
            reason=f"row {row.number} is of the kind '{row.text('kind')}'",
            fix=f"Use one of {', '.join(_KINDS)}.",
        )
    paid_on = row.day("payout_date", zone)
    of_payout = kind is LineKind.PAYOUT or not row.text("date")
    reference = row.text("reference")
    return SettlementLine(
        row=row.number,
        kind=kind,
        amount=row.amount("amount", currency),
        currency=currency,
        day=paid_on if of_payout else row.day("date", zone),
        payout=payout,
        references=(reference,) if reference else (),
        order=row.text("order"),
        text=row.text("description"),
    )
