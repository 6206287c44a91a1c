"""What a check answers: one row for each thing that was looked at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, Field

__all__ = ["CheckReport", "CheckRow", "listed", "row"]


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
