"""The one way out: every call to another system goes through `ApiClient`."""

from __future__ import annotations

import asyncio
import json as json_module
import logging
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from ipaddress import ip_address
from types import TracebackType
from typing import Any, Protocol, Self

import httpx
import simplejson
from tenacity import AsyncRetrying, retry_if_exception_type

from connectors.answers import (
    Answer,
    Call,
    Identity,
    Judge,
    Peer,
    error_of,
    request_id_of,
    unclear,
)
from connectors.errors import ConfigError, RetryableError
from connectors.failures import error_of_failure
from connectors.waiting import Waiting

__all__ = ["ApiClient", "Auth", "Throttle"]

# httpx logs each address with its query, and a query may hold an e-mail address.
logging.getLogger("httpx").setLevel(logging.WARNING)

_AGENT = "centra-visma-connector"
_JSON = "application/json"
_UNAUTHORIZED = 401

Params = Mapping[str, str | int | list[str] | list[int]]


class Auth(Protocol):
    """Who we are; `renew` is asked once after a 401, False means there is no other."""

    async def headers(self) -> Mapping[str, str]:
        """Return the headers that identify us."""
        ...

    async def renew(self, rejected: Mapping[str, str]) -> bool:
        """Get another token in place of the rejected one, if there can be one."""
        ...


class Throttle(Protocol):
    """The quota that a call has to fit into."""

    async def enter(self, call: Call) -> None:
        """Wait for room, or raise QuotaError."""
        ...

    def learn(self, answer: Answer) -> None:
        """Take note of what the answer says about the quota."""
        ...


@cache
def _tls() -> ssl.SSLContext:
    """One context for all clients: loading the certificates takes longer than a call."""
    return httpx.create_ssl_context()


class ApiClient:
    """Calls one API: login, quota, retries, and errors that say what to do.

    A call that may be repeated is repeated on its own. One that may not is sent
    once; it is repeated only when it surely was not carried out. Answers are JSON,
    unless something else is to be accepted: then they are text.
    """

    def __init__(  # noqa: PLR0913 - each is a seam for tests or a setting
        self,
        name: str,
        base_url: str,
        *,
        setting: str,
        clock: Callable[[], datetime],
        auth: Auth | None = None,
        budget: Throttle | None = None,
        judge: Judge | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout: httpx.Timeout | float = 60.0,
        at_once: int = 4,
        headers: Mapping[str, str] | None = None,
        user_agent: str = _AGENT,
        login: Identity | None = None,
        waiting: Waiting | None = None,
        accept: str = _JSON,
    ) -> None:
        """Prepare the client; nothing is connected before the first call.

        Raises:
            ConfigError: The address is not HTTPS, and not this machine either.
        """
        self._base = base_url.rstrip("/")
        loopback = _checked(self._base, name, setting)
        self.peer = Peer(name, setting, self._base, login or Identity())
        self.clock = clock
        self.calls: Counter[str] = Counter()
        self.writes: Counter[str] = Counter()
        self._auth = auth
        self._budget = budget
        self._judge = judge
        self._sleep = sleep
        self._waiting = waiting or Waiting()
        self._decode = _decoded if accept == _JSON else str
        self._gate = asyncio.Semaphore(at_once)
        self._http = httpx.AsyncClient(
            transport=transport,
            timeout=timeout,
            limits=httpx.Limits(
                max_connections=at_once, max_keepalive_connections=at_once
            ),
            headers={
                "Accept": accept,
                "User-Agent": user_agent,
                **(headers or {}),
            },
            follow_redirects=False,
            trust_env=not loopback,
            verify=_tls(),
        )

    @property
    def budget(self) -> Throttle | None:
        """The quota of this API."""
        return self._budget

    async def __aenter__(self) -> Self:
        """Keep connections open until the end of the block."""
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close every connection."""
        await self._http.__aexit__(kind, error, trace)

    async def pause(self, seconds: float) -> None:
        """Wait before the other side is asked again how far it has come."""
        await self._sleep(seconds)

    async def request(
        self,
        method: str,
        path: str,
        *,
        repeatable: bool,
        operation: str | None = None,
        write: bool | None = None,
        params: Params | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one call and return its answer.

        Raises:
            ConfigError: Address, login or permission is wrong.
            QuotaError: No calls are left for longer than we wait.
            RetryableError: The other side cannot answer now.
            RecordError: The other side refuses what was sent.
            InDoubtError: An unrepeatable call was sent and its end is not known.
        """
        is_write = (not repeatable) if write is None else write
        call = Call(operation or f"{method} {path}", repeatable, is_write)
        own = dict(headers or {})
        content: bytes | None = None
        if json is not None:
            content = _encoded(json)
            own["Content-Type"] = "application/json; charset=utf-8"

        def build(login: Mapping[str, str]) -> httpx.Request:
            return self._http.build_request(
                method,
                f"{self._base}{path}",
                params=dict(params) if params else None,
                content=content,
                data=dict(form) if form is not None else None,
                headers={**own, **login},
            )

        retrying = AsyncRetrying(
            retry=retry_if_exception_type(RetryableError),
            wait=self._waiting.before_next,
            stop=self._waiting.is_over,
            sleep=self._sleep,
            before_sleep=self._waiting.log(self.peer, call),
            reraise=True,
        )
        return await retrying(self._attempt, call, build)

    async def _attempt(
        self, call: Call, build: Callable[[Mapping[str, str]], httpx.Request]
    ) -> Answer:
        login = await self._auth.headers() if self._auth else {}
        answer = await self._send(call, build(login))
        if answer.status == _UNAUTHORIZED and self._auth:
            if not await self._auth.renew(login):
                raise self._error(answer, call)
            answer = await self._send(call, build(await self._auth.headers()))
        if not answer.is_success:
            raise self._error(answer, call)
        if answer.body is _UNREADABLE:
            raise self._unreadable(answer, call)
        return answer

    async def _send(self, call: Call, request: httpx.Request) -> Answer:
        async with self._gate:
            if self._budget:
                await self._budget.enter(call)
            self.calls[call.operation] += 1
            if call.write:
                self.writes[call.operation] += 1
            try:
                response = await self._http.send(request)
            except (
                httpx.TransportError,
                httpx.DecodingError,
                httpx.InvalidURL,
            ) as error:
                raise error_of_failure(error, call, self.peer) from error
        text = response.text
        answer = Answer(
            status=response.status_code,
            headers=response.headers,
            body=self._decode(text),
            text=text,
            request_id=request_id_of(response.headers, text),
        )
        if self._budget:
            self._budget.learn(answer)
        return answer

    def _error(self, answer: Answer, call: Call) -> Exception:
        if self._judge and (judged := self._judge(answer, call, self.peer)):
            return judged
        return error_of(answer, call, self.peer, now=self.clock())

    def _unreadable(self, answer: Answer, call: Call) -> Exception:
        kind = answer.headers.get("Content-Type", "no content type")
        if not call.repeatable:
            happened = f"answered HTTP {answer.status} without JSON ({kind})"
            return unclear(call, self.peer, happened, answer.request_id)
        message = (
            f"{self.peer} answered {call.operation} with {kind} in place of JSON; if it "
            f"stays so, check that {self.peer.setting} is the address of the API itself"
        )
        return RetryableError(message, request_id=answer.request_id)


_UNREADABLE = object()


def _decoded(text: str) -> Any:  # noqa: ANN401 - JSON of any shape
    if not text.strip():
        return None
    try:
        return json_module.loads(
            text, parse_float=Decimal, parse_constant=_refused_constant
        )
    except ValueError:
        return _UNREADABLE


def _refused_constant(name: str) -> None:
    message = f"{name} is no JSON number"
    raise ValueError(message)


def _encoded(value: object) -> bytes:
    text: str = simplejson.dumps(
        value, use_decimal=True, ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def _checked(base: str, name: str, setting: str) -> bool:
    """Tell whether the address is this machine; any other must be HTTPS."""
    url = httpx.URL(base)
    loopback = _is_loopback(url.host)
    if url.scheme == "https" or (url.scheme == "http" and loopback):
        return loopback
    message = (
        f"{setting} = {base} is not safe: {name} gets a secret with each call, "
        "so the address must begin with https:// (http:// is for this machine only)"
    )
    raise ConfigError(message)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
