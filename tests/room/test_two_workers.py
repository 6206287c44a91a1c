"""Two workers on one PostgreSQL never collide: nothing is doubled, every call is counted."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.effort import IS_FULL
from tests.room.crew import NAMES, a_crew
from tests.room.house import until

pytestmark = [
    pytest.mark.skipif(not IS_FULL, reason="real servers take minutes: EFFORT=full"),
    pytest.mark.timeout(1800),
]

ORDERS = 40


def test_two_workers_share_the_work(tmp_path: Path, postgresql_server: str) -> None:
    """Two connections, and three directions of one of them, on workers of one run each."""
    with a_crew(tmp_path, f"{postgresql_server}/crew") as crew:
        placed = {name: crew.place(name, ORDERS) for name in NAMES}
        crew.work(["one", "two"], limit=1)
        until(lambda: crew.online() == {"one", "two"}, 120)
        wanted = [
            crew.begin("orders", "nordhem"),
            crew.begin("orders", "fjord"),
            crew.begin("customers", "nordhem"),
            crew.begin("fulfilment", "nordhem"),
        ]
        twice = [crew.begin("orders", name) for name in NAMES]

        most = 0

        def ended() -> bool:
            nonlocal most
            with psycopg.connect(f"{postgresql_server}/postgres") as db:
                query = (
                    "SELECT count(*) FROM pg_stat_activity WHERE datname LIKE 'crew%'"
                )
                most = max(most, (db.execute(query).fetchone() or (0,))[0])
            return all(
                crew.house.state(one) in {"Completed", "Failed", "Crashed", "Cancelled"}
                for one in (*wanted, *twice)
            )

        until(ended, 900)

        states = {crew.house.state(one) for one in wanted}
        assert states <= {"Completed", "Failed", "Cancelled"}
        for name in NAMES:
            found = crew.references(name)
            assert set(found.values()) == {1}
            assert placed[name] <= set(found) | crew.parked(name)
        done = crew.by_worker()
        assert set(done) == {"one", "two"}
        assert all(done.values())
        assert not done["one"] & done["two"]
        # A run takes several calls of the quota at once: more may be counted, none is not.
        assert crew.calls_counted() >= crew.calls_answered() > 0
        assert 0 < most <= 15 + 2 * 4 + 4

        writes = crew.house.sandbox.writes
        crew.wait([crew.begin("orders", name) for name in NAMES])
        assert crew.house.sandbox.writes == writes
