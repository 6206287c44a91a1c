"""Reads a list that every company has."""

from __future__ import annotations

from connectors.answers import NOT_FOUND, Answer
from connectors.errors import ConfigError, RecordError
from connectors.transport import ApiClient, Params

__all__ = ["get_list"]


async def get_list(
    api: ApiClient, path: str, params: Params | None, *, operation: str | None = None
) -> Answer:
    """Return the answer of a list; an address that has none is a wrong address.

    Raises:
        ConfigError: The service does not answer at that address.
    """
    try:
        return await api.request(
            "GET", path, params=params, repeatable=True, operation=operation
        )
    except RecordError as error:
        if error.code != NOT_FOUND:
            raise
        message = (
            f"{api.peer} has no {path}, which every company has: correct "
            f"{api.peer.setting}, or leave it out to use the vendor's own address"
        )
        raise ConfigError(message, request_id=error.request_id) from error
