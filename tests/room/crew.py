"""Two connections on one PostgreSQL, and as many workers as one likes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from console.control_room import POOL, PROJECT, ControlRoom
from console.processes import Processes
from ledger import Keyring, Ledger
from ledger.database import open_engine
from ledger.schema import budgets
from settings.application import Application
from tasks.environment import utc_now
from tests.kill.machines import a_sandbox
from tests.room.house import ENDED, WORKER, House, until

__all__ = ["NAMES", "Crew", "a_crew"]

NAMES = ("nordhem", "fjord")
_PREFIX = {"nordhem": "N", "fjord": "F"}
_SUBMITTING = re.compile(r"[Ss]ubmitting flow run '([0-9a-f-]{36})'")
_ABORTED = re.compile(r"Aborted submission of flow run '([0-9a-f-]{36})'")
"""Both workers may want a run; the server gives it to one."""


class Crew:
    """An installation of two connections whose worker is taken away; others do its work."""

    def __init__(self, house: House, folder: Path) -> None:
        """Start the server, and end the worker that `up` has started."""
        self.house = house
        self._folder = folder
        self._workers: dict[str, subprocess.Popen[bytes]] = {}
        _add_fjord(house)
        house.up()
        Processes(house.home).stop([WORKER])

    def work(self, names: Sequence[str], *, limit: int) -> None:
        """Let workers begin, each with so many runs at once."""
        room = ControlRoom(self.house.home, port=self.house.port)
        told = room.variables(Application(home=self.house.home))
        told["CENTRA_VISMA_CONNECTIONS"] = self.house.env["CENTRA_VISMA_CONNECTIONS"]
        module = ["prefect", "worker", "start", "--pool", POOL, "--type", "process"]
        for name in names:
            words = [*module, "--name", name, "--limit", str(limit)]
            with (self._folder / f"{name}.log").open("ab") as log:
                self._workers[name] = subprocess.Popen(
                    [sys.executable, "-m", *words],
                    cwd=PROJECT,
                    env={**self.house.env, **told},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )

    def online(self) -> set[str]:
        """Names of the workers that the server hears."""
        path = f"work_pools/{POOL}/workers/filter"
        return {
            one["name"]
            for one in self.house.api(path, {})
            if one["status"] == "ONLINE" and one["name"] in self._workers
        }

    def stop(self) -> None:
        """End the workers."""
        for worker in self._workers.values():
            worker.send_signal(signal.SIGINT)
        for worker in self._workers.values():
            try:
                worker.wait(30)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
        self._workers.clear()

    def begin(self, direction: str, connection: str) -> str:
        """Start a run of a deployment; its id."""
        found = self.house.api(f"deployments/name/{direction}/{connection}")
        path = f"deployments/{found['id']}/create_flow_run"
        return str(self.house.api(path, {})["id"])

    def wait(self, runs: Sequence[str], seconds: float = 900) -> None:
        """Wait until runs have ended."""
        until(lambda: all(self.house.state(one) in ENDED for one in runs), seconds)

    def place(self, connection: str, count: int) -> set[str]:
        """Let customers order in a store; the references that must come of it."""
        path = f"centra/{connection}/orders"
        placed = self.house.sandbox.ask(path, {"count": count})
        return {f"{_PREFIX[connection]}-{number}" for number in placed["numbers"]}

    def references(self, connection: str) -> Counter[str]:
        """How many sales orders stand in a company under each reference."""
        found = self.house.sandbox.ask("state?full=1")["visma"][connection]
        return Counter(
            one["customerOrder"] for one in found["documents"]["sales_orders"]
        )

    def parked(self, connection: str) -> set[str]:
        """References of the orders that are parked, with a reason."""
        keyring = Keyring.load(self.house.home, {})
        with (
            Ledger.open(
                self.house.ledger, keyring, clock=utc_now, owner="the test"
            ) as ledger,
            ledger.of(connection).read() as unit,
        ):
            return {
                f"{_PREFIX[connection]}-{row.source_id}"
                for row in unit.exceptions.list()
            }

    def by_worker(self) -> dict[str, set[str]]:
        """The runs that each worker was given."""
        logs = {
            file.stem: file.read_text(encoding="utf-8")
            for file in sorted(self._folder.glob("*.log"))
        }
        return {
            name: set(_SUBMITTING.findall(log)) - set(_ABORTED.findall(log))
            for name, log in logs.items()
        }

    def calls_counted(self) -> int:
        """Calls to Visma.net in this hour, as the ledger has counted them for all workers."""
        engine = open_engine(self.house.ledger)
        try:
            with engine.connect() as db:
                rows = db.execute(
                    select(budgets.c.used).where(budgets.c.api.like("visma%"))
                )
                return sum(rows.scalars())
        finally:
            engine.dispose()

    def calls_answered(self) -> int:
        """The same, as the sandbox has counted them."""
        found = self.house.sandbox.ask("calls")["by_operation"]
        return sum(count for name, count in found.items() if name.startswith("visma."))


@contextmanager
def a_crew(folder: Path, ledger: str) -> Iterator[Crew]:
    """Start an installation without a worker, and end all that was started."""
    folder.mkdir(exist_ok=True)
    logs = folder / "workers"
    logs.mkdir()
    with a_sandbox() as sandbox:
        sandbox.plant(seed=7, orders=1)
        house = House(folder / "house", sandbox, None, ledger)
        crew = None
        try:
            crew = Crew(house, logs)
            yield crew
        finally:
            if crew:
                crew.stop()
            for pid in house.run_processes():
                os.kill(pid, signal.SIGKILL)
            house.run("down")


def _add_fjord(house: House) -> None:
    """The second store and company; it keeps stock in Visma.net here, as the first."""
    template = PROJECT / "console" / "templates" / "fjord.toml"
    text = template.read_text(encoding="utf-8").replace("@SANDBOX@", house.sandbox.url)
    assert 'post_as = "invoice"' in text
    text = text.replace('post_as = "invoice"', 'post_as = "sales_order"')
    folder = Path(house.env["CENTRA_VISMA_CONNECTIONS"])
    (folder / "fjord.toml").write_text(text, encoding="utf-8")
    house.env |= {
        "CENTRA_VISMA_FJORD_CENTRA_TOKEN": "centra-fjord-token",
        "CENTRA_VISMA_FJORD_VISMA_CLIENT_ID": "isv_sandbox",
        "CENTRA_VISMA_FJORD_VISMA_CLIENT_SECRET": "sandbox-secret",
    }
    keyring = Keyring.load(house.home, {})
    with Ledger.open(house.ledger, keyring, clock=utc_now, owner="the test") as ledger:
        for name, direction in (
            ("fjord", "orders"),
            ("nordhem", "customers"),
            ("nordhem", "fulfilment"),
        ):
            with ledger.of(name).begin() as unit:
                unit.plans.go_live(direction, by="the test", hash="none")
