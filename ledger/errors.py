"""What the ledger refuses, in the terms of `connectors.errors`.

* AbortError
  + StaleClaimError    somebody else took this intent over: do not send
  + LinkConflictError  a document would answer two sources, or a source two documents
* ConfigError
  + KeyringError       the master key does not open this ledger
* RecordError
  + ErasedError        the person's key was destroyed, or the retention of the payload is over
"""

from __future__ import annotations

from connectors.errors import AbortError, ConfigError, RecordError

__all__ = ["ErasedError", "KeyringError", "LinkConflictError", "StaleClaimError"]


class StaleClaimError(AbortError):
    """The claim was lost to a newer one; its holder may neither send nor decide.

    It concerns one intent: skip it and go on with the rest.
    """


class LinkConflictError(AbortError):
    """A document of ours would answer two sources, or a source two documents."""


class KeyringError(ConfigError):
    """The master key is missing, malformed, or not the one this ledger was made with."""


class ErasedError(RecordError):
    """The payload is of a person whose data was erased, or its retention is over."""
