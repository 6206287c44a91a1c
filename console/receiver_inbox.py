"""The receiver's way into the ledger: what came in at once is stored in one transaction.

Each call waits until it is stored for good. Callers that come while a transaction is
under way share the next one, so a burst costs no more than a few of them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from connectors.errors import ConnectorError
from ledger import Call

__all__ = ["Inbox", "Store"]

logger = logging.getLogger(__name__)

_MOST_AT_ONCE = 500


class Store(Protocol):
    """Where calls are kept, in a thread of its own."""

    def __call__(
        self, connection: str, calls: Sequence[Call], keep: timedelta
    ) -> set[str]:
        """Store calls of a connection; return the digests of those that are new.

        Raises:
            ConnectorError: The ledger is busy or out of reach; nothing was kept.
        """
        ...


class Inbox:
    """Stores calls in groups, one group at a time; `run` does the work."""

    def __init__(self, store: Store, *, keep: timedelta) -> None:
        self._store = store
        self._keep = keep
        self._waiting: asyncio.Queue[tuple[str, Call, asyncio.Future[bool]]] = (
            asyncio.Queue(_MOST_AT_ONCE)
        )

    async def put(self, connection: str, call: Call) -> bool:
        """Store a call; False when it had been stored before.

        Raises:
            ConnectorError: The ledger could not keep it.
        """
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        await self._waiting.put((connection, call, done))
        return await done

    async def run(self) -> None:
        """Store what comes in, until cancelled."""
        while True:
            group = [await self._waiting.get()]
            while not self._waiting.empty():
                group.append(self._waiting.get_nowait())
            for connection in sorted({name for name, _, _ in group}):
                mine = [
                    (call, done) for name, call, done in group if name == connection
                ]
                await self._keep_group(connection, mine)

    async def _keep_group(
        self, connection: str, group: Sequence[tuple[Call, asyncio.Future[bool]]]
    ) -> None:
        calls = [call for call, _ in group]
        try:
            fresh = await asyncio.to_thread(self._store, connection, calls, self._keep)
        except Exception as error:
            if not isinstance(error, ConnectorError):
                logger.exception("calls for '%s' could not be stored", connection)
            for _, done in group:
                if not done.done():
                    done.set_exception(error)
            return
        for call, done in group:
            if not done.done():  # its caller may have given up waiting
                done.set_result(call.digest in fresh)
            fresh.discard(call.digest)
