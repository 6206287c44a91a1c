"""Whether Prefect's server still does what it is asked: writes, not health alone.

Its `health` answers while every write waits for the embedded database's one lock: so the
server counts as well only if it writes something down in time.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from prefect.exceptions import PrefectHTTPStatusError
from pydantic import SecretStr

from console.control_room import answering

__all__ = ["is_writing"]

_FLOW = "orders"
"""A flow that is deployed here: to make what is there already changes nothing."""


async def is_writing(api: str, password: SecretStr | None, *, seconds: float) -> bool:
    """Whether a server wrote something down within so many seconds.

    That it refuses us is an answer as well, and is told by whoever asks next.
    """
    try:
        async with asyncio.timeout(seconds), answering(api, password) as client:
            await client.create_flow_from_name(_FLOW)  # the least that takes the lock
    except PrefectHTTPStatusError as error:
        return error.response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
    except Exception:  # noqa: BLE001 - whatever happens, it has not written
        return False
    return True
