"""Live days from the terminal: `python -m tests.stock_day --seeds 20`."""

from __future__ import annotations

import argparse
import gc
import json
import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

from tests.stock_day.day import Outcome, day_of, run_day

__all__ = ["main"]


def main() -> int:
    """Live the days, tell the first breach of each, and the sum of all."""
    options = _arguments()
    logging.disable(logging.WARNING)  # each retried call would be told
    began = time.monotonic()
    outcomes = []
    for outcome in _outcomes(options):
        outcomes.append(outcome)
        if not options.json:
            _tell(outcome, options.events)
    result = _sum(outcomes, time.monotonic() - began)
    if options.json:
        sys.stdout.write(json.dumps(result) + "\n")
    else:
        sys.stdout.writelines(f"{name}: {value}\n" for name, value in result.items())
    return 0 if all(one.is_good for one in outcomes) else 1


def _outcomes(options: argparse.Namespace) -> Iterator[Outcome]:
    live = partial(_live, events=options.events)
    if options.seed is not None:
        yield live(options.seed)
        return
    seeds = range(options.first, options.first + options.seeds)
    with ProcessPoolExecutor(max_workers=options.processes) as pool:
        yield from pool.map(live, seeds)


def _live(seed: int, events: int) -> Outcome:
    logging.disable(logging.WARNING)
    gc.collect()
    gc.freeze()  # modules stay; looking for garbage among them costs a tenth of a day
    gc.set_threshold(50_000, 50, 50)
    return run_day(day_of(seed, events))


def _tell(outcome: Outcome, events: int) -> None:
    day = outcome.day
    lines = [f"{day.words}: {'good' if outcome.is_good else 'BREACH'}"]
    if not outcome.is_good:
        again = f"python -m tests.stock_day --seed {day.seed} --events {events}"
        lines.append(f"replay it: {again}")
        lines += [outcome.breach or "", *outcome.crashes]
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


def _sum(outcomes: Sequence[Outcome], seconds: float) -> dict[str, Any]:
    played: Counter[str] = Counter()
    happened: Counter[str] = Counter()
    for one in outcomes:
        played += Counter(one.played)
        happened += one.happened
    return {
        "seeds": len(outcomes),
        "failed_seeds": [one.day.seed for one in outcomes if not one.is_good],
        "events": sum(one.happened.total() for one in outcomes),
        "judged": sum(one.steps for one in outcomes),
        "calls": sum(one.calls for one in outcomes),
        "runs": sum(one.runs for one in outcomes),
        "runs_that_failed": sum(one.failed_runs for one in outcomes),
        "world_hours": round(sum(one.hours for one in outcomes), 1),
        "happened": dict(sorted(happened.items())),
        "played": dict(sorted(played.items())),
        "traces": [one.trace for one in outcomes][:10],
        "seconds": round(seconds, 1),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.stock_day")
    parser.add_argument("--seeds", type=int, default=20, help="how many days")
    parser.add_argument("--first", type=int, default=1, help="the first seed of them")
    parser.add_argument("--seed", type=int, help="only this one")
    parser.add_argument("--events", type=int, default=2000, help="what happens in one")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", action="store_true", help="one object, nothing else")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
