"""Names of runs and steps say what they did, and by which tags runs are found."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from flows.running import ended
from tasks.direction import Window
from tasks.naming import LOAD_NAME, WINDOW_NAME, run_name, run_tags, slug, under_way
from tasks.request import Counts, Planned, Summary

MOMENT = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


def a_summary(**parts: object) -> Summary:
    """A run of orders that ended, with these parts."""
    return Summary.model_validate(
        {"direction": "orders", "run_id": 1, "counts": Counts(), **parts}
    )


A_PLAN = Planned(hash="abc", writes=3, why="more than max_writes")
EMPTY = Planned(hash="abc", writes=0, why="the run was started in mode 'plan'")


@pytest.mark.parametrize(
    ("summary", "name"),
    [
        (a_summary(), "orders · nothing new"),
        (a_summary(counts=Counts(read=9, unchanged=9)), "orders · nothing new"),
        (a_summary(counts=Counts(created=42, parked=1)), "orders · 42 new, 1 parked"),
        (a_summary(plan=A_PLAN), "orders · 3 writes planned"),
        (a_summary(plan=EMPTY), "orders · nothing to write"),
        (
            a_summary(plan=A_PLAN, counts=Counts(parked=2)),
            "orders · 3 writes planned, 2 parked",
        ),
        (
            a_summary(held=A_PLAN, counts=Counts(updated=2)),
            "orders · 2 changed, 3 held",
        ),
    ],
)
def test_a_run_is_named_by_what_it_did(summary: Summary, name: str) -> None:
    """Counts alone, without hash or reasons, which stand in its message."""
    assert run_name(summary.direction, summary.short) == name


def test_a_plan_of_nothing_asks_for_no_approval() -> None:
    """It ends as done, without a hash to approve, and is not tagged as planned."""
    empty = a_summary(plan=EMPTY)
    state = ended(empty)

    assert state.name == "Completed"
    assert state.message == "nothing would be written, so there is nothing to approve"
    assert "planned" not in run_tags((), "nordhem", empty)
    waiting = ended(a_summary(plan=A_PLAN))
    assert waiting.name == "Planned"
    assert waiting.message == (
        "3 writes planned (more than max_writes); apply with plan abc"
    )


def test_a_run_under_way_is_named_by_flow_and_connection() -> None:
    """The template is filled with the form's field by Prefect."""
    name = under_way("credit_notes").format(connection="nordhem")

    assert name == "credit notes · nordhem"


def test_tags_of_an_earlier_attempt_are_taken_off() -> None:
    """A retry that has solved what was parked is no parked run; other tags stay."""
    before = {"auto-scheduled", "parked", "mine"}
    own = {"auto-scheduled", "mine", "connection:nordhem", "direction:orders"}

    assert run_tags(before, "nordhem", a_summary()) == own
    parked = a_summary(counts=Counts(parked=1), held=A_PLAN)
    assert run_tags(before, "nordhem", parked) == own | {"parked", "held"}
    assert run_tags(before, "nordhem", a_summary(plan=A_PLAN)) == own | {"planned"}


@pytest.mark.parametrize(
    ("window", "name"),
    [
        (Window(), "extract · what is new"),
        (Window(full=True), "extract · everything"),
        (Window(ids=["1", "2", "3", "4", "5"]), "extract · 1, 2, 3 and 2 more"),
        (Window(since=MOMENT), "extract · from 2026-03-10 09:30"),
        (
            Window(since=MOMENT, until=MOMENT.replace(hour=12, minute=0)),
            "extract · from 2026-03-10 09:30 until 2026-03-10 12:00",
        ),
    ],
)
def test_a_step_that_reads_is_named_by_its_window(window: Window, name: str) -> None:
    """What the form asked for can be told from the steps of a run."""
    assert WINDOW_NAME(parameters={"window": window}) == name


def test_a_step_that_sends_is_named_by_its_batch_or_plan() -> None:
    """One of both is given."""
    assert LOAD_NAME(parameters={"batch_id": 7, "intent_ids": None}) == "load · batch 7"
    plan = {"batch_id": None, "intent_ids": [1, 2]}
    assert LOAD_NAME(parameters=plan) == "load · plan of 2 writes"


def test_keys_of_artifacts_hold_what_prefect_allows() -> None:
    """Lower-case letters, digits and dashes; the same for every run of a deployment."""
    assert slug("credit_notes", "shop_2", "done") == "credit-notes-shop-2-done"
