"""A run leaves pages in Prefect that say what it did, what it parked, what it planned."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect import get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    LogFilter,
    LogFilterFlowRunId,
)
from prefect.client.schemas.objects import State

from flows.orders import orders
from tasks import published
from tasks.request import Mode
from tests.flow_runs.test_flow_runs import retry
from tests.tasks_.stand import Stand, emptied
from tests.tasks_.test_privacy import place_private, traces

LINKS = {
    "links.centra": {"order": "https://shop.example/orders/{id}"},
    "links.visma": {"sales_order": "https://erp.example/?type={type}&nbr={id}"},
}


async def run(**parameters: Any) -> State[Any]:
    """Run the flow as Prefect does, and return how it ended."""
    return await orders(connection="nordhem", **parameters, return_state=True)


async def pages(state: State[Any]) -> dict[str, str]:
    """What the run left behind, the newest of each key, trends apart."""
    left = await all_pages(state)
    return {key: page for key, page in left.items() if not key.endswith("trends")}


async def all_pages(state: State[Any]) -> dict[str, str]:
    """The same with the trends."""
    run_id = state.state_details.flow_run_id
    assert isinstance(run_id, UUID)
    wanted = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run_id]))
    async with get_client() as client:
        found = await client.read_artifacts(artifact_filter=wanted)
    by_age = sorted(found, key=lambda one: one.created)
    return {one.key: str(one.data) for one in by_age if one.key}  # results have none


async def test_what_was_done_and_parked_is_a_page_each(stand: Stand) -> None:
    """A row for each document with links to both sides; a row for each parked record."""
    stand.change(**LINKS)
    good, bad = stand.place(), stand.place(off_by=1)

    left = await pages(await run())

    number = stand.sales_order(good).order_id
    [parked] = stand.exceptions()
    assert set(left) == {"orders-nordhem-done", "orders-nordhem-parked"}
    assert (
        f"| [{good.number}](https://shop.example/orders/{good.number}) "
        f"| create sales order "
        f"| [SO/{number}](https://erp.example/?type=SO&nbr={number}) |"
    ) in left["orders-nordhem-done"]
    assert left["orders-nordhem-done"].startswith("**1 new, 1 parked**")
    page = left["orders-nordhem-parked"]
    assert f"[{bad.number}](https://shop.example/orders/{bad.number})" in page
    assert f"`{parked.code}`" in page
    assert parked.fix in page
    assert page.startswith("**1 parked by this run")


async def test_a_run_with_nothing_done_leaves_nothing(stand: Stand) -> None:
    """Neither page nor trend: it would only bury those that tell something."""
    stand.place(off_by=1)
    await run()

    assert await pages(await run()) == {}  # the same record is parked as before


async def test_a_retry_tells_that_what_was_parked_is_solved(stand: Stand) -> None:
    """The newest page of the run is whole: what both attempts did, and what is left."""
    stand.change(**{"customers.terms": {}})
    wholesale, plain = stand.place(account=2), stand.place()
    state = await run()
    assert "`TERMS_NOT_MAPPED`" in (await pages(state))["orders-nordhem-parked"]

    stand.change()
    assert (await retry(state)).is_completed()

    left = await pages(state)
    page = left["orders-nordhem-parked"]
    assert page == "**All that this run had parked is solved.**"
    for order in (wholesale, plain):
        assert f"| {order.number} | create sales order |" in left["orders-nordhem-done"]


async def test_a_plan_is_a_page_with_its_hash(stand: Stand) -> None:
    """What would be sent, worth how much, and how it is approved."""
    order = stand.place()

    state = await run(mode=Mode.PLAN)

    left = await pages(state)
    name = str(state.message).rsplit(" ", 1)[-1]
    page = left["orders-nordhem-plan"]
    assert set(left) == {"orders-nordhem-plan"}
    assert page.startswith("**1 write is planned, worth ")
    assert f"`centra-visma apply {name}`" in page
    assert "* 1 × create sales order" in page
    [row] = [line for line in page.splitlines() if f"| {order.number} |" in line]
    worth = page.partition(", worth ")[2].partition(";")[0]
    assert worth.endswith(" SEK")
    assert row.startswith(f"| {order.number} | {worth} | ")


async def test_an_applied_plan_tells_what_it_wrote(stand: Stand) -> None:
    """What another run had planned is told by the run that sent it."""
    order = stand.place()
    planned = await run(mode=Mode.PLAN)
    name = str(planned.message).rsplit(" ", 1)[-1]

    left = await pages(await run(plan=name, approved_by="Åsa"))

    number = stand.sales_order(order).order_id
    row = f"| {order.number} | create sales order | SO/{number} |"
    assert row in left["orders-nordhem-done"]


async def test_adopted_documents_are_told(stand: Stand, tmp_path: Path) -> None:
    """A document that was there is linked, not written: the page says so."""
    order = stand.place()
    await run()
    number = stand.sales_order(order).order_id
    folder = tmp_path / "anew"
    folder.mkdir()

    with emptied(stand, folder):
        left = await pages(await run())
        assert await pages(await run()) == {}

    row = f"| {order.number} | adopt sales order | SO/{number} |"
    assert row in left["orders-nordhem-done"]


async def test_pages_and_logs_hold_nothing_personal(stand: Stand) -> None:
    """Numbers, codes and amounts: no name, address or e-mail, and no body."""
    place_private(stand)
    place_private(stand, off_by=1)

    state = await run()

    run_id = state.state_details.flow_run_id
    assert isinstance(run_id, UUID)
    left = await pages(state)
    async with get_client() as client:
        wanted = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run_id]))
        logs = [one.message for one in await client.read_logs(log_filter=wanted)]
    assert len(left) == 2
    assert traces("\n".join([*left.values(), *logs])) == []


async def test_a_server_that_takes_no_page_spoils_no_run(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run was done; that it cannot be shown is told in its log."""

    async def refuse(*_: object, **__: object) -> None:
        message = "the server is tired"
        raise OSError(message)

    monkeypatch.setattr(published, "acreate_markdown_artifact", refuse)
    order = stand.place()

    state = await run()

    assert (state.is_completed(), state.message) == (True, "1 new")
    assert stand.state(order) == "settled"


async def test_a_long_run_has_a_bar(stand: Stand) -> None:
    """It stands at a hundred at the end; a short run has none."""
    stand.change(**{"limits.batch_size": 1, "centra.page_size": 1})
    for _ in range(4):
        stand.place()

    left = await pages(await run())

    assert left["orders-nordhem-progress"] == "100"
    stand.place()
    assert set(await pages(await run())) == {"orders-nordhem-done"}


async def test_trends_are_published_once_an_hour(stand: Stand) -> None:
    """By a run that did something; the next one leaves them alone."""
    stand.place()
    first = await all_pages(await run())
    stand.place()
    second = await all_pages(await run())

    assert "1 orders" in first["nordhem-trends"]
    assert set(second) == {"orders-nordhem-done"}
