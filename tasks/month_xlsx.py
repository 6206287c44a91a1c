"""The pack as a workbook: a sheet a table, real numbers with formats, sums as values."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from mapping.money import currency_digits
from mapping.month_tables import Cell, Column, Pack, Table, currency_of

__all__ = ["write_xlsx"]

_HEAD = 3
"""Rows above the names of the columns: title, what it is, an empty one."""
_WIDEST = 60
_FORMATS = {
    "money": "#,##0.00;[Red]-#,##0.00",
    "whole money": "#,##0;[Red]-#,##0",
    "rate": "0.00000000",
    "percent": "0.##",
    "count": "0",
    "day": "yyyy-mm-dd",
    "time": "yyyy-mm-dd hh:mm",
    "text": "@",
}
_COLOUR = "#1f3a4d"


def write_xlsx(pack: Pack, path: Path, zone: ZoneInfo) -> None:
    """Write the workbook of a pack; times are those of a zone.

    Nothing is a formula: what a cell shows is what was worked out.
    """
    with xlsxwriter.Workbook(str(path), {"remove_timezone": True}) as book:
        book.set_properties(
            {
                "title": f"Month end {pack.month}, {pack.connection}",
                "created": pack.made_at.replace(tzinfo=None),
            }
        )
        look = _Look(book)
        for one in pack.tables:
            sheet = book.add_worksheet(one.key)
            if one.key == "overview":
                _Sheet(sheet, look, zone).write(one, _findings(pack))
            else:
                _Sheet(sheet, look, zone).write(one)


def _findings(pack: Pack) -> tuple[str, ...]:
    lines = [f"Month {pack.month} of {pack.connection}, made {pack.made_at:%Y-%m-%d}"]
    if pack.is_provisional:
        lines.append("Provisional: the month was not over when this was made.")
    lines += [f"{one.table}: {one.sentence}" for one in pack.findings]
    if not pack.findings:
        lines.append("Nothing stands between this month and a signature.")
    return tuple(lines)


class _Look:
    """The formats of a workbook."""

    def __init__(self, book: Workbook) -> None:
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.about = book.add_format({"italic": True, "font_color": "#555555"})
        self.name = book.add_format(
            {
                "bold": True,
                "font_color": "#ffffff",
                "bg_color": _COLOUR,
                "text_wrap": True,
                "valign": "top",
            }
        )
        self.cells: dict[str, Format] = {}
        self.sums: dict[str, Format] = {}
        for kind, shown in _FORMATS.items():
            self.cells[kind] = book.add_format({"num_format": shown})
            self.sums[kind] = book.add_format(
                {"num_format": shown, "bold": True, "top": 1}
            )


class _Sheet:
    def __init__(self, sheet: Worksheet, look: _Look, zone: ZoneInfo) -> None:
        self._sheet = sheet
        self._look = look
        self._zone = zone

    def write(self, one: Table, notes: tuple[str, ...] = ()) -> None:
        sheet, look = self._sheet, self._look
        sheet.write_string(0, 0, one.title, look.title)
        sheet.write_string(1, 0, one.about, look.about)
        top = _HEAD
        for place, column in enumerate(one.columns):
            sheet.write_string(top, place, column.name, look.name)
            sheet.set_column(place, place, _width(one, place, column))
        for at, row in enumerate(one.rows, top + 1):
            self._row(at, one.columns, row, look.cells)
        last = top + len(one.rows)
        if one.rows:
            sheet.autofilter(top, 0, last, len(one.columns) - 1)
        if one.totals is not None:
            last += 1
            self._row(last, one.columns, one.totals, look.sums)
            if one.totals[0] is None:
                sheet.write_string(last, 0, "Total", look.sums["text"])
        for at, note in enumerate(notes, last + 2):
            sheet.write_string(at, 0, note)
        sheet.freeze_panes(top + 1, 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(top)

    def _row(
        self,
        at: int,
        columns: tuple[Column, ...],
        row: tuple[Cell, ...],
        formats: dict[str, Format],
    ) -> None:
        for place, (column, value) in enumerate(zip(columns, row, strict=True)):
            kind: str = column.kind
            if kind == "money" and _is_whole(currency_of(columns, row, place), value):
                kind = "whole money"
            self._cell(at, place, value, formats[kind])

    def _cell(self, at: int, place: int, value: Cell, shown: Format) -> None:
        match value:
            case None:
                self._sheet.write_blank(at, place, None, shown)
            case str():
                self._sheet.write_string(at, place, value, shown)
            case int() | Decimal():  # a workbook keeps 15 digits, as a float does
                self._sheet.write_number(at, place, float(value), shown)
            case datetime():
                local = value.astimezone(self._zone).replace(tzinfo=None)
                self._sheet.write_datetime(at, place, local, shown)
            case date():
                midnight = datetime(value.year, value.month, value.day)  # noqa: DTZ001
                self._sheet.write_datetime(at, place, midnight, shown)


def _is_whole(currency: str | None, value: Cell) -> bool:
    """Whether an amount is of a currency without decimals, and has none."""
    return (
        currency is not None
        and isinstance(value, Decimal)
        and not currency_digits(currency)
        and value == int(value)
    )


def _width(one: Table, place: int, column: Column) -> int:
    """As wide as its widest cell, within reason; names wrap."""
    shown = [len(_text(row[place])) for row in one.rows]
    if one.totals is not None:
        shown.append(len(_text(one.totals[place])))
    longest = max((len(word) for word in column.name.split()), default=0)
    return min(max([*shown, longest, 8]) + 2, _WIDEST)


def _text(value: Cell) -> str:
    match value:
        case None:
            return ""
        case Decimal():
            return f"{value:,.2f}"
        case datetime():
            return "0000-00-00 00:00"
        case _:
            return str(value)
