"""exceptions.md names every code that there is, and none that there is not."""

from __future__ import annotations

from connectors.visma import problems
from tasks import extract
from tests.docs_.code import exception_codes, left_out_codes
from tests.docs_.pages import cells, codes_in_first_column, page, section

_PAGE = page("exceptions.md")
_LEFT_OUT = section(_PAGE, "Left out")
_PARKED = _PAGE.split("## A setting is missing")[1].split("## Left out")[0]


def test_every_exception_code_is_explained() -> None:
    """A code that a person sees is a code that they can look up."""
    assert codes_in_first_column(_PARKED) == exception_codes()


def test_the_search_finds_the_codes_of_the_tables() -> None:
    """Codes that stand in tables count as much as those that are raised."""
    in_tables = {code for code, _ in problems._CODES.values()}
    in_tables |= {code for _, code, _ in problems._TEXTS}

    assert in_tables | {"VISMA_<number>"} <= exception_codes()


def test_every_rule_that_leaves_out_is_explained() -> None:
    """The counts of a summary can be looked up too."""
    assert codes_in_first_column(_LEFT_OUT) == left_out_codes()


def test_what_is_tried_again_by_itself_is_marked() -> None:
    """The mark stands at exactly the codes that each run takes up."""
    marked = {
        row[0].split("`")[1] for row in cells(_PARKED) if row[0].endswith("\u21bb")
    }

    assert marked == set(extract._SOLVED_AT_THE_TARGET)


def test_each_code_says_what_to_do() -> None:
    """No row of an exception is left without a way out."""
    assert [row[0] for row in cells(_PARKED) if not all(row)] == []
