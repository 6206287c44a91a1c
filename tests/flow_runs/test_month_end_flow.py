"""The month-end flow: how it ends, and what it leaves."""

from __future__ import annotations

from typing import Any

from prefect import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.objects import State

from flows.month_end import month_end
from tests.tasks_.stand import Stand


async def run(**form: Any) -> State[Any]:
    """Run the flow as Prefect does, and return how it ended."""
    return await month_end(connection="nordhem", return_state=True, **form)


async def test_a_month_without_a_fault_is_complete(stand: Stand) -> None:
    """An empty form means the last month; the state tells where the page is."""
    state = await run()

    folder = stand.environment.application.home / "month-end" / "nordhem"
    page = folder / "month-end-nordhem-2026-02.html"
    assert (state.name, state.message) == (
        "Completed",
        f"2026-02: 0 to look at; {page}",
    )
    assert page.exists()


async def test_a_month_that_is_not_over_is_open(stand: Stand) -> None:
    """Yellow words, no red: it is made all the same, and the artifact says why."""
    state = await run(month="2026-03")

    assert (state.is_completed(), state.name) == (True, "Open")
    async with get_client() as client:
        key = ArtifactFilterKey(any_=["month-end-nordhem"])
        found = await client.read_artifacts(artifact_filter=ArtifactFilter(key=key))
    [page] = [
        str(one.data)
        for one in found
        if one.flow_run_id == state.state_details.flow_run_id
    ]
    assert "* The month was not over when this was made." in page
    assert "| VAT: difference | 0.00 | SEK |" in page
    assert "month-end-nordhem-2026-03.xlsx" in page


async def test_a_month_that_has_not_begun_fails(stand: Stand) -> None:
    """With the sentence as its message."""
    state = await run(month="2027-01")

    assert state.is_failed()
    assert "2027-01 has not begun" in str(state.message)
