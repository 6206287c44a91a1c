"""Calls an order, and memory, of a first full run: `python -m benchmarks.orders`.

Starts a sandbox of its own, carries the orders over with the steps of production,
and asks the sandbox what it was asked. Exits with 1 when a limit is passed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

from benchmarks.stand import calls_of, variables
from console.processes import Processes
from flows import DIRECTIONS
from tasks.direction import Window
from tasks.environment import open_environment, use_environment
from tasks.request import Mode, Summary, SyncRequest
from tasks.run import PLAIN, run_direction

LIMITS = {"collective": "1.05", "individual": "2.1"}
CENTRA_LIMIT = 0.05
MEMORY_LIMIT_MB = 400


def main() -> int:
    """Measure one case and print it as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=1000)
    parser.add_argument("--customers", choices=sorted(LIMITS), default="collective")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        processes = Processes(Path(folder))
        try:
            result = measure(Path(folder), processes, wanted.orders, wanted.customers)
        finally:
            processes.stop()
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    return 0 if result["within_limits"] else 1


def measure(
    home: Path, processes: Processes, orders: int, customers: str
) -> dict[str, Any]:
    """Run plan and apply of both directions, and count what the sandbox was asked."""
    processes.start("sandbox", ["sandbox", "--port", "0", "--orders", str(orders)])
    url = processes.first_json("sandbox", seconds=120)["url"]
    env = open_environment(variables(home, url, customers=customers))
    before = calls_of(url)
    began = time.perf_counter()
    with use_environment(env):
        summary = asyncio.run(_carry_over())
    seconds = time.perf_counter() - began
    calls = calls_of(url)
    counted = {
        side: _count(calls, side) - _count(before, side) for side in ("visma", "centra")
    }
    made = max(summary.counts.created, 1)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    per_order = counted["visma"] / made
    centra = counted["centra"] / made
    within = (
        per_order <= float(LIMITS[customers])
        and centra <= CENTRA_LIMIT
        and peak_mb <= MEMORY_LIMIT_MB
    )
    return {
        "customers": customers,
        "orders_made": made,
        "visma_calls_an_order": round(per_order, 4),
        "visma_limit": float(LIMITS[customers]),
        "centra_requests_an_order": round(centra, 4),
        "centra_limit": CENTRA_LIMIT,
        "peak_memory_mb": round(peak_mb),
        "memory_limit_mb": MEMORY_LIMIT_MB,
        "seconds": round(seconds, 1),
        "orders_an_hour": round(made / seconds * 3600),
        "within_limits": within,
    }


async def _carry_over() -> Summary:
    """Plan everything, and apply the plan: what a merchant does on the first day."""
    planned = await _run(window=Window(full=True))
    if planned.plan is None:
        message = "there was nothing to plan"
        raise SystemExit(message)
    return await _run(plan=planned.plan.hash)


async def _run(*, window: Window | None = None, plan: str | None = None) -> Summary:
    request = SyncRequest(
        connection="nordhem",
        direction=DIRECTIONS["orders"].name,
        window=window or Window(),
        mode=Mode.AUTO,
        plan=plan,
        run_key=str(uuid.uuid4()),
    )
    return await run_direction(request, PLAIN)


def _count(calls: dict[str, int], side: str) -> int:
    return sum(count for name, count in calls.items() if name.startswith(f"{side}."))


if __name__ == "__main__":
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "ERROR")
    raise SystemExit(main())
