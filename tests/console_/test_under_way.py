"""What `down` says of runs that are under way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from console import room_state

THERE, GONE = UUID(int=1), UUID(int=2)


class Server:
    """A Prefect server that carries out three runs: one of a deployment that is gone."""

    async def read_flow_runs(self, **asked: Any) -> list[SimpleNamespace]:
        """Runs that are at work."""
        assert set(asked) == {"flow_run_filter"}
        told = (("late-fox", THERE), ("fluffy-echidna", GONE), ("own-child", None))
        return [SimpleNamespace(name=name, deployment_id=of) for name, of in told]

    async def read_deployments(self, **asked: Any) -> list[SimpleNamespace]:
        """Those that are there of the ones that were asked for."""
        assert asked["deployment_filter"].id.any_ == [THERE, GONE]
        return [SimpleNamespace(id=THERE, tags=["direction:orders"], name="nordhem")]


async def test_a_run_is_told_by_its_deployment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A made-up name says nothing; where the deployment is gone, nothing else is known."""

    @asynccontextmanager
    async def answering(*_: object) -> AsyncIterator[Server]:
        yield Server()

    monkeypatch.setattr(room_state, "answering", answering)

    assert await room_state.running_runs("http://api", None) == [
        "fluffy-echidna",
        "orders/nordhem (late-fox)",
        "own-child",
    ]
