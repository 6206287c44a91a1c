"""What a step needs at hand: settings, ledger, clock, and clients to both ends.

Tasks take plain values only, so they open what they need through the current
`Environment`. The installation's own is made from environment variables; a
simulation brings another one, with its clock, its waiting and its transports.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from connectors.budget import Priority
from connectors.centra.client import CentraClient
from connectors.credentials import StoredToken
from connectors.errors import ConfigError
from connectors.open import open_centra, open_visma
from connectors.rates.feeds import Feeds, open_feeds
from connectors.visma.client import VismaClient
from ledger import ConnectionLedger, Keyring, Ledger
from settings.application import Application, Secrets
from settings.connection import Connection
from settings.loader import (
    SettingsError,
    find_connections,
    load_connection,
    named_alike,
)

__all__ = [
    "Environment",
    "environment",
    "open_environment",
    "use_environment",
    "utc_now",
]

_CURRENT: ContextVar[Environment | None] = ContextVar("environment", default=None)
_OWN: dict[str, Environment] = {}


def utc_now() -> datetime:
    """The wall clock; the one place where the product reads it."""
    return datetime.now(UTC)  # noqa: TID251 - the one place


@dataclass
class Environment:
    """Everything around the steps that differs between a test and production."""

    application: Application
    ledger: Ledger
    clock: Callable[[], datetime] = utc_now
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    transport: Any = None
    """An httpx transport for both clients, in place of real connections."""
    connections: dict[str, Connection] = field(default_factory=dict)
    """Settings held in memory, in place of connection files."""
    secrets: dict[str, Secrets] = field(default_factory=dict)

    def connection(self, name: str) -> Connection:
        """Read the settings of a connection, anew at the start of each run.

        Raises:
            ConfigError: The connection file is missing or wrong, or another connection
                writes the same references.
        """
        if name in self.connections:
            return self.connections[name]
        folder = self.application.connections
        try:
            found = load_connection(folder, name)
        except SettingsError as error:
            raise ConfigError(str(error)) from error
        for other in named_alike(folder, found):
            if not self.is_live(name) or self.is_live(other.name):
                message = (
                    f"{folder / name}.toml: prefix: '{found.prefix}' and "
                    f"'{other.prefix}' of connection '{other.name}' name documents of "
                    "one Visma.net company alike, so each would take the other's for "
                    "its own; give the newer one another prefix"
                )
                raise ConfigError(message)
        return found

    def is_live(self, name: str) -> bool:
        """Whether a direction of a connection went live here: it is this installation's."""
        with self.books(name).read() as unit:
            return bool(unit.plans.gone_live())

    def names(self) -> list[str]:
        """Every connection that has settings here, sorted."""
        found = find_connections(self.application.connections)
        return sorted({*found, *self.connections})

    def books(self, name: str) -> ConnectionLedger:
        """The ledger of one connection; nothing of another can be reached by it."""
        return self.ledger.of(name)

    @asynccontextmanager
    async def ends(
        self, settings: Connection, priority: Priority
    ) -> AsyncIterator[tuple[CentraClient, VismaClient]]:
        """Open clients to both; what is not urgent leaves a part of their quotas."""
        async with (
            self.centra(settings, priority=priority) as centra,
            self.visma(settings, priority=priority) as visma,
        ):
            yield centra, visma

    @asynccontextmanager
    async def centra(
        self, settings: Connection, *, priority: Priority = "urgent"
    ) -> AsyncIterator[CentraClient]:
        """Open a client to the connection's Centra store."""
        token = self.secret(settings.name, "centra_token")
        async with open_centra(
            settings,
            token=token,
            budget_store=self.ledger.budgets(settings.name),
            clock=self.clock,
            sleep=self.sleep,
            transport=self.transport,
            priority=priority,
        ) as client:
            yield client

    @asynccontextmanager
    async def visma(
        self,
        settings: Connection,
        *,
        fresh_login: bool = False,
        priority: Priority = "urgent",
    ) -> AsyncIterator[VismaClient]:
        """Open a client to the connection's Visma.net company.

        A `fresh_login` proves the secrets: it takes no token that was kept.
        """
        kept = self.ledger.tokens(settings.name)
        may_renew = settings.visma.grant == "client_credentials"
        async with open_visma(
            settings,
            client_id=self.secret(settings.name, "visma_client_id"),
            client_secret=self.secret(settings.name, "visma_client_secret"),
            token_store=_NoTokens() if fresh_login and may_renew else kept,
            budget_store=self.ledger.budgets(settings.name),
            clock=self.clock,
            sleep=self.sleep,
            transport=self.transport,
            priority=priority,
        ) as client:
            yield client

    @asynccontextmanager
    async def feeds(self, settings: Connection) -> AsyncIterator[Feeds]:
        """Open the published feeds of exchange rates; they know no login."""
        async with open_feeds(
            settings.rates,
            clock=self.clock,
            sleep=self.sleep,
            transport=self.transport,
        ) as feeds:
            yield feeds

    def secret(self, connection: str, name: str) -> SecretStr:
        """A secret of a connection, from the environment or the ledger.

        Raises:
            ConfigError: It is in neither.
        """
        value = self._secret(connection, name)
        if value is None:
            variable = (
                f"CENTRA_VISMA_{connection.upper().replace('-', '_')}_{name.upper()}"
            )
            message = (
                f"connection '{connection}' has no {name.replace('_', ' ')}: set the "
                f"environment variable {variable}, or run "
                f"'centra-visma secret {connection} {name}'"
            )
            raise ConfigError(message)
        return value

    def has_secret(self, connection: str, name: str) -> bool:
        """Whether a secret of a connection is set."""
        return self._secret(connection, name) is not None

    def _secret(self, connection: str, name: str) -> SecretStr | None:
        own = self.secrets.get(connection) or Secrets.of(connection)
        value = getattr(own, name)
        if value is None:
            value = self.ledger.secrets(connection).get(name)
        if value is None or isinstance(value, SecretStr):
            return value
        return SecretStr(str(value))


class _NoTokens:
    """Keeps no token: every login is a new one."""

    def load(self, name: str) -> StoredToken | None:
        """Know of no token."""
        del name
        return None

    def save(self, name: str, token: StoredToken) -> None:
        """Keep nothing."""

    @contextmanager
    def lock(self, name: str, seconds: float) -> Iterator[bool]:
        """Let everybody log in."""
        del name, seconds
        yield True


def environment() -> Environment:
    """The environment in use: a test's own, or the installation's."""
    current = _CURRENT.get()
    if current is not None:
        return current
    application = Application()
    key = f"{os.getpid()}|{application.ledger_url}|{application.connections}"
    if key not in _OWN:
        _OWN[key] = _open(application)
    return _OWN[key]


def open_environment(variables: Mapping[str, str]) -> Environment:
    """Open an installation that is described by variables, and not by ours."""
    os.environ.update(variables)
    return environment()


def _open(application: Application) -> Environment:
    try:
        application.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        keyring = Keyring.load(application.home)
    except OSError as error:
        message = (
            f"the folder {application.home} cannot be used ({error.strerror or error}): "
            "set CENTRA_VISMA_HOME to one that can be written"
        )
        raise ConfigError(message) from error
    owner = f"{socket.gethostname()}:{os.getpid()}"
    ledger = Ledger.open(application.ledger_url, keyring, clock=utc_now, owner=owner)
    return Environment(application, ledger)


@contextmanager
def use_environment(other: Environment) -> Iterator[Environment]:
    """Put another environment in use inside this block (tests, simulation)."""
    token = _CURRENT.set(other)
    try:
        yield other
    finally:
        _CURRENT.reset(token)
