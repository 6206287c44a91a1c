"""Prefect as this installation's control room: its server, what it is told, and runs.

The one place that says the variables of server, worker and clients.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.settings import (
    PREFECT_API_AUTH_STRING,
    PREFECT_API_URL,
    PREFECT_HOME,
    temporary_settings,
)
from pydantic import SecretStr

from connectors.errors import ConfigError
from console.block_key import KEY_VARIABLE, block_key
from settings.application import Application, PoolKind

__all__ = [
    "POOL",
    "PROJECT",
    "ControlRoom",
    "address_of",
    "answering",
    "make_pool",
    "raise_if_refused",
]

PROJECT = Path(__file__).resolve().parents[1]
"""Folder of prefect.yaml, automations.json and the flows."""
POOL = "centra-visma"
_REFUSED = (401, 403)
_LAST_POLLED = "PREFECT_SERVER_SERVICES_FOREMAN_DEPLOYMENT_LAST_POLLED_TIMEOUT_SECONDS"
_QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_LOGGING_LEVEL": "INFO",
}


@dataclass(frozen=True)
class ControlRoom:
    """A Prefect server: where it listens, and who may come in."""

    home: Path
    host: str = "127.0.0.1"
    port: int = 4200
    password: SecretStr | None = None

    def __post_init__(self) -> None:
        """Refuse to be reached from elsewhere without a password.

        Raises:
            ConfigError: The address is open to others, and there is no password; or it
                has letters that Prefect's server cannot compare.
        """
        if self.password and not self.password.get_secret_value().isascii():
            message = (
                "CENTRA_VISMA_PASSWORD has letters that Prefect's server cannot compare: "
                "use the letters, figures and signs of ASCII"
            )
            raise ConfigError(message)
        if not self.is_loopback and not self.password:
            message = (
                f"at {self.host} anybody in the network could start runs: set "
                "CENTRA_VISMA_PASSWORD, or give --host 127.0.0.1 to stay on this machine"
            )
            raise ConfigError(message)

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the UI."""
        return address_of(self.host, self.port)

    @property
    def api(self) -> str:
        """The address of the API."""
        return f"{self.address}/api"

    def variables(self, application: Application) -> dict[str, str]:
        """What server and worker are told; secrets they inherit like any child."""
        told = {
            **_QUIET,
            "PREFECT_HOME": str(self.home / "prefect"),
            "PREFECT_API_URL": self.api,
            "PREFECT_SERVER_UI_API_URL": "/api",
            # the UI is served from the same place: no page from elsewhere may ask
            "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": self.address,
            "CENTRA_VISMA_HOME": str(self.home),
            "CENTRA_VISMA_CONNECTIONS": str(application.connections.resolve()),
            "CENTRA_VISMA_PROJECT": str(PROJECT),
            # a run that was killed is known by its silence (automations.json: 90 s)
            "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
            "PREFECT_WORKER_QUERY_SECONDS": "2",
            # what is planned ahead is late when no worker comes, and a hundred late ones
            # at once keep the embedded database busy for minutes
            "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_SCHEDULED_TIME": "PT5M",
            "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": "60",
            # that it is not polled is said of the pool (automations.json), not of each
            # deployment in turn: a hundred events in one transaction of the database
            _LAST_POLLED: "3600",
            # in memory, a restart of the server would forget who holds the one slot
            "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": (
                "prefect.server.concurrency.lease_storage.filesystem"
            ),
            # a run that a machine took with it is missed when the machine is back
            "PREFECT_SERVER_EVENTS_EXPIRED_BUCKET_BUFFER": "P7D",
            # a stock run each half minute is a million events a month
            "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
            "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(
                application.keep_runs_days * 86_400
            ),
            "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P2D",
        }
        told[KEY_VARIABLE] = block_key(self.home)
        if self.password:
            told["PREFECT_SERVER_API_AUTH_STRING"] = _auth(self.password)
            told["PREFECT_API_AUTH_STRING"] = _auth(self.password)
        return told

    @asynccontextmanager
    async def client(self) -> AsyncIterator[PrefectClient]:
        """A client of this server."""
        with temporary_settings({PREFECT_HOME: self.home / "prefect"}):
            async with answering(self.api, self.password) as client:
                yield client


def address_of(host: str, port: int) -> str:
    """Where this machine finds what listens on a host and port."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104
    bracketed = f"[{host}]" if ":" in host else host
    return f"http://{everywhere.get(host, bracketed)}:{port}"


@asynccontextmanager
async def answering(
    api: str, password: SecretStr | None
) -> AsyncIterator[PrefectClient]:
    """A client of a server by its address; nothing of the user's own settings."""
    changed: dict[Any, Any] = {PREFECT_API_URL: api}
    if password:
        changed[PREFECT_API_AUTH_STRING] = _auth(password)
    with temporary_settings(changed):
        async with get_client() as client:
            yield client


def _auth(password: SecretStr) -> str:
    """Prefect asks for a name as well; there is only one."""
    return f"admin:{password.get_secret_value()}"


async def make_pool(client: PrefectClient, kind: PoolKind) -> None:
    """Make the work pool, unless it is there; what people changed of its jobs stays.

    Args:
        client: Of the server.
        kind: In what its runs are carried out; the jobs of containers are described in
            the folder `pools`.

    Raises:
        ConfigError: The server does not know us, or has the pool as another kind.
    """
    try:
        there = await client.read_work_pool(POOL)
    except ObjectNotFound:
        await client.create_work_pool(
            WorkPoolCreate(name=POOL, type=kind, base_job_template=_jobs_of(kind))
        )
        return
    except PrefectHTTPStatusError as error:
        raise_if_refused(error)
        raise
    if there.type != kind:
        message = (
            f"the work pool {POOL} is of type {there.type}, and CENTRA_VISMA_POOL says "
            f"{kind}: set it to {there.type}, or delete the pool (prefect work-pool "
            f"delete {POOL}) and deploy again"
        )
        raise ConfigError(message)


def _jobs_of(kind: PoolKind) -> dict[str, Any]:
    """What a job of a pool is made of; of a process Prefect knows it."""
    if kind == "process":
        return {}
    jobs: dict[str, Any] = json.loads(
        (PROJECT / "pools" / f"{kind}.json").read_text(encoding="utf-8")
    )
    return jobs


def raise_if_refused(error: PrefectHTTPStatusError) -> None:
    """Tell in a sentence that the password is another one.

    Raises:
        ConfigError: The server refused the password, or asks for one.
    """
    if error.response.status_code in _REFUSED:
        message = (
            "the Prefect server that runs asks for another password: set "
            "CENTRA_VISMA_PASSWORD to the one it was started with"
        )
        raise ConfigError(message) from error
