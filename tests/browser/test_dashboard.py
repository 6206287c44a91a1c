"""Who runs the integration lives in the Prefect UI: what they press is played here."""

from __future__ import annotations

from tests.browser.house import map_swedish_vat, place, sales_orders, written
from tests.browser.screen import Screen
from tests.room.house import House

CREATED = "visma.POST /api/v3/SalesOrders"


def test_each_direction_is_seen_with_its_schedule(screen: Screen, house: House) -> None:
    """A row for each direction, and when it runs; off until it went live."""
    screen.deployments()
    seen = screen.seen()
    for direction in ("orders", "stock", "refunds", "certificate", "housekeeping"):
        assert direction in seen
    screen.picture("deployments")

    screen.deployment("stock")
    screen.shows("Every 30 seconds")
    screen.deployment("orders")
    screen.shows("Every 2 minutes")


def test_a_run_by_the_form_is_watched_and_read(screen: Screen, house: House) -> None:
    """Just the order that was asked for; name, steps, log and page tell it."""
    wanted, other = place(house), place(house)

    screen.start("orders", ids=[wanted], picture="form")
    screen.is_named("orders · 1 new", "Completed")

    [made] = sales_orders(house, wanted)
    assert sales_orders(house, other) == []
    screen.log_says(f"orders {wanted}: create sales order SO/{made['orderId']}")
    screen.picture("run")
    steps = screen.steps()
    assert f"extract · {wanted}" in steps
    assert {one.partition(" · ")[0] for one in steps} >= {"map", "dedupe", "load"}
    page = screen.artifact("orders-nordhem-done", picture="done")
    assert all(
        word in page for word in (str(wanted), "create sales order", made["orderId"])
    )
    drawn = "Orders carried over"
    assert drawn in screen.artifact("nordhem-trends", until=drawn, picture="trends")


def test_retry_does_just_what_was_not_done(screen: Screen, house: House) -> None:
    """A VAT rate is not mapped: red. It is mapped, Retry is pressed: green, nothing twice."""
    good = place(house)
    screen.start("orders", ids=[good])
    screen.is_named("orders · 1 new", "Completed")
    map_swedish_vat(house, is_mapped=False)
    bad = place(house)
    before = written(house)[CREATED]

    screen.start("orders", ids=[bad])
    screen.is_named("orders · 1 parked", "Failed")
    page = screen.artifact("orders-nordhem-parked", picture="parked")
    assert "VAT_NOT_MAPPED" in page
    assert str(bad) in page
    assert written(house)[CREATED] == before
    map_swedish_vat(house, is_mapped=True)
    screen.retry(picture="retry")
    screen.is_named("orders · 1 new", "Completed")

    screen.picture("green")
    assert written(house)[CREATED] == before + 1
    assert len(sales_orders(house, good)) == len(sales_orders(house, bad)) == 1
    assert max(house.references().values()) == 1


def test_a_plan_waits_until_it_is_approved(screen: Screen, house: House) -> None:
    """Resume with a name sends exactly what was shown."""
    order = place(house)
    before = written(house)[CREATED]

    screen.start("orders", ids=[order], mode="plan", waits=True)
    screen.is_named("orders · 1 write waits for approval", "Suspended")
    assert str(order) in screen.artifact("orders-nordhem-plan")
    assert written(house)[CREATED] == before
    screen.resume(by="Åsa", picture="approve")
    screen.is_named("orders · 1 new", "Completed")

    assert written(house)[CREATED] == before + 1
    assert len(sales_orders(house, order)) == 1


def test_a_cancelled_run_stops_and_loses_nothing(screen: Screen, house: House) -> None:
    """The next run does what the cancelled one had begun; nothing is done twice."""
    order = place(house)
    fault = {"name": "slow", "operation": "centra.*", "seconds": 20, "times": 50}
    house.sandbox.ask("faults", fault)
    screen.start("orders", ids=[order])
    screen.is_in("Running")

    screen.cancel()
    screen.is_in("Cancelled")

    house.disarm()
    assert sales_orders(house, order) == []
    screen.start("orders", ids=[order])
    screen.is_named("orders · 1 new", "Completed")
    assert len(sales_orders(house, order)) == 1
    assert max(house.references().values()) == 1
