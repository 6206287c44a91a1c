"""`centra-visma down`: end what `up` started, and nothing else."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass, field

from prefect.exceptions import PrefectHTTPStatusError

from console.orphans import end_orphans
from console.process_table import SERVER, WORKER
from console.processes import Processes
from console.room_state import running_runs
from settings.application import Application

__all__ = ["Down", "down"]

_ASK_SECONDS = 5.0


@dataclass
class Down:
    """What `down` did."""

    ended: list[str] = field(default_factory=list)
    interrupted: list[str] = field(default_factory=list)
    """Runs that were under way; the next ones take up what they have left."""
    unasked: str | None = None
    """Why nobody knows what was under way: the server could not be asked."""

    def as_json(self) -> dict[str, object]:
        """The object that `--json` prints."""
        return {
            "ended": self.ended,
            "interrupted": self.interrupted,
            "unasked": self.unasked,
        }


def down(say: Callable[[str], None]) -> Down:
    """End the processes, the worker first, so that it can tell the server.

    A server that is ill is ended like any other: that it does not say what is under way
    holds nothing up.
    """
    application = Application()
    processes = Processes(application.home.resolve())
    done = Down()
    with processes.one_at_a_time():
        server = processes.running(SERVER)
        if server and server.address:
            asyncio.run(_ask(f"{server.address}/api", application, done))
        others = [one for one in processes.known() if one not in (SERVER, WORKER)]
        for name in (WORKER, *others, SERVER):
            if processes.running(name):
                say(f"ending {name} …")
            done.ended += processes.stop([name], by=signal.SIGTERM)
            if name == WORKER:
                end_orphans(processes.home)  # while the server can still be told
    return done


async def _ask(api: str, application: Application, done: Down) -> None:
    """Note what is under way, or why the server did not say."""
    try:
        async with asyncio.timeout(_ASK_SECONDS):
            done.interrupted = await running_runs(api, application.password)
    except TimeoutError:
        done.unasked = f"the server did not answer in {_ASK_SECONDS:.0f} s"
    except PrefectHTTPStatusError as error:
        done.unasked = f"the server answered {error.response.status_code}"
    except Exception as error:  # noqa: BLE001 - whatever it says, it is ended
        done.unasked = str(error).strip() or type(error).__name__
