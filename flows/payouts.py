"""Payouts of payment providers to Visma.net: what settlement files said is booked.

Read: what `centra-visma settle FILE` stored (tasks.payouts).
Becomes: one journal a payout (mapping.payouts).
Sent: on hold, proved account by account, and released by setting (tasks.payout_writer).
"""

from __future__ import annotations

from flows.running import direction_flow
from tasks.direction import Direction, Ends, register
from tasks.payout_writer import PayoutWriter
from tasks.payouts import (
    DIRECTION,
    JOURNAL,
    decide_payout,
    map_payout,
    read_payouts,
)
from tasks.target_index import refresh_payments, refresh_periods

__all__ = ["PAYOUTS", "payouts"]


payouts = direction_flow(
    "payouts",
    """Book payouts of payment providers from settlement files that were read.

    Files are read by the command `centra-visma settle`; this takes up what is left.
    """,
    ids="ids of payouts, such as Klarna/SEK/ABC123",
)


async def refresh(ends: Ends) -> None:
    """Know the payments that lines may be of, and which periods are open.

    Nothing is read while no file waits.
    """
    with ends.books.read() as unit:
        counted = unit.records.counts(DIRECTION)
    if any(counted.get(state) for state in ("read", "mapped", "parked")):
        await refresh_payments(ends)
        await refresh_periods(ends)


PAYOUTS = register(
    Direction(
        name=DIRECTION,
        read=read_payouts,
        map=map_payout,
        decide=decide_payout,
        writers={JOURNAL: PayoutWriter()},
        refresh=refresh,
    )
)
