"""The tables that a person sees."""

from __future__ import annotations

from decimal import Decimal

import pytest

from console.books import Held
from console.shown import (
    check_table,
    exceptions_table,
    show,
    summary_table,
    totals_table,
)
from mapping.planned import PlannedRow
from tasks.check_rows import CheckReport, CheckRow
from tasks.request import CHANGED_SINCE, Counts, Planned, Summary
from tasks.totals import TotalsRow


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")


def test_counts_that_are_never_zero_are_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A column without a number is left out, but for those that everybody looks for."""
    one = Summary(direction="orders", run_id=1, counts=Counts(read=3, in_doubt=2))

    show(summary_table([one]))

    heads = capsys.readouterr().out.splitlines()[2]
    for name in ("read", "created", "unchanged", "left out", "parked", "in doubt"):
        assert name in heads
    assert "adopted" not in heads


def test_a_plan_says_how_to_approve_it(capsys: pytest.CaptureFixture[str]) -> None:
    """A plan names its reason and the command that applies it."""
    plan = Planned(
        hash="abc123",
        writes=4,
        why="it is the first",
        totals={"SEK": "1249.00"},
        kinds={"create sales order": 3, "create customer": 1},
    )
    show(
        summary_table(
            [Summary(direction="orders", run_id=1, counts=Counts(), plan=plan)]
        )
    )

    told = " ".join(capsys.readouterr().out.split())
    assert (
        "orders: 4 writes would be made (3 × create sales order, 1 × create customer), "
        "worth 1,249.00 SEK; they wait, because it is the first."
    ) in told
    assert told.endswith("Approve exactly these with: centra-visma apply abc123")


def test_what_was_left_out_is_told_with_its_reasons(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The most frequent first, in words; nothing where nothing was left out."""
    counts = Counts(read=19)
    counts.note_left_out({"COLLECTIVE": 7, "NOT_NEEDED_YET": 12})
    show(summary_table([Summary(direction="customers", run_id=1, counts=counts)]))

    told = capsys.readouterr().out
    assert "customers: 19 left out: 12 × not needed yet, 7 × collective" in told
    show(summary_table([Summary(direction="orders", run_id=1, counts=Counts())]))
    assert "left out:" not in capsys.readouterr().out


def test_a_plan_without_writes_asks_for_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nothing to send is nothing to approve: no command is shown."""
    plan = Planned(hash="abc123", writes=0, why="it is a plan", totals={}, kinds={})
    show(
        summary_table(
            [Summary(direction="orders", run_id=1, counts=Counts(), plan=plan)]
        )
    )

    told = " ".join(capsys.readouterr().out.split())
    assert told.endswith("nothing would be written, so there is nothing to approve.")
    assert "abc123" not in told


def test_a_plan_that_has_to_wait_shows_no_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What could not be applied is not offered."""
    waits = "orders did not go live yet: approve the first plan of orders"
    plan = Planned(
        hash="abc123", writes=2, why=f"it is the first; {waits}", waits=waits
    )
    show(
        summary_table(
            [Summary(direction="stock", run_id=1, counts=Counts(), plan=plan)]
        )
    )

    told = " ".join(capsys.readouterr().out.split())
    assert f"because it is the first; {waits}." in told
    assert told.endswith("It cannot be approved yet: make it again when that is done.")
    assert "abc123" not in told


def test_a_direction_that_is_off_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """In place of 'nothing to approve', which would sound as if it had looked."""
    plan = Planned(hash="abc123", writes=0, why="it is a plan")
    off = "it is off: set stock_adjustments.enabled = true"
    found = Summary(
        direction="stock_adjustments", run_id=1, counts=Counts(), plan=plan, off=off
    )
    show(summary_table([found]))

    told = " ".join(capsys.readouterr().out.split())
    assert told.endswith(f"stock_adjustments: {off}.")
    assert "nothing would be written" not in told
    assert found.sentence == off


def test_what_is_held_is_told_with_its_reasons(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Beside what was done: each reason, and the command that approves it."""
    held = Planned(
        hash="abc123",
        writes=2,
        why="x",
        kinds={"update price": 2},
        reasons=["price A1 would be 0 [SEK]", "price B1 would be 9"],
    )
    counts = Counts(read=3, updated=1)
    show(
        summary_table(
            [Summary(direction="products", run_id=1, counts=counts, held=held)]
        )
    )

    told = " ".join(capsys.readouterr().out.split())
    assert told.startswith("What was done")
    assert told.endswith(
        "products: 2 writes are held back (2 × update price): price A1 would be 0 [SEK] "
        "price B1 would be 9 Approve exactly these with: centra-visma apply abc123"
    )


def _a_row(number: int, **parts: object) -> PlannedRow:
    return PlannedRow.model_validate(
        {
            "direction": "stock",
            "source_id": f"{number}/0",
            "record": f"A{number}",
            "action": "update stock",
            "reference": "x",
            **parts,
        }
    )


def test_a_plan_is_looked_at_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Where, from what to what; columns that say nothing are not there."""
    plan = Planned(hash="abc123", writes=1, why="x", kinds={"update stock": 1})
    one = Summary(direction="stock", run_id=1, counts=Counts(), plan=plan)
    row = _a_row(1, place="MAIN", before="3", after="0")

    show(summary_table([one], {"abc123": [row]}))

    out = capsys.readouterr().out
    assert (
        "stock: 1 write would be made (1 × update stock); it waits, because x." in out
    )
    [head] = [line for line in out.splitlines() if "from" in line]
    [line] = [line for line in out.splitlines() if "A1" in line]
    assert head.replace("┃", " ").split() == ["record", "where", "from", "to"]
    assert line.replace("│", " ").split() == ["A1", "MAIN", "3", "0"]


def test_a_long_plan_says_what_it_leaves_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty lines, and how many there are besides; nothing is cut at 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    plan = Planned(hash="abc123", writes=53, why="x", kinds={"update stock": 53})
    one = Summary(direction="stock", run_id=1, counts=Counts(), plan=plan)
    rows = [_a_row(number, what="Q" * 90) for number in range(53)]

    show(summary_table([one], {"abc123": rows}))

    out = capsys.readouterr().out
    assert "… and 3 more; --json gives all" in out
    assert "…" not in out.replace("… and 3 more", "")
    assert out.count("Q") == 50 * 90


def test_what_was_refused_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """A column of its own, ten sentences, and how many more there are."""
    problems = [
        f"orders {number}: it, or the settings, {CHANGED_SINCE}" for number in range(10)
    ]
    counts = Counts(refused=12, problems=problems)

    show(summary_table([Summary(direction="orders", run_id=1, counts=counts)]))

    out = capsys.readouterr().out
    assert "refused" in out.splitlines()[2]
    assert out.count("refused: orders") == 10
    assert out.rstrip().endswith("… and 2 more; make a new plan")


def test_what_was_parked_before_is_not_left_unsaid(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Two parked and one reason: the other one stands on the list."""
    counts = Counts(parked=2, newly_parked=1, problems=["Item X is unknown"])

    show(summary_table([Summary(direction="orders", run_id=1, counts=counts)]))

    out = capsys.readouterr().out
    assert "parked: Item X is unknown" in out
    assert "orders: 1 is parked since earlier runs; centra-visma exceptions list" in out


def test_what_is_held_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """Each write with its reason and the hash; nothing parked is no empty table."""
    row = Held(
        direction="products",
        record="A1",
        operation="update:2",
        amount=Decimal("0.00"),
        currency="SEK",
        why="price A1 would be 0",
        plan="abc123",
    )

    show(exceptions_table([], [], [row]))

    out = capsys.readouterr().out
    assert "Parked" not in out
    [line] = [line for line in out.splitlines() if "products A1" in line]
    assert [cell.strip() for cell in line.split("│")[1:-1]] == [
        *("products A1", "0.00 SEK", "update", "price A1 would be 0", "abc123"),
    ]


def test_totals_show_the_difference(capsys: pytest.CaptureFixture[str]) -> None:
    """Centra, Visma.net, parked and the difference stand in one line a currency."""
    row = TotalsRow(
        currency="SEK",
        orders=2,
        centra=Decimal("1234.50"),
        visma=Decimal("1000.00"),
        parked=Decimal("234.00"),
    )

    show(totals_table([row]))

    line = capsys.readouterr().out.splitlines()[4]
    assert line.replace("│", " ").split() == [
        *("SEK", "2", "1,234.50", "1,000.00", "234.00", "0.50"),
    ]


def test_square_brackets_are_text(capsys: pytest.CaptureFixture[str]) -> None:
    """A fix that shows a setting in brackets is printed as it is."""
    row = CheckRow(what="VAT", state="wrong", found="none", fix="Add [[vat]] rate = 24")

    show(check_table(CheckReport(connection="demo", rows=[row])))

    assert "Add [[vat]] rate = 24" in capsys.readouterr().out
