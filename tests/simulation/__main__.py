"""Run worlds from the terminal: `python -m tests.simulation --seeds 50`."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from typing import Any

from tests.simulation.worlds import Outcome, run_seed

__all__ = ["main"]


def main() -> int:
    """Run the worlds, print how to replay each that fails, and the sum of all."""
    options = _arguments()
    logging.disable(logging.WARNING)  # each retried call would be told
    began = time.monotonic()
    outcomes = []
    for outcome in _outcomes(options):
        outcomes.append(outcome)
        if not options.json:
            _tell(outcome)
    result = _sum(outcomes, time.monotonic() - began)
    if options.json:
        sys.stdout.write(json.dumps(result) + "\n")
    else:
        sys.stdout.writelines(f"{name}: {value}\n" for name, value in result.items())
    return 0 if all(one.verdict.is_good for one in outcomes) else 1


def _outcomes(options: argparse.Namespace) -> Iterator[Outcome]:
    if options.seed is not None:
        yield run_seed(options.seed, keep_lines=options.verbose)
        return
    seeds = range(options.first, options.first + options.seeds)
    with ProcessPoolExecutor(max_workers=options.processes) as pool:
        yield from pool.map(run_seed, seeds)


def _tell(outcome: Outcome) -> None:
    lines = list(outcome.lines)
    if not outcome.verdict.is_good:
        lines.append(
            f"seed {outcome.seed} failed (trace {outcome.trace}); "
            f"replay it: python -m tests.simulation --seed {outcome.seed} --verbose"
        )
        for kind, found in asdict(outcome.verdict).items():
            lines += [f"  {kind}: {one}" for one in found]
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


def _sum(outcomes: Sequence[Outcome], seconds: float) -> dict[str, Any]:
    def found(kind: str) -> int:
        return sum(len(getattr(one.verdict, kind)) for one in outcomes)

    played: Counter[str] = Counter()
    for one in outcomes:
        played += one.played
    return {
        "seeds": len(outcomes),
        "lost": found("lost"),
        "doubled": found("doubled"),
        "wrong": found("wrong"),
        "unrest": found("unrest"),
        "failed_seeds": [one.seed for one in outcomes if not one.verdict.is_good],
        "orders": sum(one.orders for one in outcomes),
        "documents": sum(one.documents for one in outcomes),
        "calls": sum(one.calls for one in outcomes),
        "workers": sum(one.workers for one in outcomes),
        "runs_that_failed": sum(one.errors for one in outcomes),
        "played": dict(sorted(played.items())),
        "world_hours": round(sum(one.hours for one in outcomes), 1),
        "trace": outcomes[0].trace if len(outcomes) == 1 else None,
        "seconds": round(seconds, 1),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=50, help="how many worlds")
    parser.add_argument("--first", type=int, default=1, help="the first seed of them")
    parser.add_argument("--seed", type=int, help="only this one")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", action="store_true", help="one object, nothing else")
    parser.add_argument(
        "--verbose", action="store_true", help="with --seed: all that happens in it"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
