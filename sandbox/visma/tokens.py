"""The applications and tokens of Visma Connect."""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Literal

from sandbox.clock import Clock

__all__ = [
    "ERP_INTERACTIVE",
    "ERP_SERVICE",
    "SALES_ORDER",
    "AccessToken",
    "Client",
    "CodeGrant",
    "Refused",
    "TokenStore",
    "demo_clients",
]

ERP_SERVICE = "vismanet_erp_service_api"
ERP_INTERACTIVE = "vismanet_erp_interactive_api"
SALES_ORDER = "visma.net.erp.salesorder"

_SECRET = "sandbox-secret"  # noqa: S105  # the demo says it aloud
_VERBS = ("read", "create", "update", "delete")
_ACCESS_SECONDS = 3600
_CODE_SECONDS = 300
_SERVICE_SCOPES = frozenset(
    {f"{ERP_SERVICE}:{verb}" for verb in _VERBS}
    | {f"{SALES_ORDER}:read", f"{SALES_ORDER}:write"}
)
_USER_SCOPES = frozenset(
    {f"{ERP_INTERACTIVE}:{verb}" for verb in _VERBS}
    | {
        f"{SALES_ORDER}:read",
        f"{SALES_ORDER}:write",
        "openid",
        "profile",
        "email",
        "offline_access",
    }
)


class Refused(Exception):  # noqa: N818  # an OAuth error answer, not a failure of the sandbox
    """An OAuth error, as RFC 6749 words it."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


@dataclass(frozen=True, kw_only=True)
class Client:
    """An application of the developer portal; `tenants` None is approved by every company."""

    id: str
    secret: str
    scopes: frozenset[str]
    tenants: frozenset[str] | None = None
    refresh_tokens: Literal["one-time", "re-use"] = "one-time"


@dataclass(frozen=True, kw_only=True)
class AccessToken:
    """What an access token stands for; a service token carries its tenant, a user's does not."""

    client: str
    scopes: frozenset[str]
    expires_at: datetime
    tenant: str | None = None
    user: str | None = None
    family: str | None = None


@dataclass(kw_only=True)
class CodeGrant:
    """A login and consent that waits to be exchanged for tokens."""

    client: str
    user: str
    scopes: frozenset[str]
    redirect_uri: str
    challenge: str | None
    expires_at: datetime | None = None


@dataclass(kw_only=True)
class _Refresh:
    client: str
    user: str
    scopes: frozenset[str]
    family: str
    used: bool = False


@dataclass
class TokenStore:
    """The tokens that were given out; refresh tokens are one-time and know their family."""

    clock: Clock
    random: Random
    _access: dict[str, AccessToken] = field(default_factory=dict)
    _refresh: dict[str, _Refresh] = field(default_factory=dict)
    _codes: dict[str, CodeGrant] = field(default_factory=dict)

    def find(self, token: str) -> AccessToken | None:
        """Return what a token stands for while it is valid."""
        held = self._access.get(token)
        return held if held and held.expires_at > self.clock.now() else None

    def issue(
        self,
        client: str,
        scopes: frozenset[str],
        *,
        tenant: str | None = None,
        user: str | None = None,
        family: str | None = None,
    ) -> dict[str, object]:
        """Give out an access token and return the answer of the token endpoint."""
        text = self._text()
        self._access[text] = AccessToken(
            client=client,
            scopes=scopes,
            expires_at=self.clock.now() + timedelta(seconds=_ACCESS_SECONDS),
            tenant=tenant,
            user=user,
            family=family,
        )
        return {
            "access_token": text,
            "expires_in": _ACCESS_SECONDS,
            "token_type": "Bearer",
            "scope": " ".join(sorted(scopes)),
        }

    def add_code(self, grant: CodeGrant) -> str:
        """Keep a consent and return its code."""
        code = self._text()
        grant.expires_at = self.clock.now() + timedelta(seconds=_CODE_SECONDS)
        self._codes[code] = grant
        return code

    def exchange_code(
        self, code: str, *, client: str, redirect_uri: str, verifier: str | None
    ) -> dict[str, object]:
        """Exchange a code, once, for tokens.

        Raises:
            Refused: the code is unknown, used, expired, or not this application's.
        """
        grant = self._codes.pop(code, None)
        if (
            grant is None
            or grant.client != client
            or grant.redirect_uri != redirect_uri
            or grant.expires_at is None
            or grant.expires_at <= self.clock.now()
        ):
            raise Refused("invalid_grant", "The authorization code is not valid.")
        if grant.challenge is not None and grant.challenge != _challenge(
            verifier or ""
        ):
            raise Refused(
                "invalid_grant", "The code verifier does not match the challenge."
            )
        return self._user_tokens(client, grant.user, grant.scopes, family=self._text())

    def rotate(self, token: str, client: Client) -> dict[str, object]:
        """Exchange a refresh token for new tokens; a used one ends its whole family.

        Raises:
            Refused: the refresh token is unknown, revoked or was used before.
        """
        held = self._refresh.get(token)
        if held is None or held.client != client.id:
            raise Refused("invalid_grant", "The refresh token is not valid.")
        if client.refresh_tokens == "re-use":
            answer = self.issue(
                client.id, held.scopes, user=held.user, family=held.family
            )
            return answer | {"refresh_token": token}
        if held.used:
            self._end(held.family)
            raise Refused("invalid_grant", "The refresh token was used before.")
        held.used = True
        return self._user_tokens(client.id, held.user, held.scopes, family=held.family)

    def revoke(self, token: str, client: str) -> None:
        """End a token; ending a refresh token ends its family."""
        refresh = self._refresh.get(token)
        if refresh is not None and refresh.client == client:
            self._end(refresh.family)
        access = self._access.get(token)
        if access is not None and access.client == client:
            del self._access[token]

    def _user_tokens(
        self, client: str, user: str, scopes: frozenset[str], *, family: str
    ) -> dict[str, object]:
        answer = self.issue(client, scopes, user=user, family=family)
        if "offline_access" in scopes:
            text = self._text()
            self._refresh[text] = _Refresh(
                client=client, user=user, scopes=scopes, family=family
            )
            answer["refresh_token"] = text
        return answer

    def _end(self, family: str) -> None:
        for text in [
            text for text, held in self._refresh.items() if held.family == family
        ]:
            del self._refresh[text]
        for text in [
            text for text, access in self._access.items() if access.family == family
        ]:
            del self._access[text]

    def _text(self) -> str:
        return f"{self.random.getrandbits(256):064x}"


def demo_clients() -> dict[str, Client]:
    """Return the applications of the sandbox by client id."""
    return {
        client.id: client
        for client in (
            Client(
                id="isv_sandbox",
                secret=_SECRET,
                scopes=_SERVICE_SCOPES | _USER_SCOPES,
            ),
            Client(
                id="isv_sandbox_readonly",
                secret=_SECRET,
                scopes=_only("read", _SERVICE_SCOPES | _USER_SCOPES),
            ),
            Client(
                id="isv_sandbox_reuse",
                secret=_SECRET,
                scopes=_SERVICE_SCOPES | _USER_SCOPES,
                refresh_tokens="re-use",
            ),
            Client(
                id="isv_unapproved",
                secret=_SECRET,
                scopes=_SERVICE_SCOPES,
                tenants=frozenset(),
            ),
        )
    }


def _only(verb: str, scopes: Iterable[str]) -> frozenset[str]:
    return frozenset(
        scope for scope in scopes if ":" not in scope or scope.endswith(f":{verb}")
    )


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
