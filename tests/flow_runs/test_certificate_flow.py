"""The certificate's flow run: what it says at its end, its artifacts and files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from prefect import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.objects import State

from flows.certificate import certificate
from tests.tasks_.paying import settle
from tests.tasks_.stand import Stand


async def run() -> State[Any]:
    """Run the flow as Prefect does, and return how it ended."""
    return await certificate(connection="nordhem", return_state=True)


async def artifacts(state: State[Any]) -> dict[str, str]:
    """What the run left behind, by key."""
    assert isinstance(state.state_details.flow_run_id, UUID)
    async with get_client() as client:
        found = await client.read_artifacts(
            artifact_filter=ArtifactFilter(
                key=ArtifactFilterKey(like_="certificate-nordhem%")
            )
        )
    run_id = state.state_details.flow_run_id
    return {one.key or "": str(one.data) for one in found if one.flow_run_id == run_id}


async def test_a_certificate_is_published(stand: Stand) -> None:
    """A parked order makes the run Unsigned; page, table and CSV name it."""
    order = stand.place(country="CH")
    await settle(stand)

    state = await run()

    assert (state.is_completed(), state.name) == (True, "Unsigned")
    assert state.message == "1 compared, 0 matched; 1 to be solved or signed"
    made = await artifacts(state)
    assert "**1** compared, **0** matched" in made["certificate-nordhem"]
    assert "| parked |" in made["certificate-nordhem"]
    assert str(order.number) in made["certificate-nordhem-differences"]
    folder = stand.environment.application.home / "certificates" / "nordhem"
    [accounts, clearing, differences, rows] = sorted(folder.iterdir())
    assert accounts.read_text().startswith("day,store,country,currency,pair,account,")
    assert clearing.read_text().startswith("method,currency,account,reference,")
    assert str(order.number) in differences.read_text()
    assert "CHF" in rows.read_text()


async def test_a_certificate_of_nothing_is_complete(stand: Stand) -> None:
    """Nothing happened, nothing differs."""
    state = await run()

    assert (state.name, state.message) == ("Completed", "0 compared, 0 matched")
    assert sorted(await artifacts(state)) == [
        "certificate-nordhem",
        "certificate-nordhem-differences",
    ]
