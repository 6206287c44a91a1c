"""The demo: sandbox, Prefect server and worker, deployments, and the whole pipeline.

Everything that runs is the product; only the addresses and the secrets that the
connection is given are the sandbox's. What is started here is stopped here.
"""

from __future__ import annotations

import asyncio
import json
import shlex
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from threading import Thread
from typing import Any, Literal

import typer
from rich.console import Console

from connectors.errors import AbortError
from console import shown
from console.certificate import certificate_table
from console.control_room import ControlRoom
from console.processes import Processes, alone_in, free_port, take_signals
from console.story import Told, tell
from console.up import Wish, stay_up, up
from flows.schedules import scheduled, settle_schedules
from tasks.certificate import as_json as written
from tasks.environment import Environment, open_environment, use_environment
from tasks.request import Summary

__all__ = ["Demo", "run_demo", "sum_up"]

_TEMPLATES = Path(__file__).parent / "templates"
_NORDHEM, _FJORD = "nordhem", "fjord"
_NEW_ORDERS_EVERY = 30.0
_VARIABLES = "variables.sh"
"""What the commands must be told to look at the demo, for a shell."""
_BRITISH_SHOP = """
[[vat]]                          # orders of a file come from a British shop, which takes
countries = ["EU"]               # its own 20 % from consumers across the EU
rate = 20
customer = "b2c"
category = "STDG"
zone = "GB"
prices = "gross"
"""

PostAs = Literal["sales_order", "invoice"]


@dataclass(frozen=True)
class Demo:
    """What is to be shown."""

    orders: int = 120
    seed: int = 1
    orders_from: Path | None = None
    post_as: PostAs = "sales_order"
    home: Path = Path(".demo")

    @property
    def connections(self) -> tuple[str, ...]:
        """The stock-keeping store and the finance-only outlet; a file has just one."""
        return (_NORDHEM,) if self.orders_from else (_NORDHEM, _FJORD)


def run_demo(demo: Demo, *, stay: bool, as_json: bool) -> None:
    """Start everything, carry the orders over, show that both sides agree."""
    console = Console(stderr=True, quiet=as_json)
    home = demo.home.resolve()
    with alone_in(home), _processes(home) as processes:
        with console.status("starting the sandbox …"):
            url = _start_sandbox(processes, demo)
        env = _settle_in(home, url, demo)
        with use_environment(env):
            with console.status("starting Prefect: server, deployments, worker …"):
                room = up(Wish(port=free_port()), lambda _: None).room
            console.print(f"sandbox  {url}\nPrefect  {room.address}")
            told = asyncio.run(
                tell(console, room, demo.connections, lambda: _writes(url))
            )
        if as_json:
            typer.echo(json.dumps(_as_json(told, _returns_of_file(url, demo))))
        else:
            _print(told)
        if stay:
            _stay(console, room, env, demo, url)


def _as_json(told: Told, returns: dict[str, Any] | None) -> dict[str, Any]:
    """The object that `--json` prints; amounts are decimal strings."""
    shown_returns = {} if returns is None else {"returns_of_file": returns}
    return {
        "directions": {
            name: counts.model_dump(exclude={"problems", "missing"})
            for name, counts in told.counts.items()
        },
        "totals": sum_up([one.as_json() for one in told.totals.values()]),
        "money": sum_up([one.as_json() for one in told.money.values()]),
        "certificate": _certificate(
            [written(one.certificate) for one in told.certificates.values()]
        ),
        **shown_returns,
        "unexplained": told.unexplained,
        "second_run": {"writes": told.second_writes},
    }


def _certificate(told: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The certificates of all connections as one, by the currency of the books.

    `unexplained` is the number 0 when nothing is.
    """
    explained: dict[str, dict[str, str]] = {}
    unexplained: dict[str, str] = {}
    for one in told:
        base = one["base_currency"]
        for name, amount in one["explained"].items():
            before = explained.setdefault(name, {}).get(base, "0")
            explained[name][base] = sum_up([before, amount])
        if one["unexplained"]:
            before = unexplained.get(base, "0")
            unexplained[base] = sum_up([before, one["unexplained"]])
    return {
        "compared": sum(one["compared"] for one in told),
        "matched": sum(one["matched"] for one in told),
        "explained": explained,
        "unexplained": unexplained or 0,
    }


def sum_up(parts: Sequence[Any]) -> Any:  # noqa: ANN401 - JSON of any depth
    """Add objects of decimal strings up, key by key."""
    if all(isinstance(part, dict) for part in parts):
        keys = dict.fromkeys(key for part in parts for key in part)
        return {key: sum_up([p[key] for p in parts if key in p]) for key in keys}
    return str(sum(map(Decimal, parts), Decimal(0)))


def _print(told: Told) -> None:
    summaries = [
        Summary(direction=name, run_id=0, counts=counts)
        for name, counts in told.counts.items()
    ]
    shown.show(shown.summary_table(summaries))
    for name, totals in told.totals.items():
        shown.show(shown.totals_table(totals.rows, name))
        shown.show(shown.money_table(told.money[name].rows, name))
        shown.show(certificate_table(told.certificates[name], name))
    shown.show(
        f"[red]Unexplained:[/] {told.unexplained}"
        if told.unexplained
        else "[green]Both sides agree to the minor unit.[/]"
    )
    shown.show(f"A second run of everything made {told.second_writes} writes.")


def _stay(
    console: Console, room: ControlRoom, env: Environment, demo: Demo, url: str
) -> None:
    """Let the schedules run and customers buy, until Ctrl-C; what dies is started again."""
    with use_environment(env):
        asyncio.run(_settle_schedules(room, demo.connections))
        console.print(
            f"Schedules are running and orders keep coming in. Watch them at "
            f"{room.address}; Ctrl-C ends everything.\n"
            "For the commands, in another terminal: source .venv/bin/activate && "
            f"source {shlex.quote(str(demo.home / _VARIABLES))}",
            soft_wrap=True,
        )
        Thread(target=_buy, args=(url,), daemon=True).start()
        try:
            stay_up(Wish(), console.print)
        except KeyboardInterrupt:
            console.print("ending …")


def _buy(url: str) -> None:
    """Let customers buy for as long as the sandbox is there."""
    while True:
        time.sleep(_NEW_ORDERS_EVERY)  # noqa: TID251 - the pace of the show
        with suppress(OSError):  # it is busy: the next ones come
            _post(f"{url}/_sandbox/centra/{_NORDHEM}/orders", {"count": 2})


async def _settle_schedules(room: ControlRoom, connections: Sequence[str]) -> None:
    """Switch on what went live in this process, too."""
    async with room.client() as client:
        for name in connections:
            await settle_schedules(client, name, scheduled(name))


@contextmanager
def _processes(home: Path) -> Iterator[Processes]:
    processes = Processes(home)
    take_signals()
    try:
        yield processes
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    finally:
        processes.stop()


def _start_sandbox(processes: Processes, demo: Demo) -> str:
    arguments = ["--port", str(free_port()), "--seed", str(demo.seed)]
    arguments += ["--orders", str(demo.orders), "--life"]
    if demo.orders_from:
        arguments += ["--orders-from", str(demo.orders_from.resolve())]
    processes.start("sandbox", ["sandbox", *arguments])
    return processes.first_json("sandbox", seconds=300)["url"]


def _settle_in(home: Path, url: str, demo: Demo) -> Environment:
    """Write the connection files, and open the demo's own ledger."""
    folder = home / "connections"
    folder.mkdir(parents=True)
    for name in demo.connections:
        text = (_TEMPLATES / f"{name}.toml").read_text(encoding="utf-8")
        text = text.replace("@SANDBOX@", url)
        if name == _NORDHEM:
            text = text.replace('"sales_order"', f'"{demo.post_as}"')
        if demo.orders_from:
            text += _BRITISH_SHOP
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    variables = _variables(home)
    exports = (
        f"export {one}={shlex.quote(value)}\n" for one, value in variables.items()
    )
    (home / _VARIABLES).write_text("".join(exports), encoding="utf-8")
    return open_environment(variables)


def _variables(home: Path) -> dict[str, str]:
    """What the worker and this process are told; secrets as a merchant gives them."""
    variables = {
        "CENTRA_VISMA_HOME": str(home),
        "CENTRA_VISMA_CONNECTIONS": str(home / "connections"),
        "CENTRA_VISMA_CONNECTION": _NORDHEM,
        # two runs of everything are counted: none but the demo starts them
        "CENTRA_VISMA_SCHEDULES": "by_hand",
    }
    for name in (_NORDHEM, _FJORD):
        start = f"CENTRA_VISMA_{name.upper()}"
        variables |= {
            f"{start}_CENTRA_TOKEN": f"centra-{name}-token",
            f"{start}_VISMA_CLIENT_ID": "isv_sandbox",
            f"{start}_VISMA_CLIENT_SECRET": "sandbox-secret",
        }
    return variables


def _returns_of_file(url: str, demo: Demo) -> dict[str, Any] | None:
    """What the sandbox says of the returns of a file: placed, not placed, sums."""
    if demo.orders_from is None:
        return None
    state = _get(f"{url}/_sandbox/state")
    return dict(state["centra"][_NORDHEM]["loaded"]["returns"])


def _writes(url: str) -> int:
    return int(_get(f"{url}/_sandbox/calls")["writes"])


def _get(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310
        return dict(json.load(answer))


def _post(url: str, body: dict[str, Any]) -> None:
    request = urllib.request.Request(  # noqa: S310 - the sandbox on this machine
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        if answer.status >= 300:  # noqa: PLR2004
            message = f"the sandbox answered {answer.status} to {url}"
            raise AbortError(message)
