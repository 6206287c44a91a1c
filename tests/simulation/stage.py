"""One world with its sandbox, its ledger file, and the workers that come and go."""

from __future__ import annotations

import asyncio
import shutil
import tomllib
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from pydantic import SecretStr
from sqlalchemy import Engine
from starlette.applications import Starlette

import flows  # noqa: F401  # importing it registers the directions
from connectors.errors import ConnectorError
from ledger import ConnectionLedger, Keyring, Ledger
from ledger.database import open_engine
from ledger.transactions import Transactions
from ledger.vault import Vault
from sandbox.app import build_world, create_app
from sandbox.faults import Fault
from sandbox.world import StockExcludes, World
from settings.application import Application, Secrets
from settings.connection import Connection
from tasks.direction import Window
from tasks.environment import Environment, use_environment
from tasks.request import Summary, SyncRequest
from tasks.run import PLAIN, run_direction
from tests.cluster import empty_ledger
from tests.simulation.clockwork import VirtualLoop, WorldClock
from tests.simulation.life import Death, Life, MortalTransactions
from tests.simulation.wire import Trace, Wire, is_write_to_visma

__all__ = ["ADDRESS", "Ended", "Stage", "Worker", "connection_of", "open_stage"]

ADDRESS = "http://127.0.0.1:1"
DIRECTIONS = ("customers", "orders")
"""What is simulated; the judge knows what these two must come to."""
_TEMPLATE = (
    Path(__file__).parents[2] / "console" / "templates" / "nordhem.toml"
).read_text(encoding="utf-8")
_SECRETS = Secrets(
    centra_token=SecretStr("centra-nordhem-token"),
    visma_client_id="isv_sandbox",
    visma_client_secret=SecretStr("sandbox-secret"),
)


@dataclass(frozen=True)
class Ended:
    """How a run of a worker ended: its summary, its error, or neither when killed."""

    summary: Summary | None = None
    error: str | None = None

    @property
    def plan(self) -> str | None:
        """The plan that it stopped as."""
        return self.summary.plan.hash if self.summary and self.summary.plan else None


@dataclass
class Stage:
    """What all workers of one world share."""

    world: World
    clock: WorldClock
    app: Starlette
    home: Path
    engine: Engine
    random: Random
    trace: Trace
    connections: dict[str, Connection]
    secrets: dict[str, Secrets]
    served: set[asyncio.Task[Any]] = field(default_factory=set)
    crashes: list[str] = field(default_factory=list)
    """Errors that no run may end with: they are bugs, whatever else comes out."""
    errors: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    lives: list[Life] = field(default_factory=list)
    counts: Callable[[httpx.Request], bool] = is_write_to_visma
    """Which requests a worker may die of."""

    def worker(
        self,
        death: Death | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> Worker:
        """Start a process, which will be killed if a death is given."""
        self.lives.append(Life(death))
        return Worker(self, f"w{len(self.lives)}", self.lives[-1], transport)

    def books(self, connection: str) -> ConnectionLedger:
        """The ledger as a person who outlives every worker reads it."""
        transactions = Transactions(self.engine, Vault(_keyring()), self.clock.now)
        return Ledger(transactions, "judge").of(connection)


class Worker:
    """One process: its own environment on the shared ledger file, and a life."""

    def __init__(
        self,
        stage: Stage,
        name: str,
        life: Life,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.name = name
        self.life = life
        self._stage = stage
        self._runs = 0
        transactions = MortalTransactions(
            stage.engine, Vault(_keyring()), stage.clock.now, life
        )
        self.ledger = Ledger(transactions, name)
        self._env = Environment(
            application=Application(home=stage.home),
            ledger=self.ledger,
            clock=stage.clock.now,
            sleep=asyncio.sleep,
            transport=transport
            or Wire(
                stage.app,
                random=stage.random,
                life=life,
                name=name,
                trace=stage.trace,
                served=stage.served,
                counts=stage.counts,
            ),
            connections=stage.connections,
            secrets=stage.secrets,
        )

    async def run(
        self,
        direction: str,
        *,
        connection: str = "nordhem",
        window: Window | None = None,
        plan: str | None = None,
        retries: int = 0,
    ) -> Ended:
        """Run a direction once, and again as Prefect would when asked to retry."""
        self._runs += 1
        key = f"{self.name}/{self._runs}"
        ended = Ended()
        for attempt in range(1, retries + 2):
            request = SyncRequest(
                connection=connection,
                direction=direction,
                window=window or Window(),
                plan=plan,
                approved_by="the script" if plan else None,
                run_key=key,
                attempt=attempt,
            )
            ended = await self._run(request)
            if ended.error is None:
                break
        return ended

    async def _run(self, request: SyncRequest) -> Ended:
        what = f"{self.name} {request.direction}"
        self._stage.trace.note(f"{what} starts")
        ended = await self._tried(request)
        told = ended.summary.sentence if ended.summary else ended.error or "killed"
        self._stage.trace.note(f"{what} ends: {told}")
        return ended

    async def _tried(self, request: SyncRequest) -> Ended:
        try:
            with use_environment(self._env):
                return Ended(await run_direction(request, PLAIN))
        except BaseException as error:  # noqa: BLE001 - of a dead process it is nothing
            if self.life.is_over:
                return Ended()
            told = _told(error)
            if told is None:
                text = "".join(traceback.format_exception(error))
                if text not in self._stage.crashes:
                    self._stage.crashes.append(text)
                return Ended(error=f"crashed: {error!r}")
            self._stage.errors.append(told)
            return Ended(error=told)


def _told(error: BaseException) -> str | None:
    """The sentence of an error that a run may end with; None for any other."""
    if isinstance(error, ConnectorError):
        return f"{type(error).__name__}: {error}"
    if isinstance(error, BaseExceptionGroup):
        parts = [_told(one) for one in error.exceptions]
        return None if None in parts else "; ".join(map(str, parts))
    return None


def connection_of(changes: Mapping[str, Mapping[str, Any]]) -> Connection:
    """The demo's connection, with values of its sections changed."""
    values = tomllib.loads(_TEMPLATE.replace("@SANDBOX@", ADDRESS))
    for section, fields in changes.items():
        values[section] = {**values.get(section, {}), **fields}
    return Connection.model_validate({"name": "nordhem", **values})


@contextmanager
def open_stage(
    seed: int,
    loop: VirtualLoop,
    *,
    start: datetime,
    orders: int,
    connections: dict[str, Connection],
    secrets: dict[str, Secrets] | None = None,
    stock_excludes: StockExcludes = "orders",
) -> Iterator[Stage]:
    """Build the world of a seed around an empty ledger."""
    clock = WorldClock(start, loop.time)
    world = build_world(
        seed=seed, orders=orders, clock=clock, stock_excludes=stock_excludes
    )
    with TemporaryDirectory() as folder:
        file = Path(folder) / "ledger.db"
        shutil.copy(empty_ledger(), file)
        engine = open_engine(f"sqlite:///{file}", durable=False)
        try:
            yield Stage(
                world=world,
                clock=clock,
                app=create_app(world),
                home=Path(folder),
                engine=engine,
                random=Random(f"{seed}/wire"),
                trace=Trace(loop.time),
                connections=connections,
                secrets=secrets or dict.fromkeys(connections, _SECRETS),
            )
        finally:
            engine.dispose()


@cache
def _keyring() -> Keyring:
    return Keyring([Keyring.generate()])
