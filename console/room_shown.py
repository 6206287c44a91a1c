"""What `up`, `down`, `status` and `deploy` show in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from rich.console import Group
from rich.markup import escape

from console.tables import Table
from mapping.counting import counted
from mapping.dates import moment_text

if TYPE_CHECKING:  # what is shown is made elsewhere, and slow to import
    from console.deploying import Deployed
    from console.down import Down
    from console.room_state import RoomState
    from console.up import Up

__all__ = ["deployed_sentence", "down_sentence", "state_tables", "up_sentence"]

_COLOURS = {"running": "green", "down": "dim", "on": "green", "waits": "dim"}


def up_sentence(done: Up) -> str:
    """Where to look, and what was done to get there."""
    what = (
        f"started {', '.join(done.started)}"
        if done.started
        else "all of it ran already"
    )
    lines = [
        f"Prefect  {done.room.address}",
        f"{what}; {len(done.deployments)} deployments",
    ]
    if done.room.password:
        lines[0] += "  (log in as admin:<password>)"
    if done.receiver:
        lines.insert(1, f"webhooks {done.receiver}/webhooks/...")
    if done.switched_on:
        lines.append(f"schedules switched on: {', '.join(done.switched_on)}")
    if done.paused:
        lines.append(_paused(done.paused))
    lines += [f"not deployed: {sentence}" for sentence in done.wrong]
    if done.missed:
        lines.append(
            f"left out, as they came due meanwhile: {counted(done.missed, 'run')}"
        )
    return "\n".join(lines)


def down_sentence(done: Down) -> str:
    """What was ended, and what was under way."""
    if not done.ended:
        return "nothing was running"
    text = f"ended {', '.join(done.ended)}"
    if done.interrupted:
        text += (
            f"\nunder way: {counted(len(done.interrupted), 'run')}, "
            f"{', '.join(done.interrupted)}; the next ones take up what they left"
        )
    if done.unasked:
        text += f"\nwhich runs were under way is not known: {done.unasked}"
    return text


def deployed_sentence(done: Deployed) -> str:
    """What was deployed, and what runs by itself from now on."""
    text = counted(len(done.names), "deployment")
    if done.switched_on:
        text += f"; schedules switched on: {', '.join(done.switched_on)}"
    if done.paused:
        text += f"\n{_paused(done.paused)}"
    return text


def _paused(names: Sequence[str]) -> str:
    return (
        f"paused, as their connection has no file any more: {', '.join(names)}; put the "
        "file back and deploy again, or remove them in Prefect"
    )


def state_tables(state: RoomState, zone: tzinfo) -> Group:
    """The processes, and the deployments where the server answers; times in a zone."""
    processes = Table(title="Processes")
    for name in ("process", "state", "pid", "since", "address"):
        processes.add_column(name)
    for one in state.processes:
        pid = str(one.pid) if one.pid else ""
        processes.add_row(
            one.name,
            _coloured(one.state),
            pid,
            _local(one.since, zone),
            one.address or "",
        )
    deployments = Table(title="Deployments")
    for name in ("deployment", "schedule", "last run", "ended", "next run"):
        deployments.add_column(name)
    for row in state.deployments:
        deployments.add_row(
            row.name,
            _coloured(row.schedule),
            _local(row.last_run, zone),
            row.last_state or "",
            _local(row.next_run, zone),
        )
    return Group(processes, *([deployments] if state.deployments else []))


def _coloured(word: str) -> str:
    colour = _COLOURS.get(word, "yellow" if word in ("paused", "partly on") else "red")
    return f"[{colour}]{escape(word)}[/]"


def _local(moment: str | None, zone: tzinfo) -> str:
    if moment is None:
        return ""
    return moment_text(datetime.fromisoformat(moment), zone, seconds=True)
