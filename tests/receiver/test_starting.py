"""A burst of hints is one run; none is lost, whatever breaks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from console.starting import Standing, Starter
from ledger import Call, ConnectionLedger, Keyring, Ledger
from tests.receiver.calls import NOW


@dataclass
class Server:
    """A server with one deployment a direction; a run takes five seconds to begin."""

    clock: Clock
    books: ConnectionLedger
    standing_of: Standing = "free"
    is_down: bool = False
    fails: bool = False
    forgets: bool = False
    starts: list[tuple[str, datetime]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    asked: int = 0
    _runs: list[Run] = field(default_factory=list)

    async def standing(self, connection: str, direction: str) -> Standing:
        """Busy while a run of the direction is there."""
        self.asked += 1
        if self.is_down:
            raise ConnectionRefusedError("nobody listens")
        if self.standing_of != "free":
            return self.standing_of
        at_work = any(run.direction == direction for run in self._runs)
        return "busy" if at_work else "free"

    async def start(self, connection: str, direction: str, key: str) -> None:
        """Make a run, once a key."""
        if self.is_down:
            raise ConnectionRefusedError("nobody listens")
        if key in self.keys:
            return
        self.keys.add(key)
        self.starts.append((direction, self.clock.now))
        if not self.forgets:
            self._runs.append(Run(direction, self.clock.now))

    def go_on(self) -> None:
        """Let runs begin after five seconds, and end after ten."""
        for run in list(self._runs):
            age = self.clock.now - run.created_at
            if run.id is None and age >= timedelta(seconds=5):
                with self.books.begin() as unit:
                    key = f"{run.direction} {run.created_at}"
                    run.id = unit.runs.start(run.direction, key, "auto", "s1")
                    unit.hints.take(run.direction, run.id)
            if run.id is not None and age >= timedelta(seconds=10):
                self._runs.remove(run)
                with self.books.begin() as unit:
                    state = "failed" if self.fails else "done"
                    unit.runs.finish(run.id, state, {})
                    if not self.fails:
                        unit.hints.answer(run.direction, run.id)


@dataclass
class Run:
    """A run that was made, and its id in the ledger once it began."""

    direction: str
    created_at: datetime
    id: int | None = None


class Clock:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now


@dataclass
class Stage:
    """The loop between a ledger and a server."""

    clock: Clock
    books: ConnectionLedger
    server: Server
    starter: Starter
    sent: int = 0

    def call(self, *directions: str) -> None:
        """Let one more call come in."""
        self.sent += 1
        call = Call("centra", str(self.sent), directions or ("orders",), self.clock.now)
        with self.books.begin() as unit:
            unit.hints.receive([call], keep=timedelta(minutes=15))

    async def pass_(self, seconds: float, *, step: float = 0.5) -> None:
        """Let time pass, looking as the loop does."""
        end = self.clock.now + timedelta(seconds=seconds)
        while self.clock.now < end:
            self.clock.now += timedelta(seconds=step)
            self.server.go_on()
            await self.starter.look()

    def kept(self) -> int:
        """How many calls no run has answered."""
        with self.books.read() as unit:
            return sum(row.calls for row in unit.hints.unanswered())

    def anew(self) -> None:
        """Begin again with a new process: only the ledger is left."""
        self.starter = a_starter(self.books, self.server, self.clock)


def a_starter(books: ConnectionLedger, server: Server, clock: Clock) -> Starter:
    """A new process, that remembers nothing."""

    async def names() -> list[str]:
        return ["nordhem"]

    async def unanswered(connection: str):
        with books.read() as unit:
            return unit.hints.unanswered()

    return Starter(names, unanswered, server, clock, asyncio.sleep)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A ledger of its own."""
    clock = Clock()
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    keys = Keyring([Keyring.generate()])
    with Ledger.open(url, keys, clock=clock, owner="w", durable=False) as ledger:
        books = ledger.of("nordhem")
        server = Server(clock, books)
        yield Stage(clock, books, server, a_starter(books, server, clock))


async def test_a_hint_starts_its_direction_after_two_quiet_seconds(
    stage: Stage,
) -> None:
    """Not before, once, and nothing is left of it when the run has ended."""
    stage.call("orders", "payments")
    await stage.pass_(1.5)
    assert stage.server.starts == []
    await stage.pass_(0.5)
    began = NOW + timedelta(seconds=2)
    assert stage.server.starts == [("orders", began), ("payments", began)]
    await stage.pass_(60)
    assert len(stage.server.starts) == 2
    assert stage.kept() == 0


async def test_each_hint_starts_a_run_of_its_own(stage: Stage) -> None:
    """SQLite gives the id of a hint that was answered to the next one; a key is not given twice."""
    for _ in range(3):
        stage.call()
        await stage.pass_(60)

    assert stage.server.starts == [
        ("orders", NOW + timedelta(seconds=seconds)) for seconds in (2, 62, 122)
    ]
    assert stage.kept() == 0


async def test_a_run_that_failed_is_followed_by_one_of_a_new_process(
    stage: Stage,
) -> None:
    """What an earlier receiver has started is no reason to start nothing."""
    stage.server.fails = True
    stage.call()
    await stage.pass_(11.5)
    assert len(stage.server.starts) == 1
    stage.anew()

    await stage.pass_(1)

    assert len(stage.server.starts) == 2


async def test_what_never_gets_quiet_starts_after_ten_seconds(stage: Stage) -> None:
    """The first of a stream waits no longer than that."""
    for _ in range(10):
        stage.call()
        await stage.pass_(1)
    assert stage.server.starts == [("orders", NOW + timedelta(seconds=10))]


async def test_a_thousand_calls_in_a_minute_are_a_handful_of_runs(stage: Stage) -> None:
    """One at a time; the last call is followed by a run that begins after it."""
    for _ in range(1000):
        stage.call()
        await stage.pass_(0.06, step=0.06)
    last = stage.clock.now
    await stage.pass_(30)

    assert 4 <= len(stage.server.starts) <= 8
    assert stage.server.starts[-1][1] + timedelta(seconds=5) > last
    assert stage.kept() == 0


async def test_what_comes_while_a_run_works_is_taken_by_the_next_one(
    stage: Stage,
) -> None:
    """The run under way may have read too early for it."""
    stage.call()
    await stage.pass_(8)  # the run reads
    stage.call()
    await stage.pass_(3)
    assert len(stage.server.starts) == 1
    await stage.pass_(15)
    assert len(stage.server.starts) == 2
    assert stage.kept() == 0


async def test_what_comes_before_a_run_has_begun_needs_no_second_one(
    stage: Stage,
) -> None:
    """A run that is about to begin reads it."""
    stage.call()
    await stage.pass_(3)
    stage.call()
    await stage.pass_(60)
    assert len(stage.server.starts) == 1
    assert stage.kept() == 0


async def test_a_crash_between_storing_and_starting_loses_nothing(stage: Stage) -> None:
    """A new process finds the hint where the old one left it."""
    stage.call()
    stage.clock.now += timedelta(hours=3)
    stage.anew()
    await stage.pass_(0.5)
    assert len(stage.server.starts) == 1
    await stage.pass_(20)
    assert stage.kept() == 0


async def test_a_crash_after_starting_starts_no_second_run(stage: Stage) -> None:
    """The server says that one is about to begin."""
    stage.call()
    await stage.pass_(2)
    stage.anew()
    await stage.pass_(60)
    assert len(stage.server.starts) == 1
    assert stage.kept() == 0


async def test_a_server_out_of_reach_loses_nothing(stage: Stage) -> None:
    """Asked again after growing waits, at most a minute; started when it is back."""
    stage.server.is_down = True
    stage.call()
    await stage.pass_(600)
    assert stage.server.starts == []
    assert 9 <= stage.server.asked <= 14
    assert stage.kept() == 1

    stage.server.is_down = False
    await stage.pass_(80)
    assert len(stage.server.starts) == 1
    assert stage.kept() == 0


async def test_a_run_that_failed_is_started_again_ever_more_rarely(
    stage: Stage,
) -> None:
    """No hammering while a system is down; and once it is up, the hint is answered."""
    stage.server.fails = True
    stage.call()
    await stage.pass_(600)
    assert 6 <= len(stage.server.starts) <= 13
    assert stage.kept() == 1

    stage.server.fails = False
    await stage.pass_(90)
    assert stage.kept() == 0


async def test_a_run_that_was_lost_is_followed_by_another(stage: Stage) -> None:
    """A worker was killed: the ledger says it works, the server knows of none."""
    stage.call()
    with stage.books.begin() as unit:
        run_id = unit.runs.start("orders", "killed", "auto", "s1")
        unit.hints.take("orders", run_id)
    await stage.pass_(50)
    assert stage.server.starts == []
    await stage.pass_(30)
    assert len(stage.server.starts) == 1
    assert stage.kept() == 0


async def test_a_run_that_the_server_dropped_is_started_again(stage: Stage) -> None:
    """Cancelled before it began, or lost with the server's database: it is not there."""
    stage.server.forgets = True
    stage.call()
    await stage.pass_(3)
    assert len(stage.server.starts) == 1
    stage.server.forgets = False
    await stage.pass_(30)
    assert len(stage.server.starts) == 2
    assert stage.kept() == 0


@pytest.mark.parametrize("standing", ["paused", "missing"])
async def test_a_paused_direction_is_not_started(
    stage: Stage, standing: Standing, caplog: pytest.LogCaptureFixture
) -> None:
    """Not live, or paused by hand: it is said once, and the hint is kept."""
    stage.server.standing_of = standing
    stage.call()
    await stage.pass_(300)
    assert stage.server.starts == []
    assert stage.kept() == 1
    assert len([one for one in caplog.messages if "do not start it" in one]) == 1

    stage.server.standing_of = "free"
    await stage.pass_(45)
    assert len(stage.server.starts) == 1
    assert stage.kept() == 0


async def test_a_ledger_that_cannot_be_read_does_not_end_the_loop(stage: Stage) -> None:
    """What goes wrong while looking is said once, and looked at again."""
    looks = 0

    async def names() -> list[str]:
        nonlocal looks
        looks += 1
        raise OSError("the disk is full")

    async def sleep(seconds: float) -> None:
        if looks == 3:
            raise asyncio.CancelledError

    stage.starter.names = names
    stage.starter.sleep = sleep
    with pytest.raises(asyncio.CancelledError):
        await stage.starter.run()
    assert looks == 3
