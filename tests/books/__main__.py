"""Generated orders from the terminal: `python -m tests.books --orders 500` prints the table.

Ends with 1 when anything of what both systems say is unexplained.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections import Counter
from collections.abc import Iterator

from tests.books.generated import Prices, Result, play
from tests.tasks_.returning import MODES

__all__ = ["main"]

CASES: tuple[Prices, ...] = ("demo", "net")
_HEAD = (
    *("Posted as", "VAT map", "Orders", "Shipments", "Returns", "Documents"),
    *("With a rounding line", "VAT rounded otherwise", "Parked", "Unexplained"),
    "CPU",
)


def main() -> int:
    """Play the world in each way of posting, and print what became of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mode", choices=MODES, help="one way of posting only")
    parser.add_argument("--prices", choices=CASES, help="one VAT map only")
    wanted = parser.parse_args()
    logging.disable(logging.WARNING)  # each parked record would be told
    results = [
        asyncio.run(
            play(orders=wanted.orders, mode=mode, prices=prices, seed=wanted.seed)
        )
        for mode in MODES
        for prices in CASES
        if wanted.mode in {None, mode} and wanted.prices in {None, prices}
    ]
    sys.stdout.writelines(f"{line}\n" for line in _table(results))
    for one in results:
        sys.stdout.writelines(f"{sentence}\n" for sentence in one.sentences)
    return 1 if any(one.unexplained for one in results) else 0


def _table(results: list[Result]) -> Iterator[str]:
    yield f"| {' | '.join(_HEAD)} |"
    yield "|---" * len(_HEAD) + "|"
    for one in results:
        sizes = {f"{size} minor": count for size, count in one.vat_rounding.items()}
        cells = (
            one.mode,
            "gross for consumers" if one.prices == "demo" else "net for all",
            f"{one.orders:,}",
            f"{one.shipments:,}",
            f"{one.returns:,}",
            f"{one.documents:,}",
            _counted(one.with_rounding_line),
            _counted(Counter(sizes)),
            _counted(Counter(one.parked)),
            str(one.unexplained),
            f"{one.seconds:.0f} s",
        )
        yield f"| {' | '.join(cells)} |"


def _counted(what: Counter[str]) -> str:
    """How many altogether, and of what each."""
    if not what:
        return "0"
    parts = ", ".join(f"{name} {count}x" for name, count in sorted(what.items()))
    return f"{sum(what.values()):,}: {parts}"


if __name__ == "__main__":
    sys.exit(main())
