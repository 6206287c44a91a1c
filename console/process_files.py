"""Which processes of an installation run: a file each, that tells them from strangers.

A process id is given out again after its process has ended. So the moment at which the
kernel started it is kept beside it, and a process with the same id and another moment
is somebody else's: it is never taken for ours, and never ended.
"""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

__all__ = ["Running", "forget", "mark_of", "now", "read_known", "read_last", "remember"]

_PROC = Path("/proc")
_DEAD = {"Z", "X"}
"""States of a process that has ended and was not fetched by its parent yet."""


@dataclass(frozen=True)
class Running:
    """A process that was started here."""

    name: str
    pid: int
    mark: str
    """When and in which boot the kernel started it; tells it from a later one."""
    since: str
    """The same for people: ISO, UTC."""
    address: str | None = None
    """Where it answers, if it serves anything."""
    listens: str | None = None
    """The host and port that it was told, such as `0.0.0.0:4200`."""
    health: str | None = None
    """An address that answers 200 as long as it is well."""
    log_from: int = 0
    """Where in its log this start begins, in bytes."""
    ledger: str | None = None
    """The ledger that it was told, as people are shown it."""

    @property
    def is_alive(self) -> bool:
        """Whether the process with this id is still this one."""
        return mark_of(self.pid) == self.mark


def mark_of(pid: int) -> str | None:
    """What tells a process from all others that had or will have its id, or None."""
    if _PROC.is_dir():
        return _mark_of_linux(pid)
    done = subprocess.run(  # noqa: S603 - a number is all that varies
        ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    state, _, started = done.stdout.strip().partition(" ")
    return started.strip() if started and state[0] not in _DEAD else None


def _mark_of_linux(pid: int) -> str | None:
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8")
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # the name in brackets may hold anything; state and start time come after it
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in _DEAD else f"{boot.strip()} {fields[19]}"


def remember(folder: Path, running: Running) -> None:
    """Write the file of a process; a reader sees all of it or nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{running.name}.{os.getpid()}.part"
    part.write_text(json.dumps(asdict(running)), encoding="utf-8")
    part.replace(folder / f"{running.name}.pid")


def forget(folder: Path, name: str) -> None:
    """Know of a process no more; where it listened is kept for the next start."""
    with suppress(FileNotFoundError):
        (folder / f"{name}.pid").replace(folder / f"{name}.last")


def read_last(folder: Path, name: str) -> Running | None:
    """A process as it was started last, whether it was ended by us or not."""
    return _read(folder / f"{name}.pid") or _read(folder / f"{name}.last")


def read_known(folder: Path) -> dict[str, Running]:
    """Every process that was started and not ended by us, dead ones too, by name.

    A file that cannot be read tells of nothing: it was not written by us.
    """
    known = {}
    for file in sorted(folder.glob("*.pid")):
        if found := _read(file):
            known[found.name] = found
    return known


def _read(file: Path) -> Running | None:
    try:
        return Running(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def now() -> str:
    """This moment, for `since`."""
    return datetime.now(UTC).isoformat(timespec="seconds")  # noqa: TID251 - of the machine
