"""A backfill: what it refuses, what its windows carry, and whom it leaves alone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.errors import ConfigError, QuotaError
from flows import DIRECTIONS
from mapping.periods import Span
from sandbox.centra.sales import Order
from tasks.backfill import Backfill, Backfilled, key_of, parameters_of, windows_of
from tasks.request import Mode, Summary
from tests.tasks_.stand import CREATED, Stand, a_stand

START = {"start_on": "2026-03-01"}
FEBRUARY, MARCH = "2026-02-10T10:00:00+00:00", "2026-03-02T10:00:00+00:00"


def wanted(**changes: Any) -> Backfill:
    """A backfill of orders of the first nine days of March, in windows of a week."""
    values: dict[str, Any] = {
        "connection": "nordhem",
        "direction": "orders",
        "from_day": date(2026, 3, 1),
        "to_day": date(2026, 3, 9),
    }
    return Backfill(**{**values, **changes})


def spans(stand: Stand, **changes: Any) -> list[Span]:
    """The windows of such a backfill."""
    return windows_of(stand.environment, wanted(**changes))


async def run_window(
    stand: Stand, span: Span, *, attempt: int = 1, **changes: Any
) -> Summary:
    """Run a window as its deployment would; called by its days."""
    told = parameters_of(wanted(**changes), span, stand.settings)
    direction = str(changes.get("direction", "orders"))
    return await stand.run(
        direction,
        mode=Mode(told.pop("mode")),
        run_key=f"window {span.name} {changes}",
        attempt=attempt,
        **{key: value for key, value in told.items() if key != "connection"},
    )


def cursors(stand: Stand) -> dict[str, str | None]:
    """How far the runs that carry what is new have read."""
    with stand.environment.books("nordhem").read() as unit:
        return {
            one: unit.cursors.get(one)
            for one in ("orders.updated_at", "payments.updated_at", "refunds.sales")
        }


# -- what is refused ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"from_day": date(2026, 3, 10)}, "ends on 2026-03-09, before it begins on"),
        (
            {"to_day": date(2026, 3, 11)},
            "ends on 2026-03-11, and today is 2026-03-10: nothing can be read of days to",
        ),
        ({"window_days": 0}, "a window of 0 days cannot be: give 1 to 366"),
        ({"window_days": -7}, "a window of -7 days cannot be"),
        ({"window_days": 367}, "a window of 367 days cannot be"),
        ({"at_once": 0}, "0 windows at once cannot be: give 1 to 4"),
        ({"at_once": 5}, "5 windows at once cannot be"),
        (
            {"from_day": date(2024, 1, 1), "window_days": 1, "before_start": True},
            "799 windows are more than 400: make each of them longer",
        ),
        (
            {"direction": "order"},
            "no direction 'order'; choose one of customers, orders",
        ),
        (
            {"direction": "invoices"},
            "invoices cannot be read by period: Visma.net's lists",
        ),
        ({"direction": "stock"}, "centra-visma sync stock --full"),
        ({"direction": "payouts"}, "they come from settlement files"),
        ({"direction": "stock_adjustments"}, "set stock_adjustments.enabled"),
        (
            {"from_day": date(2026, 2, 28)},
            "begins on 2026-02-28, before start_on 2026-03-01: what is older was left",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(
    stand: Stand, changes: dict[str, Any], sentence: str
) -> None:
    """Before anything is started: which of its fields is wrong, and what to do."""
    stand.change(**START)

    with pytest.raises(ConfigError, match=sentence):
        spans(stand, **changes)


def test_each_direction_can_be_read_by_period_or_says_why_not(stand: Stand) -> None:
    """No direction is forgotten; what cannot be read says what to run instead."""
    stand.change(**START, **{"stock_adjustments.enabled": True})

    for one in DIRECTIONS:
        if one in set(Backfilled):
            assert len(spans(stand, direction=one)) == 2
        else:
            with pytest.raises(
                ConfigError, match=f"{one} cannot be read.*centra-visma"
            ):
                spans(stand, direction=one)


def test_shipments_of_visma_net_cannot_be_read_by_period(stand: Stand) -> None:
    """Its list has no end; the store in which it ships is named."""
    stand.change(**START, stores={"*": {"post_as": "sales_order", "ships": "visma"}})

    with pytest.raises(ConfigError, match=r"where Visma.net ships \(stores\.\*\)"):
        spans(stand, direction="fulfilment")


async def test_ends_with_and_without_a_zone_are_refused(stand: Stand) -> None:
    """They cannot be compared; nothing is read, and no run is begun."""
    ends = {"since": datetime(2026, 3, 1), "until": datetime(2026, 3, 2, tzinfo=UTC)}  # noqa: DTZ001

    with pytest.raises(ConfigError, match="one has a time zone and the other none"):
        await stand.run(**ends)

    with stand.environment.books("nordhem").read() as unit:
        assert unit.runs.last("orders") is None
    assert not stand.calls


def test_a_direction_that_is_not_live_is_only_planned(newcomer: Stand) -> None:
    """A backfill is no way round the first approval."""
    newcomer.change(**START)

    with pytest.raises(ConfigError, match="orders of nordhem did not go live yet"):
        spans(newcomer)

    assert len(spans(newcomer, mode=Mode.PLAN)) == 2


def test_a_window_is_known_by_what_it_is_of(stand: Stand) -> None:
    """Connection, direction, days and backfill: another one of them is another window."""
    stand.change(**START)
    [first, second] = spans(stand)
    keys = {
        key_of("b1", wanted(), first),
        key_of("b1", wanted(), second),
        key_of("b2", wanted(), first),
        key_of("b1", wanted(direction="payments"), first),
        key_of("b1", wanted(connection="fjord"), first),
    }

    assert len(keys) == 5
    assert key_of("b1", wanted(), first) in keys


# -- what windows carry -------------------------------------------------------------------


async def test_windows_carry_what_was_ordered_on_their_days(stand: Stand) -> None:
    """By the day of the books, whenever it was changed since; each order in one window."""
    stand.change(**START)
    late = stand.place(placed_at="2026-03-07T22:59:00+00:00")  # 23:59 in Sweden
    next_day = stand.place(placed_at="2026-03-07T23:01:00+00:00")  # 8 March in Sweden
    today = stand.place()
    for one in (late, next_day):
        stand.edit(one, "touch")
    before = cursors(stand)
    first, second = spans(stand)

    assert (await run_window(stand, first)).sentence == "1 new"
    assert [stand.state(one) for one in (late, next_day)] == ["settled", "unknown"]
    assert (await run_window(stand, second)).sentence == "1 new"
    assert stand.state(next_day) == "settled"
    assert stand.state(today) == "unknown"
    assert cursors(stand) == before


async def test_what_is_there_is_not_made_twice(stand: Stand) -> None:
    """Neither by a second backfill nor by the run that carries what is new."""
    stand.change(**START)
    order = stand.place(placed_at=MARCH)
    [first, _] = spans(stand)
    await run_window(stand, first)

    again = await run_window(stand, first, window_days=8)

    assert again.sentence == "nothing to do"
    assert (await stand.run()).counts.created == 0
    assert len(stand.sales_orders(order)) == 1


async def test_what_is_older_than_the_start_needs_the_switch(stand: Stand) -> None:
    """Of the windows of one period just those that begin before start_on write it."""
    stand.change(**START)
    old, new = stand.place(placed_at=FEBRUARY), stand.place(placed_at=MARCH)
    period = {"from_day": date(2026, 2, 8), "before_start": True}
    windows = spans(stand, **period)
    told = [
        parameters_of(wanted(**period), span, stand.settings)["backfill"]
        for span in windows
    ]
    assert told == [True, True, True, False, False]

    sentences = [(await run_window(stand, span, **period)).sentence for span in windows]

    assert sentences == ["1 new", *["nothing to do"] * 2, "1 new", "nothing to do"]
    assert [len(stand.sales_orders(one)) for one in (old, new)] == [1, 1]


async def test_what_must_stay_out_stays_out(stand: Stand) -> None:
    """`leave_out.until` holds for a backfill, too: its orders are booked elsewhere."""
    stand.change(**START, **{"leave_out.until": "2026-02-20"})
    order = stand.place(placed_at=FEBRUARY)
    period = {"from_day": date(2026, 2, 8), "before_start": True}
    [first, *_] = spans(stand, **period)

    summary = await run_window(stand, first, **period)

    assert summary.counts.reasons == {"OLD": 1}
    assert stand.sales_orders(order) == []


@pytest.mark.parametrize(
    "direction", ["customers", "fulfilment", "refunds", "payments"]
)
async def test_a_window_moves_no_cursor(tmp_path: Path, direction: str) -> None:
    """What the ordinary runs have read is what they will go on from."""
    with a_stand(tmp_path, orders=30, **START) as stand:
        for one in ("customers", "orders", "fulfilment", "refunds", "payments"):
            await stand.run(one)
        before = cursors(stand)
        assert before["orders.updated_at"] is not None

        for span in spans(stand, direction=direction):
            await run_window(stand, span, direction=direction)

        assert cursors(stand) == before


async def test_what_came_after_an_order_is_carried_by_windows(tmp_path: Path) -> None:
    """Shipments, payments and returns of a life, by windows alone, agree with its orders."""
    with a_stand(tmp_path / "by windows", orders=40, start_on="2026-01-01") as stand:
        period = {"from_day": date(2026, 1, 1), "to_day": date(2026, 3, 10)}
        for direction in ("customers", "orders", "fulfilment", "payments", "refunds"):
            for span in spans(stand, direction=direction, window_days=30, **period):
                await run_window(stand, span, direction=direction, **period)
        by_windows = tally(stand)
    with a_stand(tmp_path / "at once", orders=40, start_on="2026-01-01") as stand:
        for direction in ("customers", "orders", "fulfilment", "payments", "refunds"):
            await stand.run(direction)

        assert by_windows == tally(stand)


def tally(stand: Stand) -> dict[str, list[str]]:
    """What stands in Visma.net, by the references that the connector writes."""
    books = stand.company.books
    return {
        "orders": sorted(str(one.customer_order) for one in stand.company.orders),
        "shipments": sorted(one.status for one in books.shipments.values()),
        "payments": sorted(str(one.reference) for one in books.payments.values()),
    }


# -- whom windows leave alone, and who leaves them alone ------------------------------------


async def left_out_before(
    stand: Stand, count: int, placed_at: str = FEBRUARY
) -> list[Order]:
    """Old orders that the runs which carry what is new have heard of, and left out."""
    await stand.run()  # listens from here on
    placed = [stand.place(placed_at=placed_at) for _ in range(count)]
    assert (await stand.run()).counts.reasons == {"BEFORE_START": count}
    return placed


async def broken_window(stand: Stand) -> tuple[Span, dict[str, Any]]:
    """A window of old orders that has planned its writes, and could send none."""
    period = {"from_day": date(2026, 2, 8), "before_start": True}
    [first, *_] = spans(stand, **period)
    stand.fault("missing_permission", CREATED, times=50)
    with pytest.raises(ConfigError):
        await run_window(stand, first, **period)
    stand.world.faults.clear()
    return first, period


async def test_no_other_run_takes_up_what_a_window_has_begun(stand: Stand) -> None:
    """It would be beyond max_writes, or judge what is old as left out; Retry finishes it."""
    stand.change(**START)
    old = await left_out_before(stand, 3)
    window, period = await broken_window(stand)

    assert (await stand.run()).counts.left_out == 0
    other = spans(stand, **period)[1]
    assert (await run_window(stand, other, **period)).sentence == "nothing to do"
    assert [stand.state(one) for one in old] == ["mapped"] * 3
    assert list(stand.company.orders) == []

    again = await run_window(stand, window, attempt=2, **period)
    assert again.sentence == "3 new"
    assert [len(stand.sales_orders(one)) for one in old] == [1, 1, 1]


async def test_what_changes_while_a_window_is_broken_is_still_wanted(
    stand: Stand,
) -> None:
    """The run that reads the change carries it over, though it is older than start_on."""
    stand.change(**START)
    old, other = await left_out_before(stand, 2)
    [never_asked_for] = await left_out_before(stand, 1, "2026-02-01T10:00:00+00:00")
    window, period = await broken_window(stand)
    for one in (old, never_asked_for):
        stand.edit(one, "change_quantity", quantity=2)

    summary = await stand.run()

    assert (summary.counts.created, summary.counts.reasons) == (1, {"BEFORE_START": 1})
    assert stand.state(other) == "mapped"
    again = await run_window(stand, window, attempt=2, **period)
    assert again.counts.created == 1
    assert [len(stand.sales_orders(one)) for one in (old, other)] == [1, 1]
    assert stand.sales_orders(never_asked_for) == []


async def test_a_window_leaves_alone_what_is_not_its_own(stand: Stand) -> None:
    """What an ordinary run could not finish, or has parked, is the next one's to take up."""
    stand.change(**START)
    stand.place(off_by=1)
    today = stand.place()
    stand.fault("missing_permission", CREATED, times=50)
    with pytest.raises(ConfigError):
        await stand.run()
    stand.world.faults.clear()
    [first, _] = spans(stand)

    assert (await run_window(stand, first)).counts.read == 0
    assert stand.state(today) == "mapped"
    assert (await run_window(stand, first, attempt=2)).counts.read == 0
    assert (await stand.run()).counts.created == 1


async def test_a_planned_window_is_sent_by_nobody_but_its_plan(stand: Stand) -> None:
    """Neither what is new nor another window sends it; `apply` with its hash does."""
    stand.change(**START)
    [first] = await left_out_before(stand, 1)
    [second] = await left_out_before(stand, 1, "2026-02-26T10:00:00+00:00")
    period = {"from_day": date(2026, 2, 8), "before_start": True, "mode": Mode.PLAN}
    windows = spans(stand, **period)

    plans = [(await run_window(stand, one, **period)).plan for one in windows]

    assert [plan.writes if plan else 0 for plan in plans] == [1, 0, 1, 0, 0]
    assert (await stand.run()).sentence == "nothing to do"
    assert stand.writes == {}
    for plan in plans:
        if plan and plan.writes:
            assert (await stand.run(plan=plan.hash)).sentence == "1 new"
    assert [len(stand.sales_orders(one)) for one in (first, second)] == [1, 1]


async def test_a_parked_record_of_a_window_is_everybodys(stand: Stand) -> None:
    """It stands on the list; once the settings know what it needs, any run carries it."""
    stand.change(**START, **{"customers.terms": {}})
    order = stand.place(account=2, placed_at=FEBRUARY)
    period = {"from_day": date(2026, 2, 8), "before_start": True}
    [first, *_] = spans(stand, **period)
    await run_window(stand, first, **period)
    assert stand.parked() == {str(order.number): "TERMS_NOT_MAPPED"}

    stand.change(**START)
    assert (await stand.run()).counts.created == 1

    assert stand.state(order) == "settled"


async def test_a_window_leaves_the_ordinary_runs_their_share(tmp_path: Path) -> None:
    """Where half of an hour is used it stops; stock and orders go on beside it.

    Counted by the sandbox: nobody is refused a call, and nothing is sent twice.
    """
    with a_stand(tmp_path, quotas="vendor", **START) as stand:
        stand.world.visma_calls_per_hour = 240
        await left_out_before(stand, 130)
        period = {"from_day": date(2026, 2, 8), "before_start": True}
        [first, *_] = spans(stand, **period)
        before = len(answers(stand))

        with pytest.raises(QuotaError) as stopped:
            await run_window(stand, first, **period)

        sent = len(stand.company.orders)
        assert 30 < sent < 120
        assert (stopped.value.wait_seconds or 0) > 60
        assert len(answers(stand)) - before <= 120
        fresh = [stand.place() for _ in range(10)]
        assert (await stand.run("stock")).counts.problems == []
        assert (await stand.run()).counts.created == 10
        assert {stand.state(one) for one in fresh} == {"settled"}

        for attempt in range(2, 6):
            stand.wait(minutes=61)
            try:
                await run_window(stand, first, attempt=attempt, **period)
            except QuotaError:
                continue
        references = [one.customer_order for one in stand.company.orders]
        assert len(references) == len(set(references)) == 140
        assert not any(map(is_over_quota, answers(stand)))


def answers(stand: Stand) -> list[httpx.Response]:
    """What the service of sales orders has answered since the shop was opened."""
    return [
        response
        for request, response in stand.wire.exchanges
        if response is not None and "/salesorder/" in request.url.path
    ]


def is_over_quota(answer: httpx.Response) -> bool:
    """Whether a call was refused as the hour had none left; bursts are another matter."""
    none_left = answer.headers.get("X-RateLimit-Remaining") == "0"
    return answer.status_code == httpx.codes.TOO_MANY_REQUESTS and none_left
