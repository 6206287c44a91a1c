"""What `settle` does: store a file, show the journals that it books, send if told so."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.markup import escape

from console.syncing import Wanted, run_all
from console.tables import Table
from mapping.money import amount_text
from tasks.journals import journals_of
from tasks.payouts import DIRECTION, take_file
from tasks.request import Summary

__all__ = ["Settled", "booked_before", "journal_tables", "settle_file"]


@dataclass(frozen=True)
class Settled:
    """How a reading ended, and the journal of each payout of its file."""

    summary: Summary
    journals: list[dict[str, Any]]


def settle_file(
    connection: str, file: Path, method: str, *, apply: bool, quiet: bool
) -> Settled:
    """Read a settlement file; answers how its run ended, and what it books.

    Without `apply` it ends as a plan of this file alone; with it, exactly that plan is
    sent in the name of who runs it.

    Raises:
        RecordError: The file is refused as a whole; nothing of it is stored.
    """
    ids = take_file(connection, file.read_bytes(), method)
    return asyncio.run(_run(connection, ids, apply=apply, quiet=quiet))


async def _run(connection: str, ids: list[str], *, apply: bool, quiet: bool) -> Settled:
    wanted = Wanted(ids=ids, alone=True, plan_only=True)
    [done] = await run_all([DIRECTION], connection, wanted, quiet=quiet)
    plan = done.plan
    if apply and plan is not None and plan.writes:
        sending = Wanted(plan=plan.hash)
        [sent] = await run_all([DIRECTION], connection, sending, quiet=quiet)
        done = _together(done, sent)
    return Settled(done, await journals_of(connection, ids))


def _together(planned: Summary, sent: Summary) -> Summary:
    """What the plan parked is new, though the run that sent it has seen it before."""
    counts = sent.counts.model_copy(
        update={
            "newly_parked": planned.counts.newly_parked + sent.counts.newly_parked,
            "problems": [*planned.counts.problems, *sent.counts.problems][:10],
        }
    )
    return sent.model_copy(update={"counts": counts})


def booked_before(done: Settled) -> Iterator[str]:
    """Which payouts of the file are booked already; nothing where it was sent just now."""
    if done.summary.plan is None:
        return
    for one in done.journals:
        if one["state"] == "confirmed":
            yield escape(f"{one['payout']} is booked already, as {one['journal']}.")


def journal_tables(journals: Sequence[Mapping[str, Any]]) -> Iterator[Table]:
    """A table for each journal: its accounts, and whether it is booked."""
    for one in journals:
        number = one["journal"]
        stands = f"journal {number}" if number else "a journal that is not booked yet"
        rate = f" at {one['rate']}" if one["rate"] else ""
        table = Table(
            title=escape(
                f"{one['payout']} of {one['date']}: {stands}, {one['state']}{rate}"
            ),
            show_footer=True,
        )
        sums = {
            side: sum((Decimal(line[side] or 0) for line in one["lines"]), Decimal(0))
            for side in ("debit", "credit")
        }
        for name in ("account", "what", "reference"):
            table.add_column(name)
        for side, total in sums.items():
            shown = amount_text(total, one["currency"])
            table.add_column(f"{side} {one['currency']}", footer=shown, justify="right")
        for line in one["lines"]:
            amounts = (line["debit"], line["credit"])
            table.add_row(
                line["account"],
                line["what"],
                escape(line["reference"]),
                *(
                    amount_text(Decimal(amount), one["currency"]) if amount else ""
                    for amount in amounts
                ),
            )
        yield table
