"""One worker and two on one PostgreSQL: `python -m benchmarks.workers`.

Orders of two stores wait; each worker does one run at a time, as a machine that has room
for one. Told is how long it takes from the start of the runs to their end, and the ratio
of both. Everything else (PostgreSQL, Prefect's server, the sandbox) shares the machine.
Exits with 1 if an order stands twice, or neither stands nor is parked.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.cluster import a_cluster
from tests.room.crew import NAMES, a_crew
from tests.room.house import until


def main() -> int:
    """Measure, and print it as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=400, help="of each store")
    orders = parser.parse_args().orders
    with a_cluster() as server:
        [one, two] = [
            _measure(f"{server}/workers_{count}", count, orders) for count in (1, 2)
        ]
    ratio = round(one["seconds"] / two["seconds"], 2)
    result = {"orders": orders, "one": one, "two": two, "ratio": ratio}
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    return 0 if one["right"] and two["right"] else 1


def _measure(ledger: str, workers: int, orders: int) -> dict[str, Any]:
    """Carry the orders of both stores over with so many workers."""
    names = [f"worker-{number}" for number in range(workers)]
    with tempfile.TemporaryDirectory() as folder, a_crew(Path(folder), ledger) as crew:
        placed = {name: crew.place(name, orders) for name in NAMES}
        crew.work(names, limit=1)
        until(lambda: crew.online() == set(names), 180)
        began = time.monotonic()
        crew.wait([crew.begin("orders", name) for name in NAMES], 3600)
        taken = time.monotonic() - began
        found = {name: crew.references(name) for name in NAMES}
        return {
            "seconds": round(taken, 1),
            "runs_by_worker": {
                name: len(runs) for name, runs in crew.by_worker().items()
            },
            "right": all(
                set(found[name].values()) == {1}
                and placed[name] <= set(found[name]) | crew.parked(name)
                for name in NAMES
            ),
        }


if __name__ == "__main__":
    raise SystemExit(main())
