"""The work pool is of the kind that the settings say, with the jobs of this project."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator

import pytest
from prefect.client.orchestration import PrefectClient, get_client
from prefect.exceptions import ObjectNotFound

from connectors.errors import ConfigError
from console.control_room import POOL, PROJECT, make_pool
from settings.application import PoolKind


@pytest.fixture
async def client(server: None) -> AsyncIterator[PrefectClient]:
    """A client of a server without the pool."""
    async with get_client() as client:
        await _delete(client)
        yield client
        await _delete(client)


async def _delete(client: PrefectClient) -> None:
    with contextlib.suppress(ObjectNotFound):
        await client.delete_work_pool(POOL)


@pytest.mark.parametrize("kind", ["docker", "kubernetes"])
async def test_a_pool_of_containers_has_our_jobs(
    client: PrefectClient, kind: PoolKind
) -> None:
    """The server takes the template, and what people changed of it stays."""
    await make_pool(client, kind)

    pool = await client.read_work_pool(POOL)
    text = (PROJECT / "pools" / f"{kind}.json").read_text(encoding="utf-8")
    assert (pool.type, pool.base_job_template) == (kind, json.loads(text))

    await make_pool(client, kind)
    assert (await client.read_work_pool(POOL)).id == pool.id


async def test_a_pool_of_another_kind_is_told(client: PrefectClient) -> None:
    """Nothing is deployed to workers that would never take it; the pool stays."""
    await make_pool(client, "process")

    with pytest.raises(ConfigError, match="is of type process, and CENTRA_VISMA_POOL"):
        await make_pool(client, "docker")

    assert (await client.read_work_pool(POOL)).type == "process"
