"""Run worlds from the terminal: `python -m tests.simulation --seeds 50`."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict

from tests.simulation.worlds import Outcome, run_seed

__all__ = ["main"]


def main() -> int:
    """Run the worlds, print a line for each that fails, and the sum of all."""
    options = _arguments()
    logging.disable(logging.WARNING)
    seeds = (
        [options.seed]
        if options.seed is not None
        else list(range(options.first, options.first + options.seeds))
    )
    began = time.monotonic()
    outcomes = []
    say = (lambda text: None) if options.json else print
    if options.seed is not None:
        outcomes = [run_seed(options.seed, keep_lines=options.verbose)]
        say("\n".join(outcomes[0].lines))
        _tell(outcomes[0], say)
    else:
        with ProcessPoolExecutor(max_workers=options.workers) as pool:
            for outcome in pool.map(run_seed, seeds):
                outcomes.append(outcome)
                _tell(outcome, say)
    result = _sum(outcomes, time.monotonic() - began)
    sys.stdout.write(f"{json.dumps(result) if options.json else result}\n")
    return 0 if all(one.verdict.is_good for one in outcomes) else 1


def _tell(outcome: Outcome, say) -> None:
    verdict = outcome.verdict
    if verdict.is_good:
        return
    say(
        f"seed {outcome.seed} failed; replay it: python -m tests.simulation --seed {outcome.seed}"
    )
    for kind, found in asdict(verdict).items():
        for one in found:
            say(f"  {kind}: {one}")


def _sum(outcomes: list[Outcome], seconds: float) -> dict:
    def count(kind: str) -> int:
        return sum(len(getattr(one.verdict, kind)) for one in outcomes)

    return {
        "seeds": len(outcomes),
        "lost": count("lost"),
        "doubled": count("doubled"),
        "wrong": count("wrong"),
        "unrest": count("unrest"),
        "failed_seeds": [one.seed for one in outcomes if not one.verdict.is_good],
        "orders": sum(one.orders for one in outcomes),
        "documents": sum(one.documents for one in outcomes),
        "calls": sum(one.calls for one in outcomes),
        "workers": sum(one.workers for one in outcomes),
        "errors": sum(one.errors for one in outcomes),
        "hours": round(sum(one.hours for one in outcomes), 1),
        "played": dict(
            sorted(sum((one.played for one in outcomes), Counter()).items())
        ),
        "trace": [one.trace for one in outcomes] if len(outcomes) == 1 else None,
        "seconds": round(seconds, 1),
    }


def _arguments():
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
