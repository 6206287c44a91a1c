"""A connection stays with the store and the company that it began with."""

from __future__ import annotations

import pytest

from connectors.errors import ConfigError
from sandbox.visma.company import Company
from tests.tasks_.stand import Stand

FJORD = "22222222-2222-4222-8222-222222222222"


def documents(company: Company) -> int:
    """How many sales orders stand in a company."""
    return len(company.orders)


async def test_another_company_is_refused(stand: Stand) -> None:
    """With a sister company's tenant id nothing is planned, and nothing written."""
    stand.place()
    await stand.run()
    stand.place()
    stand.change(**{"visma.tenant_id": FJORD})
    before = documents(stand.world.visma["fjord"])

    with pytest.raises(ConfigError, match="name of its own") as caught:
        await stand.run()

    assert f"visma.tenant_id is now {FJORD}" in str(caught.value)
    assert stand.company.tenant_id in str(caught.value)
    assert stand.writes == {}
    assert documents(stand.world.visma["fjord"]) == before


async def test_another_store_is_refused(stand: Stand) -> None:
    """Numbers of another store would be taken for orders that are there already."""
    await stand.run()
    stand.change(**{"centra.url": "http://127.0.0.1/centra/fjord/graphql"})

    with pytest.raises(ConfigError, match=r"centra\.url is now .*/fjord/graphql"):
        await stand.run()


async def test_a_company_that_did_not_open_is_not_kept(stand: Stand) -> None:
    """A tenant id that never worked can be corrected."""
    right = stand.company.tenant_id
    stand.change(**{"visma.tenant_id": stand.company.customer_tenant_id})
    with pytest.raises(ConfigError, match="COMPANY tenant id"):
        await stand.run()
    stand.change(**{"visma.tenant_id": right.upper()})
    stand.place()

    assert (await stand.run()).sentence == "1 new"
