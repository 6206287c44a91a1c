"""Units that read and units that write take turns on the same connections."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import DBAPIError

from connectors.errors import RetryableError
from ledger import ConnectionLedger


def test_a_unit_that_reads_cannot_write_whatever_came_before(
    books: ConnectionLedger,
) -> None:
    """And one that writes can again, at once: a connection is told only what is new."""
    for turn in range(3):
        with books.begin() as unit:
            unit.cursors.move("subject", str(turn))
        with (
            pytest.raises((RetryableError, DBAPIError)),
            books.read() as unit,
        ):
            unit.cursors.move("subject", "never")
        with books.read() as unit:
            assert unit.cursors.get("subject") == str(turn)
        with books.begin(repeatable=True) as unit:
            unit.cursors.move("subject", f"{turn} again")
