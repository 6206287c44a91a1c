"""PostgreSQL's own programs for dumping and reading in: `pg_dump` and `pg_restore`."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import URL

from connectors.errors import ConfigError

__all__ = ["dump", "read_in"]


def dump(address: URL, file: Path) -> None:
    """Dump a database as it is at one moment.

    Raises:
        ConfigError: `pg_dump` is not there, or fails.
    """
    _run("pg_dump", address, "--format=custom", "--file", str(file))


def read_in(address: URL, file: Path) -> None:
    """Put a dump in the place of what a database holds: all of it, or nothing.

    Raises:
        ConfigError: `pg_restore` is not there, or fails; nothing was changed.
    """
    _run(
        "pg_restore",
        address,
        "--clean",
        "--if-exists",
        "--single-transaction",
        str(file),
    )


def _run(program: str, address: URL, *arguments: str) -> None:
    path = shutil.which(program)
    if path is None:
        message = (
            f"{program} is not on PATH: install PostgreSQL's client programs, of the "
            "server's version or newer, or use your own backups of the database"
        )
        raise ConfigError(message)
    plain = address.set(drivername="postgresql", password=None)
    secret = {"PGPASSWORD": str(address.password)} if address.password else {}
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL, told by the settings
        [
            path,
            "--no-owner",
            "--no-privileges",
            f"--dbname={plain.render_as_string(hide_password=False)}",
            *arguments,
        ],
        env={**os.environ, **secret},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["it did not say why"]
        message = f"{program} failed: {last[0]}"
        raise ConfigError(message)
