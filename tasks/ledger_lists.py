"""Lists of Visma.net's customer ledger as a source: read by id, by window, or by delta.

Invoices and credit notes are read alike; what each page leads to is told by `lists`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Protocol

from pydantic import BaseModel

from connectors.errors import ConfigError
from connectors.visma.ledger_models import InvoiceRow
from ledger import SourceEntry
from tasks.centra_sales import fingerprint
from tasks.direction import Ends, Page, Window
from tasks.target_index import modified_at, v1_time

__all__ = ["LedgerLists", "list_entry", "read_ledger_lists"]

Pages = Callable[[str | None], AsyncIterator[tuple[InvoiceRow, ...]]]


class LedgerLists(Protocol):
    """What becomes of documents of one kind, each order once a run."""

    def of_documents(self, rows: Sequence[InvoiceRow]) -> AsyncIterator[Page]:
        """What documents lead to, as they were just read."""
        ...

    def of_orders(self, numbers: Iterable[int]) -> AsyncIterator[Page]:
        """Orders with all their documents."""
        ...

    def parked(self) -> AsyncIterator[Page]:
        """What was parked before, to be looked at again."""
        ...


async def read_ledger_lists(
    ends: Ends,
    window: Window,
    watermark: datetime | None,
    *,
    pages: Pages,
    lists: LedgerLists,
    what: str,
) -> AsyncIterator[Page]:
    """Read the orders whose documents changed, or the given ones; `what` is plural.

    Raises:
        ConfigError: An id is no order number.
    """
    if window.ids:
        async for page in lists.of_orders(_numbers(window.ids, what)):
            yield page
        return
    since = watermark
    if window.since or window.full or watermark is None:
        start = datetime.combine(ends.settings.start_on, time(), UTC)
        since = window.since or (None if window.full and window.backfill else start)
    is_sweep = not (window.since or window.until)
    async for rows in pages(v1_time(ends, since)):
        times = [_aware(row) for row in rows]
        wanted = [
            row
            for row, at in zip(rows, times, strict=True)
            if window.until is None or at is None or at < window.until
        ]
        async for page in lists.of_documents(wanted):
            yield page
        newest = max((at for at in times if at), default=None)
        yield Page((), newest if is_sweep else None)
    async for page in lists.parked():
        yield page


def _aware(row: InvoiceRow) -> datetime | None:
    """Visma.net's own time; it is compared with nothing but itself."""
    at: datetime | None = modified_at(row)
    return at.replace(tzinfo=UTC) if at else None


def _numbers(ids: Sequence[str], what: str) -> list[int]:
    wrong = [one for one in ids if not one.strip().isdecimal()]
    if wrong:
        message = (
            f"'{wrong[0]}' is no order number; {what} are pulled by the order of "
            "Centra on which they are shown"
        )
        raise ConfigError(message)
    return [int(one) for one in ids]


def list_entry(
    source_id: str,
    body: BaseModel,
    *rules: str,
    amount: Decimal | None,
    currency: str | None,
) -> SourceEntry:
    """What is kept of one list, or of a document without one; `rules` of settings count, too."""
    text = body.model_dump_json()
    return SourceEntry(
        source_id=source_id,
        label=source_id,
        fingerprint=fingerprint(text, *rules),
        body=text.encode(),
        amount=amount,
        currency=currency,
    )
