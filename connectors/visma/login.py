"""The login of a person: authorization code with PKCE, for interactive applications."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.errors import OAuth2Error
from authlib.oauth2.rfc6749.parameters import (
    parse_authorization_code_response,
    prepare_grant_uri,
)
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from pydantic import SecretStr

from connectors.credentials import StoredToken
from connectors.errors import ConfigError
from connectors.transport import ApiClient
from connectors.visma.auth import Application, request_token

__all__ = ["Login", "begin_login", "finish_login"]

_VERIFIER_LENGTH = 64


@dataclass(frozen=True)
class Login:
    """A login under way: where the person must go, and what proves the return."""

    address: str
    state: str
    verifier: SecretStr
    redirect_uri: str
    scope: str


def begin_login(
    connect_url: str, application: Application, *, redirect_uri: str, scope: str
) -> Login:
    """Return the address of the login page; keep the rest until the person is back."""
    verifier: str = generate_token(_VERIFIER_LENGTH)
    state: str = generate_token()
    address = prepare_grant_uri(
        f"{connect_url.rstrip('/')}/connect/authorize",
        client_id=application.client_id,
        response_type="code",
        redirect_uri=redirect_uri,
        scope=scope,
        state=state,
        code_challenge=create_s256_code_challenge(verifier),  # type: ignore[no-untyped-call]
        code_challenge_method="S256",
    )
    return Login(address, state, SecretStr(verifier), redirect_uri, scope)


async def finish_login(
    login: Login,
    returned_to: str,
    *,
    connect: ApiClient,
    application: Application,
    clock: Callable[[], datetime],
) -> StoredToken:
    """Exchange the code in the address that the person came back to.

    Raises:
        ConfigError: The person declined, or the answer is not that of this login.
    """
    try:
        found = parse_authorization_code_response(returned_to, state=login.state)
    except OAuth2Error as error:
        message = (
            f"the login at {connect.peer} did not succeed ({error.error}): begin again"
        )
        raise ConfigError(message) from error
    form = application.form(
        grant_type="authorization_code",
        code=str(found["code"]),
        redirect_uri=login.redirect_uri,
        code_verifier=login.verifier.get_secret_value(),
    )
    token = await request_token(connect, form, scope=login.scope, clock=clock)
    if token.refresh_token is None:
        message = (
            "Visma Connect gave no refresh token, so the login would end within the "
            "hour: add offline_access to the application's scopes"
        )
        raise ConfigError(message)
    return token
