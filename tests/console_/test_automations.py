"""The rules of automations.json, as Prefect's own code reads them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from prefect.server.events.schemas.automations import EventTrigger
from prefect.server.events.schemas.events import ReceivedEvent

from console.control_room import PROJECT

RUN = "prefect.flow-run.9f1"


def a_trigger(name: str) -> EventTrigger:
    """What sets off the rule of a name."""
    rules = json.loads((PROJECT / "automations.json").read_text(encoding="utf-8"))
    [rule] = [one for one in rules if one["name"] == name]
    return EventTrigger.model_validate(rule["trigger"])


def zombies() -> EventTrigger:
    """What finds a run that was killed."""
    return a_trigger("A run without a heartbeat is crashed")


def unbegun() -> EventTrigger:
    """What finds a run whose worker was killed while it started it."""
    return a_trigger("A run that does not begin is crashed")


def again() -> EventTrigger:
    """What starts a crashed run again."""
    return a_trigger("A crashed run is tried again")


def of_a_run(name: str, *tags: str, count: int = 1) -> ReceivedEvent:
    """An event of a run, with the tags that it carries."""
    related = [
        {"prefect.resource.role": "tag", "prefect.resource.id": f"prefect.tag.{one}"}
        for one in tags
    ]
    return ReceivedEvent.model_validate(
        {
            "occurred": datetime(2026, 3, 2, tzinfo=UTC),
            "event": f"prefect.flow-run.{name}",
            "resource": {"prefect.resource.id": RUN, "prefect.run-count": str(count)},
            "related": related,
            "id": uuid4(),
        }
    )


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


@pytest.mark.parametrize("rule", [zombies, unbegun, again])
def test_runs_of_others_are_none_of_our_business(
    rule: Callable[[], EventTrigger],
) -> None:
    """On a server that others share, theirs may beat as rarely as they like."""
    assert rule().covers(of_a_run("Crashed", "connection:nordhem", "direction:orders"))
    assert rule().covers(of_a_run("Crashed", "installation"))
    assert not rule().covers(of_a_run("Crashed", "nightly"))
    assert not rule().covers(of_a_run("Crashed"))


def test_a_run_that_stays_pending_is_missed() -> None:
    """Without it the deployment would be blocked until somebody looks."""
    assert unbegun().starts_after("prefect.flow-run.Pending")
    for state in ("Running", "Submitting", "Cancelled", "Crashed"):
        assert unbegun().expects(f"prefect.flow-run.{state}")
        assert not unbegun().starts_after(f"prefect.flow-run.{state}")


def test_a_crashed_run_is_tried_again_twice() -> None:
    """The third crash is for a person; a Retry by hand comes first and stops the clock."""
    ours = "connection:nordhem"
    assert again().starts_after("prefect.flow-run.Crashed")
    assert again().expects("prefect.flow-run.AwaitingRetry")
    assert [again().covers(of_a_run("Crashed", ours, count=n)) for n in range(5)] == [
        *(True, True, True),
        *(False, False),
    ]
