"""`centra-visma logs`: what the processes print, as it is or as it comes."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import typer

from connectors.errors import ConfigError
from console.processes import pause

__all__ = ["show_logs"]

_LOOK_SECONDS = 0.5


def show_logs(home: Path, process: str, lines: int, *, follow: bool) -> None:
    """Print the last lines of a log, or of all; go on until Ctrl-C if asked to.

    Raises:
        ConfigError: There is no such log.
    """
    known = {path.stem: path for path in sorted((home / "logs").glob("*.log"))}
    if process and process not in known:
        names = ", ".join(known) or "none; 'centra-visma up' makes them"
        message = f"there is no log of '{process}'; there are: {names}"
        raise ConfigError(message)
    wanted = {process: known[process]} if process else known
    places = {
        name: _last(name, path, lines, is_named=not process)
        for name, path in wanted.items()
    }
    try:
        while follow:
            pause(_LOOK_SECONDS)
            for name, path in wanted.items():
                places[name] = _more(name, path, places[name], is_named=not process)
    except KeyboardInterrupt:
        return


def _last(name: str, path: Path, lines: int, *, is_named: bool) -> int:
    """Print the last lines; answers where the log ends."""
    with path.open("rb") as log:
        for line in deque(log, maxlen=lines):
            _print(name, line, is_named=is_named)
        return log.tell()


def _more(name: str, path: Path, place: int, *, is_named: bool) -> int:
    """Print what came since; a log that began anew is read from its beginning."""
    if not path.exists():
        return 0  # it was moved away, and begins anew with the next start
    with path.open("rb") as log:
        if path.stat().st_size < place:
            place = 0
        log.seek(place)
        for line in log:
            if not line.endswith(b"\n"):
                break  # the rest of it comes later
            place += len(line)
            _print(name, line, is_named=is_named)
    return place


def _print(name: str, line: bytes, *, is_named: bool) -> None:
    text = line.decode(errors="replace").rstrip("\n")
    typer.echo(f"{name} | {text}" if is_named else text)
