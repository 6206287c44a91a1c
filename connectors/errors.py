"""Every error of the connector, grouped by what to do next.

* ConnectorError
  + ConfigError        do not start: a setting or a permission is wrong
  + RetryableError     later: the other side is busy, down or out of reach
    - QuotaError       later: the quota is used up
  + RecordError        park this record, go on with the rest
  + AbortError         stop the run: nothing that follows could be right
  + InDoubtError       sent, and the answer was lost: probe before sending again
"""

from __future__ import annotations

__all__ = [
    "AbortError",
    "ConfigError",
    "ConnectorError",
    "InDoubtError",
    "QuotaError",
    "RecordError",
    "RetryableError",
]


class ConnectorError(Exception):
    """The base of what the connector raises on purpose.

    `request_id` is the other side's own id of the failed call (a VismaId, an
    X-Request-Id), shown so that its support can find it.
    """

    def __init__(self, message: str, *, request_id: str | None = None) -> None:
        """Keep the sentence a person reads, and the other side's id of the call."""
        self.message = message
        self.request_id = request_id
        super().__init__(f"{message} [{request_id}]" if request_id else message)


class ConfigError(ConnectorError):
    """A setting, credential or permission is wrong; nothing was started."""


class RetryableError(ConnectorError):
    """The other side cannot answer now; the same call may succeed later."""

    def __init__(
        self,
        message: str,
        *,
        wait_seconds: float | None = None,
        request_id: str | None = None,
    ) -> None:
        """Keep how long the other side asked us to wait, if it did."""
        self.wait_seconds = wait_seconds
        super().__init__(message, request_id=request_id)


class QuotaError(RetryableError):
    """The quota of a connection and API is used up until `wait_seconds` from now."""


class RecordError(ConnectorError):
    """This record cannot be carried over as it is; the others can.

    `code` is stable and documented, `fix` says what a person can do about it.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        fix: str,
        record_id: str | None = None,
        request_id: str | None = None,
    ) -> None:
        """Keep what the exceptions list shows: code, record, reason and fix."""
        self.code = code
        self.fix = fix
        self.record_id = record_id
        super().__init__(message, request_id=request_id)


class AbortError(ConnectorError):
    """The run must stop: its next step would build on something wrong."""


class InDoubtError(ConnectorError):
    """A write was sent and its answer was lost; it may or may not have happened."""
