"""The windows of a backfill as runs of their deployment: created once, a few at a time.

Prefect remembers which there are: each run carries the tag of its backfill, and a key
under which a server creates no second one. So a backfill that is begun again, after a
crash or by Retry, finds its windows as they are. Prefect forgets runs after a while; the
ledger keeps which windows of a backfill ended well, so that none is carried over again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterTags
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectNotFound
from prefect.states import AwaitingRetry
from prefect.utilities.urls import url_for

from connectors.errors import ConfigError, RetryableError
from mapping.periods import Span
from settings.connection import Connection
from tasks.backfill import Backfill, key_of, parameters_of
from tasks.environment import Environment
from tasks.naming import run_name
from tasks.watch_runs import is_tried_again

__all__ = ["WindowSeen", "Windows", "deployment_of_windows", "read_deployment"]

_PAGE = 200
_WRONG = (StateType.FAILED, StateType.CRASHED, StateType.CANCELLED)


@dataclass(frozen=True)
class WindowSeen:
    """A window, and its run if it has one: its state in words, and what it said."""

    span: Span
    run: FlowRun | None
    is_open: bool
    kept: str | None = None
    """The name of the state in which its run ended well, where Prefect forgot the run."""

    @property
    def is_to_come(self) -> bool:
        """Whether its run is to be created."""
        return self.run is None and self.kept is None

    @property
    def is_done(self) -> bool:
        """Whether its run ended well; as a plan, too."""
        if self.run is None:
            return self.kept is not None
        return self.run.state_type is StateType.COMPLETED

    @property
    def is_wrong(self) -> bool:
        """Whether its run ended and must be tried again."""
        return bool(self.run and not self.is_open and self.run.state_type in _WRONG)

    @property
    def is_planned(self) -> bool:
        """Whether its run stopped as a plan that waits for approval."""
        return self.is_done and self.state == "Planned"

    @property
    def state(self) -> str:
        """The name of the state of its run, as the UI shows it."""
        if self.run is None:
            return self.kept or "to be created"
        return self.run.state_name or ""

    @property
    def message(self) -> str:
        """What its run said last."""
        return (self.run.state.message or "") if self.run and self.run.state else ""

    @property
    def link(self) -> str:
        """The page of its run."""
        return url_for("flow-run", obj_id=self.run.id) or "" if self.run else ""


def deployment_of_windows(connection: str, direction: str) -> str:
    """The deployment whose runs are windows, beside the one that carries what is new."""
    return f"{direction}/{connection}.backfill"


async def read_deployment(client: PrefectClient, name: str) -> DeploymentResponse:
    """Read a deployment by its name, such as `backfill/nordhem`.

    Raises:
        ConfigError: The server has none of that name.
    """
    try:
        return await client.read_deployment_by_name(name)
    except ObjectNotFound as error:
        message = f"there is no deployment '{name}': run centra-visma deploy"
        raise ConfigError(message) from error


class Windows:
    """The windows of one backfill on the server of a client."""

    def __init__(
        self,
        client: PrefectClient,
        deployment: DeploymentResponse,
        backfill: str,
        wanted: Backfill,
        spans: Sequence[Span],
        settings: Connection,
        env: Environment,
    ) -> None:
        self._client = client
        self._deployment = deployment
        self._backfill = backfill
        self._wanted = wanted
        self._spans = spans
        self._settings = settings
        self._clock = env.clock
        self._books = env.books(wanted.connection)
        with self._books.read() as unit:
            kept = unit.cursors.get(self._tag)
        self._kept: dict[str, str] = json.loads(kept or "{}")
        """The windows that ended well, as the ledger has them: days and state."""

    @classmethod
    async def of(
        cls,
        client: PrefectClient,
        backfill: str,
        wanted: Backfill,
        spans: Sequence[Span],
        settings: Connection,
        env: Environment,
    ) -> Windows:
        """The windows of a backfill, known by the id of its run.

        Raises:
            ConfigError: The server has no deployment for them.
            RetryableError: The ledger is busy or out of reach.
        """
        name = deployment_of_windows(wanted.connection, wanted.direction)
        deployment = await read_deployment(client, name)
        return cls(client, deployment, backfill, wanted, spans, settings, env)

    async def look(self) -> list[WindowSeen]:
        """How each window stands now, the oldest first; what ended well is kept."""
        runs = {run.idempotency_key: run for run in await self._runs()}
        seen = [
            self._seen(span, runs.get(self._key(span)), self._kept.get(span.name))
            for span in self._spans
        ]
        done = {one.span.name: one.state for one in seen if one.is_done}
        if done != self._kept:
            with suppress(RetryableError):  # the ledger is busy: the next look does it
                with self._books.begin(repeatable=True) as unit:
                    unit.cursors.move(self._tag, json.dumps(done))
                self._kept = done
        return seen

    async def open_more(self, seen: Sequence[WindowSeen]) -> int:
        """Create runs of the windows that come next, as many as may be open beside others.

        Answers how many.
        """
        free = self._wanted.at_once - sum(one.is_open for one in seen)
        coming = [one.span for one in seen if one.is_to_come][: max(free, 0)]
        for span in coming:
            await self._client.create_flow_run_from_deployment(
                self._deployment.id,
                name=run_name(self._wanted.direction, span.name),
                parameters=parameters_of(self._wanted, span, self._settings),
                tags=[self._tag],
                idempotency_key=self._key(span),
            )
        return len(coming)

    async def try_again(self, seen: Sequence[WindowSeen]) -> int:
        """Press Retry on each window that went wrong; answers how many."""
        wrong = [one.run.id for one in seen if one.is_wrong and one.run]
        for run_id in wrong:
            again: State[Any] = AwaitingRetry(scheduled_time=self._clock())
            await self._client.set_flow_run_state(run_id, again, force=True)
        return len(wrong)

    @property
    def _tag(self) -> str:
        return f"backfill:{self._backfill}"

    def _key(self, span: Span) -> str:
        return key_of(self._backfill, self._wanted, span)

    def _seen(self, span: Span, run: FlowRun | None, kept: str | None) -> WindowSeen:
        is_open = run is not None and (
            run.state is None
            or not run.state.is_final()
            or is_tried_again(run, self._clock())
        )
        return WindowSeen(span, run, is_open, kept)

    async def _runs(self) -> list[FlowRun]:
        own = FlowRunFilter(tags=FlowRunFilterTags(all_=[self._tag]))
        found: list[FlowRun] = []
        while True:
            page = await self._client.read_flow_runs(
                flow_run_filter=own, limit=_PAGE, offset=len(found)
            )
            found += page
            if len(page) < _PAGE:
                return found
