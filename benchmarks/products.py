"""Calls and time of a large catalogue: `python -m benchmarks.products --sizes 10000`.

Both systems are served in this process, so the times are those of all three together.
Carries the catalogue over, then runs again with nothing changed, and then compares all
of it. Exits with 1 when anything but the first run writes.
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
from pathlib import Path
from typing import Any

from tests.tasks_.goods import BY_ATTRIBUTES, a_shop, an_item
from tests.tasks_.stand import Stand

_COLOURS = ("BLK", "NAV")
_SIZES = ("S", "M", "L", "XL", "XXL")
_MUTATION = "centra.mutation."
"""Before the name of an operation, and before those of its fields in small letters."""
_A_STYLE = len(_COLOURS) * len(_SIZES)


def main() -> int:
    """Measure one catalogue and print it as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, default=10_000)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = asyncio.run(_measure(Path(folder), wanted.sizes))
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    return 0 if result["within_limits"] else 1


async def _measure(folder: Path, sizes: int) -> dict[str, Any]:
    with a_shop(folder, size_charts={"Letters": list(_SIZES)}) as stand:
        rules = {**BY_ATTRIBUTES, "size_charts": {"Letters": list(_SIZES)}}
        stand.change(products=rules, **{"limits.max_writes": 10 * sizes})
        _fill(stand, sizes)
        first = await _run(stand)
        stand.wait(minutes=24 * 60)
        quiet = await _run(stand)
        full = await _run(stand, full=True)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "sizes": sizes,
        "first": first,
        "nothing_changed": quiet,
        "full": full,
        "peak_memory_mb": round(peak_mb),
        "within_limits": quiet["writes"] == full["writes"] == 0,
    }


def _fill(stand: Stand, sizes: int) -> None:
    for number in range(sizes):
        style, place = divmod(number, _A_STYLE)
        colour, size = divmod(place, len(_SIZES))
        an_item(
            stand,
            _COLOURS[colour],
            _SIZES[size],
            style=f"TS{style:05}",
            ean=f"735{number:010}",
        )


async def _run(stand: Stand, *, full: bool = False) -> dict[str, Any]:
    began = time.process_time()
    summary = await stand.run("products", full=full)
    return {
        "ended": summary.sentence,
        "reads": sum(
            count
            for name, count in stand.calls.items()
            if name.startswith(("centra.query.", "visma.GET"))
        ),
        "writes": sum(
            count
            for name, count in stand.calls.items()
            if name.startswith(_MUTATION) and name.removeprefix(_MUTATION)[0].isupper()
        ),
        "cpu_seconds": round(time.process_time() - began, 1),
    }


if __name__ == "__main__":
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "ERROR")
    raise SystemExit(main())
