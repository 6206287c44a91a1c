"""Processes of this installation: started apart from us, waited for, ended again.

They outlive the command that started them. What was started is known by its file
(console.process_files), so that any later command finds it.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from connectors.errors import ConfigError, RetryableError
from console.process_files import (
    Running,
    forget,
    mark_of,
    now,
    read_known,
    read_last,
    remember,
)

__all__ = [
    "Processes",
    "alone_in",
    "free_port",
    "is_answering",
    "pause",
    "take_signals",
]

_STOP_SECONDS = 20.0
_LOG_BYTES = 10_000_000


def free_port() -> int:
    """A port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def take_signals() -> None:
    """Let Ctrl-C and SIGTERM end this command, and reach what it starts.

    A shell starts background jobs with SIGINT ignored, and children inherit that: a
    Prefect worker that ignores SIGINT never ends.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Have a folder, emptied, to oneself: two demos in one would end each other.

    What an earlier one had started there, and could not end, is ended first.

    Raises:
        ConfigError: Another process has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    held = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = f"a demo is running in {folder}: end it there with Ctrl-C first"
            raise ConfigError(message) from error
        Processes(folder).stop()
        for entry in folder.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink()
        yield
    finally:
        os.close(held)


class Processes:
    """The processes of one installation, by its home folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._files = home / "run"
        self.logs = home / "logs"
        self._children: dict[int, subprocess.Popen[bytes]] = {}

    @contextmanager
    def one_at_a_time(self) -> Iterator[None]:
        """Start and end nothing while another command does: it is waited for."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._files.mkdir(parents=True, exist_ok=True)
        held = os.open(self._files, os.O_RDONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield
        finally:
            os.close(held)

    def known(self) -> dict[str, Running]:
        """What was started and not ended by a command; dead ones too."""
        for child in self._children.values():
            child.poll()  # a dead child of ours would linger
        return read_known(self._files)

    def running(self, name: str) -> Running | None:
        """A process that runs now, or None."""
        found = self.known().get(name)
        return found if found and found.is_alive else None

    def last(self, name: str) -> Running | None:
        """A process as it was started last; it runs, has died or was ended."""
        return read_last(self._files, name)

    def log_of(self, name: str) -> Path:
        """Where a process prints to."""
        return self.logs / f"{name}.log"

    def start(
        self,
        name: str,
        module: Sequence[str],
        env: Mapping[str, str] | None = None,
        *,
        address: str | None = None,
        listens: str | None = None,
        health: str | None = None,
        ledger: str | None = None,
    ) -> Running:
        """Start `python -m <module>`; what it prints is added to its log."""
        self.logs.mkdir(parents=True, exist_ok=True)
        path = self.log_of(name)
        with suppress(FileNotFoundError):  # the first start, or it was moved away
            if path.stat().st_size > _LOG_BYTES:
                path.replace(path.with_suffix(".log.1"))
        with path.open("ab") as log:
            begin = log.tell()
            child = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
                [sys.executable, "-m", *module],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                start_new_session=True,
            )
        self._children[child.pid] = child
        mark = mark_of(child.pid) or "ended at once"
        running = Running(
            name, child.pid, mark, now(), address, listens, health, begin, ledger
        )
        remember(self._files, running)
        return running

    def first_json(self, name: str, seconds: float) -> dict[str, str]:
        """Wait for the first JSON line that a process prints after its start.

        Raises:
            ConfigError: It ended before.
            RetryableError: It printed none in time.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for line in self._printed(name):
                if line.startswith("{"):
                    return dict(json.loads(line))
            self.raise_if_ended(name)
            pause(0.1)
        raise self.late(name, seconds)

    def wait_until_healthy(self, name: str, url: str, seconds: float) -> None:
        """Wait until an address of a started process answers 200.

        Raises:
            ConfigError: It ended before.
            RetryableError: It did not answer in time.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.raise_if_ended(name)
            if is_answering(url):
                return
            pause(0.2)
        raise self.late(name, seconds)

    def stop(
        self, names: Sequence[str] | None = None, *, by: signal.Signals = signal.SIGINT
    ) -> list[str]:
        """End what runs: the named in their order, else all, the last started first.

        A process that does not end in 20 seconds is killed. One whose id belongs to
        another process by now is left alone. Answers the names of what did run.
        """
        known = self.known()
        wanted = [*known] if names is None else [one for one in names if one in known]
        order = [known[name] for name in wanted]
        if names is None:
            order.sort(key=lambda one: one.since, reverse=True)
        ended = [one for one in order if one.is_alive]
        for one in ended:
            _send(one, by)
        deadline = time.monotonic() + _STOP_SECONDS
        for one in ended:
            while self.running(one.name) and time.monotonic() < deadline:
                pause(0.05)
            if self.running(one.name):
                _send(one, signal.SIGKILL)
                while self.running(one.name):
                    pause(0.05)
        for one in order:
            forget(self._files, one.name)
        return [one.name for one in ended]

    def raise_if_ended(self, name: str) -> None:
        """See that a started process still runs.

        Raises:
            ConfigError: It ended; with the last line that it printed.
        """
        if self.running(name):
            return
        last = [line for line in self._printed(name) if line.strip()][-1:]
        reason = last[0].strip() if last else "it printed nothing"
        message = f"{name} ended at once ({reason}); see {self.log_of(name)}"
        raise ConfigError(message)

    def has_printed(self, name: str, text: str) -> bool:
        """Whether a process that runs has printed something since its start.

        Of a long log only its last ten million bytes count.
        """
        return self.running(name) is not None and text.encode() in self._end(name)

    def late(self, name: str, seconds: float) -> RetryableError:
        """The error of a process that runs and does not get ready."""
        message = f"{name} was not ready after {seconds:.0f} s; see {self.log_of(name)}"
        return RetryableError(message)

    def _printed(self, name: str) -> list[str]:
        """The lines of what a process printed since its start."""
        return self._end(name).decode(errors="replace").splitlines()

    def _end(self, name: str) -> bytes:
        """What a process printed since its start: the end of it, if it is much.

        Nothing where the log was moved away: the process prints on into the moved file.
        """
        started = self.known().get(name)
        begin = started.log_from if started else 0
        try:
            with self.log_of(name).open("rb") as log:
                size = log.seek(0, os.SEEK_END)
                if begin > size:
                    begin = 0  # it was emptied since
                log.seek(max(begin, size - _LOG_BYTES))
                return log.read(_LOG_BYTES)
        except FileNotFoundError:
            return b""


def _send(running: Running, number: signal.Signals) -> None:
    if running.is_alive:
        with suppress(ProcessLookupError):  # it has just ended
            os.kill(running.pid, number)


def is_answering(url: str) -> bool:
    """Whether an address of this machine answers 200 within two seconds."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)  # noqa: PLR2004
    except (urllib.error.URLError, OSError):
        return False


def pause(seconds: float) -> None:
    """Wait for a process of this machine."""
    time.sleep(seconds)  # noqa: TID251 - waiting for a process, not for an API
