"""Backups of the ledger: one file, made while flows write, that never holds the key.

A tar file with `manifest.json` and the database: a copy of the SQLite file, or a dump
of PostgreSQL. Payloads, secrets and tokens in it are encrypted by the master key, which
is named by its fingerprint and kept elsewhere.
"""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, inspect, select, text

from connectors.errors import AbortError, ConfigError
from ledger import postgres_tools
from ledger.backup_copies import copy_in, copy_out
from ledger.database import open_engine
from ledger.keys import KEY_FILE, KEY_VARIABLE, Keyring
from ledger.ledger import Ledger
from ledger.moving import demand_at_rest
from ledger.schema import audit, audit_heads, intents, locks, records, runs, sealed
from ledger.upkeep import connections_in

__all__ = ["Manifest", "Restored", "back_up", "read_manifest", "restore"]

_SUFFIX = ".ledger-backup"
_MANIFEST, _DATABASE = "manifest.json", "database"


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    made_at: str
    kind: str
    """`sqlite` or `postgresql`."""
    schema: str
    keys: tuple[str, ...]
    """Fingerprints of the master keys, the newest first."""
    lines: dict[str, int]
    """How long the audit chain of each connection is."""


@dataclass(frozen=True)
class Restored:
    """What a restore did."""

    manifest: Manifest
    connections: tuple[str, ...]
    set_aside: Path | None
    """Where the ledger that was replaced is kept, as a backup of its own."""
    erased_again: int
    """Keys of persons who had been erased after the backup was made."""


def back_up(url: str, keyring: Keyring, target: Path, now: datetime) -> Path:
    """Copy the ledger of a URL as it is at one moment; answers the file.

    Args:
        url: Of the ledger.
        keyring: Its master keys, to be named, not copied.
        target: A folder, in which the file is named by the time, or a file, whose name
            has a suffix; a folder that is missing is made.
        now: The time.

    Raises:
        ConfigError: The ledger, the folder or `pg_dump` is not there, or the file is.
    """
    if not target.exists() and not target.suffix and target.parent.is_dir():
        target.mkdir(mode=0o700)
    name = f"{now:%Y%m%dT%H%M%SZ}{_SUFFIX}"
    file = target / name if target.is_dir() else target
    if file.exists():
        message = f"{file} is there already: name another file, or a folder"
        raise ConfigError(message)
    if not file.parent.is_dir():
        message = f"there is no folder {file.parent}: make it first"
        raise ConfigError(message)
    engine = open_engine(url)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with TemporaryDirectory(dir=file.parent, prefix=".backup-") as folder:
            copy = Path(folder) / _DATABASE
            copy_out(engine, url, copy)
            manifest = _manifest(engine, copy, keyring, now)
            with tarfile.open(draft, "w") as tar:
                note = Path(folder) / _MANIFEST
                note.write_text(json.dumps(asdict(manifest)), encoding="utf-8")
                tar.add(note, _MANIFEST)
                tar.add(copy, _DATABASE)
        draft.chmod(0o600)
        draft.rename(file)
    except OSError as error:
        message = f"the backup cannot be written to {file}: {error.strerror or error}"
        raise ConfigError(message) from error
    finally:
        draft.unlink(missing_ok=True)
        engine.dispose()
    return file


def read_manifest(file: Path) -> Manifest:
    """What a backup says of itself.

    Raises:
        ConfigError: It is no backup of a ledger.
    """
    try:
        with tarfile.open(file) as tar:
            member = tar.extractfile(_MANIFEST)
            told = json.load(member) if member else {}
        return Manifest(**{**told, "keys": tuple(told["keys"])})
    except (OSError, tarfile.TarError, KeyError, TypeError, ValueError) as error:
        message = f"{file} is no backup of a ledger, or it is damaged: {error}"
        raise ConfigError(message) from error


def restore(
    file: Path,
    url: str,
    *,
    home: Path,
    replace: bool,
    by: str,
    clock: Callable[[], datetime],
) -> Restored:
    """Put a backup in the place of the ledger of a URL; nothing may be running.

    The backup is proved first (SQLite; PostgreSQL after it was read in): its audit
    chain, payloads and all that it vouches for. Afterwards nothing is doubled: what
    the targets have is read anew, and what was not sent is judged again.

    Args:
        file: The backup.
        url: Of the ledger that it shall become.
        home: Folder of the key file, and of what is set aside.
        replace: Whether a ledger that is not empty may be replaced; it is set aside.
        by: Who restores it; noted in the audit chain.
        clock: Tells the time.

    Raises:
        ConfigError: The backup, key, database or `--replace` does not fit; nothing
            was changed.
        AbortError: The backup is not as it was written.
    """
    manifest = read_manifest(file)
    keyring = _fitting_keys(manifest, home)
    engine = open_engine(url)
    if engine.dialect.name != manifest.kind:
        message = (
            f"{file} is a backup of {manifest.kind}, and the ledger lives in "
            f"{engine.dialect.name}: restore it into {manifest.kind}, then move it"
        )
        raise ConfigError(message)
    aside, erased = None, dict[str, list[str]]()
    try:
        if _has_rows(engine):
            if not replace:
                message = (
                    "the ledger here is not empty: --replace sets it aside in a file, "
                    "and then puts the backup in its place"
                )
                raise ConfigError(message)
            _demand_at_rest(engine, clock())
            aside = _set_aside(url, home, keyring, clock())
            erased = _erased(url, keyring, clock)
        with _unpacked(file, _folder_of(engine, home)) as copy:
            if manifest.kind == "sqlite":
                again = _make_safe(
                    f"sqlite:///{copy}", keyring, manifest, erased, by, clock
                )
                copy_in(copy, engine)
            else:
                postgres_tools.read_in(engine.url, copy)
                again = _make_safe(url, keyring, manifest, erased, by, clock)
    finally:
        engine.dispose()
    return Restored(manifest, tuple(sorted(manifest.lines)), aside, again)


def _fitting_keys(manifest: Manifest, home: Path) -> Keyring:
    """The master keys, if the backup was made under one of them; makes no new one."""
    wanted = manifest.keys[0]
    where = f"put it into {home / KEY_FILE} or {KEY_VARIABLE}"
    if not Keyring.is_there(home):
        message = f"the backup was made under key {wanted}, and there is none: {where}"
        raise ConfigError(message)
    keyring = Keyring.load(home)
    if wanted not in keyring.fingerprints:
        here = ", ".join(keyring.fingerprints)
        message = (
            f"the backup was made under key {wanted}, and here is {here}: {where}, "
            "after the newer one if keys were changed since"
        )
        raise ConfigError(message)
    return keyring


def _make_safe(
    url: str,
    keyring: Keyring,
    manifest: Manifest,
    erased: dict[str, list[str]],
    by: str,
    clock: Callable[[], datetime],
) -> int:
    """Prove a restored ledger, then let it start over; how many keys were erased again."""
    again = 0
    detail = {"made_at": manifest.made_at}
    with Ledger.open(url, keyring, clock=clock, owner=by) as ledger:
        for name, lines in sorted(manifest.lines.items()):
            with ledger.of(name).read() as unit:
                found = unit.verification.verify()
            if found.faults or found.lines != lines:
                what = found.faults[0].message if found.faults else "lines are missing"
                message = f"the backup is not as it was written ({name}): {what}"
                raise AbortError(message)
            with ledger.of(name).begin() as unit:
                again += unit.restoring.erase_again(erased.get(name, []), by=by)
                unit.restoring.start_over(by=by, detail=detail)
    return again


def _erased(
    url: str, keyring: Keyring, clock: Callable[[], datetime]
) -> dict[str, list[str]]:
    """Persons that the ledger to be replaced has erased, by connection.

    A ledger that cannot be opened any more tells of none: it is why one restores.
    """
    try:
        with Ledger.open(url, keyring, clock=clock, owner="restore") as ledger:
            found = {}
            for name in ledger.connections():
                with ledger.of(name).read() as unit:
                    found[name] = unit.restoring.erased()
            return found
    except ConfigError:
        return {}


def _manifest(engine: Engine, copy: Path, keyring: Keyring, now: datetime) -> Manifest:
    """Read from the copy itself, so that it says what is in it (SQLite)."""
    own = (
        open_engine(f"sqlite:///{copy}") if engine.dialect.name == "sqlite" else engine
    )
    with own.connect() as db:
        heads = db.execute(select(audit_heads.c.connection, audit_heads.c.seq)).all()
        lines = dict.fromkeys(connections_in(db), 0)
        schema = db.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if own is not engine:
        own.dispose()
    return Manifest(
        made_at=now.isoformat(),
        kind=engine.dialect.name,
        schema=str(schema),
        keys=keyring.fingerprints,
        lines=lines | {row.connection: int(row.seq) for row in heads},
    )


def _has_rows(engine: Engine) -> bool:
    """Whether anything was ever kept in a database."""
    there = set(inspect(engine).get_table_names())
    with engine.connect() as db:
        return any(
            db.execute(select(table).limit(1)).first() is not None
            for table in (audit, runs, records, sealed)
            if table.name in there
        )


def _demand_at_rest(engine: Engine, now: datetime) -> None:
    """See that no command works with a ledger, as far as that can be read in it."""
    there = set(inspect(engine).get_table_names())
    if {intents.name, locks.name} <= there:
        with engine.connect() as db:
            demand_at_rest(db, now)


def _set_aside(url: str, home: Path, keyring: Keyring, now: datetime) -> Path:
    folder = home / "set-aside"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return back_up(url, keyring, folder, now)


def _folder_of(engine: Engine, home: Path) -> Path:
    """Where there is room for the database: beside the one it becomes."""
    if engine.dialect.name != "sqlite":
        return home
    return Path(str(engine.url.database)).parent


@contextmanager
def _unpacked(file: Path, folder: Path) -> Iterator[Path]:
    """The database of a backup as a file, for a while."""
    with TemporaryDirectory(dir=folder, prefix=".restore-") as place:
        try:
            with tarfile.open(file) as tar:
                tar.extract(_DATABASE, place, filter="data")
        except (OSError, tarfile.TarError, KeyError) as error:
            message = f"{file} is damaged: {error}"
            raise ConfigError(message) from error
        yield Path(place) / _DATABASE
