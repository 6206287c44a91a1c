"""A webhook all the way: sandbox, receiver, hint, run on a real server, effect.

With a Prefect server of its own it takes some minutes: `EFFORT=full`.
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from console.processes import pause
from tests.effort import IS_FULL
from tests.receiver.calls import a_centra_body, centra_v1
from tests.room.house import CENTRA_SECRET, ENDED, SERVER, House, a_house, until

pytestmark = [
    pytest.mark.skipif(not IS_FULL, reason="real servers take minutes: EFFORT=full"),
    pytest.mark.timeout(1800),
]

BURST = 1000
A_HANDFUL = 15
"""A run each ten seconds at the most, and those that answer what came meanwhile."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An installation with a password that is up, and polls orders once a day."""
    folder = tmp_path_factory.mktemp("webhooks")
    with a_house(folder, password="correct horse") as house:
        house.up()
        run = house.begin("orders")
        until(lambda: house.state(run) in ENDED, 180)
        house.poll_rarely("orders")
        yield house


def woken(house: House) -> list[dict[str, Any]]:
    """The runs that webhooks have started."""
    return [one for one in house.runs("orders") if "webhook" in one["tags"]]


def waiting(house: House) -> dict[str, int]:
    """The calls that no run has answered, by direction."""
    with house.books() as books, books.read() as unit:
        return {row.direction: row.calls for row in unit.hints.unanswered()}


def demand_rest(house: House, seconds: float) -> None:
    """Wait until every hint of orders is answered and every run has ended."""
    until(lambda: "orders" not in waiting(house), seconds)
    until(lambda: all(one["state_name"] in ENDED for one in woken(house)), 60)


def call(
    house: House, number: int, *, secret: str = CENTRA_SECRET, ago: int = 0
) -> tuple[int, dict[str, Any]]:
    """Call as Centra does, of an order; the status and what was answered."""
    body = a_centra_body(("order", number))
    t = int(time.time()) - ago
    return send(house, body, f"t={t},v1={centra_v1(body, secret=secret, t=t)}")


def send(house: House, body: bytes, signature: str) -> tuple[int, dict[str, Any]]:
    """Send a body with a signature."""
    line = http.client.HTTPConnection("127.0.0.1", house.receiver, timeout=30)
    headers = {
        "X-Centra-Signature": signature,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    line.request("POST", "/webhooks/centra/nordhem", body, headers)
    answer = line.getresponse()
    told = dict(json.loads(answer.read()))
    line.close()
    return answer.status, told


def test_the_server_knows_nobody_without_the_password(house: House) -> None:
    """The worker, the receiver and the commands have it from the environment."""
    assert set(house.status(exit_code=0).values()) == {"running"}

    address = f"http://127.0.0.1:{house.port}/api/flow_runs/filter"
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(urllib.request.Request(address, b"{}"))
    code, _, said = house.run("status", CENTRA_VISMA_PASSWORD="guessed")
    assert code == 3
    assert "set CENTRA_VISMA_PASSWORD to the one it was started with" in said


def test_an_order_is_carried_over_without_a_schedule(house: House) -> None:
    """Centra calls, the receiver starts the deployment, the order stands in Visma.net."""
    before = len(woken(house))
    house.sandbox.ask(
        "centra/nordhem/webhook",
        {
            "url": f"http://127.0.0.1:{house.receiver}/webhooks/centra/nordhem",
            "secret": CENTRA_SECRET,
        },
    )
    try:
        placed = house.place(3)
        until(lambda: set(placed) <= set(house.references()) | house.parked(), 120)
    finally:
        house.stop_webhook()

    demand_rest(house, 60)
    assert before < len(woken(house)) <= before + 3
    assert max(house.references().values()) == 1


def test_a_burst_is_a_handful_of_runs(house: House) -> None:
    """A thousand calls in a minute, each stored; what they were about is carried over."""
    before = len(woken(house))
    placed = house.place(20)
    began = time.monotonic()

    def paced(number: int) -> int:
        pause(max(0.0, began + number * 60 / BURST - time.monotonic()))
        return call(house, 1_000_000 + number)[0]

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(paced, range(BURST))) == {200}
    demand_rest(house, 180)

    assert before < len(woken(house)) <= before + A_HANDFUL
    assert set(placed) <= set(house.references()) | house.parked()
    assert max(house.references().values()) == 1


def test_forged_and_replayed_calls_start_nothing(house: House) -> None:
    """Refused, or without effect; nothing is stored that a run could begin of."""
    status, _ = call(house, 7)
    assert status == 200
    demand_rest(house, 120)
    before = len(woken(house))

    assert call(house, 8, secret="whsec-guessed")[0] == 401
    assert call(house, 8, ago=3600)[0] == 401
    assert send(house, b"payload=%7B%7D", "t=1,v1=00")[0] == 401
    body, t = a_centra_body(("order", 9)), int(time.time())
    signature = f"t={t},v1={centra_v1(body, secret=CENTRA_SECRET, t=t)}"
    assert send(house, body, signature) == (200, {"events": 1, "repeated": False})
    demand_rest(house, 120)
    assert len(woken(house)) == before + 1
    for _ in range(3):
        assert send(house, body, signature) == (200, {"events": 1, "repeated": True})

    pause(15)
    assert "orders" not in waiting(house)
    assert len(woken(house)) == before + 1


def test_calls_wait_for_a_server_that_is_gone(house: House) -> None:
    """The receiver takes them all the same, and starts the run once the server is back."""
    before = len(woken(house))
    house.kill(SERVER)
    placed = house.place(2)

    assert call(house, 11)[0] == 200
    pause(5)
    assert waiting(house)["orders"] == 1
    assert house.up()[0] == SERVER

    until(lambda: set(placed) <= set(house.references()) | house.parked(), 180)
    demand_rest(house, 120)
    assert len(woken(house)) == before + 1
