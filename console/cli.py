"""centra-visma: the command line. Each command is a few lines over the steps.

A command imports what it needs when it runs: `--help` and a mistyped word are
answered at once, and what only reads the ledger does not wait for Prefect.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from console.alerts import alerts_app
from console.audit import audit_app
from console.backfilling import backfill
from console.certificate import certificate_app
from console.exceptions import exceptions_app
from console.exits import Exit, ends_well
from console.housekeeping import add_house_commands
from console.month_end import month_end
from console.options import Json, Name, connection_named, say, tell
from console.rates import rates_app
from console.room import add_room_commands
from console.stock import stock
from console.sync_commands import add_sync_commands

__all__ = ["app", "main"]

app = typer.Typer(
    help="Keeps a Centra store and a Visma.net company in agreement.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(exceptions_app, name="exceptions")
app.add_typer(certificate_app, name="certificate")
app.command("stock")(stock)
app.command("backfill")(backfill)
app.command("month-end")(month_end)
app.add_typer(audit_app, name="audit")
app.add_typer(rates_app, name="rates")
app.add_typer(alerts_app, name="alerts")
add_room_commands(app)
add_house_commands(app)


@app.command("demo")
@ends_well
def demo_command(
    *,
    orders: Annotated[int, typer.Option(min=1, help="Orders in the sandbox.")] = 120,
    seed: Annotated[int, typer.Option(help="Seed of the sandbox's data.")] = 1,
    orders_from: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="CSV with real order lines."),
    ] = None,
    post_as: Annotated[
        Literal["sales_order", "invoice"],
        typer.Option(help="How the first store posts; the outlet is finance only."),
    ] = "sales_order",
    exit_: Annotated[
        bool, typer.Option("--exit", help="Stop when the table is printed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Run the whole pipeline against the sandbox, in the Prefect UI."""
    from console import demo

    wanted = demo.Demo(orders, seed, orders_from, post_as)
    demo.run_demo(wanted, stay=not exit_, as_json=as_json)


@app.command(
    "sandbox",
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def sandbox_command(context: typer.Context) -> None:
    """Start the sandbox: both systems as a local server (see sandbox --help)."""
    from console.sandbox import run_sandbox

    run_sandbox(context.args)


@app.command()
@ends_well
def check(*, connection: Name = None, days: int = 90, as_json: Json = False) -> None:
    """Prove that every setting that the last orders need is there."""
    from console import shown
    from console.alert_checks import alert_rows
    from console.webhook_checks import webhook_rows
    from tasks.checks import check_connection
    from tasks.environment import environment

    name = connection_named(connection)
    say(f"asking both systems, and mapping the orders of {days} days …", quiet=as_json)
    report = asyncio.run(check_connection(name, days=days))
    report.rows += webhook_rows(environment(), name)
    report.rows += alert_rows(environment(), name)
    tell(report.model_dump(mode="json"), shown.check_table(report), as_json=as_json)
    raise SystemExit(int(Exit.OK if report.ok else Exit.CONFIG))


add_sync_commands(app)


@app.command()
@ends_well
def explain(
    number: Annotated[str, typer.Argument(help="A number of either system.")],
    *,
    connection: Name = None,
    as_json: Json = False,
) -> None:
    """Tell each amount of an order or a document back to what Centra said, and why.

    An order, a shipment, return or payment of it, a customer, a reference, or the number
    of a document of either side. Of goods, by item, style, SKU or EAN: what
    they cost, and which sales their stock in Centra is worked out from.
    """
    from console.explained import explain_number

    found = explain_number(connection, number, as_json=as_json)
    raise SystemExit(int(Exit.OK if found else Exit.PARKED))


@app.command()
@ends_well
def undo(
    document: Annotated[
        str, typer.Argument(help="Number of a document of Visma.net, or its reference.")
    ],
    *,
    kind: Annotated[
        str | None,
        typer.Option(help="Which, where several have the number: invoice, payment, …"),
    ] = None,
    apply_: Annotated[
        str | None, typer.Option("--apply", help="Hash of the plan that was shown.")
    ] = None,
    by: Annotated[str | None, typer.Option(help="Who approves it.")] = None,
    note: Annotated[str, typer.Option(help="Why; it is kept with the name.")] = "",
    connection: Name = None,
    as_json: Json = False,
) -> None:
    """Show what would undo a document; with --apply HASH --by NAME, do just that.

    Nothing that is booked is deleted: an opposite document answers it in an open
    period, and its record is left out until somebody retries it.
    """
    from console import undoing

    name = connection_named(connection)
    undoing.run_undo(
        name,
        undoing.Wish(document, kind, apply_, by, note),
        as_json=as_json,
    )


@app.command()
@ends_well
def secret(
    connection: Annotated[str, typer.Argument(help="Name of the connection.")],
    name: Annotated[
        str,
        typer.Argument(
            help="centra_token, visma_client_id, visma_client_secret, "
            "centra_webhook_secret, visma_webhook_secret"
        ),
    ],
) -> None:
    """Keep a secret encrypted in the ledger; it is read from standard input."""
    from console.books import keep_secret

    value = (
        typer.prompt(name, hide_input=True)
        if sys.stdin.isatty()
        else sys.stdin.readline()
    )
    keep_secret(connection, name, value.strip())
    typer.echo(f"{name} of '{connection}' is kept encrypted in the ledger")


@app.command()
def key() -> None:
    """Make a master key for CENTRA_VISMA_KEY; keep it safe and backed up."""
    from ledger import Keyring

    typer.echo(Keyring.generate())


@app.command()
@ends_well
def login(
    connection: Annotated[str, typer.Argument(help="Name of the connection.")],
    *,
    redirect_uri: Annotated[
        str, typer.Option(help="As registered for the application.")
    ] = "http://127.0.0.1:8400/back",
) -> None:
    """Log a person in to Visma.net, for interactive applications."""
    from tasks.login import log_in

    async def ask(address: str) -> str:
        typer.echo(f"Open this address and log in:\n\n{address}\n")
        typer.echo("The browser then goes to an address that need not answer.")
        return str(typer.prompt("Paste that address here"))

    asyncio.run(log_in(connection, redirect_uri, ask))
    typer.echo(f"logged in; '{connection}' keeps the login alive from here on")


def main() -> None:
    """Run the command line; nothing of what it loads reports home."""
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    app()
