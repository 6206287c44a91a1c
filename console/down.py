"""`centra-visma down`: end what `up` started, and nothing else."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass, field

from console.orphans import end_orphans
from console.process_table import SERVER, WORKER
from console.processes import Processes
from console.room_state import running_runs
from settings.application import Application

__all__ = ["Down", "down"]


@dataclass
class Down:
    """What `down` did."""

    ended: list[str] = field(default_factory=list)
    interrupted: list[str] = field(default_factory=list)
    """Runs that were under way; the next ones take up what they have left."""

    def as_json(self) -> dict[str, object]:
        """The object that `--json` prints."""
        return {"ended": self.ended, "interrupted": self.interrupted}


def down(say: Callable[[str], None]) -> Down:
    """End the processes, the worker first, so that it can tell the server."""
    application = Application()
    processes = Processes(application.home.resolve())
    done = Down()
    with processes.one_at_a_time():
        server = processes.running(SERVER)
        if server and server.address:
            done.interrupted = asyncio.run(
                running_runs(f"{server.address}/api", application.password)
            )
        others = [one for one in processes.known() if one not in (SERVER, WORKER)]
        for name in (WORKER, *others, SERVER):
            if processes.running(name):
                say(f"ending {name} …")
            done.ended += processes.stop([name], by=signal.SIGTERM)
            if name == WORKER:
                end_orphans(processes.home)  # while the server can still be told
    return done
