"""Payouts of payment providers as a source: what settlement files said, kept in the ledger.

A file is read once and stored, a record a payout and one for each line that names a
payment. From there on it is a direction as any other: mapped, planned, sent, retried.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from connectors.errors import RecordError
from ledger import Draft, DraftRow, SourceEntry, Unit
from mapping.drafts import digest
from mapping.payments import provider_text
from mapping.payout_models import Payout, PayoutDraft, keyed_lines, payouts_of
from mapping.payouts import payout_to_journal, settled_method
from mapping.scope import LeftOut
from mapping.settlement_files import read_settlement_file
from mapping.settlement_lines import LineKind, SettlementLine
from mapping.version import MAPPING_VERSION
from settings.connection import Connection
from tasks.centra_sales import fingerprint
from tasks.direction import Decision, Ends, MapContext, Page, Window
from tasks.environment import environment
from tasks.known_payments import KnownPayment, payments_by_provider
from tasks.settled_lines import refuse_twice
from tasks.stamps import stamp_of, stamp_words

__all__ = [
    "DIRECTION",
    "JOURNAL",
    "LINE",
    "decide_payout",
    "map_payout",
    "open_of",
    "read_payouts",
    "take_file",
]

DIRECTION = "payouts"
JOURNAL = "journal"
LINE = "settlement_line"
_AT_ONCE = 500


class _Record(BaseModel):
    """What the ledger keeps of a payout, or of one line of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    payout: Payout | None = None
    line: SettlementLine | None = None


def take_file(connection: str, raw: bytes, method: str) -> list[str]:
    """Store what a file says; answers the ids of its payouts and lines.

    What was stored before and says the same stays as it is.

    Raises:
        RecordError: The file cannot be read, or is another method's; nothing is stored.
    """
    env = environment()
    settings = env.connection(connection)
    name, rules = settled_method(method, settings)
    read = read_settlement_file(raw, rules, method=name, zone=settings.zone)
    payouts = payouts_of(read, name)
    if not payouts:
        raise RecordError(
            "this settlement file has no lines",
            code="SETTLEMENT_FORMAT",
            fix="Export it anew from the provider.",
        )
    entries = [entry for payout in payouts for entry in _entries(payout)]
    with env.books(connection).begin() as unit:
        key = f"file-{fingerprint(raw.hex())[:12]}-{env.clock().isoformat()}"
        run_id = unit.runs.start(
            DIRECTION, key, mode="read", settings_version=settings.version
        )
        batch = unit.records.open_batch(DIRECTION, run_id)
        for start in range(0, len(entries), _AT_ONCE):
            unit.records.take_page(batch, entries[start : start + _AT_ONCE], again=True)
        unit.runs.finish(run_id, "completed", {"read": len(entries)})
    return [entry.source_id for entry in entries]


async def read_payouts(
    ends: Ends, window: Window, watermark: datetime | None
) -> AsyncIterator[Page]:
    """Read stored payouts again by their ids; what is new was stored by its file."""
    del watermark
    with ends.books.read() as unit:
        known = unit.records.known(DIRECTION, window.ids)
        found = [unit.records.body(DIRECTION, one) for one in sorted(known)]
    entries = [
        entry
        for source_id, body in zip(sorted(known), found, strict=True)
        for entry in [_entry(source_id, _Record.model_validate_json(body))]
    ]
    missing = [one for one in window.ids if one not in known]
    if entries or missing:
        yield Page(
            tuple(entries),
            missing=tuple(f"No settlement file named '{one}'." for one in missing),
        )


def _entries(payout: Payout) -> Iterator[SourceEntry]:
    yield _entry(payout.source_id, _Record(payout=payout))
    for key, line in keyed_lines(payout):
        yield _entry(f"{payout.source_id}#{key}", _Record(line=line))


def _entry(source_id: str, record: _Record) -> SourceEntry:
    body = record.model_dump_json(exclude_none=True).encode()
    said = record.payout or record.line
    assert said is not None  # noqa: S101 - for the type checker
    if isinstance(said, Payout):
        label, amount = said.label, said.paid
    else:
        label = f"payout {said.payout}, {said.kind} {said.reference}"
        amount = abs(said.amount)
    return SourceEntry(
        source_id=source_id,
        label=label.replace("_", " "),
        fingerprint=fingerprint(_without_rows(said)),
        body=body,
        occurred_on=said.day,
        amount=amount,
        currency=said.currency,
    )


def _without_rows(said: Payout | SettlementLine) -> str:
    """What counts: another place in another file makes no difference."""
    if isinstance(said, SettlementLine):
        return said.model_dump_json(exclude={"row"})
    lines = sorted(one.model_dump_json(exclude={"row"}) for one in said.lines)
    bad = [one.model_dump_json() for one in said.unreadable]
    return "\n".join((*lines, *bad))


def map_payout(
    body: bytes, settings: Connection, context: MapContext
) -> Draft | LeftOut:
    """Make the journal of a payout; a line only looks for its payment.

    Raises:
        RateWantedError: Exchange rates must be read first.
        RecordError: It cannot be booked as it is.
    """
    record = _Record.model_validate_json(body)
    if record.line is not None:
        line = record.line
        return Draft(
            kind=LINE,
            body=line.model_dump_json().encode(),
            body_hash=digest(line.model_dump(mode="json", exclude={"row"})),
            reference="",
            mapping_version=MAPPING_VERSION,
        )
    assert record.payout is not None  # noqa: S101 - it is one or the other
    draft = payout_to_journal(
        record.payout,
        connection=settings,
        rates=context.rates,
        periods=context.periods,
    )
    if not draft.parts:
        return LeftOut("ZERO_VALUE", "a payout of nothing")
    stamp = stamp_of(draft.rate, draft.on, draft.paid)
    return Draft(
        kind=JOURNAL,
        body=draft.model_dump_json().encode(),
        body_hash=draft.hash,
        reference=draft.reference,
        amount=draft.paid,
        currency=draft.currency,
        summary={
            "date": draft.on.isoformat(),
            "books": _shown(draft),
            **stamp_words(stamp),
        },
        mapping_version=MAPPING_VERSION,
        stamp=stamp,
    )


def _shown(draft: PayoutDraft) -> str:
    """What a plan shows of it: each part with its account and sum."""
    sums: dict[tuple[str, str], Decimal] = {}
    for one in draft.parts:
        place = (one.part, one.account)
        sums[place] = sums.get(place, Decimal(0)) + one.amount
    return ", ".join(
        f"{part} {account} {amount:+,f}" for (part, account), amount in sums.items()
    )


def decide_payout(unit: Unit, settings: Connection, row: DraftRow) -> Decision:
    """Book what is not booked; a line must be of a payment that Visma.net has.

    Raises:
        RecordError: A payout says otherwise than when it was booked, or has a line that
            another one has; a line's payment is not there, or is of another amount.
    """
    del settings
    if row.draft.kind == LINE:
        line = SettlementLine.model_validate_json(row.draft.body)
        _refuse_stray(unit, row, line)
        return Decision()
    draft = PayoutDraft.model_validate_json(row.draft.body)
    refuse_twice(unit, row.source_id, row.label, draft)
    link = unit.links.get(DIRECTION, row.source_id)
    if link is None:
        return Decision("create")
    if link.body_hash == row.draft.body_hash:
        return Decision()
    raise RecordError(
        f"{row.label} was booked as journal {link.target_id}, and the file, or the "
        "settings, say otherwise now",
        code="SETTLEMENT_CHANGED",
        fix="Correct that journal by another one in Visma.net if the file is right, then "
        "set this aside.",
        record_id=row.label,
    )


def _refuse_stray(unit: Unit, row: DraftRow, line: SettlementLine) -> None:
    names = [provider_text(one) for one in line.references]
    found = payments_by_provider(unit, names)
    if not found:
        raise RecordError(
            f"{row.label}: Visma.net has no payment with the provider's reference "
            f"{' or '.join(names)} ({line.amount:,f} {line.currency})",
            code="SETTLEMENT_REFERENCE_UNKNOWN",
            fix="Run the payments of that order; if it is none of Centra's, book it from "
            "the clearing account to where it belongs, then set this aside.",
            record_id=row.label,
        )
    if _fits(line, found):
        return
    there = ", ".join(
        f"{one.number} of {one.amount:,f} {one.currency}"
        for one in sorted(found, key=lambda one: one.number)
    )
    raise RecordError(
        f"{row.label}: the provider settled {abs(line.amount):,f} {line.currency}, "
        f"Visma.net has {there}",
        code="SETTLEMENT_AMOUNT_DIFFERS",
        fix="Compare the provider's figure with the entry in Centra; the difference "
        "stays on the clearing account until it is booked by hand.",
        record_id=row.label,
    )


def open_of(unit: Unit, source_id: str) -> Decimal | None:
    """What of a line its payment leaves open, where Visma.net has one of another amount.

    Positive where the provider settled more. None of a payout itself, and of a line of
    which Visma.net has no such payment: all of that is open.
    """
    line = _Record.model_validate_json(unit.records.body(DIRECTION, source_id)).line
    if line is None:
        return None
    names = [provider_text(one) for one in line.references]
    wanted = _of_kind(line, payments_by_provider(unit, names))
    gaps = [abs(line.amount) - one.amount for one in wanted]
    return min(gaps, key=abs) if gaps else None


def _fits(line: SettlementLine, found: Sequence[KnownPayment]) -> bool:
    wanted = _of_kind(line, found)
    if line.kind not in {LineKind.CAPTURE, LineKind.REFUND}:
        return bool(wanted)
    return any(one.amount == abs(line.amount) for one in wanted)


def _of_kind(line: SettlementLine, found: Sequence[KnownPayment]) -> list[KnownPayment]:
    """The payments that a line can be of: money in, or money out."""
    same = [one for one in found if one.currency == line.currency]
    match line.kind:
        case LineKind.CAPTURE:
            return [one for one in same if one.type != "Refund"]
        case LineKind.REFUND:
            return [one for one in same if one.type == "Refund"]
        case _:
            return same
