"""Commands of the control room: up, down, status, logs and deploy."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from typing import Annotated

import typer

from console.exits import Exit, ends_well
from console.options import Json, tell, zone_of_all

__all__ = ["add_room_commands"]

Process = Annotated[
    str, typer.Argument(help="A process, such as prefect-worker; none is all.")
]


@ends_well
def up_command(
    *,
    port: Annotated[
        int | None,
        typer.Option(
            min=1, max=65535, help="Of the Prefect UI; 4200, or that of last time."
        ),
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(
            help="Address to listen on; 127.0.0.1, or that of last time. Any but this "
            "machine's own needs CENTRA_VISMA_PASSWORD."
        ),
    ] = None,
    attach: Annotated[
        bool,
        typer.Option("--attach", help="Stay, start again what dies; Ctrl-C ends all."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Start Prefect's server, worker and receiver, deploy, wait until all is ready.

    Again, it starts what is missing and leaves what runs.
    """
    from console import room_shown
    from console.down import down
    from console.processes import take_signals
    from console.up import Wish, stay_up, up

    take_signals()
    say = _say(quiet=as_json)
    wish = Wish(host, port)
    try:
        done = up(wish, say)
        tell(done.as_json(), room_shown.up_sentence(done), as_json=as_json)
        if attach:
            stay_up(wish, say)
        if done.wrong:
            raise SystemExit(int(Exit.CONFIG))
    except KeyboardInterrupt:
        if attach:
            down(say)
        raise SystemExit(130) from None


@ends_well
def down_command(*, as_json: Json = False) -> None:
    """End what `up` started, the worker first; what it was doing is taken up later."""
    from console import room_shown
    from console.down import down

    done = down(_say(quiet=as_json))
    tell(done.as_json(), room_shown.down_sentence(done), as_json=as_json)


@ends_well
def status_command(*, as_json: Json = False) -> None:
    """Show the processes, and each deployment with its last and next run.

    The exit code is 0 only when every process runs and answers.
    """
    from console import room_shown
    from console.room_state import read_state
    from settings.application import Application

    application = Application()
    state = read_state(application)
    table = room_shown.state_tables(state, zone_of_all(application.connections))
    tell(state.as_json(), table, as_json=as_json)
    raise SystemExit(int(Exit.OK if state.is_up else Exit.LATER))


@ends_well
def logs_command(
    process: Process = "",
    *,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")
    ] = False,
    lines: Annotated[int, typer.Option(min=0, help="How many to begin with.")] = 50,
) -> None:
    """Show what the processes print: of one, or of all, each line with its name."""
    from console.room_logs import show_logs
    from settings.application import Application

    show_logs(Application().home.resolve(), process, lines, follow=follow)


@ends_well
def deploy_command(
    *,
    connection: Annotated[
        str | None,
        typer.Option("--connection", "-c", help="Only this one; none is all."),
    ] = None,
    api: Annotated[
        str | None,
        typer.Option(help="API of another server; none is the one that runs here."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make or renew the deployments of prefect.yaml; what was switched stays."""
    from console import room_shown
    from console.up import deploy_now

    done = asyncio.run(deploy_now(connection, api))
    tell(
        {
            "deployments": done.names,
            "switched_on": done.switched_on,
            "paused": done.paused,
        },
        room_shown.deployed_sentence(done),
        as_json=as_json,
    )


@ends_well
def receiver_command() -> None:
    """Take webhooks in the foreground, for a Prefect server that `up` did not start.

    Once a connection has a secret of webhooks, `up` starts the receiver by itself.
    """
    from console.receiver import serve

    serve()


@ends_well
def process_command(
    name: Annotated[
        str, typer.Argument(help="prefect-server, prefect-worker, or receiver.")
    ],
    *,
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Of the Prefect server.")
    ] = 4200,
    host: Annotated[
        str, typer.Option(help="Address that the Prefect server listens on.")
    ] = "127.0.0.1",
) -> None:
    """Become one process of an installation, in the foreground: for containers.

    Where the server runs elsewhere, PREFECT_API_URL says so. Else use `up`.
    """
    from console.one_process import become

    become(name, host, port)


def add_room_commands(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("up")(up_command)
    app.command("down")(down_command)
    app.command("status")(status_command)
    app.command("logs")(logs_command)
    app.command("deploy")(deploy_command)
    app.command("receiver")(receiver_command)
    app.command("process")(process_command)


def _say(*, quiet: bool) -> Callable[[str], None]:
    """Tell what is waited for, beside the output that others read."""
    return (lambda _: None) if quiet else functools.partial(typer.echo, err=True)
