"""The demo: sandbox, Prefect server and worker, deployments, and the whole pipeline.

Everything that runs is the product; only the addresses and the secrets that the
connection is given are the sandbox's. What is started here is stopped here.
"""

from __future__ import annotations

import asyncio
import functools
import json
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from connectors.errors import AbortError
from console import control_room, shown, syncing
from console.processes import Processes, alone_in, free_port
from console.progress import following, planned_left
from tasks.environment import Environment, open_environment, use_environment
from tasks.request import Counts, Summary
from tasks.totals import Totals, read_totals

__all__ = ["Demo", "run_demo"]

_PROJECT = Path(__file__).resolve().parents[1]
_TEMPLATE = Path(__file__).parent / "templates" / "nordhem.toml"
_NAME = "nordhem"
_SECRETS = {
    "CENTRA_TOKEN": "centra-nordhem-token",
    "VISMA_CLIENT_ID": "isv_sandbox",
    "VISMA_CLIENT_SECRET": "sandbox-secret",
}
_DIRECTIONS = ("customers", "orders")
_NEW_ORDERS_EVERY = 30.0


@dataclass(frozen=True)
class Demo:
    """What is to be shown."""

    orders: int = 120
    seed: int = 1
    orders_from: Path | None = None
    home: Path = Path(".demo")


@dataclass(frozen=True)
class Shown:
    """What the demo proved."""

    summaries: dict[str, Counts]
    totals: Totals
    second_writes: int

    def as_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        return {
            "directions": {
                name: counts.model_dump(exclude={"problems", "missing"})
                for name, counts in self.summaries.items()
            },
            "totals": self.totals.as_json(),
            "unexplained": self.totals.unexplained,
            "second_run": {"writes": self.second_writes},
        }


def run_demo(demo: Demo, *, stay: bool, as_json: bool) -> None:
    """Start everything, carry the orders over, show that both sides agree."""
    console = Console(stderr=True, quiet=as_json)
    home = demo.home.resolve()
    with alone_in(home), _processes(home) as processes:
        with console.status("starting the sandbox …"):
            url = _start_sandbox(processes, demo)
        env = _settle_in(home, url)
        with console.status("starting Prefect: server, deployments, worker …"):
            api = control_room.start(processes, home, _PROJECT, _variables(home))
        console.print(f"sandbox  {url}\nPrefect  {api.removesuffix('/api')}")
        with use_environment(env):
            result = asyncio.run(_show(console, api, url))
        if as_json:
            typer.echo(json.dumps(result.as_json()))
        else:
            _print(result)
        if stay:
            _stay(console, api, url)


async def _show(console: Console, api: str, url: str) -> Shown:
    """Plan, approve and apply each direction, run all again, compare both sides."""
    with console.status("planning: reading Centra, comparing with Visma.net …"):
        plans = await asyncio.gather(
            *(
                control_room.run(api, name, {"connection": _NAME, "full": True})
                for name in _DIRECTIONS
            )
        )
    counts: dict[str, Counts] = {}
    for planned in plans:
        counts[planned.direction] = planned.counts
        if planned.plan:
            console.print(f"{planned.direction}: {planned.sentence}")
            approved = {"connection": _NAME, "plan": planned.plan.hash}
            async with following(
                console,
                f"applying plan {planned.plan.hash}",
                planned.plan.writes,
                functools.partial(planned_left, _NAME, planned.direction),
            ):
                applied = await control_room.run(api, planned.direction, approved)
            counts[planned.direction] = _together(planned, applied)
            console.print(f"{planned.direction}: {applied.sentence}")
    before = _writes(url)
    with console.status("running everything again, and reading both sides afresh …"):
        await syncing.run_all(list(_DIRECTIONS), _NAME, syncing.Wanted())
        totals = await read_totals(_NAME)
    return Shown(counts, totals, _writes(url) - before)


def _together(planned: Summary, applied: Summary) -> Counts:
    """One story of a plan and its application: read once, then written."""
    both = planned.counts.plus(applied.counts)
    once = {"read": planned.counts.read, "unchanged": planned.counts.unchanged}
    once["parked"] = both.newly_parked  # one that is looked at twice is one
    return both.model_copy(update=once)


def _print(result: Shown) -> None:
    no_run = 0
    summaries = [
        Summary(direction=name, run_id=no_run, counts=counts)
        for name, counts in result.summaries.items()
    ]
    shown.show(shown.summary_table(summaries))
    shown.show(shown.totals_table(result.totals.rows))
    agree = not result.totals.unexplained
    shown.show(
        "[green]Both sides agree to the minor unit.[/]"
        if agree
        else f"[red]Unexplained:[/] {result.totals.unexplained}"
    )
    shown.show(f"A second run of everything made {result.second_writes} writes.")


def _stay(console: Console, api: str, url: str) -> None:
    """Let the schedules run and customers buy, until Ctrl-C."""
    asyncio.run(control_room.resume_schedules(api))
    console.print(
        f"Schedules are running and orders keep coming in. Watch them at "
        f"{api.removesuffix('/api')}; Ctrl-C ends everything."
    )
    try:
        while True:
            time.sleep(_NEW_ORDERS_EVERY)  # noqa: TID251 - the pace of the show
            _post(f"{url}/_sandbox/centra/{_NAME}/orders", {"count": 2})
    except KeyboardInterrupt:
        console.print("ending …")


@contextmanager
def _processes(home: Path) -> Iterator[Processes]:
    processes = Processes(home / "logs")
    processes.end_on_signals()
    try:
        yield processes
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    finally:
        processes.stop()


def _start_sandbox(processes: Processes, demo: Demo) -> str:
    arguments = ["--port", str(free_port()), "--seed", str(demo.seed)]
    arguments += ["--orders", str(demo.orders)]
    if demo.orders_from:
        arguments += ["--orders-from", str(demo.orders_from.resolve())]
    processes.start("sandbox", ["sandbox", *arguments])
    return processes.first_json("sandbox", seconds=300)["url"]


def _settle_in(home: Path, url: str) -> Environment:
    """Write the connection file, and open the demo's own ledger."""
    folder = home / "connections"
    folder.mkdir(parents=True)
    text = _TEMPLATE.read_text(encoding="utf-8").replace("@SANDBOX@", url)
    (folder / f"{_NAME}.toml").write_text(text, encoding="utf-8")
    return open_environment(_variables(home))


def _variables(home: Path) -> dict[str, str]:
    """What the worker and this process are told; secrets as a merchant gives them."""
    return {
        "CENTRA_VISMA_HOME": str(home),
        "CENTRA_VISMA_CONNECTIONS": str(home / "connections"),
        "CENTRA_VISMA_CONNECTION": _NAME,
        **{
            f"CENTRA_VISMA_{_NAME.upper()}_{key}": value
            for key, value in _SECRETS.items()
        },
    }


def _writes(url: str) -> int:
    with urllib.request.urlopen(f"{url}/_sandbox/calls", timeout=10) as answer:  # noqa: S310
        return int(json.load(answer)["writes"])


def _post(url: str, body: dict[str, Any]) -> None:
    request = urllib.request.Request(  # noqa: S310 - the sandbox on this machine
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        if answer.status >= 300:  # noqa: PLR2004
            message = f"the sandbox answered {answer.status} to {url}"
            raise AbortError(message)
