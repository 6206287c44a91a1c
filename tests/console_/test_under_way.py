"""What `down` says of runs that are under way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from console import room_state


class Server:
    """A Prefect server that carries out three runs: one of a deployment that is gone."""

    async def read_flow_runs(self, **asked: Any) -> list[SimpleNamespace]:
        """Runs that are at work."""
        assert set(asked) == {"flow_run_filter"}
        told = (("late-fox", "d1"), ("fluffy-echidna", "gone"), ("own-child", None))
        return [SimpleNamespace(name=name, deployment_id=of) for name, of in told]

    async def read_flows(self) -> list[SimpleNamespace]:
        """Every flow."""
        return [SimpleNamespace(id="f1", name="orders")]

    async def read_deployments(self, **asked: Any) -> list[SimpleNamespace]:
        """Those that are there of the ones that were asked for."""
        assert asked["deployment_filter"].id.any_ == ["d1", "gone"]
        return [SimpleNamespace(id="d1", flow_id="f1", name="nordhem")]


async def test_a_run_is_told_by_its_deployment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A made-up name says nothing; where the deployment is gone, nothing else is known."""

    @asynccontextmanager
    async def answering(*_: object) -> AsyncIterator[Server]:
        yield Server()

    monkeypatch.setattr(room_state, "answering", answering)
    for name in ("DeploymentFilter", "DeploymentFilterId"):
        monkeypatch.setattr(room_state, name, SimpleNamespace)

    assert await room_state.running_runs("http://api", None) == [
        "fluffy-echidna",
        "orders/nordhem (late-fox)",
        "own-child",
    ]
