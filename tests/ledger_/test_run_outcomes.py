"""What the ledger tells of the days of a connection: orders, parked, lag, quota."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from ledger import Day
from tasks.environment import use_environment
from tasks.trends import trends_due
from tests.tasks_.stand import NOW, Stand, a_stand


def days_of(stand: Stand, days: int = 3) -> list[Day]:
    """The last days of the stand's connection."""
    with stand.environment.books("nordhem").read() as unit:
        return unit.outcomes.days(stand.world.clock.now(), days)


async def test_each_day_has_its_orders_and_what_was_parked(tmp_path: Path) -> None:
    """What was made twice, or before the first day, is not in it."""
    with a_stand(tmp_path) as stand:
        stand.place()
        await stand.run()
        stand.wait(minutes=24 * 60)
        order = stand.place()
        stand.place()
        stand.place(off_by=1)
        await stand.run()
        stand.edit(order, "change_quantity", quantity=2)
        await stand.run()

        told = days_of(stand)

        today = (NOW + timedelta(days=1)).date()
        assert [one.on for one in told] == [
            today - timedelta(days=n) for n in (2, 1, 0)
        ]
        assert [one.orders for one in told] == [0, 1, 2]
        assert [one.parked for one in told] == [0, 0, 1]
        assert told[0].lag_seconds is None
        assert all(one.lag_seconds is not None for one in told[1:])


async def test_the_fullest_hour_of_a_day_is_kept(tmp_path: Path) -> None:
    """When a window ends, what was used of it counts for its day if nothing had more."""
    with a_stand(tmp_path) as stand:
        budgets = stand.environment.ledger.budgets("nordhem")

        def take(calls: int) -> None:
            budgets.take(
                "visma",
                window="requests/3600",
                limit=1000,
                now=stand.world.clock.now(),
                window_seconds=3600,
                calls=calls,
                ceiling=1000,
            )

        for calls in (100, 400, 200):
            take(calls)
            stand.wait(minutes=60)
        stand.wait(minutes=24 * 60)
        take(50)

        assert [one.quota for one in days_of(stand)] == [None, 0.4, 0.05]


async def test_trends_are_due_once_an_hour(tmp_path: Path) -> None:
    """However many runs ask for them."""
    with a_stand(tmp_path) as stand, use_environment(stand.environment):
        assert trends_due("nordhem") is not None
        assert trends_due("nordhem") is None
        stand.wait(minutes=61)
        assert trends_due("nordhem") is not None
