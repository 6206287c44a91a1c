"""What is started is known by its file, and nothing else is ever ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread, Timer
from time import monotonic

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from connectors.errors import ConfigError
from console.cli import app
from console.control_room import ControlRoom
from console.places import demand_port
from console.process_files import Running, mark_of, now, read_known, remember
from console.process_table import (
    RECEIVER,
    SERVER,
    WORKER,
    Row,
    is_deaf,
    process_table,
)
from console.processes import Processes, free_port
from console.up import Wish, up
from ledger import Keyring, Ledger
from settings.application import Application, Secrets
from tasks.environment import Environment, use_environment, utc_now
from tests.tasks_.stand import a_connection

IDLE = ("http.server", "0", "--bind", "127.0.0.1")


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    """The processes of a home folder; what is left is ended."""
    found = Processes(tmp_path)
    yield found
    found.stop()


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that nobody here has started."""
    process = subprocess.Popen([sys.executable, "-m", *IDLE], stdout=subprocess.DEVNULL)
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def env(tmp_path: Path) -> Iterator[Environment]:
    """An installation with one connection and all its secrets but those of webhooks."""
    application = Application(home=tmp_path, connections=tmp_path / "none")
    secrets = Secrets(
        centra_token=SecretStr("a"),
        visma_client_id="b",
        visma_client_secret=SecretStr("c"),
    )
    with Ledger.open(
        application.ledger_url,
        Keyring([Keyring.generate()]),
        clock=utc_now,
        owner="the test",
    ) as ledger:
        env = Environment(
            application,
            ledger,
            connections={"nordhem": a_connection("nordhem")},
            secrets={"nordhem": secrets},
        )
        with use_environment(env):
            yield env


def kill(processes: Processes, name: str) -> None:
    """End one as a machine that runs out of memory does."""
    running = processes.running(name)
    assert running is not None
    os.kill(running.pid, signal.SIGKILL)
    while processes.running(name):
        Event().wait(0.01)


def test_what_was_killed_is_known_as_dead(processes: Processes) -> None:
    """Its file stays, so that it is missed; the other one runs on, untouched."""
    one = processes.start("one", IDLE)
    two = processes.start("two", IDLE)

    kill(processes, "one")

    known = Processes(processes.logs.parent).known()
    assert {name: found.is_alive for name, found in known.items()} == {
        "one": False,
        "two": True,
    }
    assert known["two"] == two
    assert processes.start("one", IDLE).pid != one.pid


def test_a_stranger_with_the_same_id_is_never_ended(
    processes: Processes, tmp_path: Path, stranger: subprocess.Popen[bytes]
) -> None:
    """An id is given out again; the moment of its start tells the two apart."""
    Event().wait(0.05)  # the kernel counts starts in hundredths of a second
    ours = processes.start("one", IDLE)
    kill(processes, "one")
    remember(tmp_path / "run", replace(ours, pid=stranger.pid))

    assert processes.running("one") is None
    assert processes.stop() == []
    assert stranger.poll() is None
    assert read_known(tmp_path / "run") == {}


def test_a_worker_that_missed_its_server_is_deaf(processes: Processes) -> None:
    """By what it has printed since its start, not by what an earlier one did."""
    assert not is_deaf(processes)
    processes.start(WORKER, IDLE)
    log = processes.log_of(WORKER)
    assert not is_deaf(processes)

    with log.open("a", encoding="utf-8") as file:
        file.write("ERROR | Cancellation polling task failed. Execution will\n")
    assert is_deaf(processes)

    processes.stop([WORKER])
    assert not is_deaf(processes)
    processes.start(WORKER, IDLE)
    assert not is_deaf(processes)


def test_a_log_that_was_moved_away_is_no_error(processes: Processes) -> None:
    """As by logrotate: what runs is told of as before, and what ended says it had no words."""
    processes.start(WORKER, IDLE)
    processes.log_of(WORKER).rename(processes.logs / "old")
    assert not is_deaf(processes)

    kill(processes, WORKER)
    with pytest.raises(ConfigError, match="it printed nothing"):
        processes.raise_if_ended(WORKER)
    processes.start(WORKER, IDLE)
    processes.log_of(WORKER).write_text("Cancellation polling task failed\n")
    assert is_deaf(processes)


def test_of_a_long_log_the_end_is_read(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker prints for months; each `status` looks into its log. One emptied begins anew."""
    monkeypatch.setattr("console.processes._LOG_BYTES", 100)
    log = processes.log_of(WORKER)
    log.parent.mkdir()
    log.write_text("x" * 90)
    processes.start(WORKER, IDLE, {"PYTHONUNBUFFERED": ""})
    with log.open("a", encoding="utf-8") as file:
        file.write("y" * 5000 + "the end")

    assert processes._end(WORKER) == b"y" * 93 + b"the end"
    assert processes.has_printed(WORKER, "the end")
    log.write_text("anew")
    assert processes._end(WORKER) == b"anew"


def test_nothing_is_ended_twice(processes: Processes) -> None:
    """The second time there is nothing to end, and that is no error."""
    processes.start("one", IDLE)

    assert processes.stop() == ["one"]
    assert processes.stop() == []


def test_who_comes_second_waits_for_the_first(processes: Processes) -> None:
    """Two `up` at once would start everything twice."""
    other = Processes(processes.logs.parent)
    began, order = Event(), []

    def second() -> None:
        began.set()
        with other.one_at_a_time():
            order.append("second")

    with processes.one_at_a_time():
        thread = Thread(target=second)
        thread.start()
        began.wait(5)
        thread.join(0.3)
        order.append("first")
    thread.join(5)

    assert order == ["first", "second"]


def test_a_process_that_is_killed_lets_go_of_its_turn(
    processes: Processes, tmp_path: Path
) -> None:
    """`up` that was killed in the middle holds up no later one."""
    script = (
        "import pathlib, sys, time; from console.processes import Processes\n"
        "with Processes(pathlib.Path(sys.argv[1])).one_at_a_time():\n"
        "    print('mine', flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        holder.kill()
    began = monotonic()

    with processes.one_at_a_time():
        assert monotonic() - began < 5


def test_a_port_that_somebody_else_has_is_named(
    env: Environment, tmp_path: Path
) -> None:
    """Nothing was started, and the sentence says how another port is chosen."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        sentence = rf"prefect-server cannot listen on 127\.0\.0\.1:{port}.*--port"
        with pytest.raises(ConfigError, match=sentence):
            up(Wish(port=port), lambda _: None)

    assert read_known(tmp_path / "run") == {}


def test_a_port_that_a_killed_process_still_holds_is_waited_for() -> None:
    """Its last thread may end a moment after the process itself is gone."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    row = Row(SERVER, (), host="127.0.0.1", port=taken.getsockname()[1])
    later = Timer(0.5, taken.close)
    later.start()

    demand_port(row)

    assert taken.fileno() == -1


@pytest.mark.parametrize("port", ["0", "65536", "70000"])
def test_what_is_no_port_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: str
) -> None:
    """Before anything starts: the receiver would be left alone."""
    monkeypatch.setenv("CENTRA_VISMA_HOME", str(tmp_path / "home"))

    refused = CliRunner().invoke(app, ["up", "--port", port])

    assert (refused.exit_code, "Invalid value for '--port'" in refused.stderr) == (
        2,
        True,
    )
    assert not (tmp_path / "home").exists()


def test_the_port_of_last_time_is_taken_again(
    env: Environment, processes: Processes
) -> None:
    """After `down`, too: bookmarks and workers elsewhere know it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listens = f"127.0.0.1:{taken.getsockname()[1]}"
        processes.start(SERVER, IDLE, listens=listens)
        processes.stop()
        assert processes.known() == {}

        with pytest.raises(ConfigError, match=rf"cannot listen on {listens} "):
            up(Wish(), lambda _: None)


def test_a_wrong_connection_file_stops_only_an_installation_that_has_no_other(
    env: Environment, tmp_path: Path
) -> None:
    """With another connection `up` goes on, here to the port; alone it is refused."""
    env.application.connections.mkdir()
    (env.application.connections / "fjord.toml").write_text("prefix = 1", "utf-8")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        wish = Wish(port=taken.getsockname()[1])
        with pytest.raises(ConfigError, match="prefect-server cannot listen on"):
            up(wish, lambda _: None)
        env.connections.clear()
        with pytest.raises(ConfigError, match=r"fjord\.toml: "):
            up(wish, lambda _: None)

    assert read_known(tmp_path / "run") == {}


def test_the_receivers_port_is_looked_at_as_well(
    env: Environment, tmp_path: Path
) -> None:
    """It is another setting, and nothing was started either."""
    own = env.secrets["nordhem"]
    env.secrets["nordhem"] = own.model_copy(
        update={"visma_webhook_secret": SecretStr("d")}
    )
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        env.application = env.application.model_copy(update={"receiver_port": port})
        sentence = rf"receiver cannot listen on .*:{port}.*CENTRA_VISMA_RECEIVER_PORT"
        with pytest.raises(ConfigError, match=sentence):
            up(Wish(port=free_port()), lambda _: None)

    assert read_known(tmp_path / "run") == {}


def test_what_runs_elsewhere_is_not_moved(
    env: Environment, tmp_path: Path, stranger: subprocess.Popen[bytes]
) -> None:
    """Another port while the server runs is refused; it goes on where it is."""
    mark = mark_of(stranger.pid) or ""
    listens = "127.0.0.1:4711"
    running = Running(SERVER, stranger.pid, mark, now(), None, listens)
    remember(tmp_path / "run", running)

    with pytest.raises(ConfigError, match=r"runs already, at 127\.0\.0\.1:4711: end"):
        up(Wish(port=4712), lambda _: None)

    assert read_known(tmp_path / "run") == {SERVER: running}
    assert stranger.poll() is None


def test_the_receiver_runs_once_a_secret_is_there(env: Environment) -> None:
    """Without one it could but refuse, and its port stays closed."""
    room = ControlRoom(env.application.home)
    names = [row.name for row in process_table(room, env)]
    assert names == [SERVER, WORKER]

    env.ledger.secrets("nordhem").put("centra_webhook_secret", SecretStr("whsec"))

    [*_, receiver] = process_table(room, env)
    assert receiver.name == RECEIVER
    assert receiver.listens == "127.0.0.1:4280"
    assert receiver.health == "http://127.0.0.1:4280/health"


def test_down_of_nothing_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once and twice: there was nothing to end, and nothing is made."""
    monkeypatch.setenv("CENTRA_VISMA_HOME", str(tmp_path / "home"))
    for _ in range(2):
        done = CliRunner().invoke(app, ["down", "--json"])
        assert (done.exit_code, done.stdout) == (
            0,
            '{"ended": [], "interrupted": [], "unasked": null}\n',
        )


@pytest.mark.parametrize(
    ("is_stopped", "why"),
    [
        pytest.param(True, "the server did not answer in 5 s", id="silent"),
        pytest.param(False, "the server answered 501", id="failing"),
    ],
)
def test_down_ends_a_server_that_is_ill(
    processes: Processes,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_stopped: bool,
    why: str,
) -> None:
    """Whatever it says, and if it says nothing: all of it is ended, in bounded time."""
    monkeypatch.setenv("CENTRA_VISMA_HOME", str(processes.home))
    monkeypatch.setattr("console.processes._STOP_SECONDS", 1.0)
    address = f"http://127.0.0.1:{(port := free_port())}"
    web = ("http.server", str(port), "--bind", "127.0.0.1")
    server = processes.start(SERVER, web, address=address)
    processes.wait_until_healthy(SERVER, address, 10)
    processes.start(RECEIVER, IDLE)
    if is_stopped:
        os.kill(server.pid, signal.SIGSTOP)
    began = monotonic()

    done = CliRunner().invoke(app, ["down"])

    assert monotonic() - began < 15
    assert done.exit_code == 0, done.output
    assert f"ended {RECEIVER}, {SERVER}\n" in done.stdout
    assert f"which runs were under way is not known: {why}" in done.stdout
    assert processes.known() == {}


def test_processes_of_another_ledger_are_not_joined(
    processes: Processes, env: Environment
) -> None:
    """Half of them would write into one ledger, and half into the other."""
    room = ControlRoom(env.application.home)
    server = process_table(room, env)[0]
    told = {"listens": server.listens, "ledger": "postgresql://db/ledger"}
    started = processes.start(SERVER, IDLE, **told)

    with pytest.raises(ConfigError, match="runs already, with the ledger postgresql:"):
        up(Wish(), lambda _: None)

    assert processes.known() == {SERVER: started}
