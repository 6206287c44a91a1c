"""centra-visma backfill: starts a backfill on the Prefect server of this installation."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated

import typer

from console.exits import ends_well
from console.options import Json, Name, a_day, connection_named, tell

__all__ = ["backfill"]


@ends_well
def backfill(
    direction: Annotated[
        str, typer.Argument(help="What to carry over, such as orders.")
    ],
    *,
    from_: Annotated[
        datetime, typer.Option("--from", parser=a_day, metavar="DAY", help="First day.")
    ],
    to: Annotated[
        datetime,
        typer.Option("--to", parser=a_day, metavar="DAY", help="Last day, included."),
    ],
    window: Annotated[int, typer.Option(help="Days in a window.")] = 7,
    plan: Annotated[
        bool, typer.Option("--plan", help="Each window stops as a plan to approve.")
    ] = False,
    before_start: Annotated[
        bool,
        typer.Option("--before-start", help="Also write what is older than start_on."),
    ] = False,
    at_once: Annotated[int, typer.Option(help="Windows open at a time, 1 to 4.")] = 2,
    connection: Name = None,
    as_json: Json = False,
) -> None:
    """Carry over a long period in windows, each a run on the Prefect server."""
    from console.backfill_start import start_backfill
    from tasks.backfill import Backfill, windows_of
    from tasks.environment import environment
    from tasks.request import Mode

    wanted = Backfill(
        connection=connection_named(connection),
        direction=direction,
        from_day=from_.date(),
        to_day=to.date(),
        window_days=window,
        mode=Mode.PLAN if plan else Mode.AUTO,
        before_start=before_start,
        at_once=at_once,
    )
    windows = [span.name for span in windows_of(environment(), wanted)]
    link = asyncio.run(start_backfill(wanted))
    told = f"{len(windows)} windows of {direction}, {windows[0]} to {windows[-1]}"
    tell({"run": link, "windows": windows}, f"{told}: {link}", as_json=as_json)
