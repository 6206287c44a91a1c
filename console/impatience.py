"""HTTP for strangers: whoever does not say what he wants is not waited for.

uvicorn waits for a request's headers for ever; a few hundred connections that say
nothing would keep everybody else out.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["HEADER_SECONDS", "ImpatientProtocol"]

HEADER_SECONDS = 5.0


class ImpatientProtocol(H11Protocol):
    """Closes a connection that begins a request and does not end its headers in time.

    Between two requests uvicorn's own limit for idle connections counts, and for bodies
    that of the app.
    """

    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - as uvicorn has it
        """Begin to wait."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Wait no longer once a request is complete enough to be answered."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._stop()

    def data_received(self, data: bytes) -> None:
        """Wait for the rest of what begins here."""
        cycle: Any = self.cycle
        is_idle = cycle is None or cycle.response_complete
        if is_idle and self._patience is None:
            self._wait()
        super().data_received(data)

    def _wait(self) -> None:
        self._patience = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def _stop(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
