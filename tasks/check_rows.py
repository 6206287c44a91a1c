"""What a check answers: one row for each thing that was looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from pydantic import BaseModel, Field

__all__ = ["CheckReport", "CheckRow", "doubtful", "first_of", "fits", "listed", "row"]

_SHOWN = 10
"""How many of a list are named; the rest is counted."""


class CheckRow(BaseModel):
    """One thing that was looked at."""

    what: str
    state: Literal["ok", "warning", "wrong"]
    found: str
    fix: str = ""


class CheckReport(BaseModel):
    """All that was looked at; `ok` when nothing is wrong."""

    connection: str
    rows: list[CheckRow] = Field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether a run could carry everything over."""
        return all(one.state != "wrong" for one in self.rows)


def listed(
    what: str, wanted: Iterable[str], there: set[str], where: str = "in Visma.net"
) -> list[CheckRow]:
    """One row for names that are all there, else one for each that is not."""
    names = sorted(set(wanted))
    missing = [name for name in names if name not in there]
    if not missing:
        return [row(what, f"{', '.join(names)} {where}")] if names else []
    known = ", ".join(sorted(there)[:10])
    return [
        row(
            f"{what} {name}", f"is not {where}", f"Correct the setting; known: {known}."
        )
        for name in missing
    ]


def row(what: str, found: str, fix: str = "") -> CheckRow:
    """A row that is wrong when something is to be done about it."""
    return CheckRow(what=what, state="wrong" if fix else "ok", found=found, fix=fix)


def first_of(numbers: Sequence[str]) -> str:
    """The first of some names, sorted, and how many more there are."""
    shown = ", ".join(sorted(numbers)[:_SHOWN])
    more = len(numbers) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def fits(what: str, found: str) -> CheckRow:
    """A row about something that is as it should be."""
    return CheckRow(what=what, state="ok", found=found)


def doubtful(what: str, found: str, fix: str) -> CheckRow:
    """A row about what stops single records, or one direction, and not the others."""
    return CheckRow(what=what, state="warning", found=found, fix=fix)
