"""A worked month: the pack says exactly what was worked out by hand."""

from __future__ import annotations

import re
import tomllib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from openpyxl import load_workbook

from mapping.month_tables import Cell, Column, Pack, Table
from tasks.environment import use_environment
from tasks.month_end import make_pack, month_named
from tasks.month_files import PackFiles, write_pack
from tests.month.play import ZONE, Player, a_month, steps

_EXPECTED: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "expected.toml").read_text(encoding="utf-8")
)
_VERSIONS = ("first", "second")
_NUMBER = re.compile(r"\b(?:\d{5,6})\b")
_OF_DOCUMENTS = frozenset(
    {
        *("differences", "in_doubt", "prepayments", "oss_corrections"),
        *("clearing_open", "foreign_settled"),
    }
)
"""Tables that name documents, by numbers that nobody works out by hand."""
_TO_SIGN = (
    "7 differences must be solved or signed: "
    "centra-visma certificate sign ID --by NAME --note TEXT."
)
_BY_REFERENCE = frozenset({"clearing_open"})
"""Tables in the order of references of the provider, which nobody works out either."""
_UNSEEN = frozenset({"id", "line"})


@dataclass(frozen=True)
class Worked:
    """The month after it was played, and its pack."""

    player: Player
    pack: Pack
    files: PackFiles


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def worked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Worked]:
    """Play the month once; its pack is made on 1 April."""
    folder = tmp_path_factory.mktemp("month")
    with a_month(folder) as player:
        await player.play()
        with use_environment(player.stand.environment):
            pack = await make_pack("nordhem", month_named("nordhem", None))
            files = write_pack(pack)
        yield Worked(player, pack, files)


class _Words:
    """Cells as expected.toml writes them."""

    def __init__(self, worked: Worked) -> None:
        self._names = worked.player.named()
        with worked.player.stand.environment.books("nordhem").read() as unit:
            kept = [one.version for one in unit.history.settings()]
        self._versions = dict(zip(kept, _VERSIONS, strict=True))

    def row(self, table: Table, row: tuple[Cell, ...]) -> list[str | int]:
        columns = table.columns
        return [
            self._cell(table.key, column, value)
            for column, value in zip(columns, row, strict=True)
        ]

    def _cell(self, key: str, column: Column, value: Cell) -> str | int:
        if column.name in _UNSEEN:
            return "#"
        match value:
            case int():
                return value
            case Decimal():
                return self._number(column, value)
            case datetime() | date():
                return _day(value)
            case _:
                return self._text(key, value or "")

    def _number(self, column: Column, value: Decimal) -> str:
        if column.kind == "money":
            assert value == round(value, 2), column.name
            return f"{value:.2f}".replace("-0.00", "0.00")
        return f"{value.normalize():f}"

    def _text(self, key: str, value: str) -> str:
        if value in self._versions:
            return self._versions[value]
        if key == "clearing_open" and value in self._names:
            return self._names[value]
        reference, on, rest = value.partition(" on 158")
        if key == "differences" and on:
            return f"{self._names.get(reference, reference)}{on}{rest}"
        if key in _OF_DOCUMENTS:
            value = _NUMBER.sub(lambda m: self._names.get(m[0], m[0]), value)
            value = re.sub(r"-([PS])\d+", r"-\1#", value)
        if key == "approvals":
            value = re.sub(r"(?<= )([0-9a-f]{10,16}|\d+)$", "#", value)
        return value


def _day(value: date) -> str:
    """The day of a moment in the company's zone, or a day as it is."""
    on = value.astimezone(ZONE).date() if isinstance(value, datetime) else value
    return on.isoformat()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("key", _EXPECTED)
async def test_a_table_says_what_was_worked_out(worked: Worked, key: str) -> None:
    """Every cell and every sum of a table, in its order."""
    words, expected = _Words(worked), _EXPECTED[key]
    table = worked.pack.table(key)

    rows = [words.row(table, row) for row in table.rows]
    assert (sorted(rows) if key in _BY_REFERENCE else rows) == expected["rows"]
    totals = None if table.totals is None else words.row(table, table.totals)
    assert totals == expected.get("totals")


@pytest.mark.asyncio(loop_scope="module")
async def test_every_table_is_worked_out(worked: Worked) -> None:
    """None is left out of the comparison."""
    assert [one.key for one in worked.pack.tables] == list(_EXPECTED)


@pytest.mark.asyncio(loop_scope="module")
async def test_what_must_be_looked_at_is_said(worked: Worked) -> None:
    """One is in doubt, two are of people, four were not paid out, and nobody signed that."""
    pack = worked.pack

    assert (str(pack.month), pack.is_provisional, pack.is_clean) == (
        "2026-03",
        False,
        False,
    )
    assert [(one.table, one.sentence) for one in pack.findings] == [
        ("certificate", _TO_SIGN),
        ("in_doubt", "1 document is in doubt: run it again later."),
    ]


@pytest.mark.asyncio(loop_scope="module")
async def test_the_month_has_sixty_documents(worked: Worked) -> None:
    """In four currencies, of two stores."""
    company = worked.player.stand.company
    books = company.books
    in_march = [
        one
        for one in (
            *books.invoices.values(),
            *books.credit_notes.values(),
            *books.payments.values(),
        )
        if one.period == "202603" and (one.released or one.status == "Voided")
    ]
    stores = {one.store.name for one in worked.player.sales.values()}

    assert len(in_march) == 60
    assert stores == {"Nordhem webshop", "Nordhem wholesale"}
    assert {one.currency for one in in_march} == {"SEK", "EUR", "NOK", "DKK"}
    assert len(steps()) > 50


@pytest.mark.asyncio(loop_scope="module")
async def test_the_workbook_has_the_same_numbers(worked: Worked) -> None:
    """A sheet a table, numbers as numbers, sums as values, headings that stay."""
    book = load_workbook(worked.files.workbook)

    assert book.sheetnames == [one.key for one in worked.pack.tables]
    for table in worked.pack.tables:
        sheet = book[table.key]
        assert sheet.freeze_panes == "B5"
        assert [cell.value for cell in sheet[4]][: len(table.columns)] == [
            one.name for one in table.columns
        ]
        rows = [*table.rows, *([table.totals] if table.totals else [])]
        for at, row in enumerate(rows, 5):
            cells = sheet[at][: len(row)]
            for cell, value, column in zip(cells, row, table.columns, strict=True):
                assert cell.data_type != "f"
                if isinstance(value, Decimal):
                    assert Decimal(str(cell.value)) == value, (table.key, column.name)
                    assert cell.data_type == "n"
                elif isinstance(value, int):
                    assert cell.value == value
                elif isinstance(value, datetime):
                    assert isinstance(cell.value, datetime)
                elif isinstance(value, date):
                    assert cell.value.date() == value
                elif value:
                    assert cell.value == value
        if table.totals:
            assert sheet.cell(4 + len(rows), 1).value == "Total"


@pytest.mark.asyncio(loop_scope="module")
async def test_the_page_stands_alone(worked: Worked) -> None:
    """One file without scripts or addresses, with every table and what must be looked at."""
    page = worked.files.page.read_text(encoding="utf-8")

    assert not re.findall(r"<script|<link|src=|https?://", page)
    assert re.findall(r'<section id="(\w+)">', page) == [
        one.key for one in worked.pack.tables
    ]
    for one in worked.pack.findings:
        assert one.sentence in page
    assert "17,913.02" in page
    assert "\u221235.64" in page


@pytest.mark.asyncio(loop_scope="module")
async def test_the_files_can_be_proved(worked: Worked) -> None:
    """Their SHA-256 stand in the audit chain, and the ledger is as it was written."""
    from hashlib import sha256  # noqa: PLC0415 - only here

    books = worked.player.stand.environment.books("nordhem")
    with books.begin() as unit:
        [line] = unit.audit.trail("month 2026-03")
        assert unit.verification.verify().ok

    for one in (worked.files.workbook, worked.files.page):
        assert line.detail[one.name] == sha256(one.read_bytes()).hexdigest()
