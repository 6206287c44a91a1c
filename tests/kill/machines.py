"""A sandbox and a connector as processes of their own, and what stands at the end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger import ConnectionLedger, Keyring, Ledger
from tasks.environment import utc_now

__all__ = ["Connector", "Sandbox", "a_sandbox"]

_PROJECT = Path(__file__).parents[2]
_TEMPLATE = _PROJECT / "console" / "templates" / "nordhem.toml"
_SOON = 0.005
_TOO_LONG = 120.0
_FAST = """
[limits]
max_writes = 100000
batch_size = 10
lease_seconds = 1
probe_after_minutes = [0, 0]
"""


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox; `url` is where it listens."""

    url: str

    def ask(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask the control API; a body makes it a POST."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}/_sandbox/{path}",
            data,
            {"Content-Type": "application/json"},
            method="GET" if body is None else "POST",
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def plant(self, *, seed: int, orders: int) -> None:
        """Begin again with the world of a seed."""
        self.ask("seed", {"seed": seed, "orders": orders})

    @property
    def writes(self) -> int:
        """How many requests have asked for a change."""
        return int(self.ask("calls")["writes"])

    def books(self) -> dict[str, Any]:
        """What stands in Visma.net, in a form that two worlds can be compared by.

        Numbers of customers and documents follow from who came first: left out.
        """
        found = self.ask("state?full=1")["visma"]["nordhem"]["documents"]
        keys = {
            one["number"]: one["attributes"].get("CENTRAID", one["number"])
            for one in found["customers"]
        }
        orders = [
            {
                "reference": one["customerOrder"],
                "status": one["status"],
                "customer": keys[one["customerId"]],
                "total": one["orderTotal"],
                "tax": one["taxTotal"],
                "lines": sorted(
                    (
                        line["inventory"]["id"],
                        line["quantity"],
                        line["unitPrice"],
                        line["discountAmount"],
                    )
                    for line in one["lines"]
                ),
            }
            for one in found["sales_orders"]
        ]
        customers = [
            {"key": keys[one["number"]], **_without(one, "number", "attributes")}
            for one in found["customers"]
        ]
        return {
            "orders": sorted(orders, key=lambda one: str(one["reference"])),
            "customers": sorted(customers, key=lambda one: str(one["key"])),
        }


def _without(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


@contextmanager
def a_sandbox() -> Iterator[Sandbox]:
    """Start a sandbox on a free port, and end it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--orders", "1"],
        cwd=_PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield Sandbox(json.loads(process.stdout.readline())["url"])
    finally:
        process.kill()
        process.wait()


class Connector:
    """An installation of the connector in a folder, worked from the terminal.

    It went live already; each consumer gets a customer of their own.
    """

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self._folder = folder
        self._sandbox = sandbox
        connections = folder / "connections"
        connections.mkdir(parents=True)
        text = _TEMPLATE.read_text(encoding="utf-8").replace("@SANDBOX@", sandbox.url)
        text = text.replace("\n[limits]\nmax_writes = 100000\n", _FAST)
        assert _FAST in text
        text = text.replace('"collective"\n', '"individual"\n')
        (connections / "nordhem.toml").write_text(text, encoding="utf-8")
        self._env = {
            **os.environ,
            "CENTRA_VISMA_HOME": str(folder),
            "CENTRA_VISMA_CONNECTIONS": str(connections),
            "CENTRA_VISMA_NORDHEM_CENTRA_TOKEN": "centra-nordhem-token",
            "CENTRA_VISMA_NORDHEM_VISMA_CLIENT_ID": "isv_sandbox",
            "CENTRA_VISMA_NORDHEM_VISMA_CLIENT_SECRET": "sandbox-secret",
        }
        with self._books() as books, books.begin() as unit:
            unit.plans.go_live("orders", by="the test", hash="none")

    def run(self, *command: str) -> dict[str, Any]:
        """Run a command to its end; answers what `--json` prints."""
        process = self._start(command)
        out, err = process.communicate(timeout=_TOO_LONG)
        assert out, f"{command}: {err}"
        assert process.returncode in {0, 1}, f"{command}: {out}{err}"
        return dict(json.loads(out))

    def run_and_kill(self, *command: str, at_write: int) -> bool:
        """Kill a command as soon as the sandbox has seen so many writes more.

        False when it ended before that.
        """
        until = self._sandbox.writes + at_write
        process = self._start(command)
        deadline = time.monotonic() + _TOO_LONG
        while process.poll() is None and self._sandbox.writes < until:
            assert time.monotonic() < deadline, f"{command} makes no writes"
            time.sleep(_SOON)
        was_alive = process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.communicate()
        return was_alive

    def parked(self) -> dict[str, str]:
        """The code of each record on the exceptions list."""
        with self._books() as books, books.read() as unit:
            return {row.source_id: row.code for row in unit.exceptions.list()}

    @contextmanager
    def _books(self) -> Iterator[ConnectionLedger]:
        url = f"sqlite:///{self._folder / 'ledger.db'}"
        keyring = Keyring.load(self._folder, {})
        with Ledger.open(url, keyring, clock=utc_now, owner="a person") as ledger:
            yield ledger.of("nordhem")

    def _start(self, command: tuple[str, ...]) -> subprocess.Popen[str]:
        script = "from console.cli import main; main()"
        return subprocess.Popen(
            [sys.executable, "-c", script, *command, "--json"],
            cwd=_PROJECT,
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
