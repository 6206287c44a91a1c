"""What an overlap brings again is read again only if it may be another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tasks_.shipping import SHIPS_VISMA, sell, ship
from tests.tasks_.stand import Stand, a_stand

READ = "centra.query.Orders"
LISTED = "centra.query.OrderChanges"


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A shop with one order of this minute."""
    with a_stand(tmp_path) as stand:
        stand.place()
        yield stand


async def calls_of_a_run(stand: Stand, direction: str = "orders") -> dict[str, int]:
    """How often each list was asked for in a run, half a minute after the last one."""
    stand.world.clock.advance(30)
    stand.world.calls.reset()
    await stand.run(direction)
    return {name: n for name, n in dict(stand.calls).items() if name in {READ, LISTED}}


async def test_order_that_is_as_it_was_read_is_not_read_again(stand: Stand) -> None:
    """It is read once more, as one time may stand for two changes, and then only listed."""
    assert await calls_of_a_run(stand) == {READ: 1}
    assert await calls_of_a_run(stand) == {LISTED: 1, READ: 1}
    assert await calls_of_a_run(stand) == {LISTED: 1}


async def test_second_change_within_a_second_is_seen(stand: Stand) -> None:
    """Centra tells times to the second: the same time is not yet the same order."""
    order = stand.place(lines=[{"sku": "NH1104NAVM", "quantity": 3}])
    await stand.run("orders")
    at = order.updated_at
    stand.edit(order, "cancel_line", line=order.lines[0].id, quantity=1)
    order.updated_at = at
    stand.shop.events._queues.clear()  # nobody tells
    await calls_of_a_run(stand)

    [line] = stand.sales_order(order).lines
    assert line.quantity == 2


async def test_change_that_comes_later_is_read(stand: Stand) -> None:
    """Another time of change is another order, event or not."""
    order = stand.place(lines=[{"sku": "NH1104NAVM", "quantity": 3}])
    for _ in range(3):
        await calls_of_a_run(stand)
    stand.edit(order, "cancel_line", line=order.lines[0].id, quantity=1)
    stand.shop.events._queues.clear()  # nobody tells

    assert await calls_of_a_run(stand) == {LISTED: 1, READ: 1}
    [line] = stand.sales_order(order).lines
    assert line.quantity == 2


async def test_other_settings_read_it_again(stand: Stand) -> None:
    """What an order comes to is a matter of the settings, too."""
    for _ in range(3):
        await calls_of_a_run(stand)
    stand.change(**{"limits.batch_size": 400})

    assert await calls_of_a_run(stand) == {LISTED: 1, READ: 1}


async def test_shipment_that_is_as_it_was_asks_nothing_of_centra(
    tmp_path: Path,
) -> None:
    """Visma.net tells of the same shipments for two hours; their orders are known."""
    with a_stand(tmp_path, **SHIPS_VISMA) as stand:
        order = await sell(stand)
        ship(stand, order)
        await stand.run("fulfilment")
        stand.world.calls.reset()
        again = await stand.run("fulfilment")

        assert again.counts.read == again.counts.unchanged == 1
        assert "centra.query.Sales" not in dict(stand.calls)
        assert stand.writes == {}
