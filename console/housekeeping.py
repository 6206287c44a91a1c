"""Commands of keeping house: housekeeping, backup and restore."""

from __future__ import annotations

import asyncio
import functools
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.exits import Exit, ends_well
from console.options import Json, tell, zone_of_all

if TYPE_CHECKING:
    from tasks.housekeeping import House

__all__ = ["add_house_commands"]

_MOVE_TO = "CENTRA_VISMA_MOVE_TO"


@ends_well
def housekeeping_command(*, as_json: Json = False) -> None:
    """Do now what is done every night: let go of what is past its retention.

    Result files of Prefect are judged only when its server answers.
    """
    from rich.markdown import Markdown

    from tasks.housekeeping import as_markdown

    house = asyncio.run(_keep_house())
    text = Markdown(as_markdown(house))
    tell(house.model_dump(mode="json"), text, as_json=as_json)
    raise SystemExit(int(Exit.CONFIG if house.problems else Exit.OK))


@ends_well
def backup_command(
    target: Annotated[
        Path, typer.Argument(help="Folder for the file, or the file itself.")
    ],
    *,
    as_json: Json = False,
) -> None:
    """Copy the ledger into one file, while flows may write.

    The key is not in it: it is named by its fingerprint, and kept by you.
    """
    from ledger import Keyring
    from ledger.backup import back_up, read_manifest
    from settings.application import Application
    from tasks.environment import environment, utc_now

    application = Application()
    environment()  # a ledger of an older version is brought up to date first
    keyring = Keyring.load(application.home)
    file = back_up(application.ledger_url, keyring, target, utc_now())
    manifest = read_manifest(file)
    key = manifest.keys[0]
    text = (
        f"{file}\nThe master key ({key}) is not in it. Without "
        f"{_where_key(application.home)} it opens nothing: keep both, apart from each other."
    )
    data = {"file": str(file), "key": key, "connections": manifest.lines}
    tell(data, text, as_json=as_json)


@ends_well
def restore_command(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    *,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Set a ledger that is not empty aside first."),
    ] = False,
    by: Annotated[str, typer.Option(help="Who restores.", envvar="USER")] = "unknown",
    as_json: Json = False,
) -> None:
    """Put a backup in the place of the ledger, proved first; nothing may be running."""
    from connectors.errors import ConfigError
    from console.processes import Processes
    from ledger.backup import restore
    from mapping.dates import moment_text
    from settings.application import Application
    from tasks.environment import utc_now

    application = Application()
    home = application.home.resolve()
    processes = Processes(home)
    with processes.one_at_a_time():
        running = [one.name for one in processes.known().values() if one.is_alive]
        if running:
            message = (
                f"{', '.join(running)} runs and would write into the ledger: end it with "
                "'centra-visma down' first"
            )
            raise ConfigError(message)
        done = restore(
            file,
            application.ledger_url,
            home=home,
            replace=replace,
            by=by,
            clock=utc_now,
        )
    made = moment_text(
        datetime.fromisoformat(done.manifest.made_at),
        zone_of_all(application.connections),
        seconds=True,
    )
    lines = [
        f"The ledger is as it was at {made}: {', '.join(done.connections)}.",
        "What happened since is not doubled: what both systems have is read anew first.",
        "Who logs in to Visma.net as a person logs in again: centra-visma login.",
    ]
    if done.set_aside:
        lines.append(f"What was there is set aside in {done.set_aside}.")
    if done.erased_again:
        lines.append(f"{done.erased_again} persons who were erased since stay erased.")
    data = {
        "made_at": done.manifest.made_at,
        "connections": list(done.connections),
        "set_aside": str(done.set_aside) if done.set_aside else None,
        "erased_again": done.erased_again,
    }
    tell(data, "\n".join(lines), as_json=as_json)


@ends_well
def move_command(
    context: typer.Context,
    *,
    to: Annotated[
        str,
        typer.Option(
            envvar=_MOVE_TO,
            help="Address of an empty PostgreSQL database; without a password, or by the variable.",
        ),
    ],
    as_json: Json = False,
) -> None:
    """Move ledger and Prefect to PostgreSQL, compared table by table; nothing may be running.

    What is there stays as it is. Databases that are missing are made.
    """
    from pydantic import SecretStr

    from connectors.errors import ConfigError
    from console.moving import move_databases
    from ledger.addresses import has_password, read_address
    from settings.application import Application

    came_by = context.get_parameter_source("to")
    is_secret = came_by is not None and came_by.name == "ENVIRONMENT"
    if not is_secret and has_password(read_address(to)):
        message = (
            "who lists the processes of this machine could read the password: put the "
            f"address into {_MOVE_TO} and leave --to out, or the password into ~/.pgpass"
        )
        raise ConfigError(message)
    say = functools.partial(typer.echo, err=True)
    quiet = (lambda _: None) if as_json else say
    moved = move_databases(Application(), SecretStr(to), quiet)
    tell(moved.as_json(), moved.sentence, as_json=as_json)


def add_house_commands(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("housekeeping")(housekeeping_command)
    app.command("backup")(backup_command)
    app.command("restore")(restore_command)
    app.command("move-database")(move_command)


async def _keep_house() -> House:
    """All of it without Prefect, but for what only its server knows."""
    from prefect.settings import PREFECT_HOME, temporary_settings

    from console.process_table import known_api
    from tasks.environment import environment
    from tasks.housekeeping import measure, tidied
    from tasks.result_files import remove_results, storage

    env = environment()
    key = f"by hand at {env.clock().isoformat()}"
    kept = [tidied(env, name, key) for name in env.names()]
    with temporary_settings({PREFECT_HOME: env.application.home / "prefect"}):
        before, why = None, "no Prefect server is known here"
        if api := known_api(env.application):
            before, why = await _needed(api)
        return measure(env, kept, remove_results(storage(), before, why))


async def _needed(api: str) -> tuple[datetime | None, str]:
    """Until when results are needed, or why nobody knows."""
    from console.control_room import answering
    from console.processes import is_answering
    from tasks.environment import environment
    from tasks.result_files import needed_since

    if not is_answering(f"{api}/health"):
        return None, f"the Prefect server at {api} does not answer"
    env = environment()
    keep = timedelta(days=env.application.keep_runs_days)
    async with answering(api, env.application.password) as client:
        return await needed_since(client, env.clock(), keep), ""


def _where_key(home: Path) -> str:
    import os

    from ledger.keys import KEY_FILE, KEY_VARIABLE

    return KEY_VARIABLE if os.environ.get(KEY_VARIABLE) else str(home / KEY_FILE)
