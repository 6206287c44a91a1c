"""The page of a plan in the Prefect UI."""

from __future__ import annotations

from decimal import Decimal

from mapping.planned import PlannedRow
from settings.links import LinkRules
from tasks.request import Planned
from tasks.run_pages import SHOWN, plan_page


def _size(number: int, **parts: object) -> PlannedRow:
    given = {
        "direction": "stock",
        "source_id": "1/0",
        "record": f"A{number}",
        "action": "update stock",
        "reference": "x",
        "place": "Main warehouse",
        "before": "3",
        "after": "0",
        **parts,
    }
    return PlannedRow.model_validate(given)


def _table(rows: list[PlannedRow]) -> list[str]:
    plan = Planned(hash="abc123", writes=1, why="x", kinds={"update stock": 1})
    page = plan_page(plan, rows, LinkRules(), "centra-visma apply abc123")
    return [line for line in page.splitlines() if line.startswith("|")]


def test_every_size_is_a_line_with_what_it_was_and_becomes() -> None:
    """As in the terminal: where, from, to; columns that say nothing are not there."""
    assert _table([_size(1), _size(2, before="?", after="7")]) == [
        "| Record | Where | From | To |",
        "|---|---|---:|---:|",
        "| A1 | Main warehouse | 3 | 0 |",
        "| A2 | Main warehouse | ? | 7 |",
    ]


def test_what_holds_a_line_back_stands_in_it() -> None:
    """Different actions are told apart; an amount has its currency."""
    rows = [
        _size(1, why="5 of 8 sizes would be 0"),
        _size(2, action="update price", amount=Decimal(12680), currency="JPY"),
    ]
    head, _, first, second = _table(rows)

    assert head == "| Record | Action | Where | From | To | Amount | Held |"
    assert first.endswith("| 3 | 0 |  | 5 of 8 sizes would be 0 |")
    assert "| update price |" in second
    assert "| 12,680 JPY |" in second


def test_a_plan_that_has_to_wait_offers_no_hash() -> None:
    """What could not be applied is not offered."""
    plan = Planned(hash="abc123", writes=1, why="orders come first", waits="orders")
    page = plan_page(plan, [_size(1)], LinkRules(), "centra-visma apply abc123")

    assert "orders come first." in page
    assert "make it again when that is done" in page
    assert "abc123" not in page


def test_a_long_plan_says_what_it_leaves_out() -> None:
    """A page is bounded."""
    page = plan_page(
        Planned(hash="abc123", writes=1, why="x", kinds={}),
        [_size(number) for number in range(SHOWN + 3)],
        LinkRules(),
        "centra-visma apply abc123",
    )
    assert page.endswith("… and 3 more.")
    assert page.count("Main warehouse") == SHOWN
