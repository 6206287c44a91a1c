"""Access tokens of Visma Connect: asked for once, shared by every worker.

Service applications get a token with client credentials. Interactive ones renew
theirs with a refresh token that may be good for one use only, so the new one is
kept before the access token is used, and one worker at a time renews.
Source: Visma Connect, "OAuth 2.0 protocol".
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Literal

from pydantic import SecretStr

from connectors.answers import Answer, Call, Peer
from connectors.credentials import StoredToken, TokenStore
from connectors.errors import ConfigError, ConnectorError, RetryableError
from connectors.redaction import redact
from connectors.transport import ApiClient

__all__ = ["Application", "VismaAuth", "judge_token_answer", "request_token"]

Grant = Literal["client_credentials", "authorization_code"]

_EARLY = timedelta(seconds=60)
_LOCK_SECONDS = 30.0
_POLL_SECONDS = 0.5
_POLLS = 60

_ADVICE = {
    "invalid_client": "check the client id and the client secret of the application",
    "invalid_scope": (
        "add an integration for each API to the application in the developer portal"
    ),
    "unauthorized_client": "allow this grant type for the application in the portal",
    "invalid_grant": (
        "the customer must approve the application for this company, and "
        "visma.tenant_id must be the COMPANY tenant id; an interactive login may "
        "also have ended: log in again"
    ),
    "access_denied": "the user must have the role API user",
}


class Application:
    """The application of the developer portal that we are."""

    def __init__(self, client_id: str, client_secret: SecretStr) -> None:
        """Keep both halves together; the secret is never shown."""
        self.client_id = client_id
        self.client_secret = client_secret

    def form(self, **fields: str) -> dict[str, str]:
        """Return a token request of this application."""
        return {
            "client_id": self.client_id,
            "client_secret": self.client_secret.get_secret_value(),
            **fields,
        }


class VismaAuth:
    """The login to one API of one company."""

    def __init__(
        self,
        connect: ApiClient,
        application: Application,
        store: TokenStore,
        *,
        name: str,
        grant: Grant,
        tenant_id: str,
        scope: str,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Keep the token as `name`, which holds tenant and scopes apart."""
        self._connect = connect
        self._application = application
        self._store = store
        self._name = name
        self._grant = grant
        self._tenant_id = tenant_id
        self._scope = scope
        self._clock = clock
        self._sleep = sleep
        self._turn = asyncio.Lock()
        self._token: StoredToken | None = None

    async def headers(self) -> Mapping[str, str]:
        """Return the Authorization header, with a new token if need be."""
        token = self._token
        if token is None or not self._is_fresh(token):
            token = await self._fetch(rejected=None)
        return {"Authorization": f"Bearer {token.access_token.get_secret_value()}"}

    async def renew(self, rejected: Mapping[str, str]) -> bool:
        """Get another token than the rejected one; always possible."""
        text = rejected.get("Authorization", "").removeprefix("Bearer ")
        await self._fetch(rejected=text)
        return True

    async def _fetch(self, *, rejected: str | None) -> StoredToken:
        async with self._turn:
            for _ in range(_POLLS):
                if usable := self._usable(rejected):
                    return usable
                with self._store.lock(self._name, _LOCK_SECONDS) as held:
                    if held:
                        # Another worker may have renewed it before we got the lock.
                        usable = self._usable(rejected)
                        return usable or await self._ask()
                await self._sleep(_POLL_SECONDS)
        message = f"another worker holds the login to {self._connect.peer} for too long"
        raise RetryableError(message)

    def _usable(self, rejected: str | None) -> StoredToken | None:
        kept = self._store.load(self._name)
        if kept is None or not self._is_fresh(kept):
            return None
        if kept.access_token.get_secret_value() == rejected:
            return None
        self._token = kept
        return kept

    async def _ask(self) -> StoredToken:
        token = await request_token(
            self._connect, self._form(), scope=self._scope, clock=self._clock
        )
        if token.refresh_token is None and self._grant == "authorization_code":
            # A re-usable refresh token is not sent again.
            kept = self._store.load(self._name)
            old = kept.refresh_token if kept else None
            token = StoredToken(token.access_token, old, token.expires_at, token.scope)
        self._store.save(self._name, token)
        self._token = token
        return token

    def _form(self) -> dict[str, str]:
        if self._grant == "client_credentials":
            return self._application.form(
                grant_type="client_credentials",
                scope=self._scope,
                tenant_id=self._tenant_id,
            )
        kept = self._store.load(self._name)
        if kept is None or kept.refresh_token is None:
            message = (
                "nobody has logged in to Visma Connect for this connection yet "
                "(visma.grant = authorization_code): log in once with 'centra-visma login' as a user with the "
                "role API user"
            )
            raise ConfigError(message)
        return self._application.form(
            grant_type="refresh_token",
            refresh_token=kept.refresh_token.get_secret_value(),
        )

    def _is_fresh(self, token: StoredToken) -> bool:
        return token.expires_at - _EARLY > self._clock()


async def request_token(
    connect: ApiClient,
    form: Mapping[str, str],
    *,
    scope: str,
    clock: Callable[[], datetime],
) -> StoredToken:
    """Ask the token endpoint.

    Raises:
        ConfigError: Client, scope, tenant or login is not accepted.
        RetryableError: Visma Connect cannot answer now.
    """
    asked_at = clock()
    answer = await connect.request(
        "POST",
        "/connect/token",
        form=form,
        # A token is no business document: asking again does no harm.
        repeatable=True,
        operation="POST connect/token",
    )
    body: Any = answer.body
    if not isinstance(body, Mapping) or not body.get("access_token"):
        message = f"{connect.peer} answered without an access token"
        raise RetryableError(message, request_id=answer.request_id)
    refresh = body.get("refresh_token")
    return StoredToken(
        access_token=SecretStr(str(body["access_token"])),
        refresh_token=SecretStr(str(refresh)) if refresh else None,
        expires_at=asked_at + timedelta(seconds=int(body.get("expires_in") or 3600)),
        scope=str(body.get("scope") or scope),
    )


def judge_token_answer(answer: Answer, call: Call, peer: Peer) -> ConnectorError | None:
    """Read the error of an OAuth answer."""
    body = answer.body
    if not isinstance(body, Mapping) or not body.get("error"):
        if answer.status != HTTPStatus.NOT_FOUND:
            return None
        message = (
            f"{peer} has no {call.operation}: correct {peer.setting}, or leave it out "
            "to use the vendor's own address"
        )
        return ConfigError(message, request_id=answer.request_id)
    error = redact(str(body["error"]))
    said = redact(str(body.get("error_description") or ""))
    advice = _ADVICE.get(error, "check the application in the developer portal")
    about = f"{error}: {said}" if said else error
    message = f"{peer} refuses {call.operation} ({about}): {advice}"
    return ConfigError(message, request_id=answer.request_id)
