"""An answer that was lost is looked for, and never simply sent again."""

from __future__ import annotations

import pytest

from connectors.errors import QuotaError
from tests.tasks_.stand import CREATED, CUSTOMER_CREATED, INDIVIDUAL, Stand

COMMITTED = ["after_commit", "cut", "no_answer"]


@pytest.mark.parametrize("fault", COMMITTED)
async def test_a_document_that_was_made_is_found(stand: Stand, fault: str) -> None:
    """A lost answer to a create that was carried out ends as that one document."""
    order = stand.place()
    stand.fault(fault, CREATED)

    first = await stand.run()
    assert first.sentence == "1 in doubt"
    assert stand.calls[CREATED] == 1

    early = await stand.run()  # not yet two minutes later
    assert early.counts.waiting == 1
    assert stand.writes == {}

    stand.wait(minutes=2)
    later = await stand.run()
    assert later.sentence == "1 new"
    assert stand.writes == {}
    assert len(stand.sales_orders(order)) == 1
    assert stand.state(order) == "settled"


async def test_a_document_that_was_not_made_is_sent_after_two_probes(
    stand: Stand,
) -> None:
    """Nothing is sent again before two probes, ten minutes apart from the sending."""
    order = stand.place()
    stand.fault("drop", CREATED)

    assert (await stand.run()).sentence == "1 in doubt"
    stand.wait(minutes=2)
    assert (await stand.run()).counts.in_doubt == 1
    assert stand.writes == {}
    stand.wait(minutes=7)
    await stand.run()
    assert stand.writes == {}
    stand.wait(minutes=1)
    last = await stand.run()

    assert last.sentence == "1 new"
    assert stand.writes == {CREATED: 1}
    assert len(stand.sales_orders(order)) == 1


async def test_a_document_that_shows_late_is_not_made_twice(stand: Stand) -> None:
    """A document that lists show only after five minutes is found by the second probe."""
    order = stand.place()
    stand.fault("late_visibility", CREATED, seconds=300)
    stand.fault("after_commit", CREATED)

    await stand.run()
    stand.wait(minutes=2)
    await stand.run()
    stand.wait(minutes=8)
    last = await stand.run()

    assert last.sentence == "1 new"
    assert stand.writes == {}
    assert len(stand.sales_orders(order)) == 1


async def test_what_was_refused_before_it_was_done_waits_for_the_next_run(
    stand: Stand,
) -> None:
    """A 503 before the commit is unclear to us, so it is looked for all the same."""
    order = stand.place()
    stand.fault("before_commit", CREATED)

    assert (await stand.run()).sentence == "1 in doubt"
    stand.wait(minutes=2)
    await stand.run()
    stand.wait(minutes=8)
    await stand.run()

    assert len(stand.sales_orders(order)) == 1
    assert stand.state(order) == "settled"


@pytest.mark.parametrize("fault", [*COMMITTED, "drop"])
async def test_a_customer_in_doubt_is_settled_by_a_run_of_orders(
    stand: Stand, fault: str
) -> None:
    """An order waits for its customer in doubt, and both end as one document each."""
    stand.change(**INDIVIDUAL)
    order = stand.place()
    before = len(stand.company.customers)
    stand.fault(fault, CUSTOMER_CREATED)

    first = await stand.run()
    assert first.sentence == "1 waiting"
    assert CREATED not in stand.calls

    for minutes in (2, 8, 1):
        stand.wait(minutes=minutes)
        await stand.run()

    assert len(stand.company.customers) == before + 1
    assert len(stand.sales_orders(order)) == 1
    assert stand.state(order) == "settled"


async def test_an_order_that_changed_while_in_doubt_ends_as_it_is_now(
    stand: Stand,
) -> None:
    """A create in doubt is found first; then the edit is carried over."""
    order = stand.place()
    stand.fault("no_answer", CREATED)
    await stand.run()
    stand.edit(order, "change_quantity", quantity=2)

    stand.wait(minutes=3)
    await stand.run()
    await stand.run()

    assert str(stand.sales_order(order).totals.order_total) == "1598.00"
    assert stand.state(order) == "settled"


async def test_an_order_cancelled_while_in_doubt_is_cancelled(stand: Stand) -> None:
    """A create that was carried out after all is cancelled when the order was."""
    order = stand.place()
    stand.fault("no_answer", CREATED)
    await stand.run()
    stand.edit(order, "cancel")

    for _ in range(3):
        stand.wait(minutes=4)
        await stand.run()

    assert stand.sales_order(order).status == "Cancelled"


async def test_an_order_cancelled_while_in_doubt_is_not_made(stand: Stand) -> None:
    """A create that never happened is not repeated for a cancelled order."""
    order = stand.place()
    stand.fault("drop", CREATED)
    await stand.run()
    stand.edit(order, "cancel")

    for _ in range(4):
        stand.wait(minutes=4)
        await stand.run()

    assert stand.sales_orders(order) == []
    assert stand.state(order) == "left_out"


async def test_a_document_found_that_differs_is_a_persons(stand: Stand) -> None:
    """What the probe finds is checked field by field, the customer too."""
    order = stand.place()
    stand.fault("no_answer", CREATED)
    await stand.run()
    stand.sales_order(order).customer = "10002"

    stand.wait(minutes=3)
    summary = await stand.run()

    [parked] = stand.exceptions()
    assert summary.counts.newly_parked == 1
    assert parked.code == "FOUND_BUT_DIFFERENT"
    assert parked.reason.endswith("but its customer is 10002, not 10001")


async def test_a_quota_that_is_used_up_loses_nothing(stand: Stand) -> None:
    """What the quota of this hour does not allow stays planned for the next one."""
    orders = [stand.place() for _ in range(3)]
    stand.fault("rate_limit", CREATED, skip=1)

    with pytest.raises(QuotaError, match="has no calls left for us now"):
        await stand.run()

    sent = sum(len(stand.sales_orders(order)) for order in orders)
    assert sent < 3

    stand.wait(minutes=30)
    summary = await stand.run()
    assert summary.counts.created == 3 - sent
    assert [len(stand.sales_orders(order)) for order in orders] == [1, 1, 1]


@pytest.mark.parametrize(("fault", "ends"), [("no_answer", "settled"), ("drop", "")])
async def test_a_person_who_was_erased_meanwhile_stops_no_probe(
    stand: Stand, fault: str, ends: str
) -> None:
    """What is left of an erased person is enough to find a document, not to send one."""
    stand.change(**INDIVIDUAL)
    order = stand.place()
    stand.fault(fault, CREATED)
    assert (await stand.run()).sentence == "1 in doubt"
    assert stand.environment.books("nordhem").erase_person("dtc-1", by="Åsa") == 1

    for minutes in (2, 8):
        stand.wait(minutes=minutes)
        await stand.run(until=stand.world.clock.now())

    assert stand.writes == {}
    if ends:
        assert stand.state(order) == ends
        assert len(stand.sales_orders(order)) == 1
    else:
        [parked] = stand.exceptions()
        assert parked.code == "ERASED"
        assert parked.reason == (
            f"orders {order.number}: the person's data was erased before it was sure "
            f"that N-{order.number} reached Visma.net"
        )
        assert stand.sales_orders(order) == []
