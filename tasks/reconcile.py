"""Reconcile: see that what was sent stands there, to the minor unit.

The totals of a whole batch are read back with a page or two of the order list.
A document that differs is put on hold where it stands, and listed with both sums.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from prefect import task

from connectors.errors import ConnectorError
from ledger import ConfirmedRow, Unit
from tasks.direction import DIFFERS, Direction, Ends, find_direction
from tasks.doubt import settle_doubts
from tasks.environment import environment
from tasks.policy import STEP
from tasks.priority import priority_of
from tasks.request import Counts
from tasks.stamps import note_booked

__all__ = ["is_unread", "reconcile"]


def is_unread(connection: str, direction: str) -> bool:
    """Whether something that was written before still has to be read back."""
    with environment().books(connection).read() as unit:
        found = find_direction(direction)
        unread = found.read_back and unit.intents.unverified(direction, limit=1)
        return bool(unread or unit.rates.unbooked(direction, limit=1))


@task(name="reconcile", task_run_name="reconcile · attempt {attempt}", **STEP)
async def reconcile(
    connection: str, direction: str, run_id: int, attempt: int
) -> Counts:
    """Check what was written and not yet read back; probe what is in doubt.

    `attempt` is not read: it makes each retry work that Prefect has not seen before.
    """
    del attempt
    env = environment()
    settings, found = env.connection(connection), find_direction(direction)
    books = env.books(connection)
    priority = priority_of(books, found, run_id)
    async with env.ends(settings, priority) as (centra, visma):
        ends = Ends(settings, books, centra, visma, env.clock)
        counts = await settle_doubts(ends, found)
        with books.read() as unit:
            unread = unit.intents.unverified(direction) if found.read_back else []
        if unread and found.read_back:
            await found.read_back(ends)
            for row in unread:
                await _compare(ends, found, row, run_id, counts)
        await note_booked(ends, direction)
    return counts


async def _compare(
    ends: Ends, direction: Direction, row: ConfirmedRow, run_id: int, counts: Counts
) -> None:
    with ends.books.read() as unit:
        known = unit.index.of_target(row.target_kind, row.target_id)
    stands = next((hit.detail for hit in known if "total" in hit.detail), None)
    if stands is None:
        return  # not visible yet; the next run looks again
    wrong = _difference(row, stands)
    if wrong is not None:
        # A list may be older than another worker's write: the document itself decides.
        writer = direction.writers[row.target_kind]
        wrong = _difference(row, await writer.figures(row.target_id, ends))
    with ends.books.begin() as unit:
        if not _is_last_word(unit, direction.name, row):
            return  # it is being changed, and read back after that
        unit.intents.verified(row.intent_id, ok=wrong is None, detail=wrong or "")
    if wrong is None:
        return
    held = await _hold(ends, direction, row)
    with ends.books.begin() as unit:
        _forget_sent(unit, direction.name, row.source_id)
        is_new = unit.records.park(
            direction.name,
            row.source_id,
            code="TOTAL_DIFFERS",
            reason=f"{wrong}; {held}",
            fix="Compare the VAT lines of the document with the order, correct the "
            "VAT map or the document, then retry.",
            run_id=run_id,
        )
    counts.note_parked(wrong, is_new=is_new)


def _is_last_word(unit: Unit, direction: str, row: ConfirmedRow) -> bool:
    """Whether nothing was written after a document, or may have been."""
    unread = unit.intents.unverified(direction, after_id=row.intent_id - 1, limit=1)
    if not unread or unread[0].intent_id != row.intent_id:
        return False
    return all(
        one.sent_at is None or one.state == "confirmed"
        for one in unit.intents.of_source(direction, row.source_id)
        if one.intent_id > row.intent_id
    )


def _forget_sent(unit: Unit, direction: str, source_id: str) -> None:
    """Let a retry write the document again, and lift the hold, if it is right then."""
    link = unit.links.get(direction, source_id)
    if link is not None:
        unit.links.touch(direction, source_id, DIFFERS, link.revision)


def _difference(row: ConfirmedRow, stands: Mapping[str, str]) -> str | None:
    """What differs between what was sent and what stands, or None."""
    total, tax = Decimal(stands["total"]), Decimal(stands["tax"])
    currency = stands["currency"]
    if stands["status"] == "Cancelled" and not row.amount:
        return None  # it keeps its total, but nobody owes it
    if currency != row.currency:
        return f"{row.label}: booked in {currency} instead of {row.currency}"
    if total != row.amount:
        return (
            f"{row.label}: Visma.net has a total of {total} {currency}, "
            f"Centra's is {row.amount}"
        )
    if row.vat is not None and tax != row.vat:
        return (
            f"{row.label}: Visma.net has computed {tax} {currency} of VAT, "
            f"{row.vat} was expected"
        )
    return None


async def _hold(ends: Ends, direction: Direction, row: ConfirmedRow) -> str:
    writer = direction.writers[row.target_kind]
    try:
        is_held = await writer.hold(row.target_id, ends)
    except ConnectorError as error:
        return f"it could not be put on hold: {error.message}"
    if not is_held:
        return "it is in the books or cancelled in Visma.net, so it was not put on hold"
    return "it was put on hold in Visma.net"
