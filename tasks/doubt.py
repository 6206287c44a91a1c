"""Doubt: find out what became of a write whose answer was lost.

It is looked up by the reference it was written with, and the match is checked
field by field. Found: adopted. Not found after the last probe of the settings,
each far enough from the last to outlast late visibility: planned again.
"""

from __future__ import annotations

from datetime import timedelta

from connectors.errors import RecordError
from ledger import Claim
from tasks.direction import Direction, Ends
from tasks.load import counted_as, record_sent
from tasks.request import Counts

__all__ = ["settle_doubts"]


async def settle_doubts(ends: Ends, direction: Direction, counts: Counts) -> None:
    """Probe the intents of a direction that are due for it."""
    limits = ends.settings.limits
    first = timedelta(minutes=limits.probe_after_minutes[0])
    while True:
        now = ends.clock()
        with ends.books.begin() as unit:
            unit.intents.reap(now, probe_after=first)
            claims = unit.intents.due_probes(
                direction.name, now, limit=20, lease_seconds=limits.lease_seconds
            )
        if not claims:
            return
        for claim in claims:
            await _probe(ends, direction, claim, counts)


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
    if found is not None:
        with ends.books.begin() as unit:
            unit.intents.probed(claim, found=True, next_probe_at=None)
        if record_sent(ends, claim, found):
            counts.add(counted_as(claim.operation))
        else:
            counts.add("parked")
        return
    _not_found(ends, claim, counts)


def _not_found(ends: Ends, claim: Claim, counts: Counts) -> None:
    """Look again later, or after the last probe let it be sent again."""
    waits = ends.settings.limits.probe_after_minutes
    done = claim.probes + 1
    is_last = done >= len(waits) or claim.operation != "create"
    with ends.books.begin() as unit:
        if is_last:
            unit.intents.probed(claim, found=True, next_probe_at=None)
            unit.intents.resend(claim)
        else:
            later = timedelta(minutes=waits[done] - waits[done - 1])
            unit.intents.probed(claim, found=False, next_probe_at=ends.clock() + later)
            counts.add("in_doubt")
