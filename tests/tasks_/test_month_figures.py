"""Amounts in the pack of a month are written as everywhere."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import load_workbook

from mapping.month import Month
from mapping.month_tables import Column, Pack, currency_of, table
from tasks.month_history import approvals_table
from tasks.month_html import render_html
from tasks.month_xlsx import write_xlsx

ZONE = ZoneInfo("Europe/Stockholm")
AT = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


def a_pack() -> Pack:
    """A pack with one table: 12,680 yen, 12,680 kronor and their worth."""
    columns = (
        Column("amount", "money"),
        Column("currency"),
        Column("worth in SEK", "money", is_summed=True),
    )
    rows = [
        (Decimal("12680.0"), "JPY", Decimal("910.5")),
        (Decimal(12680), "SEK", Decimal(-12680)),
    ]
    return Pack(
        connection="nordhem",
        month=Month(2026, 3),
        base_currency="SEK",
        made_at=AT,
        is_provisional=False,
        tables=(table("sums", "Sums", "Some.", columns, rows),),
        findings=(),
    )


def test_the_page_writes_each_currency_with_its_own_digits() -> None:
    """Thousands are separated by a comma; yen have no decimals."""
    page = render_html(a_pack(), ZONE)

    assert ">12,680<" in page
    assert ">12,680.00<" in page
    assert ">910.50<" in page
    assert ">\u221212,680.00<" in page


def test_the_workbook_does_so_too(tmp_path: Path) -> None:
    """The number is the same; how it is shown is the currency's."""
    file = tmp_path / "pack.xlsx"
    write_xlsx(a_pack(), file, ZONE)

    sheet = load_workbook(file).worksheets[0]
    shown = {
        (cell.row, cell.column): cell.number_format for row in sheet for cell in row
    }

    assert shown[5, 1] == "#,##0;[Red]-#,##0"
    assert shown[6, 1] == shown[5, 3] == "#,##0.00;[Red]-#,##0.00"


def test_a_column_that_names_its_currency_goes_before_that_of_the_row() -> None:
    """What yen are worth in kronor has decimals."""
    [one] = a_pack().tables
    places = [currency_of(one.columns, one.rows[0], place) for place in (0, 2)]

    assert places == ["JPY", "SEK"]
    assert currency_of((Column("amount", "money"),), (Decimal(1),), 0) is None


def test_the_sums_of_an_approval_stand_with_their_currency() -> None:
    """Not as `JPY: 12680.0`; what else is told keeps its name."""
    line: Any = SimpleNamespace(
        seq=1,
        at=AT,
        actor="asa",
        action="plan.approved",
        direction="orders",
        source_id=None,
        document=None,
        detail={"JPY": "12680.0", "USD": "238.4", "intents": "86", "why": "asked"},
    )

    [row] = approvals_table([line]).rows

    assert row[-1] == "12,680 JPY; 238.40 USD; intents: 86; why: asked"
