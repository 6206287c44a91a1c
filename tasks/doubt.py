"""Doubt: find out what became of a write whose answer was lost.

It is looked up by the reference it was written with, and the match is checked
field by field. Found: adopted. Not found after the last probe of the settings,
each far enough from the last to outlast late visibility: planned again.
"""

from __future__ import annotations

from datetime import timedelta

from connectors.errors import RecordError
from ledger import UNDO, Claim, StaleClaimError
from tasks.direction import Direction, Ends, find_direction
from tasks.load import record_sent
from tasks.request import Counts

__all__ = ["settle_doubts"]

_AT_ONCE = 20
_MADE = frozenset({"create", "reverse", UNDO})
"""What makes a document, which a list may show late; a change is computed anew."""


async def settle_doubts(ends: Ends, direction: Direction) -> Counts:
    """Probe what is due, of a direction and of those it needs; answers what was found.

    Only what became of the direction's own records is counted.
    """
    for name in direction.needs:
        await _settle(ends, find_direction(name))
    return await _settle(ends, direction)


async def _settle(ends: Ends, direction: Direction) -> Counts:
    limits, counts = ends.settings.limits, Counts()
    first = timedelta(minutes=limits.probe_after_minutes[0])
    while True:
        now = ends.clock()
        with ends.books.begin() as unit:
            unit.intents.reap(now, probe_after=first)
            claims = unit.intents.due_probes(
                direction.name, now, limit=_AT_ONCE, lease_seconds=limits.lease_seconds
            )
        if not claims:
            return counts
        for claim in claims:
            try:
                await _probe(ends, direction, claim, counts)
            except StaleClaimError:
                continue  # another worker looks for it


async def _probe(
    ends: Ends, direction: Direction, claim: Claim, counts: Counts
) -> None:
    try:
        found = await direction.writers[claim.kind].probe(claim, ends)
    except RecordError as error:
        with ends.books.begin() as unit:
            unit.intents.probed(claim, found=True, next_probe_at=None)
            is_new = unit.intents.reject(
                claim, code=error.code, reason=str(error), fix=error.fix
            )
        counts.note_parked(str(error), is_new=is_new)
        return
    if found is None:
        _not_found(ends, claim, counts)
        return
    with ends.books.begin() as unit:
        unit.intents.probed(claim, found=True, next_probe_at=None)
    record_sent(ends, claim, found, counts)


def _not_found(ends: Ends, claim: Claim, counts: Counts) -> None:
    """Look again later, or after the last probe let it be sent again.

    A change is worked out anew from what stands there, so it is sent again at once.
    """
    waits = ends.settings.limits.probe_after_minutes
    done = claim.probes + 1
    with ends.books.begin() as unit:
        if done < len(waits) and claim.operation.partition(":")[0] in _MADE:
            later = timedelta(minutes=waits[done] - waits[done - 1])
            unit.intents.probed(claim, found=False, next_probe_at=ends.clock() + later)
            counts.in_doubt += 1
            return
        unit.intents.probed(claim, found=False, next_probe_at=None)
        if claim.body:
            unit.intents.resend(claim)
            return
        reason = (
            f"{claim.direction} {claim.label}: the person's data was erased before it "
            f"was sure that {claim.reference} reached Visma.net"
        )
        is_new = unit.intents.reject(
            claim,
            code="ERASED",
            reason=reason,
            fix="Look for the reference in Visma.net, then set this aside.",
        )
    counts.note_parked(reason, is_new=is_new)
