"""Telling: what begins, and what ended, goes to every channel once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, timedelta, tzinfo

from connectors.errors import ConfigError
from ledger import AlertRow, Alerts
from mapping.alert_words import message
from tasks.channels import Channel, channels_of
from tasks.environment import Environment

__all__ = ["Telling", "tell", "zone_of"]


@dataclass
class Telling:
    """How many alerts were told to all channels, and which channels took none."""

    begun: int = 0
    solved: int = 0
    deaf: list[str] = field(default_factory=list)


async def tell(env: Environment, connections: Sequence[str]) -> Telling:
    """Tell what was not told yet, in one message a connection.

    What a channel does not take stays untold, and is tried again the next time; the
    channels that have had it do not get it twice. Without channels nothing is told.

    Args:
        env: With the channels, and the ledger.
        connections: Whose alerts; `INSTALLATION` for those of none.

    Raises:
        ConfigError: The address of a channel is not understood; nothing was told.
        RetryableError: The ledger is busy or out of reach.
    """
    done = Telling()
    channels = channels_of(env.application.alerts)
    if not channels:
        return done
    hours = env.application.alerts_again_hours
    again = timedelta(hours=hours) if hours else None
    for name in connections:
        alerts, zone = env.ledger.alerts(name), zone_of(env, name)
        title = f"centra-visma: {name}" if name else "centra-visma"
        rows = alerts.take_begun(again)
        done.begun += await _tell_begun(alerts, rows, channels, title, zone, done)
        ended = alerts.take_solved()
        if ended and env.application.alerts_solved:
            text = message(ended, zone, solved=True)
            for channel in channels:
                # of no use once it is late: it is said once, and not again
                await channel.send(title, text, solved=True)
            done.solved += len(ended)
        alerts.solution_told([one.id for one in ended])
    return done


def zone_of(env: Environment, connection: str) -> tzinfo:
    """The time zone in which people of a connection read; the first one's for all."""
    names = [connection] if connection else env.names()
    for name in names[:1]:
        try:
            return env.connection(name).zone
        except ConfigError:
            break
    return UTC


async def _tell_begun(
    alerts: Alerts,
    rows: Sequence[AlertRow],
    channels: Sequence[Channel],
    title: str,
    zone: tzinfo,
    done: Telling,
) -> int:
    """Tell each channel what it has not had; return how many all of them have had."""
    if not rows:
        return 0
    had = {one.id: set(one.told_to) for one in rows}
    for channel in channels:
        new = [one for one in rows if channel.name not in had[one.id]]
        if not new:
            continue
        if await channel.send(title, message(new, zone)):
            for one in new:
                had[one.id].add(channel.name)
        elif channel.name not in done.deaf:
            done.deaf.append(channel.name)
    every = {one.name for one in channels}
    full = [key for key, names in had.items() if every <= names]
    alerts.told(full)
    for key, names in had.items():
        if key not in full:
            alerts.told_partly([key], names)
    return len(full)
