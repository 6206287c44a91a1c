"""Runs that outlived their worker: processes of ours that no file tells of.

A worker starts each run in a session of its own: it ends only after the step it is at.
A process is such a run where its environment names this home folder and a run.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic

from console.process_files import mark_of
from console.processes import pause

__all__ = ["end_orphans"]

_PROC = Path("/proc")
_RUN = b"PREFECT__FLOW_RUN_ID="
_STOP_SECONDS = 10.0


def end_orphans(home: Path) -> int:
    """End what is left of runs of an installation, once no worker runs; how many.

    Only where the kernel shows environments (Linux), and only this user's processes.
    """
    found = dict(_orphans(home))
    _send(found, signal.SIGTERM)
    deadline = monotonic() + _STOP_SECONDS
    while _living(found) and monotonic() < deadline:
        pause(0.05)
    _send(_living(found), signal.SIGKILL)
    while _living(found):
        pause(0.05)
    return len(found)


def _orphans(home: Path) -> Iterator[tuple[int, str]]:
    """The id of each, and the mark that tells it from a later process of that id."""
    own = b"CENTRA_VISMA_HOME=" + os.fsencode(home)
    for entry in _PROC.iterdir() if _PROC.is_dir() else ():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        mark = mark_of(int(entry.name))
        try:
            variables = (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue  # it has ended, or is another user's
        is_run = any(one.startswith(_RUN) for one in variables)
        if mark and is_run and own in variables:
            yield int(entry.name), mark


def _living(found: dict[int, str]) -> dict[int, str]:
    return {pid: mark for pid, mark in found.items() if mark_of(pid) == mark}


def _send(found: dict[int, str], number: signal.Signals) -> None:
    for pid in _living(found):
        with suppress(ProcessLookupError):  # it has just ended
            os.kill(pid, number)
