"""What `settle` does: store a file, plan what it books, and send that if told so."""

from __future__ import annotations

import asyncio
from pathlib import Path

from console.syncing import Wanted, run_all
from tasks.payouts import DIRECTION, take_file
from tasks.request import Summary

__all__ = ["settle_file"]


def settle_file(
    connection: str, file: Path, method: str, *, apply: bool, quiet: bool
) -> list[Summary]:
    """Read a settlement file; answers how its run ended.

    Without `apply` it ends as a plan; with it, exactly that plan is sent in the name of
    who runs it.

    Raises:
        RecordError: The file is refused as a whole; nothing of it is stored.
    """
    ids = take_file(connection, file.read_bytes(), method)
    return asyncio.run(_run(connection, ids, apply=apply, quiet=quiet))


async def _run(
    connection: str, ids: list[str], *, apply: bool, quiet: bool
) -> list[Summary]:
    wanted = Wanted(ids=ids, plan_only=True)
    planned = await run_all([DIRECTION], connection, wanted, quiet=quiet)
    plan = planned[0].plan
    if not apply or plan is None or not plan.writes:
        return planned
    sent = await run_all([DIRECTION], connection, Wanted(plan=plan.hash), quiet=quiet)
    return [_together(planned[0], sent[0])]


def _together(planned: Summary, sent: Summary) -> Summary:
    """What the plan parked is new, though the run that sent it has seen it before."""
    counts = sent.counts.model_copy(
        update={
            "newly_parked": planned.counts.newly_parked + sent.counts.newly_parked,
            "problems": [*planned.counts.problems, *sent.counts.problems][:10],
        }
    )
    return sent.model_copy(update={"counts": counts})
