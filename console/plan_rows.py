"""The lines of the plans that runs ended with, for the screen and for JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mapping.planned import PlannedRow
from tasks.environment import environment
from tasks.planned_rows import planned_rows
from tasks.request import Summary

__all__ = ["rows_of", "summary_json"]


def rows_of(
    connection: str, results: Sequence[Summary]
) -> Mapping[str, list[PlannedRow]]:
    """What each plan of these runs would write, by the plan's hash."""
    plans = [plan for one in results for plan in (one.plan, one.held) if plan]
    with environment().books(connection).read() as unit:
        return {
            plan.hash: planned_rows(unit, plan.hash) for plan in plans if plan.writes
        }


def summary_json(
    summary: Summary, rows: Mapping[str, Sequence[PlannedRow]]
) -> dict[str, Any]:
    """How a run ended, as JSON has it: each plan with all that it would write."""
    data = summary.model_dump(mode="json")
    for name, plan in (("plan", summary.plan), ("held", summary.held)):
        if plan:
            found = rows.get(plan.hash, ())
            data[name]["rows"] = [one.model_dump(mode="json") for one in found]
    return data
