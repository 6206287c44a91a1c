"""The connections that can be used: each with a right file and all of its secrets."""

from __future__ import annotations

from connectors.errors import ConfigError
from settings.connection import Connection
from tasks.environment import Environment

__all__ = ["known_connections", "usable_connections"]


_SECRETS = ("centra_token", "visma_client_id", "visma_client_secret")


def known_connections(env: Environment, only: str | None = None) -> list[Connection]:
    """Every connection that has a file, each with all its secrets.

    Raises:
        ConfigError: There is none; one of them is wrong, or has no secrets.
    """
    found, wrong = usable_connections(env, only)
    if wrong:
        raise wrong[0]
    return found


def usable_connections(
    env: Environment, only: str | None = None
) -> tuple[list[Connection], list[ConfigError]]:
    """The connections that can be used, and what is wrong with the others."""
    names = [only] if only else env.names()
    found, wrong = [], []
    for name in names:
        try:
            one = env.connection(name)
            for secret in _SECRETS:
                env.secret(one.name, secret)
        except ConfigError as error:
            wrong.append(error)
        else:
            found.append(one)
    if not names:
        message = (
            f"there is no connection file in '{env.application.connections}': copy "
            "console/templates/nordhem.toml there and make it yours, or set "
            "CENTRA_VISMA_CONNECTIONS to the folder that has one"
        )
        wrong.append(ConfigError(message))
    return found, wrong
