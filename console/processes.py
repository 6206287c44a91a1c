"""Child processes of the console: started, waited for, and stopped again by id."""

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
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from connectors.errors import ConfigError, RetryableError

__all__ = ["Processes", "alone_in", "free_port"]

_STOP_SECONDS = 15.0


def free_port() -> int:
    """A port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Have a folder, emptied, to oneself: two demos in one would end each other.

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
        for entry in folder.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink()
        yield
    finally:
        os.close(held)


@dataclass
class Processes:
    """The processes that one command started; `stop` ends them in reverse order."""

    logs: Path
    running: list[tuple[str, subprocess.Popen[str]]] = field(default_factory=list)

    def start(
        self, name: str, module: Sequence[str], env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Start `python -m <module>`; what it prints goes to `<logs>/<name>.log`."""
        self.logs.mkdir(parents=True, exist_ok=True)
        log = (self.logs / f"{name}.log").open("w", encoding="utf-8")
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
            [sys.executable, "-m", *module],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            text=True,
            start_new_session=True,
        )
        log.close()
        self.running.append((name, process))
        return process

    def first_json(self, name: str, seconds: float) -> dict[str, str]:
        """Wait for the first JSON line in a process's log.

        Raises:
            RetryableError: It ended, or printed none in time.
        """
        log = self.logs / f"{name}.log"
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for line in log.read_text(encoding="utf-8").splitlines():
                if line.startswith("{"):
                    return dict(json.loads(line))
            self._raise_if_ended(name)
            _pause(0.1)
        raise self._late(name, seconds)

    def wait_until_healthy(self, name: str, url: str, seconds: float) -> None:
        """Wait until an address of a started process answers 200.

        Raises:
            RetryableError: It ended, or did not answer in time.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310
                    if answer.status == 200:  # noqa: PLR2004
                        return
            except (urllib.error.URLError, OSError):
                self._raise_if_ended(name)
            _pause(0.2)
        raise self._late(name, seconds)

    @staticmethod
    def end_on_signals() -> None:
        """Let Ctrl-C and SIGTERM end this command, and reach what it starts.

        A shell starts background jobs with SIGINT ignored, and children inherit that.
        """
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.default_int_handler)

    def stop(self) -> None:
        """End everything that was started, the last one first."""
        for _, process in reversed(self.running):
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
        for _, process in reversed(self.running):
            try:
                process.wait(timeout=_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.clear()

    def _raise_if_ended(self, name: str) -> None:
        process = dict(self.running)[name]
        if process.poll() is not None:
            log = self.logs / f"{name}.log"
            last = log.read_text(encoding="utf-8").strip().splitlines()[-1:]
            reason = last[0] if last else "it printed nothing"
            message = f"{name} ended at once ({reason}); see {log}"
            raise ConfigError(message)

    def _late(self, name: str, seconds: float) -> RetryableError:
        log = self.logs / f"{name}.log"
        return RetryableError(f"{name} was not ready after {seconds:.0f} s; see {log}")


def _pause(seconds: float) -> None:
    time.sleep(seconds)  # noqa: TID251 - waiting for a process, not for an API
