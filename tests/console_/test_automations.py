"""The rules of automations.json, as Prefect's own code reads them."""

from __future__ import annotations

import json

import pytest
from prefect.server.events.schemas.automations import EventTrigger

from console.control_room import PROJECT


def zombies() -> EventTrigger:
    """What finds a run that was killed."""
    [rule] = json.loads((PROJECT / "automations.json").read_text(encoding="utf-8"))
    return EventTrigger.model_validate(rule["trigger"])


@pytest.mark.parametrize(
    "state",
    [
        *("Completed", "Failed", "Cancelled", "Crashed", "Suspended"),
        *("Planned", "Held", "Incomplete", "Unsigned", "Open"),
    ],
)
def test_a_run_that_ended_by_any_name_is_no_zombie(state: str) -> None:
    """The event of a run's end carries the name of its state, ours too.

    Prefect's embedded database stands still for a minute when the rule fires in vain.
    """
    assert zombies().expects(f"prefect.flow-run.{state}")


def test_only_a_heartbeat_starts_the_clock() -> None:
    """A run that ended is not waited for, and one without a heartbeat begins no wait."""
    rule = zombies()

    assert rule.starts_after("prefect.flow-run.heartbeat")
    assert not rule.starts_after("prefect.flow-run.Planned")
    assert not rule.expects("prefect.task-run.Completed")
