"""What a plan would write, as people look at it: of what, where, from what to what.

Pure. No body, name or address: labels, codes, places and figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from pydantic import BaseModel

from mapping.money import sum_text

__all__ = ["Column", "PlannedRow", "columns_of"]


class PlannedRow(BaseModel):
    """One thing that a plan would write; `before` and `after` where it has both.

    `place` is the warehouse or the pricelist; `why` what holds it back, if anything does.
    `source_id` is whose page in Centra or Visma.net the direction's links lead to.
    """

    direction: str
    source_id: str
    record: str
    action: str
    reference: str
    place: str = ""
    before: str = ""
    after: str = ""
    amount: Decimal | None = None
    vat: Decimal | None = None
    currency: str | None = None
    what: str = ""
    why: str = ""


class Column(NamedTuple):
    """A column of a plan; figures stand to the right."""

    name: str
    cells: list[str]
    is_figure: bool = False


def columns_of(rows: Sequence[PlannedRow]) -> list[Column]:
    """The columns beside the record; one that says nothing, or the same in each line, is left out."""
    several = len({row.action for row in rows}) > 1
    columns = (
        Column("action", [row.action if several else "" for row in rows]),
        Column("where", [row.place for row in rows]),
        Column("from", [row.before for row in rows], is_figure=True),
        Column("to", [row.after for row in rows], is_figure=True),
        Column(
            "amount",
            [sum_text(row.amount, row.currency) for row in rows],
            is_figure=True,
        ),
        Column(
            "VAT", [sum_text(row.vat, row.currency) for row in rows], is_figure=True
        ),
        Column("what", [row.what for row in rows]),
    )
    return [one for one in columns if any(one.cells)]
