"""An installation with a Prefect server of its own, worked from the terminal alone."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from console.process_files import mark_of
from console.processes import free_port, pause
from ledger import ConnectionLedger, Keyring, Ledger
from tasks.environment import utc_now
from tests.kill.machines import Sandbox, a_sandbox

__all__ = [
    "CENTRA_SECRET",
    "ENDED",
    "RECEIVER",
    "SERVER",
    "WORKER",
    "House",
    "a_house",
    "until",
]

_PROJECT = Path(__file__).parents[2]
_TEMPLATE = _PROJECT / "console" / "templates" / "nordhem.toml"
_PATIENT = "max_writes = 100000\nlease_seconds = 30\nprobe_after_minutes = [0, 0]\n"
_PATIENCE = 900
"""Seconds for a command; a machine that is shared by many is slow."""
CENTRA_SECRET = "whsec-centra"
SERVER, WORKER, RECEIVER = "prefect-server", "prefect-worker", "receiver"
ENDED = {"Completed", "Failed", "Crashed", "Cancelled"}


class House:
    """A home folder, a sandbox, and the commands of the control room."""

    def __init__(
        self,
        home: Path,
        sandbox: Sandbox,
        password: str | None,
        ledger: str | None = None,
    ) -> None:
        self.home = home
        self.sandbox = sandbox
        self.ledger = ledger or f"sqlite:///{home / 'ledger.db'}"
        self.port = free_port()
        self.receiver = free_port()
        connections = home / "connections"
        connections.mkdir(parents=True)
        text = _TEMPLATE.read_text(encoding="utf-8").replace("@SANDBOX@", sandbox.url)
        assert "max_writes = 100000\n" in text
        text = text.replace("max_writes = 100000\n", _PATIENT)
        (connections / "nordhem.toml").write_text(text, encoding="utf-8")
        self.env = {
            **os.environ,
            "CENTRA_VISMA_HOME": str(home),
            "CENTRA_VISMA_CONNECTIONS": str(connections),
            "CENTRA_VISMA_LEDGER": self.ledger,
            "CENTRA_VISMA_SCHEDULES": "by_hand",
            "CENTRA_VISMA_RECEIVER_PORT": str(self.receiver),
            "CENTRA_VISMA_NORDHEM_CENTRA_TOKEN": "centra-nordhem-token",
            "CENTRA_VISMA_NORDHEM_CENTRA_WEBHOOK_SECRET": CENTRA_SECRET,
            "CENTRA_VISMA_NORDHEM_VISMA_CLIENT_ID": "isv_sandbox",
            "CENTRA_VISMA_NORDHEM_VISMA_CLIENT_SECRET": "sandbox-secret",
        }
        self._headers = {"Content-Type": "application/json"}
        if password:
            self.env["CENTRA_VISMA_PASSWORD"] = password
            known = base64.b64encode(f"admin:{password}".encode()).decode()
            self._headers["Authorization"] = f"Basic {known}"
        with self.books() as books, books.begin() as unit:
            unit.plans.go_live("orders", by="the test", hash="none")

    @contextmanager
    def books(self) -> Iterator[ConnectionLedger]:
        """The ledger of the connection, opened beside what runs."""
        keyring = Keyring.load(self.home, {})
        with Ledger.open(
            self.ledger, keyring, clock=utc_now, owner="the test"
        ) as ledger:
            yield ledger.of("nordhem")

    def start(self, *words: str, **more: str) -> subprocess.Popen[str]:
        """Begin a command."""
        script = "from console.cli import main; main()"
        return subprocess.Popen(
            [sys.executable, "-c", script, *words],
            cwd=_PROJECT,
            env={**self.env, **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self, process: subprocess.Popen[str]) -> dict[str, Any]:
        """Wait for a command with --json that was begun; it must end well."""
        out, err = process.communicate(timeout=_PATIENCE)
        assert process.returncode == 0, f"{out}{err}"
        return dict(json.loads(out))

    def run(self, *words: str, **more: str) -> tuple[int, str, str]:
        """Run a command to its end; its exit code and what it printed."""
        process = self.start(*words, **more)
        out, err = process.communicate(timeout=_PATIENCE)
        return process.returncode, out, err

    def ask(self, *words: str, exit_code: int = 0) -> dict[str, Any]:
        """Run a command with --json, which must end with an exit code."""
        code, out, err = self.run(*words, "--json")
        assert code == exit_code, f"{words}: {code} {out}{err}"
        return dict(json.loads(out))

    def up(self) -> list[str]:
        """What `up` had to start."""
        return list(self.ask("up", "--port", str(self.port))["started"])

    def down(self) -> list[str]:
        """What `down` ended."""
        return list(self.ask("down")["ended"])

    def status(self, *, exit_code: int) -> dict[str, str]:
        """How each process is, as `status` tells it."""
        told = self.ask("status", exit_code=exit_code)["processes"]
        return {one["name"]: one["state"] for one in told}

    def pid(self, name: str) -> int:
        """The process id that a file of the home folder tells."""
        file = self.home / "run" / f"{name}.pid"
        return int(json.loads(file.read_text(encoding="utf-8"))["pid"])

    def pids(self) -> dict[str, int]:
        """The ids of all that was started."""
        files = (self.home / "run").glob("*.pid")
        return {file.stem: self.pid(file.stem) for file in files}

    def kill(self, name: str) -> None:
        """End a process as a machine that runs out of memory does."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        until(lambda: mark_of(pid) is None, 10)

    def api(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Ask the Prefect server, by plain HTTP; a body makes it a POST."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/{path}",
            data,
            self._headers,
        )
        for _ in range(20):
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code != HTTPStatus.SERVICE_UNAVAILABLE:
                    raise
            except TimeoutError:
                continue
            pause(1)  # the embedded database is busy; Prefect's own client waits, too
        pytest.fail(f"the server is busy for too long: {path}")

    def begin(self, direction: str, **parameters: object) -> str:
        """Start a run of a deployment, as the form of the UI does; answers its id."""
        found = self.api(f"deployments/name/{direction}/nordhem")
        created = self.api(
            f"deployments/{found['id']}/create_flow_run", {"parameters": parameters}
        )
        return str(created["id"])

    def state(self, run: str) -> str:
        """The name of the state of a run."""
        return str(self.api(f"flow_runs/{run}")["state"]["name"])

    def runs(self, direction: str) -> list[dict[str, Any]]:
        """Every run of a deployment, the oldest first."""
        found = self.api(f"deployments/name/{direction}/nordhem")
        wanted = {"deployments": {"id": {"any_": [found["id"]]}}}
        runs = self.api("flow_runs/filter", {**wanted, "sort": "START_TIME_ASC"})
        return list(runs)

    def patch(self, path: str, body: dict[str, Any]) -> None:
        """Change something on the Prefect server, as the UI does."""
        self._send(f"http://127.0.0.1:{self.port}/api/{path}", "PATCH", body)

    def use(self, ledger: str) -> None:
        """Go on with another ledger."""
        self.ledger = self.env["CENTRA_VISMA_LEDGER"] = ledger

    def poll_rarely(self, direction: str) -> None:
        """Switch the schedule of a deployment on, as a person does, once a day."""
        found = self.api(f"deployments/name/{direction}/nordhem")
        for one in found["schedules"]:
            path = f"deployments/{found['id']}/schedules/{one['id']}"
            daily = {"interval": 86_400, "anchor_date": "2026-01-01T00:00:00Z"}
            self._send(
                f"http://127.0.0.1:{self.port}/api/{path}",
                "PATCH",
                {"active": True, "schedule": daily},
            )

    def stop_webhook(self) -> None:
        """Let Centra call nobody any more."""
        self._send(f"{self.sandbox.url}/_sandbox/centra/nordhem/webhook", "DELETE")

    def disarm(self) -> None:
        """Let the sandbox answer without faults."""
        self._send(f"{self.sandbox.url}/_sandbox/faults", "DELETE")

    def _send(self, url: str, method: str, body: object = None) -> None:
        request = urllib.request.Request(
            url,
            None if body is None else json.dumps(body).encode(),
            self._headers,
            method=method,
        )
        with urllib.request.urlopen(request, timeout=60):
            pass

    def run_processes(self) -> list[int]:
        """The processes of runs, children of the worker or orphans of one."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdecimal():
                continue
            try:
                command = (entry / "cmdline").read_bytes()
                own = (entry / "environ").read_bytes()
            except OSError:
                continue
            if b"prefect" not in command or b"PREFECT__FLOW_RUN_ID" not in own:
                continue
            if f"CENTRA_VISMA_HOME={self.home}".encode() in own.split(b"\0"):
                found.append(int(entry.name))
        return found

    def place(self, count: int) -> list[str]:
        """Let customers order in Centra; answers the references in Visma.net."""
        placed = self.sandbox.ask("centra/nordhem/orders", {"count": count})
        return [f"N-{number}" for number in placed["numbers"]]

    def references(self) -> Counter[str]:
        """How many sales orders stand in Visma.net under each reference."""
        return Counter(one["reference"] for one in self.sandbox.books()["orders"])

    def parked(self) -> set[str]:
        """References of the orders that the connector has parked, with a reason."""
        with self.books() as books, books.read() as unit:
            return {f"N-{row.source_id}" for row in unit.exceptions.list()}

    def slots_taken(self, direction: str) -> int:
        """How many slots of a deployment are held by runs."""
        found = self.api(f"deployments/name/{direction}/nordhem")
        limit = self.api(
            f"v2/concurrency_limits/{found['global_concurrency_limit']['id']}"
        )
        return int(limit["active_slots"])


@contextmanager
def a_house(
    folder: Path, *, password: str | None = None, ledger: str | None = None
) -> Iterator[House]:
    """Start a sandbox, and end whatever the house has started."""
    with a_sandbox() as sandbox:
        sandbox.plant(seed=7, orders=12)
        house = House(folder / "house", sandbox, password, ledger)
        try:
            yield house
        finally:
            for pid in house.run_processes():
                os.kill(pid, signal.SIGKILL)
            house.run("down")


def until(happened: Callable[[], bool], seconds: float) -> float:
    """Wait until something has happened; answers how many seconds that took."""
    began = time.monotonic()
    while not happened():
        assert time.monotonic() - began < seconds, f"not within {seconds:.0f} s"
        pause(0.1)
    return time.monotonic() - began
