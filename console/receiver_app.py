"""The webhook receiver: an app and a port of its own, the only one the outside needs.

It checks who calls, stores that something happened, and answers; what follows is
another loop's work (`console.starting`). No call of Centra or Visma.net is made
while somebody waits for an answer. Bodies and secrets are never logged.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.errors import ConnectorError
from console.receiver_inbox import Inbox
from console.webhook_events import Said, UnreadableCallError, read_centra, read_visma
from console.webhook_signatures import Refused, Signed, check_centra, check_visma
from ledger import Call

__all__ = ["LARGEST_BODY", "LARGEST_HEADERS", "Door", "Receiver", "create_app"]

logger = logging.getLogger(__name__)

System = Literal["centra", "visma"]

LARGEST_BODY = 256 * 1024
"""Bytes. A hundred events, as many as Centra sends at once, are some twenty thousand."""
LARGEST_HEADERS = 16 * 1024
_BODY_SECONDS = 4.0
_MOST_TYPES = 1_000
_BUSY = 503
_STORE_SECONDS = 4.0  # Centra hangs up after five


class Door:
    """Which connections there are, and the secret that each of them shares with a system.

    Both are looked up again after `seconds`, so a new secret needs no restart, and a
    flood of calls reaches no file and no ledger.
    """

    def __init__(
        self,
        find: Callable[[System, str], SecretStr | None],
        names: Callable[[], list[str]],
        clock: Callable[[], datetime],
        *,
        seconds: float = 30,
    ) -> None:
        self._find = find
        self._names = names
        self._clock = clock
        self._seconds = seconds
        self._known: dict[str, dict[System, SecretStr | None]] = {}
        self._looked_at: datetime | None = None
        self._looking = asyncio.Lock()

    async def secret(self, system: System, connection: str) -> SecretStr | None:
        """The secret of a connection; None where it has none.

        Raises:
            LookupError: There is no such connection.
        """
        async with self._looking:
            now = self._clock()
            at = self._looked_at
            if at is None or abs((now - at).total_seconds()) > self._seconds:
                self._known = await asyncio.to_thread(self._look)
                self._looked_at = now
        return self._known[connection][system]

    def _look(self) -> dict[str, dict[System, SecretStr | None]]:
        return {
            name: {
                "centra": self._find("centra", name),
                "visma": self._find("visma", name),
            }
            for name in self._names()
        }


@dataclass
class Receiver:
    """What one receiver needs, and what it has counted since it began."""

    door: Door
    inbox: Inbox
    clock: Callable[[], datetime]
    window_seconds: int
    visma_header: str | None = None
    unknown: Counter[str] = field(default_factory=Counter)
    """Events of types that wake nobody, by system and type."""
    refused: Counter[str] = field(default_factory=Counter)
    stored: int = 0
    repeated: int = 0
    _named: set[str] = field(default_factory=set)

    async def centra(self, request: Request) -> Response:
        """Take a call of Centra's webhook plugin."""

        def check(body: bytes, secret: SecretStr) -> Signed | Refused:
            return check_centra(
                body,
                request.headers.getlist("x-centra-signature"),
                secret,
                now=self.clock().timestamp(),
                window_seconds=self.window_seconds,
            )

        return await self._take("centra", request, check, read_centra)

    async def visma(self, request: Request) -> Response:
        """Take a call of Visma.net's webhook subscriptions."""

        def check(body: bytes, secret: SecretStr) -> Signed | Refused:
            signed = check_visma(
                body, request.headers.items(), secret, header=self.visma_header
            )
            if isinstance(signed, Signed):
                self._name_header(signed.header)
            return signed

        return await self._take("visma", request, check, read_visma)

    async def health(self, request: Request) -> Response:
        """Say that this process answers, and nothing else."""
        del request
        return JSONResponse({"status": "ok"})

    async def _take(
        self,
        system: System,
        request: Request,
        check: Callable[[bytes, SecretStr], Signed | Refused],
        read: Callable[[bytes], Said],
    ) -> Response:
        connection = request.path_params["connection"]
        try:
            _refuse_long_headers(request)
            secret = await self._secret(system, connection)
            body = await _body(request)
            signed = _signed(check, body, secret)
            said = _said(read, body)
        except _RefusalError as error:
            return self._refuse(error, system, connection)
        self._count(system, connection, said)
        return await self._store(system, connection, signed, said)

    async def _secret(self, system: System, connection: str) -> SecretStr:
        try:
            secret = await self.door.secret(system, connection)
        except LookupError:
            raise _RefusalError(404, "unknown", "there is no such webhook") from None
        except ConnectorError:
            raise _RefusalError(503, "busy", "busy, call again") from None
        if secret is None:
            logger.warning(
                "'%s' has no secret of %s: keep one with "
                "'centra-visma secret %s %s_webhook_secret'",
                *(connection, system, connection, system),
            )
            raise _RefusalError(404, "no_secret", "there is no such webhook")
        return secret

    async def _store(
        self, system: System, connection: str, signed: Signed, said: Said
    ) -> Response:
        call = Call(system, signed.digest, said.directions, self.clock())
        try:
            # what takes too long is stored all the same: a repeat of it has no effect
            is_new = await asyncio.wait_for(
                asyncio.shield(self.inbox.put(connection, call)), _STORE_SECONDS
            )
        except (ConnectorError, TimeoutError):
            error = _RefusalError(503, "busy", "busy, call again")
            return self._refuse(error, system, connection)
        self.stored += is_new
        self.repeated += not is_new
        return JSONResponse({"events": said.events, "repeated": not is_new})

    def _count(self, system: System, connection: str, said: Said) -> None:
        for name in said.unknown:
            key = f"{system} {name}"
            if key not in self.unknown:
                logger.info(
                    "%s sends events of type '%s' for '%s'; they wake nobody",
                    *(system, name, connection),
                )
            if key in self.unknown or len(self.unknown) < _MOST_TYPES:
                self.unknown[key] += 1

    def _name_header(self, header: str) -> None:
        if self.visma_header is None and header not in self._named:
            self._named.add(header)
            logger.info(
                "Visma.net signs in the header '%s'; set "
                "CENTRA_VISMA_VISMA_SIGNATURE_HEADER to it to look at no other",
                header,
            )

    def _refuse(
        self, error: _RefusalError, system: System, connection: str
    ) -> Response:
        """Say why, and close: the rest of what somebody sends is not read."""
        self.refused[error.why] += 1
        if error.why not in ("unknown", "no_secret"):
            logger.warning(
                "a call of %s for %r was refused: %s",
                *(system, connection, error.text),
            )
        later = {"Retry-After": "5"} if error.status == _BUSY else {}
        return JSONResponse(
            {"error": error.text}, error.status, {"Connection": "close", **later}
        )


class _RefusalError(Exception):
    """A call that is not taken: its status, why in a word, and what its sender reads."""

    def __init__(self, status: int, why: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.why = why
        self.text = text


def _refuse_long_headers(request: Request) -> None:
    """h11 bounds only headers that come in pieces; what comes at once is larger."""
    size = sum(len(name) + len(value) for name, value in request.headers.raw)
    if size > LARGEST_HEADERS:
        raise _RefusalError(431, "long_headers", "the headers are too long")


def _signed(
    check: Callable[[bytes, SecretStr], Signed | Refused],
    body: bytes,
    secret: SecretStr,
) -> Signed:
    found = check(body, secret)
    if isinstance(found, Refused):
        raise _RefusalError(401, found.why, f"the signature is {found.why}")
    return found


def _said(read: Callable[[bytes], Said], body: bytes) -> Said:
    try:
        return read(body)
    except UnreadableCallError as error:
        raise _RefusalError(400, "unreadable_body", str(error)) from error


async def _body(request: Request) -> bytes:
    """Read a body that is neither too large nor too slow.

    Raises:
        _RefusalError: It is, or whoever sent it has gone.
    """
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and int(stated) > LARGEST_BODY:
        raise _RefusalError(413, "too_large", "the body is too large")
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for part in request.stream():
                body += part
                if len(body) > LARGEST_BODY:
                    raise _RefusalError(413, "too_large", "the body is too large")
    except TimeoutError:
        raise _RefusalError(408, "too_slow", "the body came too slowly") from None
    except ClientDisconnect:
        raise _RefusalError(400, "cut_off", "the body ended too early") from None
    return bytes(body)


def create_app(receiver: Receiver, *beside: Callable[[], Awaitable[None]]) -> Starlette:
    """The app; `beside` are loops that run as long as it does."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        del app
        tasks = [
            asyncio.ensure_future(loop()) for loop in (receiver.inbox.run, *beside)
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    return Starlette(
        routes=[
            Route("/webhooks/centra/{connection}", receiver.centra, methods=["POST"]),
            Route("/webhooks/visma/{connection}", receiver.visma, methods=["POST"]),
            Route("/health", receiver.health, methods=["GET"]),
        ],
        lifespan=lifespan,
    )
