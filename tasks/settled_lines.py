"""What payouts have settled already: no other one may book it again."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from connectors.errors import RecordError
from ledger import IndexRow, Unit
from mapping.payout_models import PayoutDraft
from mapping.settled_once import Excess, Paid, Settles, excesses
from tasks.known_payments import payments_named

__all__ = ["note_booked", "refuse_twice"]

_KIND = "settled_line"
_KEY = "key"
_REFERENCE = "reference"
_BOOKED = frozenset({"sending", "in_doubt", "confirmed"})


def note_booked(unit: Unit, source_id: str, draft: PayoutDraft) -> None:
    """Remember what a payout books, before it does."""
    rows = [IndexRow(_KIND, _KEY, key, source_id, {}) for key in draft.keys]
    rows += [
        IndexRow(
            _KIND,
            _REFERENCE,
            f"{draft.method}/{name}",
            f"{source_id}#{line.key}",
            {"currency": draft.currency, "line": line.model_dump_json()},
        )
        for line in draft.settles
        for name in line.references
    ]
    unit.index.add(_KIND, rows)


def refuse_twice(unit: Unit, source_id: str, label: str, draft: PayoutDraft) -> None:
    """Refuse a payout with a line that another one has booked, or with money settled twice.

    Raises:
        RecordError: There is such a line.
    """
    _refuse_same_lines(unit, source_id, label, draft)
    others = _settled_elsewhere(unit, source_id, draft)
    names = {n for one in (*draft.settles, *others) for n in one.references}
    payments = {
        name: [
            Paid(one.number, one.amount, one.type == "Refund")
            for one in found
            if one.currency == draft.currency
        ]
        for name, found in payments_named(unit, names).items()
    }
    found = excesses(draft.settles, others, payments)
    if found:
        more = f"; {len(found) - 1} more references likewise" if found[1:] else ""
        raise RecordError(
            f"{label}: {_told(found[0], draft.currency)}{more}",
            code="SETTLEMENT_LINE_TWICE",
            fix="Compare the file with the provider: leave out what is settled already. "
            "If it was captured more than once, run the payments of that order.",
            record_id=label,
        )


def _refuse_same_lines(
    unit: Unit, source_id: str, label: str, draft: PayoutDraft
) -> None:
    hits = unit.index.find(_KIND, _KEY, draft.keys)
    others = {row.target_id for rows in hits.values() for row in rows} - {source_id}
    booked = _booked(unit, others)
    if booked:
        shared = sum(
            any(row.target_id in booked for row in rows) for rows in hits.values()
        )
        raise RecordError(
            f"{label}: {shared} of its lines are booked already, with "
            f"{' and '.join(sorted(booked))}",
            code="SETTLEMENT_LINE_TWICE",
            fix="Give the payout the id that it has with the provider, or leave the "
            "lines out that are of another one.",
            record_id=label,
        )


def _settled_elsewhere(unit: Unit, source_id: str, draft: PayoutDraft) -> list[Settles]:
    """What other payouts have settled of the same references, or of what those are with."""
    lines: dict[str, Settles] = {}
    seen: set[str] = set()
    names = {name for one in draft.settles for name in one.references}
    while names:
        keys = [f"{draft.method}/{name}" for name in names]
        hits = unit.index.find(_KIND, _REFERENCE, keys)
        seen |= names
        for row in (row for rows in hits.values() for row in rows):
            line = Settles.model_validate_json(row.detail["line"])
            if row.detail["currency"] == draft.currency and line.payout != source_id:
                lines[row.target_id] = line
        names = {n for one in lines.values() for n in one.references} - seen
    booked = _booked(unit, {one.payout for one in lines.values()})
    return [one for one in lines.values() if one.payout in booked]


def _booked(unit: Unit, payouts: Iterable[str]) -> set[str]:
    """Those of some payouts that are booked, or may be."""
    return {
        one
        for one in payouts
        if any(i.state in _BOOKED for i in unit.intents.of_source("payouts", one))
    }


def _told(one: Excess, currency: str) -> str:
    elsewhere = f", with {' and '.join(one.elsewhere)}" if one.elsewhere else ""
    there = (
        f"Visma.net has {_amount(one.paid)} ({', '.join(one.payments)})"
        if one.payments
        else "Visma.net has no payment of it yet"
    )
    return (
        f"{_amount(one.settled)} {currency} of {one.reference} are settled as "
        f"{one.way}{elsewhere}, and {there}"
    )


def _amount(amount: Decimal) -> str:
    return f"{amount:,f}"
