"""centra-visma alerts: what somebody should know of, and whether the channels work."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

import typer

from console.exits import Exit, ends_well
from console.options import Json, tell

if TYPE_CHECKING:
    from tasks.channels import Channel

__all__ = ["alerts_app"]

alerts_app = typer.Typer(
    help="What somebody should know of, and where it is told.",
    invoke_without_command=True,
)
_SOLVED = timedelta(days=1)


@alerts_app.callback()
@ends_well
def alerts(context: typer.Context, *, as_json: Json = False) -> None:
    """Show what is wrong now, and what was solved within a day.

    The exit code is 1 while something is wrong.
    """
    if context.invoked_subcommand is not None:
        return
    from console.alerts_shown import alerts_table
    from ledger import INSTALLATION
    from tasks.channels import channels_of
    from tasks.environment import environment
    from tasks.watch import shown

    env = environment()
    channels = [one.name for one in channels_of(env.application.alerts)]
    names = sorted({INSTALLATION, *env.names(), *env.ledger.alerted()})
    books = [env.ledger.alerts(name) for name in names]
    since = env.clock() - _SOLVED
    lasting = shown(env, [row for one in books for row in one.open()])
    solved = shown(env, [row for one in books for row in one.solved_since(since)])
    data = {
        "alerts": [asdict(one) for one in lasting],
        "solved": [asdict(one) for one in solved],
        "channels": channels,
    }
    tell(data, alerts_table(lasting, solved, channels), as_json=as_json)
    raise SystemExit(int(Exit.PARKED if lasting else Exit.OK))


@alerts_app.command("test")
@ends_well
def send_test(*, as_json: Json = False) -> None:
    """Send one test message to every channel of CENTRA_VISMA_ALERTS."""
    from connectors.errors import ConfigError
    from tasks.channels import channels_of
    from tasks.environment import environment

    channels = channels_of(environment().application.alerts)
    if not channels:
        message = (
            "no channel is set: put one or more Apprise addresses into "
            "CENTRA_VISMA_ALERTS (https://appriseit.com/services)"
        )
        raise ConfigError(message)
    took = asyncio.run(_test(channels))
    lines = [
        f"{name}: {'sent' if ok else 'the message was not taken'}"
        for name, ok in took.items()
    ]
    tell({"channels": took}, "\n".join(lines), as_json=as_json)
    raise SystemExit(int(Exit.OK if all(took.values()) else Exit.LATER))


async def _test(channels: list[Channel]) -> dict[str, bool]:
    text = "A test: alerts of centra-visma come here."
    return {one.name: await one.send("centra-visma", text) for one in channels}
