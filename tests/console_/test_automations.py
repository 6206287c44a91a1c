"""The rules of automations.json, as Prefect's own code reads them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from prefect.server.events.schemas.automations import EventTrigger
from prefect.server.events.schemas.events import ReceivedEvent, RelatedResource

from console.control_room import PROJECT
from tasks.alert_block import CAUSES

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
    """Without it the deployment would be blocked until somebody looks.

    A worker says *Submitting* right after *Pending*: each begins the wait anew.
    """
    for state in ("Pending", "Submitting", "InfrastructurePending"):
        assert unbegun().starts_after(f"prefect.flow-run.{state}")
    for state in ("Running", "Cancelled", "Crashed"):
        assert unbegun().expects(f"prefect.flow-run.{state}")
        assert not unbegun().starts_after(f"prefect.flow-run.{state}")


def test_a_crashed_run_is_tried_again_twice() -> None:
    """The third crash is for a person; a Retry by hand comes first and stops the clock."""
    ours = "connection:nordhem"
    assert again().starts_after("prefect.flow-run.Crashed")
    assert again().expects("prefect.flow-run.AwaitingRetry")
    # a worker may tell of one crash twice, and a busy server may hear of it twice
    assert not again().expects("prefect.flow-run.Crashed")
    assert [again().covers(of_a_run("Crashed", ours, count=n)) for n in range(5)] == [
        *(True, True, True),
        *(False, False),
    ]


@pytest.mark.parametrize("state", ["Failed", "TimedOut"])
def test_a_failed_run_starts_the_watch(state: str) -> None:
    """At once, if it is a run of a connection: the watch cannot start itself again."""
    rule = a_trigger("A failed run is told at once")

    assert rule.posture == "Reactive"
    assert rule.expects(f"prefect.flow-run.{state}")
    assert rule.covers(of_a_run(state, "connection:nordhem"))
    assert not rule.covers(of_a_run(state, "installation"))
    for other in ("Completed", "Planned", "Held", "Cancelled", "Crashed"):
        assert not rule.expects(f"prefect.flow-run.{other}")


def test_late_runs_are_told_when_none_begins() -> None:
    """The beginning of any run is a sign that a worker takes them."""
    rule = a_trigger("Runs are late and none begins")

    assert rule.starts_after("prefect.flow-run.Late")
    assert rule.expects("prefect.flow-run.Running")
    assert not rule.expects("prefect.flow-run.Late")
    assert rule.covers(of_a_run("Late"))


@pytest.mark.parametrize(
    "name", ["Runs are late and none begins", "The worker is gone"]
)
def test_a_quiet_installation_is_told_of_nothing(name: str) -> None:
    """A rule of one bucket for all is counted down by the server though nothing began it."""
    assert a_trigger(name).for_each


def test_late_runs_and_those_that_begin_are_of_one_pool() -> None:
    """Of whichever run: what begins answers what is late."""
    pool = RelatedResource(
        {
            "prefect.resource.role": "work-pool",
            "prefect.resource.id": "prefect.work-pool.7",
        }
    )
    rule = a_trigger("Runs are late and none begins")
    late, began = of_a_run("Late"), of_a_run("Running")
    for event in (late, began):
        event.related.append(pool)

    assert rule.bucketing_key(late) == rule.bucketing_key(began)
    assert rule.bucketing_key(late) == ("prefect.work-pool.7",)


@pytest.mark.parametrize(
    ("pool", "is_ours"), [("centra-visma", True), ("other", False)]
)
def test_a_missing_worker_is_told_of_our_pool_alone(pool: str, is_ours: bool) -> None:
    """The pool says not-ready when no worker of it has a heartbeat, and ready again."""
    rule = a_trigger("The worker is gone")
    event = ReceivedEvent.model_validate(
        {
            "occurred": datetime(2026, 3, 2, tzinfo=UTC),
            "event": "prefect.work-pool.not-ready",
            "resource": {
                "prefect.resource.id": f"prefect.work-pool.{uuid4()}",
                "prefect.resource.name": pool,
            },
            "id": uuid4(),
        }
    )

    assert rule.starts_after("prefect.work-pool.not-ready")
    assert rule.expects("prefect.work-pool.ready")
    assert rule.covers(event) is is_ours


@pytest.mark.parametrize(("flow", "is_watch"), [("watch", True), ("orders", False)])
def test_a_watch_that_does_not_run_is_missed(flow: str, is_watch: bool) -> None:
    """Nothing has to begin for that: the clock always runs, longer than three looks."""
    rule = a_trigger("The watch does not run")
    event = of_a_run("Completed", "installation")
    event.related.append(
        RelatedResource(
            {
                "prefect.resource.role": "flow",
                "prefect.resource.id": "prefect.flow.1",
                "prefect.resource.name": flow,
            }
        )
    )

    assert (rule.posture, rule.after) == ("Proactive", set())
    assert rule.within.total_seconds() >= 3 * 300
    assert rule.expects("prefect.flow-run.Completed")
    assert not rule.expects("prefect.flow-run.Failed")
    assert rule.covers(event) is is_watch


def test_every_message_of_the_server_names_a_cause_that_is_known() -> None:
    """The words stand in one place; an automation only names the cause."""
    rules = json.loads((PROJECT / "automations.json").read_text(encoding="utf-8"))
    actions = [action for rule in rules for action in rule["actions"]]
    named = {one["subject"] for one in actions if one["type"] == "send-notification"}

    assert named == set(CAUSES)
