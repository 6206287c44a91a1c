"""Extract: read the source, page by page, into the ledger.

Also brings the index of the target up to date, and takes up what earlier runs
left unfinished. Answers batch ids and counts, never a record.
"""

from __future__ import annotations

from datetime import datetime

from prefect import task
from pydantic import BaseModel, Field

from ledger import ConnectionLedger
from tasks.belonging import stay_with
from tasks.direction import Direction, Ends, Page, Window, find_direction
from tasks.doubt import settle_doubts
from tasks.environment import environment
from tasks.naming import WINDOW_NAME
from tasks.policy import STEP
from tasks.priority import priority_of
from tasks.request import Counts, Mode

__all__ = ["Extracted", "extract", "resume"]

_SOLVED_AT_THE_TARGET = (
    "CUSTOMER_BLOCKED",
    "CUSTOMER_NOT_READY",
    "PERIOD_CLOSED",
    "NO_OPEN_PERIOD",
    "LOCKED",
    "CHANGED_MEANWHILE",
    "REFUND_NOT_COVERED",
    "CREDIT_OVER_BALANCE",
    "RATE_MISSING",
    "RATE_TABLE_DIFFERS",
    "SETTLEMENT_LINE_TWICE",
    "SETTLEMENT_REFERENCE_UNKNOWN",
)
"""What somebody ends without telling us: looked at again in every run."""


class Extracted(BaseModel):
    """The batches that have work, and how much was read."""

    batches: list[int] = Field(default_factory=list)
    read: int = 0
    unchanged: int = 0
    watermark: datetime | None = None
    probed: Counts = Counts()
    missing: list[str] = Field(default_factory=list)
    left_out: dict[str, int] = Field(default_factory=dict)


@task(name="extract", task_run_name=WINDOW_NAME, **STEP)
async def extract(
    connection: str, direction: str, run_id: int, window: Window
) -> Extracted:
    """Read what is new, or the given window or ids; store it; make batches."""
    env = environment()
    settings, found = env.connection(connection), find_direction(direction)
    books = env.books(connection)
    async with env.ends(settings, priority_of(books, found, run_id)) as (
        centra,
        visma,
    ):
        ends = Ends(settings, books, centra, visma, env.clock)
        await visma.verify_company()
        stay_with(books, settings)
        await found.refresh(ends)
        probed = await settle_doubts(ends, found)
        batches = _Batches(books, found, run_id, settings.limits.batch_size)
        before = _watermark(books, found)
        is_wanted = _is_wanted(books, window, run_id)
        async for page in found.read(ends, window, before):
            batches.add(page, again=window.is_explicit, wanted=is_wanted)
        # after the pages: what they brought again is not taken up twice
        if not window.alone:
            batches.take_unfinished(settings.version, parked=False)
    extracted = batches.done(probed)
    if before and extracted.watermark and extracted.watermark <= before:
        extracted.watermark = None
    return extracted


@task(name="resume", task_run_name="resume · attempt {attempt}", **STEP)
async def resume(
    connection: str, direction: str, run_id: int, attempt: int, settings_version: str
) -> Extracted:
    """Take up the unfinished and parked records, for a run that is retried.

    `attempt` and `settings_version` are not read: they make each retry, and each
    change of a setting, work that Prefect has not seen before.
    """
    del attempt
    env = environment()
    settings, found = env.connection(connection), find_direction(direction)
    books = env.books(connection)
    async with env.ends(settings, priority_of(books, found, run_id)) as (
        centra,
        visma,
    ):
        await found.refresh(Ends(settings, books, centra, visma, env.clock))
    size = settings.limits.batch_size
    for name in found.needs:  # what a record needs may be parked, too
        others = _Batches(books, find_direction(name), run_id, size)
        others.take_unfinished(settings_version, parked=True)
    batches = _Batches(books, found, run_id, size)
    batches.take_unfinished(settings_version, parked=True)
    return batches.done()


class _Batches:
    """Deals pages out to batches of at most `size` records that have work."""

    def __init__(
        self, books: ConnectionLedger, direction: Direction, run_id: int, size: int
    ) -> None:
        self._books = books
        self._direction = direction.name
        self._run_id = run_id
        self._size = size
        self._filled = 0
        self._paged: list[int] = []
        self._seen: set[str] = set()
        self._result = Extracted()

    def take_unfinished(self, settings_version: str, *, parked: bool) -> None:
        """Add what earlier runs left; parked records too when asked for them."""
        while True:
            with self._books.begin(repeatable=True) as unit:
                batch = unit.records.open_batch(self._direction, self._run_id)
                taken = unit.records.add_unfinished(
                    batch,
                    parked=parked,
                    codes=_SOLVED_AT_THE_TARGET,
                    settings_version=settings_version,
                    limit=self._size,
                )
            if taken:
                self._result.batches.append(batch)
                self._result.read += taken
            if taken < self._size:
                return

    def add(self, page: Page, *, again: bool, wanted: bool) -> None:
        """Store a page; start a new batch when this one is full."""
        self._result.missing += page.missing
        for code, count in page.left_out.items():
            before = self._result.left_out.get(code, 0)
            self._result.left_out[code] = before + count
        if page.newest:  # of a page that holds nothing for us, too
            newest = self._result.watermark or page.newest
            self._result.watermark = max(newest, page.newest)
        self._seen.update(page.same)
        if not page.entries:
            return
        with self._books.begin(repeatable=True) as unit:
            if not self._paged or self._filled >= self._size:
                batch = unit.records.open_batch(self._direction, self._run_id)
                self._paged.append(batch)
                self._filled = 0
            taken = unit.records.take_page(
                self._paged[-1], page.entries, again=again, wanted=wanted
            )
        if taken.joined and not self._filled:  # a batch without work is no step's
            self._result.batches.append(self._paged[-1])
        self._filled += taken.joined
        self._seen.update(entry.source_id for entry in page.entries)

    def done(self, probed: Counts | None = None) -> Extracted:
        """The batches and counts: each record once, however often it was read."""
        joined = 0
        if self._paged:
            with self._books.read() as unit:
                joined = unit.records.members(self._paged)
        self._result.read += len(self._seen)
        self._result.unchanged += len(self._seen) - joined
        self._result.probed = probed or Counts()
        return self._result


def _is_wanted(books: ConnectionLedger, window: Window, run_id: int) -> bool:
    """Whether what is read is to be carried over though it is older than start_on.

    Of a window of a backfill, once and for all; a plan that nobody approved wants nothing.
    """
    if not (window.by_date and window.backfill):
        return False
    with books.read() as unit:
        return unit.runs.get(run_id).mode != Mode.PLAN.value


def _watermark(books: ConnectionLedger, direction: Direction) -> datetime | None:
    with books.read() as unit:
        value = unit.cursors.get(f"{direction.name}.updated_at")
    return datetime.fromisoformat(value) if value else None
