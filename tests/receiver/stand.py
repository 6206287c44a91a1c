"""A receiver with two connections that have secrets of their own, in process or on a port."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from time import monotonic

import httpx
import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette

from console.receiver import assemble, configured
from console.receiver_app import Receiver
from console.starting import Standing
from ledger import Keyring, Ledger
from settings.application import Application, Secrets
from tasks.environment import Environment
from tests.receiver.calls import NOW, SECRET
from tests.tasks_.stand import a_connection

OTHER_SECRET = "whsec-fjord"
KEYS = Keyring.generate()


class Clock:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        """Start at NOW."""
        self.now = NOW

    def __call__(self):
        """Tell the time."""
        return self.now


@dataclass
class Starts:
    """A server that starts nothing, and counts."""

    standing_of: Standing = "free"
    starts: list[str] = field(default_factory=list)

    async def standing(self, connection: str, direction: str) -> Standing:
        """Stand as the test says."""
        return self.standing_of

    async def start(self, connection: str, direction: str, key: str) -> None:
        """Count it."""
        self.starts.append(f"{direction}/{connection}")


@dataclass
class Stand:
    """The app, what is behind it, and what it did."""

    app: Starlette
    env: Environment
    clock: Clock
    server: Starts

    @property
    def receiver(self) -> Receiver:
        """What takes the calls."""
        receiver: Receiver = self.app.state.receiver
        return receiver

    def hints(self, connection: str = "nordhem") -> dict[str, int]:
        """How many calls wait for each direction."""
        with self.env.books(connection).read() as unit:
            rows = unit.hints.unanswered()
        return {row.direction: row.calls for row in rows}


@contextmanager
def a_stand(
    home: Path, *, server: Starts | None = None, clock: Clock | None = None
) -> Iterator[Stand]:
    """Two connections, `nordhem` with both secrets and `fjord` with Centra's; `bare` has none."""
    clock, server = clock or Clock(), server or Starts()
    application = Application(home=home, connections=home / "none")
    with Ledger.open(
        application.ledger_url,
        Keyring([KEYS]),
        clock=clock,
        owner="receiver",
    ) as ledger:
        env = Environment(
            application,
            ledger,
            clock=clock,
            connections={
                name: a_connection(name) for name in ("nordhem", "fjord", "bare")
            },
            secrets={
                "nordhem": Secrets(
                    centra_webhook_secret=SecretStr(SECRET),
                    visma_webhook_secret=SecretStr(SECRET),
                ),
                "fjord": Secrets(centra_webhook_secret=SecretStr(OTHER_SECRET)),
            },
        )
        yield Stand(assemble(env, server), env, clock, server)


@asynccontextmanager
async def a_client(stand: Stand) -> AsyncIterator[httpx.AsyncClient]:
    """Call the app in process, while it stores what comes in."""
    loop = asyncio.ensure_future(stand.receiver.inbox.run())
    transport = httpx.ASGITransport(stand.app)
    try:
        async with httpx.AsyncClient(
            transport=transport, base_url="http://receiver"
        ) as client:
            yield client
    finally:
        loop.cancel()


@contextmanager
def on_a_port(app: Starlette) -> Iterator[tuple[str, int]]:
    """Serve the app as the receiver does, in a thread of its own."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1024)
    server = uvicorn.Server(configured(app))
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = monotonic() + 60
    while not server.started and monotonic() < deadline:
        Event().wait(0.02)
    try:
        yield listener.getsockname()[:2]
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()
