"""What the commands share: days, and how a document that was undone is told."""

from __future__ import annotations

import pytest

from mapping.opposites import undone_words
from tests.console_.conftest import Terminal

USAGE = 2


@pytest.mark.parametrize("day", ["2026-13-01", "2026-02-30", "yesterday", "2026-3-1x"])
def test_a_day_that_is_none_is_told_in_one_sentence(
    terminal: Terminal, day: str
) -> None:
    """The value and a good one; nothing of how it is read."""
    answer = terminal.run("certificate", "--from", day)

    told = " ".join(answer.output.replace("│", " ").split())
    assert answer.exit_code == USAGE
    assert f"'{day}' is no day, such as 2026-03-01" in told
    assert "Value error" not in told


@pytest.mark.parametrize(
    ("document", "by", "told"),
    [
        ("payment 300024", "payment 300024", "payment 300024 was voided"),
        ("sales order SO/1", "sales order SO/1", "sales order SO/1 was cancelled"),
        ("invoice 200001", "invoice 200001", "invoice 200001 was deleted"),
        (
            "invoice 200001",
            "credit note 200002",
            "invoice 200001 was undone by credit note 200002",
        ),
    ],
)
def test_what_undid_a_document_is_no_document_by_itself(
    document: str, by: str, told: str
) -> None:
    """A voided payment was not undone by itself; a credit note is another document."""
    assert undone_words(document, by) == told
