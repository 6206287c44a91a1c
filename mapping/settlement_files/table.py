"""Reading tables of text: a header is found by its names, a wrong cell by its row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from connectors.errors import RecordError
from mapping.money import Money

__all__ = ["Row", "has_header", "rows_under", "text_of"]

_AMOUNT = re.compile(r"-?\d{1,15}(\.\d{1,6})?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_SEPARATORS = ";,\t"


def text_of(raw: bytes) -> str:
    """Return the text of a file.

    Raises:
        RecordError: It is none, or empty.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unknown("it is not UTF-8 text") from error
    if "\0" in text or not text.strip():
        raise _unknown("it is empty, or no text")
    return text


@dataclass(frozen=True, slots=True)
class Row:
    """One row by the names of its header; `number` counts from 1, the header too."""

    number: int
    cells: Mapping[str, str]

    def text(self, name: str) -> str:
        """A cell, without blanks around it; nothing where the column is not there."""
        return self.cells.get(name, "").strip()

    def amount(self, name: str, currency: str) -> Decimal:
        """A decimal number with a point; an empty cell is zero.

        Raises:
            RecordError: It is something else, or finer than the currency.
        """
        text = self.text(name)
        if not text:
            return Decimal(0)
        if not _AMOUNT.fullmatch(text):
            what = f"'{text}' is no amount: digits with a point are, as in 1234.50"
            raise self.wrong(name, what)
        amount = Decimal(text)
        try:
            _ = Money(amount, currency).minor_units
        except ValueError:
            what = f"'{text}' is finer than {currency} is"
            raise self.wrong(name, what) from None
        return amount

    def currency(self, name: str) -> str:
        """A currency code.

        Raises:
            RecordError: It is none.
        """
        text = self.text(name)
        if not _CURRENCY.fullmatch(text):
            raise self.wrong(name, f"'{text}' is no currency code, such as SEK")
        return text

    def day(self, name: str, zone: ZoneInfo) -> date:
        """A day, or the day on which a time of UTC falls in a zone.

        Raises:
            RecordError: It is neither.
        """
        text = self.text(name)
        try:
            if len(text) == len("2026-03-01"):
                return date.fromisoformat(text)
            at = datetime.fromisoformat(text)
        except ValueError:
            raise self.wrong(name, f"'{text}' is no date, such as 2026-03-01") from None
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(zone).date()

    def wrong(self, name: str, what: str) -> RecordError:
        """The refusal of a file because of one cell."""
        return RecordError(
            f"row {self.number}, column '{name}': {what}",
            code="SETTLEMENT_LINE_WRONG",
            fix="Export the file anew, without opening it in a spreadsheet; nothing of "
            "it was booked.",
        )


def has_header(text: str, names: Collection[str]) -> bool:
    """Whether some row has all of these names."""
    return any(set(names) <= set(cells) for _, cells in _rows(text))


def rows_under(
    text: str, names: Collection[str], *, until: Collection[str] = ()
) -> Iterator[Row]:
    """Yield the rows under the header with these names, empty ones left out.

    They end at the file's end, or at the header with the names of `until`.

    Raises:
        RecordError: A row has more cells than its header.
    """
    header: Sequence[str] = ()
    for number, cells in _rows(text):
        if set(names) <= set(cells):
            header = cells
            continue
        if header and until and set(until) <= set(cells):
            return
        if not header or not any(cells):
            continue
        if len(cells) > len(header):
            raise _unknown(
                f"row {number} has {len(cells)} cells, and the header "
                f"{len(header)}: is an amount in it written with a comma?"
            )
        padded = [*cells, *[""] * len(header)]
        yield Row(number, dict(zip(header, padded, strict=False)))


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Every row with its number; the separator is the one that the first row has most of."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    for cells in reader:
        yield reader.line_num, [cell.strip() for cell in cells]


def _unknown(what: str) -> RecordError:
    return RecordError(
        f"this settlement file cannot be read: {what}",
        code="SETTLEMENT_FORMAT",
        fix="Export it as CSV from the provider, or write it in the own layout "
        "(docs/settlement.md).",
    )
