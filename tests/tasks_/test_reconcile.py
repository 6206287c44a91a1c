"""What Visma.net computed is compared with what was meant, to the minor unit."""

from __future__ import annotations

from decimal import Decimal

from sandbox.visma.vat import Totals
from tests.tasks_.stand import CREATED, PATCHED, Stand


def miscompute(stand: Stand, amount: str) -> None:
    """Let Visma.net add an amount to the total of the next order that is made."""

    def totalled(method: str, path: str) -> None:
        if method != "GET" or not path.endswith("SalesOrders"):
            return
        for order in stand.company.orders:
            if order.version not in done:
                done.add(order.version)
                was = order.totals
                order.totals = Totals(
                    was.order_total + Decimal(amount),
                    was.tax_total,
                    was.taxable_total,
                    was.exempt_total,
                    was.taxes,
                )

    done: set[int] = set()
    stand.wire.before = totalled


async def test_the_totals_of_a_run_are_read_back_in_bulk(stand: Stand) -> None:
    """One page of the order list proves the totals of everything that was sent."""
    for _ in range(20):
        stand.place()

    await stand.run()

    assert stand.calls["visma.GET /api/v3/SalesOrders"] == 2  # before, and after
    with stand.environment.books("nordhem").read() as unit:
        assert unit.intents.unverified("orders") == []


async def test_a_total_that_differs_is_put_on_hold(stand: Stand) -> None:
    """A document with another total is held where it stands, and told with both sums."""
    order = stand.place()
    miscompute(stand, "0.01")

    summary = await stand.run()

    [parked] = stand.exceptions()
    assert summary.counts.newly_parked == 1
    assert parked.code == "TOTAL_DIFFERS"
    assert parked.reason == (
        f"{order.number}: Visma.net has a total of 799.01 SEK, Centra's is 799.00; "
        "it was put on hold in Visma.net"
    )
    assert stand.writes == {CREATED: 1, PATCHED: 1}
    assert stand.sales_order(order).status == "Hold"


async def test_what_was_cancelled_meanwhile_is_not_put_on_hold(stand: Stand) -> None:
    """A hold would open it again: it is told with both sums, and stays cancelled."""
    order = stand.place()
    miscompute(stand, "0.01")
    totalled = stand.wire.before

    def cancelled_too(method: str, path: str) -> None:
        assert totalled is not None
        totalled(method, path)
        if method == "GET" and path.endswith("SalesOrders"):
            for one in stand.company.orders:
                one.status = "Cancelled"

    stand.wire.before = cancelled_too

    await stand.run()

    [parked] = stand.exceptions()
    assert parked.code == "TOTAL_DIFFERS"
    assert parked.reason.endswith(
        "it is in the books or cancelled in Visma.net, so it was not put on hold"
    )
    assert stand.sales_order(order).status == "Cancelled"


async def test_a_corrected_document_is_released_by_a_retry(stand: Stand) -> None:
    """After a retry the document is compared again, and its hold is lifted."""
    order = stand.place()
    miscompute(stand, "0.01")
    await stand.run()
    stand.wire.before = lambda method, path: None
    correct(stand, order.number, "799.00")
    with stand.environment.books("nordhem").begin() as unit:
        unit.exceptions.retry("all", by="Åsa")

    summary = await stand.run()

    assert summary.sentence == "1 changed"
    assert stand.sales_order(order).status == "Open"
    assert stand.exceptions() == []


async def test_a_retry_alone_does_not_make_it_right(stand: Stand) -> None:
    """As long as the total differs, each retry ends on the exceptions list again."""
    order = stand.place()
    miscompute(stand, "0.01")
    await stand.run()
    for _ in range(2):
        with stand.environment.books("nordhem").begin() as unit:
            unit.exceptions.retry("all", by="Åsa")
        summary = await stand.run()

        assert summary.counts.newly_parked == 1
        assert stand.parked() == {str(order.number): "TOTAL_DIFFERS"}
        assert stand.sales_order(order).status == "Hold"
        assert CREATED not in stand.calls


def correct(stand: Stand, number: int, total: str) -> None:
    """Correct the total of an order, as finance does in Visma.net."""
    [found] = [
        one for one in stand.company.orders if one.customer_order == f"N-{number}"
    ]
    was = found.totals
    found.totals = Totals(
        Decimal(total),
        was.tax_total,
        was.taxable_total,
        was.exempt_total,
        was.taxes,
    )
    found.modified_at = stand.world.clock.now()
    stand.company.orders.put(found)


async def test_a_document_that_shows_late_is_compared_by_the_next_run(
    stand: Stand,
) -> None:
    """What the list does not show yet stays to be proved."""
    stand.place()
    stand.fault("late_visibility", CREATED, seconds=60)

    await stand.run()
    with stand.environment.books("nordhem").read() as unit:
        assert len(unit.intents.unverified("orders")) == 1

    stand.wait(minutes=2)
    await stand.run()
    with stand.environment.books("nordhem").read() as unit:
        assert unit.intents.unverified("orders") == []
    assert stand.writes == {}
