"""Serve the webhook receiver: `python -m console.receiver`, or `centra-visma receiver`.

Settings are environment variables (docs/settings.md); see docs/operations.md for what is
to be entered in Centra and Visma.net, and for the proxy in front of it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import sys
from collections.abc import Sequence
from datetime import timedelta

import uvicorn
from prefect.settings import get_current_settings
from pydantic import SecretStr
from starlette.applications import Starlette

from connectors.errors import ConfigError
from console.deployments import PrefectDeployments
from console.exits import ends_well
from console.impatience import ImpatientProtocol
from console.receiver_app import LARGEST_HEADERS, Door, Receiver, System, create_app
from console.receiver_inbox import Inbox
from console.starting import Deployments, Starter
from ledger import Call, HintRow
from tasks.environment import Environment, environment

__all__ = ["KEPT_WINDOWS", "assemble", "main", "serve"]

logger = logging.getLogger(__name__)

KEPT_WINDOWS = 3
"""A call is remembered for so many windows: a time that is just ahead of ours ends two
windows after it came, and nothing that is forgotten may still be within its window."""
_MOST_CONNECTIONS = 256
_IDLE_SECONDS = 5


def assemble(env: Environment, deployments: Deployments) -> Starlette:
    """Put the receiver of an installation together, with the loop that starts runs."""
    application = env.application

    def secret(system: System, connection: str) -> SecretStr | None:
        try:
            return env.secret(connection, f"{system}_webhook_secret")
        except ConfigError:
            return None

    def store(connection: str, calls: Sequence[Call], keep: timedelta) -> set[str]:
        with env.books(connection).begin() as unit:
            return unit.hints.receive(calls, keep=keep)

    def unanswered(connection: str) -> Sequence[HintRow]:
        with env.books(connection).read() as unit:
            return unit.hints.unanswered()

    async def in_a_thread(connection: str) -> Sequence[HintRow]:
        return await asyncio.to_thread(unanswered, connection)

    async def known() -> Sequence[str]:
        return await asyncio.to_thread(env.names)

    window = application.webhook_window_seconds
    receiver = Receiver(
        door=Door(secret, env.names, env.clock),
        inbox=Inbox(store, keep=timedelta(seconds=KEPT_WINDOWS * window)),
        clock=env.clock,
        window_seconds=window,
        visma_header=application.visma_signature_header,
    )
    starter = Starter(
        names=known,
        unanswered=in_a_thread,
        deployments=deployments,
        clock=env.clock,
        sleep=env.sleep,
    )
    app = create_app(receiver, starter.run)
    app.state.receiver, app.state.starter = receiver, starter
    return app


def serve() -> None:
    """Listen until a signal says to stop; the first line printed says where.

    Raises:
        ConfigError: No Prefect server is named, or the port is taken.
    """
    if not get_current_settings().api.url:
        message = (
            "the receiver starts runs on a Prefect server: set PREFECT_API_URL to its "
            "address, such as http://127.0.0.1:4200/api"
        )
        raise ConfigError(message)
    env = environment()
    listener = _listen(env.application.receiver_host, env.application.receiver_port)
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    logging.getLogger("console").setLevel(logging.INFO)
    app = assemble(env, PrefectDeployments(env.clock))
    host, port = listener.getsockname()[:2]
    sys.stdout.write(json.dumps({"url": f"http://{host}:{port}"}) + "\n")
    sys.stdout.flush()
    uvicorn.Server(configured(app)).run(sockets=[listener])


def configured(app: Starlette) -> uvicorn.Config:
    """How strangers are served: few headers, no waiting, no upgrade, no log of paths."""
    return uvicorn.Config(
        app,
        http=ImpatientProtocol,
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        h11_max_incomplete_event_size=LARGEST_HEADERS,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=10,
    )


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        message = (
            f"the receiver cannot listen on {host}:{port} ({error.strerror or error}): "
            "set CENTRA_VISMA_RECEIVER_HOST and CENTRA_VISMA_RECEIVER_PORT"
        )
        raise ConfigError(message) from error
    listener.listen(1024)
    return listener


@ends_well
def main() -> None:
    """Run the receiver as a process of its own."""
    serve()


if __name__ == "__main__":
    main()
