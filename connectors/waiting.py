"""How long a repeatable call waits before it is tried again, and when it gives up."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable

from tenacity import RetryCallState

from connectors.answers import Call, Peer
from connectors.errors import QuotaError, RetryableError

__all__ = ["Waiting"]

logger = logging.getLogger(__name__)


class Waiting:
    """How often and how long one repeatable call is tried again."""

    def __init__(
        self,
        *,
        attempts: int = 5,
        total_seconds: float = 90,
        base_seconds: float = 0.5,
        longest_seconds: float = 20,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Cap attempts and the seconds waited in all; `jitter` returns 0 to 1."""
        self.attempts = attempts
        self.total_seconds = total_seconds
        self._base = base_seconds
        self._longest = longest_seconds
        self._jitter = jitter

    def before_next(self, state: RetryCallState) -> float:
        """Return the seconds to wait: what was asked for, else full jitter."""
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, RetryableError) and error.wait_seconds is not None:
            return error.wait_seconds + self._jitter() * self._base
        ceiling = min(
            self._longest, self._base * float(2 ** (state.attempt_number - 1))
        )
        return self._jitter() * ceiling

    def is_over(self, state: RetryCallState) -> bool:
        """Tell whether the next try would be one too many, or too late."""
        waited = state.idle_for + state.upcoming_sleep
        return state.attempt_number >= self.attempts or waited > self.total_seconds

    @staticmethod
    def log(peer: Peer, call: Call) -> Callable[[RetryCallState], None]:
        """Return what notes each wait, without a word of what was sent."""

        def note(state: RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome else None
            kind = "quota" if isinstance(error, QuotaError) else "trouble"
            logger.warning(
                "%s: %s: %s at try %d, trying again in %.1f s",
                peer.name,
                call.operation,
                kind,
                state.attempt_number,
                state.upcoming_sleep,
            )

        return note
