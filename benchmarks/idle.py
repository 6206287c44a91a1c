"""What a run with nothing to do costs: `python -m benchmarks.idle`.

In one process and against one Prefect server an empty async flow and `orders` with
nothing to do run in turn, against a sandbox in which everything was carried over
before. Prints the medians and their difference. Exits with 1 above the limit.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_LOCAL_STORAGE_PATH,
    temporary_settings,
)

from benchmarks.stand import variables
from console.processes import Processes, free_port
from flows.orders import orders
from tasks.environment import environment, open_environment, use_environment
from tasks.request import Mode

LIMIT_SECONDS = 0.5


@flow(name="empty", persist_result=True)
async def empty() -> str:
    """Do nothing: what Prefect itself takes for a run."""
    return "nothing"


def main() -> int:
    """Measure, and print it as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--orders", type=int, default=120)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        processes = Processes(Path(folder) / "logs")
        try:
            result = measure(Path(folder), processes, wanted.runs, wanted.orders)
        finally:
            processes.stop()
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    return 0 if result["within_limit"] else 1


def measure(
    home: Path, processes: Processes, runs: int, orders_: int
) -> dict[str, Any]:
    """Carry everything over, then run both flows in turn, each `runs` times."""
    processes.start("sandbox", ["sandbox", "--port", "0", "--orders", str(orders_)])
    url = processes.first_json("sandbox", seconds=120)["url"]
    api = _start_prefect(home, processes)
    env = open_environment(variables(home, url))
    own = {PREFECT_API_URL: api, PREFECT_LOCAL_STORAGE_PATH: home / "results"}
    with use_environment(env), temporary_settings(own):
        times = asyncio.run(_in_turn(runs))
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    more = medians["orders"] - medians["empty"]
    return {
        "runs": runs,
        "empty_seconds": round(medians["empty"], 3),
        "orders_seconds": round(medians["orders"], 3),
        "more_seconds": round(more, 3),
        "limit_seconds": LIMIT_SECONDS,
        "within_limit": more <= LIMIT_SECONDS,
    }


def _start_prefect(home: Path, processes: Processes) -> str:
    port = free_port()
    api = f"http://127.0.0.1:{port}/api"
    server = ["prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    own = {
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_API_URL": api,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    processes.start("prefect-server", server, own)
    processes.wait_until_healthy("prefect-server", f"{api}/health", seconds=120)
    return api


async def _in_turn(runs: int) -> Mapping[str, list[float]]:
    """The seconds of each run, by flow; two rounds before them are not counted."""
    planned = await orders("nordhem", full=True, return_state=True)
    name = (await planned.aresult(raise_on_failure=False))["plan"]["hash"]
    await orders("nordhem", plan=name, approved_by="benchmark", return_state=True)
    with environment().books("nordhem").begin() as unit:
        parked = [row.id for row in unit.exceptions.list()]
        unit.exceptions.ignore(parked, by="benchmark", note="nothing is to be done")
    times: dict[str, list[float]] = {"empty": [], "orders": []}
    for _ in range(runs + 2):
        times["empty"].append(await _seconds(empty))
        times["orders"].append(await _seconds(_idle_orders))
    return {name: taken[2:] for name, taken in times.items()}


async def _idle_orders() -> None:
    state = await orders("nordhem", mode=Mode.AUTO, return_state=True)
    if "nothing to do" not in (state.message or ""):
        message = f"the run had something to do: {state.message}"
        raise SystemExit(message)


async def _seconds(run: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await run()
    return time.perf_counter() - began


if __name__ == "__main__":
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "ERROR")
    raise SystemExit(main())
