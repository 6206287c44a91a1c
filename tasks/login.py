"""Logging a person in to Visma.net, where the application is an interactive one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from connectors.errors import ConfigError
from connectors.open import connect_client, login_scope, token_name
from connectors.visma.auth import Application
from connectors.visma.login import begin_login, finish_login
from tasks.environment import environment

__all__ = ["log_in"]


async def log_in(
    connection: str, redirect_uri: str, ask: Callable[[str], Awaitable[str]]
) -> None:
    """Log in and keep the rotating token encrypted in the ledger.

    `ask` shows a person the login address and answers the address that the browser
    was sent back to, with its code.

    Raises:
        ConfigError: The connection logs in otherwise, or the login did not succeed.
    """
    env = environment()
    settings = env.connection(connection)
    if settings.visma.grant != "authorization_code":
        message = (
            f"connection '{connection}' needs no login: visma.grant is "
            f"'{settings.visma.grant}', not 'authorization_code'"
        )
        raise ConfigError(message)
    application = Application(
        env.secret(connection, "visma_client_id").get_secret_value(),
        env.secret(connection, "visma_client_secret"),
    )
    login = begin_login(
        str(settings.visma.connect_url),
        application,
        redirect_uri=redirect_uri,
        scope=login_scope(),
    )
    returned_to = (await ask(login.address)).strip()
    async with connect_client(
        settings, clock=env.clock, sleep=env.sleep, transport=env.transport
    ) as connect:
        token = await finish_login(
            login,
            returned_to,
            connect=connect,
            application=application,
            clock=env.clock,
        )
    env.ledger.tokens(connection).save(token_name(settings, "erp"), token)
