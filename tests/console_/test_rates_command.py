"""`centra-visma rates`: what is known, what can be read, what was settled."""

from __future__ import annotations

from decimal import Decimal

from tests.console_.conftest import Terminal
from tests.tasks_.test_foreign_settled import an_invoice, pay

D = Decimal


def test_rates_are_read_and_shown(terminal: Terminal) -> None:
    """Before reading nothing is known; afterwards each currency has its rate."""
    before = terminal.ask("rates", "show")["rates"]
    read = terminal.ask("rates", "fetch")["sources"]
    after = terminal.ask("rates", "show")["rates"]

    assert {one["rate"] for one in before} == {None}
    assert {one["source"] for one in read} == {"centra", "riksbank", "ecb"}
    assert all(one["quotes"] > 5 and one["trouble"] is None for one in read)
    euro = next(one for one in after if one["currency"] == "EUR")
    assert (euro["source"], euro["on"], euro["to"]) == (
        "riksbank",
        "2026-03-09",
        "SEK",
    )
    assert [one["rate"] is None for one in after] == [False] * 6
    assert "riksbank" in terminal.run("rates", "show").output


def test_a_feed_that_is_down_is_told(terminal: Terminal) -> None:
    """The others are read; the command says that it is to be tried later."""
    terminal.stand.fault("before_commit", "ecb.*", times=5)
    read = terminal.ask("rates", "fetch", exit_code=4)["sources"]

    troubled = {one["source"]: one["trouble"] for one in read if one["trouble"]}
    assert list(troubled) == ["ecb"]
    assert "rates.ecb_url" in troubled["ecb"]


def test_older_days_are_read_on_purpose(terminal: Terminal) -> None:
    """A rate of January is known after it was asked for."""
    terminal.ask("rates", "fetch", "--from", "2026-01-02")
    shown = terminal.ask("rates", "show", "--on", "2026-01-06")["rates"]
    euro = next(one for one in shown if one["currency"] == "EUR")

    assert euro["on"] == "2026-01-05"  # Epiphany has none in Sweden


def test_what_was_settled(terminal: Terminal) -> None:
    """One row, with both rates and the gain that Visma.net booked; the sum beside it."""
    number = an_invoice(terminal.stand, "11.00")
    pay(terminal.stand, number, "100.40")
    told = terminal.ask(
        "rates", "settled", "--from", "2026-03-01", "--to", "2026-03-31"
    )
    table = terminal.run("rates", "settled").output

    assert (told["gain"], told["base_currency"]) == ("21.54", "SEK")
    [row] = told["settled"]
    assert row["shares"] == [
        {
            "kind": "Invoice",
            "number": number,
            "amount": "100.40",
            "rate": "11.00",
            "as_booked": False,
        }
    ]
    assert f"{number}: 100.40 at 11" in table
    assert "+21.54" in table
