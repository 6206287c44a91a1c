"""Own time, memory and calls of comparing stock: `python -m benchmarks.stock`.

Starts a sandbox with a large catalogue in two warehouses, compares everything with the
steps of production, then nothing changed, then some sizes. What the connector itself
takes is its processor time: waiting for the sandbox is none of it. Exits with 1 when a
limit is passed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import resource
import sys
import tempfile
import time
import urllib.request
import uuid
from pathlib import Path
from typing import Any

from benchmarks.stand import calls_of, variables
from console.processes import Processes
from flows import DIRECTIONS
from sandbox.seed.stock import extra_sizes
from tasks.direction import Window
from tasks.environment import environment, open_environment, use_environment
from tasks.request import Summary, SyncRequest
from tasks.run import PLAIN, run_direction

SECONDS_LIMIT = 20
MEMORY_LIMIT_MB = 500
CHUNK = 100
_DAY = 24 * 60 * 60
WAREHOUSES = {"MAIN": "Main warehouse", "RETAIL": "Retail store"}


def main() -> int:
    """Measure, and print it as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, default=50_000)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        processes = Processes(Path(folder))
        try:
            result = measure(Path(folder), processes, wanted.sizes)
        finally:
            processes.stop()
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    return 0 if result["within_limits"] else 1


def measure(home: Path, processes: Processes, sizes: int) -> dict[str, Any]:
    """Compare everything, then nothing, then what was changed by hand."""
    options = ["--port", "0", "--orders", "0"]
    processes.start("sandbox", ["sandbox", *options])
    url = processes.first_json("sandbox", seconds=600)["url"]
    _enter(url, sizes)
    env = open_environment(variables(home, url))
    with use_environment(env):
        with env.books("nordhem").begin() as unit:
            unit.plans.go_live(DIRECTIONS["stock"].name, by="bench", hash="0" * 12)
        first = run(url, full=True)
        night = run(url, full=True)
        idle = run(url)
        changed = {"MAIN": min(250, sizes), "RETAIL": min(30, sizes)}
        for warehouse, count in changed.items():
            _count(url, warehouse, count)
        some = run(url)
    rows = _rows()
    expected = sum(math.ceil(count / CHUNK) for count in changed.values())
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "rows": rows,
        "first": first,
        "night_nothing_changed": night,
        "half_minute_nothing_changed": idle,
        "half_minute_some_changed": {"changed": changed, **some},
        "expected_writes": expected,
        "peak_memory_mb": round(peak_mb),
        "memory_limit_mb": MEMORY_LIMIT_MB,
        "own_seconds_limit": SECONDS_LIMIT,
        "within_limits": (
            night["writes"] == idle["writes"] == 0
            and some["writes"] == expected
            and max(first["own_seconds"], night["own_seconds"]) < SECONDS_LIMIT
            and peak_mb < MEMORY_LIMIT_MB
        ),
    }


def run(url: str, *, full: bool = False) -> dict[str, Any]:
    """Run the direction once; answer what it took and what it asked."""
    before, own, began = calls_of(url), time.process_time(), time.perf_counter()
    asyncio.run(_run(full=full))
    own_seconds = time.process_time() - own
    seconds = time.perf_counter() - began
    after = calls_of(url)
    asked = {name: count - before.get(name, 0) for name, count in after.items()}
    return {
        "own_seconds": round(own_seconds, 2),
        "seconds": round(seconds, 1),
        "visma_calls": _sum(asked, "visma."),
        "centra_calls": _sum(asked, "centra."),
        "writes": asked.get("centra.mutation.SetStock", 0),
    }


async def _run(*, full: bool) -> Summary:
    request = SyncRequest(
        connection="nordhem",
        direction=DIRECTIONS["stock"].name,
        window=Window(full=full),
        run_key=str(uuid.uuid4()),
    )
    return await run_direction(request, PLAIN)


def _rows() -> int:
    with environment().books("nordhem").read() as unit:
        return len(unit.levels.frame())


def _count(url: str, warehouse: str, count: int) -> None:
    """Count some items in a warehouse of Visma.net: one unit more or less than before."""
    lines = {one.sku: 5_000 + one.number for one in extra_sizes(count)}
    _post(f"{url}/_sandbox/visma/nordhem/counts", warehouse=warehouse, lines=lines)


def _enter(url: str, sizes: int) -> None:
    """Let a catalogue be entered, and one product of it be edited a day later, now."""
    _post(f"{url}/_sandbox/clock", advance=-_DAY)
    _post(f"{url}/_sandbox/seed", orders=0, sizes=sizes)
    _post(f"{url}/_sandbox/clock", advance=_DAY)
    [one] = extra_sizes(1)
    goods = f"{url}/_sandbox/centra/nordhem/goods/{one.sku}"
    _post(goods, action="rename", name="Another name")


def _post(address: str, **said: object) -> None:
    body = json.dumps(said).encode()
    request = urllib.request.Request(address, body, method="POST")  # noqa: S310
    with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
        answer.read()


def _sum(asked: dict[str, int], side: str) -> int:
    return sum(count for name, count in asked.items() if name.startswith(side))


if __name__ == "__main__":
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "ERROR")
    raise SystemExit(main())
