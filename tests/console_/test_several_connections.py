"""Where there are several connections, what is printed can be typed as it stands."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.console_.conftest import Terminal

PARKED, USAGE = 1, 2


@pytest.fixture
def two(terminal: Terminal) -> Terminal:
    """A terminal of an installation that has a second connection, of another company."""
    text = (terminal.folder / "nordhem.toml").read_text(encoding="utf-8")
    other = re.sub(r'tenant_id = "[^"]*"', 'tenant_id = "2222"', text)
    assert other != text
    terminal.write_connection("fjord", other.replace('"N-"', '"F-"'))
    return terminal


def _printed(text: str, start: str) -> list[str]:
    """The words of the command that a text ends with."""
    [line] = [one for one in text.splitlines() if start in one]
    return shlex.split(line.partition("centra-visma ")[2])


def test_a_plan_is_approved_as_it_says_and_by_its_hash_alone(two: Terminal) -> None:
    """The command names the connection; without it the hash finds its own."""
    order = two.stand.place()
    words = _printed(
        two.run("plan", "orders", "-c", "nordhem").stdout, "Approve exactly this"
    )

    assert words[0] == "apply"
    assert words[2:] == ["--connection", "nordhem"]
    applied = two.ask(*words[:2])["directions"]["orders"]["counts"]
    assert applied["created"] == 1
    assert len(two.stand.sales_orders(order)) == 1


def test_a_hash_that_nobody_has_is_told_as_such(two: Terminal) -> None:
    """It is not asked for a connection: none has that plan, and nothing is sent."""
    order = two.stand.place()

    answer = two.ask("apply", "abc123", exit_code=USAGE)

    assert answer["error"] == "none of the connections fjord, nordhem has plan 'abc123'"
    assert two.stand.sales_orders(order) == []


def test_an_exception_finds_its_connection_by_its_id(two: Terminal) -> None:
    """`retry` and `ignore` take the id that the list shows, and no other."""
    two.stand.place(off_by=1)
    two.run("sync", "orders", "-c", "nordhem")
    [row] = two.ask("exceptions", "list", "-c", "nordhem")["exceptions"]
    number = str(row["id"])

    assert two.ask("exceptions", "ignore", number, "--note", "x") == {"ignored": 1}
    aside = two.run("exceptions", "list", "--set-aside", "-c", "nordhem").stdout
    assert "centra-visma exceptions retry ID --connection nordhem takes it up" in aside
    assert two.ask("exceptions", "retry", number) == {"retrying": 1}
    answer = two.ask("exceptions", "retry", "4711", exit_code=USAGE)
    assert answer["error"] == (
        "none of the connections fjord, nordhem has exception 4711"
    )
    assert "choose one" in two.ask("exceptions", "retry", exit_code=USAGE)["error"]


def test_an_undo_is_approved_and_taken_back_as_it_says(two: Terminal) -> None:
    """Its command lacks no more than a name and a reason; so does what retries it."""
    order = two.stand.place()
    two.run("sync", "orders", "-c", "nordhem")
    number = two.stand.sales_order(order).order_id
    words = _printed(
        two.run("undo", number, "-c", "nordhem").stdout, "Approve exactly this"
    )
    assert words[4:] == ["--by", "NAME", "--note", "TEXT", "--connection", "nordhem"]

    done = two.run(*words)

    assert done.exit_code == 0, done.output
    assert two.stand.sales_order(order).status == "Cancelled"
    retry = re.search(r"'centra-visma (exceptions retry \d+ .*?)'", done.stdout)
    assert retry is not None
    assert two.ask(*shlex.split(retry[1])) == {"retrying": 1}
