"""What the ledger knows of a run that waited for approval: its attempts, what it parked."""

from __future__ import annotations

from tasks.environment import environment
from tasks.request import PROBLEMS, Summary

__all__ = ["next_attempt", "with_parked_of"]


def next_attempt(connection: str, direction: str, run_key: str) -> int:
    """Which attempt at a run would come now: 1 if it was never begun.

    Prefect counts each time that it runs a flow, Resume included; the ledger counts
    those that did something.
    """
    with environment().books(connection).read() as unit:
        before = unit.runs.find(direction, run_key)
    return before.attempt + 1 if before else 1


def with_parked_of(connection: str, summary: Summary, run_key: str) -> Summary:
    """Add to an approved run what the run that planned it has parked, and still is.

    The plan was green while it waited; at its end the run is as red as any other that
    has newly parked something.
    """
    with environment().books(connection).read() as unit:
        planning = unit.runs.find(summary.direction, run_key)
        still = unit.exceptions.of_run(planning.id) if planning else []
    if not still:
        return summary
    counts = summary.counts.model_copy(
        update={
            "parked": max(summary.counts.parked, len(still)),
            "newly_parked": summary.counts.newly_parked + len(still),
            "problems": [*summary.counts.problems, *(row.reason for row in still)][
                :PROBLEMS
            ],
        }
    )
    return summary.model_copy(update={"counts": counts})
