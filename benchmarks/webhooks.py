"""How fast the receiver answers webhooks: `python -m benchmarks.webhooks`.

The receiver runs as `up` starts it, with a ledger on disk; each call is signed, new, and
stored for good before it is answered. First 1,000 calls spread over a minute, then as
many as eight callers can make. Exits with 1 where, of those of the minute, more than one
in twenty takes longer than the limit.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import http.client
import json
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.stand import variables
from console.processes import Processes, free_port

LIMIT_SECONDS = 0.1
_SECRET = "whsec-benchmark"  # noqa: S105 - the receiver's own, for as long as this runs
_CALLERS = 8
_PATH = "/webhooks/centra/nordhem"


def main() -> int:
    """Measure, and print it as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        processes = Processes(Path(folder))
        try:
            port = _start(Path(folder), processes)
            spread = _measure(port, 0, wanted.calls, wanted.seconds)
            at_once = _measure(port, wanted.calls, wanted.calls, 0)
        finally:
            processes.stop()
    is_within = spread["p95"] <= LIMIT_SECONDS
    result = {
        "spread": spread,
        "at_once": at_once,
        "limit_seconds": LIMIT_SECONDS,
        "within_limit": is_within,
    }
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    return 0 if is_within else 1


def _start(home: Path, processes: Processes) -> int:
    port = free_port()
    told = {
        **variables(home, "http://127.0.0.1:9"),
        "CENTRA_VISMA_RECEIVER_PORT": str(port),
        "CENTRA_VISMA_NORDHEM_CENTRA_WEBHOOK_SECRET": _SECRET,
        "PREFECT_API_URL": "http://127.0.0.1:9/api",  # nobody there: hints are kept
    }
    processes.start("receiver", ["console.receiver"], told)
    url = f"http://127.0.0.1:{port}/health"
    processes.wait_until_healthy("receiver", url, seconds=120)
    return port


def _measure(port: int, first: int, calls: int, seconds: float) -> dict[str, Any]:
    began = time.monotonic()

    def call(number: int) -> float:
        due = began + number * seconds / calls
        time.sleep(max(0.0, due - time.monotonic()))  # noqa: TID251 - the pace of callers
        return _call(port, first + number)

    with ThreadPoolExecutor(_CALLERS) as pool:
        took = sorted(pool.map(call, range(calls)))
    return {
        "calls": calls,
        "seconds": round(time.monotonic() - began, 1),
        "median": round(statistics.median(took), 4),
        "p95": round(took[int(len(took) * 0.95)], 4),
        "longest": round(took[-1], 4),
    }


def _call(port: int, number: int) -> float:
    event = {"type": "order", "action": "update", "id": number}
    body = urlencode({"payload": json.dumps({"events": [event]})}).encode()
    t = int(time.time())
    made = hmac.new(_SECRET.encode(), f"{t}.".encode() + body, hashlib.sha256)
    headers = {
        "X-Centra-Signature": f"t={t},v1={made.hexdigest()}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    began = time.perf_counter()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    line.request("POST", _PATH, body, headers)
    answer = line.getresponse()
    told = json.loads(answer.read())
    line.close()
    if answer.status != http.client.OK or told["repeated"]:
        message = f"call {number} was not stored: {answer.status} {told}"
        raise SystemExit(message)
    return time.perf_counter() - began


if __name__ == "__main__":
    raise SystemExit(main())
