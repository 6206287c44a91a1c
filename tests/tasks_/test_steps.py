"""How a step is retried, what it answers, and the rare ends of it."""

from __future__ import annotations

from typing import Any

import pytest
from prefect.states import Completed, Failed, State

from connectors.errors import (
    AbortError,
    ConfigError,
    QuotaError,
    RecordError,
    RetryableError,
)
from tasks.direction import find_direction
from tasks.policy import STEP
from tasks.request import Counts, Summary
from tasks.run import TASKS
from tests.tasks_.stand import (
    CREATED,
    CUSTOMER_CREATED,
    INDIVIDUAL,
    PATCHED,
    Stand,
)


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (RetryableError("busy"), True),
        (QuotaError("used up"), False),
        (ConfigError("wrong"), False),
        (AbortError("stop"), False),
        (RecordError("no", code="X", fix="y"), False),
        (ValueError("a bug"), False),
    ],
    ids=lambda one: type(one).__name__,
)
async def test_only_what_may_pass_is_repeated(error: Exception, again: bool) -> None:
    """Prefect repeats a step for a busy system; a used-up quota waits for the next run."""
    condition = STEP["retry_condition_fn"]

    assert await condition(None, None, Failed(data=error)) is again


async def test_a_step_that_went_well_is_not_repeated() -> None:
    """There is nothing to repeat then."""
    state: State[Any] = Completed(data=1)

    assert await STEP["retry_condition_fn"](None, None, state) is False


def test_every_step_is_kept_and_named() -> None:
    """Each step keeps its result, has a name of its own, and the one policy."""
    names = [step.name for step in TASKS]

    assert len(set(names)) == len(names) == 7
    assert all(step.persist_result for step in TASKS)
    assert all(step.retries == 3 for step in TASKS)


def test_an_unknown_direction_names_the_known_ones() -> None:
    """A direction that no flow registers is a mistake of ours, and stops the run."""
    with pytest.raises(AbortError, match=r"\(known: .*customers, .*orders.*\)"):
        find_direction("gossip")


def test_counts_add_up() -> None:
    """Counts of batches are added field by field; only ten problems are told."""
    one = Counts(read=2, created=1, reasons={"OLD": 1}, problems=["a"] * 8)
    other = Counts(
        read=3, parked=1, reasons={"OLD": 1, "PENDING": 2}, problems=["b"] * 8
    )

    both = one.plus(other)

    assert (both.read, both.created, both.parked) == (5, 1, 1)
    assert both.reasons == {"OLD": 2, "PENDING": 2}
    assert both.problems == ["a"] * 8 + ["b"] * 2
    assert one.read == 2


def test_a_run_is_told_in_one_line() -> None:
    """Only what happened is in the sentence."""
    counts = Counts(read=9, created=3, updated=2, in_doubt=1, unchanged=4)

    assert Summary(direction="orders", run_id=1, counts=counts).sentence == (
        "3 new, 2 changed, 1 in doubt"
    )
    assert Summary(direction="orders", run_id=1, counts=Counts(read=9)).sentence == (
        "nothing to do"
    )


async def test_two_customers_with_our_key_are_a_persons(stand: Stand) -> None:
    """A probe that finds our key twice decides nothing."""
    stand.change(**INDIVIDUAL)
    order = stand.place()
    stand.fault("no_answer", CUSTOMER_CREATED)
    await stand.run()
    stand.company.add_customer(name="Twin", attributes={"CENTRAID": "N-dtc-1"})

    stand.wait(minutes=3)
    await stand.run()

    assert stand.parked()["dtc-1"] == "DUPLICATE_REFERENCE"
    assert stand.sales_orders(order) == []


async def test_an_order_with_two_documents_after_a_lost_answer(stand: Stand) -> None:
    """A reference that two orders carry is told with both numbers."""
    order = stand.place()
    other = stand.place()
    stand.fault("no_answer", CREATED)
    await stand.run()
    for one in stand.company.orders:
        one.customer_order = f"N-{order.number}"

    stand.wait(minutes=3)
    await stand.run()

    doubled = [row for row in stand.exceptions() if row.code == "DUPLICATE_REFERENCE"]
    assert len(doubled) == 1
    assert "SO/000100, SO/000101 all carry its reference" in doubled[0].reason
    assert other.number != order.number


async def test_a_hold_that_fails_is_told(stand: Stand) -> None:
    """When a differing document cannot be held, that is said with the difference."""
    order = stand.place()

    def shipped(method: str, path: str) -> None:
        for one in stand.company.orders:
            one.currency = "NOK"

    stand.wire.before = shipped
    stand.fault("missing_permission", PATCHED, times=9)
    await stand.run()

    [parked] = stand.exceptions()
    assert parked.code == "TOTAL_DIFFERS"
    assert parked.reason.startswith(
        f"{order.number}: booked in NOK instead of SEK; it could not be put on hold: "
    )


async def test_an_order_that_was_deleted_in_visma_is_parked(stand: Stand) -> None:
    """A change of an order that is gone is not made into a new order."""
    order = stand.place()
    await stand.run()
    stand.edit(order, "change_quantity", quantity=2)
    stand.company.orders.remove(stand.sales_order(order))

    await stand.run()

    [parked] = stand.exceptions()
    assert parked.code == "NOT_FOUND"
    assert parked.fix == "Check whether it was deleted or renumbered in Visma.net."
    assert stand.writes == {}


async def test_a_backfill_writes_what_is_older_than_the_start(stand: Stand) -> None:
    """What is older than start_on goes only when somebody asks for it."""
    stand.change(start_on="2026-03-01")
    order = stand.place(placed_at="2026-02-10T10:00:00+00:00")

    assert (await stand.run(full=True)).counts.created == 0
    assert stand.writes.keys() <= {"centra.mutation.SetEventListeners"}

    assert (await stand.run(full=True, backfill=True)).sentence == "1 new"
    assert stand.state(order) == "settled"
    assert (await stand.run(full=True)).sentence == "nothing to do"
