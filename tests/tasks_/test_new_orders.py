"""New orders become sales orders, each once, with the exact total."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from tests.tasks_.stand import CREATED, Stand, a_stand


async def test_a_consumer_order_becomes_one_sales_order(stand: Stand) -> None:
    """An order of 799 SEK with shipping is created once, for the house customer."""
    order = stand.place(shipping=49)

    summary = await stand.run()

    found = stand.sales_order(order)
    assert summary.sentence == "1 new"
    assert stand.writes == {CREATED: 1}
    assert (found.customer, found.currency, found.status) == ("10001", "SEK", "Open")
    assert (found.totals.order_total, found.totals.tax_total) == (
        Decimal("848.00"),
        Decimal("169.60"),
    )
    assert found.ordered_at.date() == date(2026, 3, 10)
    assert [line.inventory_id for line in found.lines] == ["NH1104NAVM", "SHIPPING"]
    assert stand.state(order) == "settled"


async def test_a_second_run_writes_nothing(tmp_path: Path) -> None:
    """Running everything again right away makes no write at either side."""
    with a_stand(tmp_path, orders=60) as stand:
        first = {name: await stand.run(name) for name in ("customers", "orders")}
        again = {name: await stand.run(name) for name in ("customers", "orders")}

        assert first["orders"].counts.created == 50
        assert {name: one.sentence for name, one in again.items()} == {
            "customers": "nothing to do",
            "orders": "1 parked",  # the blocked customer is looked at again
        }
        assert stand.world.calls.writes == 0


async def test_a_full_run_after_all_was_sent_writes_nothing(tmp_path: Path) -> None:
    """Reading everything again changes nothing, as nothing has changed."""
    with a_stand(tmp_path, orders=60) as stand:
        await stand.run("orders")
        again = await stand.run("orders", full=True)

        assert again.counts.created + again.counts.updated == 0
        assert stand.world.calls.writes == 0


async def test_calls_stay_few(stand: Stand) -> None:
    """A hundred orders cost a call each, and a handful for reading and read-back."""
    for _ in range(100):
        stand.place()

    summary = await stand.run()

    visma = sum(n for name, n in stand.calls.items() if name.startswith("visma."))
    centra = sum(n for name, n in stand.calls.items() if name.startswith("centra.q"))
    assert summary.counts.created == 100
    assert visma <= 106
    assert centra <= 5


async def test_orders_beyond_one_batch_are_all_sent(tmp_path: Path) -> None:
    """A run of several batches sends each order of each batch once."""
    with a_stand(tmp_path, **{"limits.batch_size": 3, "centra.page_size": 2}) as stand:
        for _ in range(8):
            stand.place()

        summary = await stand.run()

        assert summary.counts.created == 8
        assert stand.writes == {CREATED: 8}


async def test_touching_an_order_changes_nothing(stand: Stand) -> None:
    """An order that Centra saved again without a change is read and left alone."""
    order = stand.place()
    await stand.run()
    stand.edit(order, "touch")

    summary = await stand.run()

    assert (summary.counts.read, summary.counts.unchanged) == (1, 1)
    assert stand.writes == {}


async def test_every_currency_is_booked_in_itself(stand: Stand) -> None:
    """Orders keep their own currency, also the one without decimals."""
    orders = {
        "NOK": stand.place(country="NO"),
        "EUR": stand.place(country="FI"),
        "GBP": stand.place(country="GB"),
        "JPY": stand.place(country="JP"),
    }

    summary = await stand.run()

    assert summary.counts.created == 4
    booked = {code: stand.sales_order(order) for code, order in orders.items()}
    assert {code: one.currency for code, one in booked.items()} == {
        code: code for code in orders
    }
    assert booked["JPY"].totals.order_total % 1 == 0


async def test_an_order_in_a_closed_period_is_shifted(stand: Stand) -> None:
    """An order of a closed month is posted in the next open period, dated as it was."""
    order = stand.place(placed_at="2026-02-27T10:00:00+00:00")
    stand.company.close_period("202602")

    summary = await stand.run()

    found = stand.sales_order(order)
    assert summary.sentence == "1 new"
    assert found.ordered_at.date() == date(2026, 2, 27)
    assert found.financial["postPeriod"] == "032026"


async def test_an_order_in_a_closed_period_is_parked_by_setting(stand: Stand) -> None:
    """With closed_periods = 'park' nothing is sent, and it resumes when it is opened."""
    stand.change(**{"orders.closed_periods": "park"})
    order = stand.place(placed_at="2026-02-27T10:00:00+00:00")
    stand.company.close_period("202602")

    await stand.run()

    [parked] = stand.exceptions()
    assert (parked.code, parked.amount, parked.currency) == (
        "PERIOD_CLOSED",
        Decimal("799.00"),
        "SEK",
    )
    assert stand.writes == {}

    stand.company.close_period("202602", closed=False)
    stand.wait(minutes=61)  # the periods are read once an hour
    await stand.run()

    assert stand.writes == {CREATED: 1}
    assert stand.state(order) == "settled"
    assert stand.exceptions() == []


async def test_nothing_is_lost_when_ids_are_pulled(stand: Stand) -> None:
    """Pulling one order by its number leaves the others to the next sweep."""
    one, other = stand.place(), stand.place()

    pulled = await stand.run(ids=[str(one.number)])
    assert pulled.counts.created == 1
    assert stand.sales_orders(other) == []

    swept = await stand.run()
    assert swept.counts.created == 1
    assert len(stand.sales_orders(one)) == 1


async def test_a_window_reads_just_what_changed_in_it(stand: Stand) -> None:
    """A window is half open, and moves no watermark."""
    early = stand.place()
    stand.wait(minutes=60)
    until = stand.world.clock.now()
    stand.wait(minutes=60)
    late = stand.place()

    window = await stand.run(until=until)
    assert window.counts.created == 1
    assert stand.state(early) == "settled"
    assert stand.state(late) == "unknown"

    assert (await stand.run()).counts.created == 1
