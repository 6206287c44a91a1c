"""The quota of a connection and API: leases, reserves, waits, what answers tell."""

from decimal import Decimal

import httpx
import pytest

from connectors.answers import Answer, Call
from connectors.budget import Budget, Window
from connectors.errors import QuotaError
from tests.connectors_.builders import Clock, MemoryBudgets

READ = Call("GET x", repeatable=True)
WRITE = Call("POST x", repeatable=False, write=True)


def a_budget(store, clock, **more):
    """Return a budget over one hour window."""
    windows = more.pop("windows", (Window("requests", 3600, 4000),))
    return Budget(
        "visma.erp",
        windows=windows,
        store=store,
        clock=clock,
        sleep=clock.sleep,
        **more,
    )


def an_answer(status=200, **headers):
    """Return an answer with the parts that a test is about."""
    named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
    return Answer(status, httpx.Headers(named), None, "")


async def test_calls_are_taken_in_leases():
    """Twenty calls cost the database one round trip."""
    store, clock = MemoryBudgets(), Clock()
    budget = a_budget(store, clock)
    for _ in range(21):
        await budget.enter(READ)

    assert store.takes == [("requests/3600", 20), ("requests/3600", 20)]


async def test_a_lease_ends_with_its_window():
    """Calls of the last hour cannot be spent in this one."""
    store, clock = MemoryBudgets(), Clock()
    budget = a_budget(store, clock)
    await budget.enter(READ)
    await clock.sleep(3601)
    await budget.enter(READ)

    assert len(store.takes) == 2


async def test_bulk_leaves_the_reserved_share():
    """A catalogue push stops where orders and refunds still have room."""
    store, clock = MemoryBudgets(), Clock()
    windows = (Window("requests", 3600, 100),)
    bulk = a_budget(store, clock, windows=windows, priority="bulk")
    urgent = a_budget(store, clock, windows=windows)
    for _ in range(75):
        await bulk.enter(READ)
    with pytest.raises(QuotaError, match="used up until 13:00:00"):
        await bulk.enter(READ)
    await urgent.enter(READ)

    assert store.used["visma.erp", "requests/3600"] == 80


@pytest.mark.parametrize(
    ("reserved", "calls"),
    [(Decimal("0.25"), 50), (Decimal("0.75"), 25)],
    ids=["its own share", "never of what is reserved"],
)
async def test_a_backfill_leaves_half_to_everything_else(reserved, calls):
    """A catalogue push is stopped later than a backfill, and what is urgent never."""
    store, clock = MemoryBudgets(), Clock()
    told = {"windows": (Window("requests", 3600, 100),), "reserved_share": reserved}
    backfill = a_budget(store, clock, priority="backfill", **told)
    for _ in range(calls):
        await backfill.enter(READ)
    with pytest.raises(QuotaError):
        await backfill.enter(READ)
    urgent = a_budget(store, clock, **told)
    for _ in range(100 - calls):
        await urgent.enter(READ)

    assert store.used["visma.erp", "requests/3600"] == 100


async def test_the_last_calls_are_taken_one_by_one():
    """A lease that does not fit any more must not waste what is left."""
    store, clock = MemoryBudgets(), Clock()
    budget = a_budget(store, clock, windows=(Window("requests", 3600, 61),))
    for _ in range(61):
        await budget.enter(READ)

    assert store.used["visma.erp", "requests/3600"] == 61
    with pytest.raises(QuotaError) as caught:
        await budget.enter(READ)
    assert caught.value.wait_seconds == 3600


async def test_short_windows_are_waited_for():
    """Ten seconds are waited; the next window has room again."""
    store, clock = MemoryBudgets(), Clock()
    budget = a_budget(store, clock, windows=(Window("requests", 10, 2),))
    for _ in range(3):
        await budget.enter(READ)

    assert clock.slept == [pytest.approx(10.05)]


async def test_mutations_have_a_bucket_of_their_own():
    """Only calls that write take from the mutation bucket."""
    store, clock = MemoryBudgets(), Clock()
    windows = (Window("requests", 10, 60), Window("mutations", 10, 20))
    budget = a_budget(store, clock, windows=windows)
    await budget.enter(READ)
    await budget.enter(WRITE)

    assert [name for name, _ in store.takes] == ["requests/10", "mutations/10"]


async def test_complexity_is_estimated_by_the_last_call():
    """What a query cost is what the next one like it is expected to cost."""
    store, clock = MemoryBudgets(), Clock()
    budget = a_budget(store, clock, windows=(Window("complexity", 10, 1000),))
    await budget.enter(READ)
    budget.spent("GET x", 400)
    await budget.enter(READ)
    await budget.enter(READ)
    await budget.enter(READ)

    assert store.takes[:2] == [("complexity/10", 400)] * 2
    assert clock.slept == [pytest.approx(10.05)]


async def test_limit_is_learned_from_headers():
    """Visma.net's own number replaces our guess, and is not stored at each call."""
    store, clock = MemoryBudgets(), Clock()
    budget = a_budget(store, clock)
    await budget.enter(READ)
    headers = {
        "X_RateLimit_Limit": 15000,
        "X_RateLimit_Remaining": 14000,
        "X_RateLimit_Reset": 1200,
    }
    budget.learn(an_answer(**headers))
    budget.learn(an_answer(**headers))
    await clock.sleep(61)
    budget.learn(an_answer(**headers))

    assert store.observed == [("requests/3600", 15000, 14000)] * 2


async def test_empty_window_in_headers_stops_calls():
    """After the answer that nothing is left, the lease is void."""
    store, clock = MemoryBudgets(), Clock()
    budget = a_budget(store, clock)
    await budget.enter(READ)
    budget.learn(
        an_answer(
            429, X_RateLimit_Limit=4000, X_RateLimit_Remaining=0, X_RateLimit_Reset=900
        )
    )
    with pytest.raises(QuotaError) as caught:
        await budget.enter(READ)

    assert caught.value.wait_seconds == 900


async def test_429_without_numbers_closes_the_window_it_fits():
    """Centra tells only when to come back; all workers then wait for it."""
    store, clock = MemoryBudgets(), Clock()
    windows = (Window("requests", 10, 60), Window("requests", 3600, 5000))
    budget = a_budget(store, clock, windows=windows)
    budget.learn(an_answer(429, Retry_After=4))
    budget.learn(an_answer(429))
    await budget.enter(READ)
    budget.learn(an_answer(429, Retry_After=1800))

    assert store.observed == [("requests/10", 60, 0), ("requests/3600", 5000, 0)]
    assert clock.slept == [pytest.approx(4.05)]
    with pytest.raises(QuotaError):
        await budget.enter(READ)


async def test_unknown_windows_are_not_observed():
    """A limit that we do not count is no limit of ours."""
    store, clock = MemoryBudgets(), Clock()
    budget = a_budget(store, clock)
    budget.observe("mutations", 10, 20, 5, 10)
    budget.observe("requests", 3600, 0, 0, 10)

    assert store.observed == []


async def test_calls_are_paced():
    """Bursts are throttled by the vendor below the hour limit, so calls are spread."""
    store, clock = MemoryBudgets(), Clock()
    budget = a_budget(store, clock, per_second=Decimal(200))
    for _ in range(3):
        await budget.enter(READ)

    assert len(store.takes) == 1


async def test_a_call_larger_than_the_limit_still_passes():
    """An estimate above the whole window must not wait for ever."""
    store, clock = MemoryBudgets(), Clock()
    budget = a_budget(store, clock, windows=(Window("complexity", 10, 1000),))
    budget.spent("GET x", 5000)
    await budget.enter(READ)

    assert store.takes == [("complexity/10", 1000)]


async def test_limit_without_what_is_left():
    """A short window's size is learned; what it has left is too old to know."""
    store, clock = MemoryBudgets(), Clock()
    budget = a_budget(store, clock, windows=(Window("requests", 10, 600),))
    budget.limit("requests", 10, 2)
    budget.limit("mutations", 10, 2)
    budget.limit("requests", 10, 0)
    for _ in range(3):
        await budget.enter(READ)

    assert store.observed == []
    assert clock.slept == [pytest.approx(10.05)]
