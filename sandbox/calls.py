"""The call log: what was asked of the sandbox, counted by operation."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sandbox.clock import Clock

__all__ = ["CallLog", "LoggedCall"]

_KEPT = 1000


@dataclass(frozen=True)
class LoggedCall:
    """One request as the log keeps it; status 0 means that no answer was sent."""

    operation: str
    status: int
    at: datetime
    write: bool


class CallLog:
    """Counts of all requests since the last reset, and the last thousand of them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.total = 0
        self.writes = 0
        self.by_operation: Counter[str] = Counter()
        self._log: deque[LoggedCall] = deque(maxlen=_KEPT)

    def record(
        self,
        operation: str,
        *,
        write: bool,
        status: int,
        also: Sequence[str] = (),
    ) -> None:
        """Note one request; `also` are further names to count it under (root fields)."""
        self.total += 1
        self.writes += write
        self.by_operation.update({operation, *also})
        self._log.append(LoggedCall(operation, status, self._clock.now(), write))

    def as_json(self) -> dict[str, object]:
        """Return the counts and the log in the form of `GET /_sandbox/calls`."""
        return {
            "total": self.total,
            "writes": self.writes,
            "by_operation": dict(sorted(self.by_operation.items())),
            "log": [
                {
                    "op": call.operation,
                    "status": call.status,
                    "at": call.at.isoformat(),
                    "write": call.write,
                }
                for call in self._log
            ],
        }
