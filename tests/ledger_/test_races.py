"""Many workers on one database: the database decides, and nobody is asked twice."""

from __future__ import annotations

import functools
import multiprocessing
import operator
import os
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.errors import RetryableError
from ledger import Keyring, Ledger, StaleClaimError, Wish
from ledger.database import open_engine
from tests.ledger_.conftest import START
from tests.ledger_.given import (
    ORDERS,
    claim,
    confirm,
    draft,
    entry,
    plan,
    send,
    start_run,
    state,
    take,
)

WORKERS = 4


def _at_once(open_ledger, act: Callable[[Any, int], Any]) -> list[Any]:
    """Run the same act in several workers, each with a ledger of its own."""
    barrier = Barrier(WORKERS)
    books = [open_ledger(f"worker-{n}").of("nordic") for n in range(WORKERS)]

    def work(number: int) -> Any:
        barrier.wait()
        return act(books[number], number)

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(work, range(WORKERS)))


def test_no_intent_is_claimed_twice(open_ledger) -> None:
    """Four workers empty one queue; each intent is taken by exactly one."""
    plan(open_ledger("planner").of("nordic"), [str(n) for n in range(60)])

    def work(books: Any, _: int) -> list[int]:
        taken: list[int] = []
        while some := claim(books, limit=4):
            taken += [one.intent_id for one in some]
        return taken

    taken = Counter(functools.reduce(operator.iadd, _at_once(open_ledger, work), []))
    assert len(taken) == 60
    assert set(taken.values()) == {1}


def test_an_operation_is_planned_by_one(open_ledger) -> None:
    """Planned by four at once, it is one intent, new to one of them."""
    planner = open_ledger("planner").of("nordic")
    run_id = start_run(planner)
    batch = take(planner, run_id, [entry("1")])
    wishes = [Wish("1", "create", draft("1"), 1), Wish("bare", "create", draft("b"), 1)]

    def work(books: Any, _: int) -> list[Any]:
        with books.begin() as unit:
            return unit.intents.plan_many(ORDERS, wishes, run_id=run_id, batch_id=batch)

    answers = _at_once(open_ledger, work)
    for planned in zip(*answers, strict=True):
        assert len({each.id for each in planned}) == 1
        assert sorted(each.new for each in planned) == [False, False, False, True]


def test_overlapping_pages_insert_each_record_once(open_ledger) -> None:
    """Four runs read the same window in different orders."""
    planner = open_ledger("planner").of("nordic")
    run_id = start_run(planner)

    def work(books: Any, number: int) -> int:
        ids = [str(n) for n in range(40)]
        page = [entry(each) for each in (ids if number % 2 else reversed(ids))]
        with books.begin() as unit:
            batch = unit.records.open_batch(ORDERS, run_id)
            return unit.records.take_page(batch, page).new

    assert sum(_at_once(open_ledger, work)) == 40


def test_only_one_of_two_senders_gets_through(open_ledger, clock) -> None:
    """The lease ended while the first one dozed: one send, one refusal."""
    first = open_ledger("first").of("nordic")
    plan(first)
    (dozing,) = claim(first)
    clock.advance(seconds=301)
    (awake,) = claim(open_ledger("second").of("nordic"))
    claims = [dozing, awake, dozing, awake]

    def work(books: Any, number: int) -> bool:
        try:
            with books.begin() as unit:
                unit.intents.mark_sending(claims[number])
        except StaleClaimError:
            return False
        return True

    assert sum(_at_once(open_ledger, work)) == 1


def test_the_audit_chain_stays_whole(open_ledger) -> None:
    """Concurrent appends queue at the head: no gap, no fork."""

    def work(books: Any, number: int) -> None:
        for turn in range(15):
            with books.begin() as unit:
                unit.audit.append("test", detail={"turn": f"{number}.{turn}"})
                unit.audit.append("test", source_id="1")

    _at_once(open_ledger, work)
    with open_ledger("reader").of("nordic").read() as unit:
        result = unit.audit.verify()
    assert (result.ok, result.rows) == (True, WORKERS * 15 * 2)


def test_confirming_while_the_source_changes(open_ledger) -> None:
    """Neither deadlock nor lost update between readers, planners and senders."""
    planner = open_ledger("planner").of("nordic")
    run_id, _batch = plan(planner, [str(n) for n in range(20)])
    claims = claim(planner, limit=20)
    with planner.begin() as unit:
        sent = [unit.intents.mark_sending(each) for each in claims]

    def work(books: Any, number: int) -> None:
        for one in sent:
            if number % 2:
                confirm(books, one, f"SO{one.source_id}")
            else:
                changed = entry(one.source_id, fingerprint=f"f{number}")
                take(books, run_id, [changed])

    _at_once(open_ledger, work)
    with planner.read() as unit:
        assert unit.intents.counts(ORDERS) == {"confirmed": 20}
        assert unit.audit.verify().rows == 20
        assert unit.records.counts(ORDERS) == {"read": 20}


def test_one_worker_refreshes_a_token(open_ledger) -> None:
    """The lock on a token is held by one, and the others are told so."""
    open_ledger("first")
    barrier = Barrier(WORKERS)

    def work(ledger: Ledger) -> bool:
        with ledger.tokens("nordic").lock("visma:erp", 30) as mine:
            barrier.wait()
            return mine

    ledgers = [open_ledger(f"worker-{n}") for n in range(WORKERS)]
    with ThreadPoolExecutor(WORKERS) as pool:
        assert sorted(pool.map(work, ledgers)) == [False, False, False, True]


def test_the_quota_is_never_passed(open_ledger) -> None:
    """Calls granted to four workers add up to the ceiling, not to one more."""

    def work(ledger: Ledger) -> int:
        budget = ledger.budgets("nordic")
        taken = [
            budget.take(
                "erp",
                window="requests/3600",
                limit=100,
                now=START,
                window_seconds=3600,
                calls=3,
                ceiling=50,
            )
            for _ in range(8)
        ]
        return sum(each.granted for each in taken)

    ledgers = [open_ledger(f"worker-{n}") for n in range(WORKERS)]
    with ThreadPoolExecutor(WORKERS) as pool:
        assert sum(pool.map(work, ledgers)) == 50 // 3


def _now():
    return START


def _claim_in_a_process(url: str, key: str, number: int, answers: Any) -> None:
    with Ledger.open(
        url, Keyring([key]), clock=_now, owner=f"process-{number}", durable=False
    ) as ledger:
        books = ledger.of("nordic")
        taken: list[int] = []
        while some := claim(books, limit=3):
            taken += [one.intent_id for one in some]
    answers.put(taken)


def test_processes_do_not_claim_the_same(url: str) -> None:
    """Workers are processes, and often machines."""
    key = Keyring.generate()
    with Ledger.open(url, Keyring([key]), clock=_now, owner="p") as ledger:
        plan(ledger.of("nordic"), [str(n) for n in range(30)])
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    workers = [
        context.Process(target=_claim_in_a_process, args=(url, key, n, answers))
        for n in range(2)
    ]
    for worker in workers:
        worker.start()
    taken = [answers.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join()

    assert sorted(functools.reduce(operator.iadd, taken, [])) == sorted(
        set(functools.reduce(operator.iadd, taken, []))
    )
    assert len(functools.reduce(operator.iadd, taken, [])) == 30


def _send_and_die(url: str, key: str, at: str) -> None:
    ledger = Ledger.open(url, Keyring([key]), clock=_now, owner="victim", durable=False)
    books = ledger.of("nordic")
    if at == "sent":
        send(books)
    elif at == "claimed":
        claim(books)
    else:  # in the middle of the transaction that would confirm
        sent = send(books)
        with books.begin() as unit:
            unit.intents.confirm(sent, target_kind="sales_order", target_id="SO1")
            os.kill(os.getpid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize(
    ("at", "after"),
    [("claimed", "planned"), ("sent", "in_doubt"), ("confirming", "in_doubt")],
)
def test_a_worker_killed_at_any_point_leaves_its_intent_findable(
    url: str, clock, at: str, after: str
) -> None:
    """Killed for good, not closed: the next process finds what to do from the rows."""
    key = Keyring.generate()
    with Ledger.open(url, Keyring([key]), clock=clock, owner="p") as ledger:
        plan(ledger.of("nordic"))
    context = multiprocessing.get_context("spawn")
    victim = context.Process(target=_send_and_die, args=(url, key, at))
    victim.start()
    victim.join(60)
    assert victim.exitcode == -9
    now = clock.advance(seconds=301)

    with Ledger.open(url, Keyring([key]), clock=clock, owner="next") as ledger:
        books = ledger.of("nordic")
        with books.begin() as unit:
            unit.intents.reap(now)
        assert state(books) == after
        with books.begin() as unit:
            probes = unit.intents.due_probes(ORDERS, now, 9, 60)
            assert unit.links.get(ORDERS, "1") is None
            assert unit.audit.verify().ok
        assert len(probes) == (after == "in_doubt")
        assert len(claim(books)) == (after == "planned")


def test_a_unit_that_fails_leaves_nothing(open_ledger) -> None:
    """All of a unit, or none of it, audit lines included."""
    books = open_ledger().of("nordic")

    def fail() -> None:
        with books.begin() as unit:
            run_id = unit.runs.start(ORDERS, "k1", "apply", "s1")
            batch = unit.records.open_batch(ORDERS, run_id)
            unit.records.take_page(batch, [entry("1")])
            unit.audit.append("test")
            message = "the flow broke"
            raise RuntimeError(message)

    with pytest.raises(RuntimeError):
        fail()
    with open_ledger("next").of("nordic").read() as unit:
        assert unit.records.get(ORDERS, "1") is None
        assert unit.runs.last(ORDERS) is None
        assert unit.audit.verify().rows == 0


def test_ids_that_a_rollback_gave_back_do_not_meet_old_keys(open_ledger) -> None:
    """A person key that was rolled back must not be used for its successor's rows."""
    books = open_ledger().of("nordic")
    run_id = start_run(books)

    def fail() -> None:
        with books.begin() as unit:
            batch = unit.records.open_batch(ORDERS, run_id)
            unit.records.take_page(batch, [entry("1", person="a")])
            list(unit.records.bodies(batch))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    take(books, run_id, [entry("2", person="b")])

    with open_ledger("next").of("nordic").read() as unit:
        assert unit.records.body(ORDERS, "2") == b"body of 2"


def test_a_busy_database_is_retryable(url: str, open_ledger, monkeypatch) -> None:
    """Somebody holds the write lock for too long: later, says the error."""
    if not url.startswith("sqlite"):
        pytest.skip("PostgreSQL has no single write lock")
    monkeypatch.setattr("ledger.database.BUSY_SECONDS", 0.05)
    books = open_ledger().of("nordic")
    other = sqlite3.connect(url.removeprefix("sqlite:///"))
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(RetryableError, match="busy"), books.begin():
            pass
        with books.read() as unit:
            assert unit.runs.last(ORDERS) is None
    finally:
        other.close()


def test_a_database_out_of_reach_is_retryable(keyring, clock) -> None:
    """No server at the address: later, says the error, without the password."""
    with pytest.raises(RetryableError) as caught:
        Ledger.open(
            "postgresql://ledger:secret@127.0.0.1:1/none",
            keyring,
            clock=clock,
            owner="w",
        )
    assert "secret" not in str(caught.value)


def test_a_reading_unit_cannot_write(url: str, open_ledger) -> None:
    """On PostgreSQL the database refuses; on SQLite it takes no lock until asked."""
    books = open_ledger().of("nordic")
    if url.startswith("postgresql"):
        with pytest.raises(sa.exc.DBAPIError), books.read() as unit:
            unit.cursors.move("orders", "x")
    with open_ledger("other").of("nordic").begin(), books.read() as unit:
        assert unit.cursors.get("orders") is None


def test_sqlite_is_tuned_for_safety(tmp_path) -> None:
    """WAL, synchronous FULL, foreign keys: what survives a power cut."""
    engine = open_engine(f"sqlite:///{tmp_path / 'new' / 'ledger.db'}")
    with engine.connect() as db:
        values = {
            name: db.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()
    assert values == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
    }
