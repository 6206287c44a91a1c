"""centra-visma stock: what is known of each size, how old it is, and what has no partner."""

from __future__ import annotations

import pytest

from sandbox.seed.stock import quantity_of
from tests.console_.conftest import Terminal
from tests.tasks_.stocking import CAP, MAIN, RETAIL, SHIRT, put_in_visma

PARKED = 1


def test_before_the_first_run_nothing_is_known(terminal: Terminal) -> None:
    """The answer says what to do."""
    assert terminal.ask("stock")["shelves"] == []
    assert "name [stock.warehouses]" in terminal.run("stock").output


def test_a_size_is_told_with_its_age(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its figure, since when, what each side took, and what Centra was set to and when."""
    terminal.ask("sync", "stock")
    put_in_visma(terminal.stand, SHIRT, 20)
    order = terminal.stand.place(lines=[{"sku": SHIRT, "quantity": 3}])
    terminal.ask("sync", "orders")
    terminal.ask("sync", "stock")
    terminal.stand.world.clock.advance(59)
    main, retail = terminal.ask("stock", SHIRT)["shelves"]

    assert (main["warehouse"], retail["warehouse"]) == (MAIN, RETAIL)
    assert main["figure"] == 17
    assert main["taken"] == [
        {"source": f"order:{order.number}", "at_visma": 3, "at_centra": 0}
    ]
    assert (main["wanted"], main["set_to"], main["state"]) == (20, 20, "set")
    assert 60 <= main["age_seconds"] < 70
    assert main["set_at"] >= main["read_at"]
    assert retail["figure"] == quantity_of(SHIRT, "RETAIL")
    assert retail["set_at"] is None  # Centra had it right

    line = next(
        one for one in terminal.run("stock", SHIRT).output.splitlines() if MAIN in one
    )
    numbers = [word for word in line.split() if word.isdecimal()]
    assert numbers[:1] == ["17"]
    assert "1 minute" in line
    assert "2026-03-10 10:30:05 CET" in line

    monkeypatch.setenv("COLUMNS", "80")
    said = terminal.run("stock", SHIRT).output
    assert f"{SHIRT} in {MAIN}: set\n  figure 17, 1 minute" in said
    assert "  Visma.net took 3 · Centra took 0 · buffer 0\n" in said
    assert "  wanted 20 · set to 20, 2026-03-10 10:30:05 CET" in said
    assert max(map(len, said.splitlines())) <= 80


def test_what_is_not_as_it_should_be_stands_out(terminal: Terminal) -> None:
    """A lost answer: nobody knows what Centra has, and until when it is watched."""
    terminal.ask("sync", "stock")
    put_in_visma(terminal.stand, CAP, 5)
    terminal.stand.fault("no_answer", "centra.mutation.SetStock")
    terminal.ask("sync", "stock")
    [cap] = [
        one for one in terminal.ask("stock", CAP)["shelves"] if one["warehouse"] == MAIN
    ]

    assert (cap["wanted"], cap["set_to"], cap["state"]) == (5, None, "not known")
    assert cap["watched_until"] is not None
    output = terminal.run("stock").output
    assert CAP in output
    assert SHIRT not in output


def test_a_warehouse_that_is_not_mapped_any_more_is_not_healthy(
    terminal: Terminal,
) -> None:
    """Its sizes are not `set`, and a sentence says what goes on; `check` says it, too."""
    terminal.ask("sync", "stock")
    file = terminal.folder / "nordhem.toml"
    text = file.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith(f'"{RETAIL}"')]
    assert len(lines) == len(text.splitlines()) - 1
    terminal.write_connection("nordhem", "\n".join(lines))

    states = {one["state"] for one in terminal.ask("stock")["shelves"]}

    assert states == {"set", "no figure", "not mapped"}
    said = " ".join(terminal.run("stock").output.split())
    assert "is not in [stock.warehouses] any more: Centra goes on selling" in said


def test_an_unknown_word_is_said(terminal: Terminal) -> None:
    """With the exit code of what was not found."""
    terminal.ask("sync", "stock")

    assert terminal.ask("stock", "X9", exit_code=PARKED)["missing"] == ["X9"]
    assert "not found: X9" in terminal.run("stock", "X9").output


def test_what_has_no_partner_is_listed(terminal: Terminal) -> None:
    """Both ways, and nothing is set."""
    listed = terminal.ask("stock", "--unknown")["unknown"]

    sides = {one["side"] for one in listed}
    assert sides == {"Visma.net", "Centra"}
    assert all(one["item"] for one in listed)
    assert not any(
        call["write"] for call in terminal.stand.world.calls.as_json()["log"]
    )
    assert "What has no partner" in terminal.run("stock", "--unknown").output
