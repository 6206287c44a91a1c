"""What all tests share: how much effort properties take, and no hurry.

`LEDGER=postgresql` lets the stands of tests keep their ledgers on a PostgreSQL of our own,
instead of in files: whatever works on one must work on the other.

`EFFORT=full` (as `make full` sets it) tries 5,000 examples of each property instead of
300; no example fails because the machine is busy. Without it the examples are the same
in every run, so that a change is judged by what it changes; full effort draws new ones.
"""

import gc
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, settings

from tests.cluster import LEDGER_SERVER, a_cluster
from tests.compiling import share_what_is_compiled
from tests.effort import EXAMPLES, IS_FULL

settings.register_profile(
    "unhurried",
    deadline=None,
    max_examples=EXAMPLES,
    derandomize=not IS_FULL,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("unhurried")

_SESSION = ExitStack()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Let SIGINT reach what tests start, and start the PostgreSQL of a session that asks for it.

    A shell starts background jobs with SIGINT ignored, and children inherit that: each
    would be waited for until it is killed.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)
    share_what_is_compiled()
    if os.environ.get("LEDGER") == "postgresql":
        os.environ[LEDGER_SERVER] = _SESSION.enter_context(a_cluster())


def pytest_collection_finish(session: pytest.Session) -> None:
    """Look for garbage among what tests make alone, and seldom: modules stay."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End it."""
    _SESSION.close()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a throw-away cluster, without a database name."""
    with a_cluster() as url:
        yield url
