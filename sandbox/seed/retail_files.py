"""Reads files of order lines: what is in a row, whatever month it is from."""

import csv
import gzip
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

__all__ = ["Row", "read_rows"]

_LONDON: Final = ZoneInfo("Europe/London")
_COLUMNS: Final = {
    "invoice": ("invoiceno", "invoice"),
    "code": ("stockcode",),
    "description": ("description",),
    "quantity": ("quantity",),
    "at": ("invoicedate",),
    "price": ("unitprice", "price"),
    "customer": ("customerid",),
    "country": ("country",),
}
_FORMATS: Final = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%m/%d/%Y %H:%M",
    "%m/%d/%y %H:%M",
    "%Y-%m-%d",
)
_BLANKS: Final = re.compile(r"\s+")


class Row(NamedTuple):
    """One line of the file, cleaned: codes in capitals, blanks single, the time in UTC."""

    invoice: str
    code: str
    description: str
    quantity: int
    at: datetime
    price: Decimal
    customer: str
    country: str


def read_rows(path: Path, skipped: Counter[str]) -> Iterator[Row]:
    """Yield the rows of a .csv or .csv.gz file; what cannot be read is counted with its reason.

    Raises:
        ValueError: the file has not the columns of such a file.
    """
    opener = gzip.open if path.suffix == ".gz" else Path.open
    with opener(path, "rt", encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.reader(file)
        places = _places(path, next(reader, []))
        width = max(places) + 1
        for cells in reader:
            if len(cells) < width:
                if cells:
                    skipped["too few columns"] += 1
                continue
            invoice, code, text, quantity, at, price, customer, country = (
                cells[place] for place in places
            )
            try:
                row = Row(
                    _code(invoice),
                    _code(code),
                    _text(text),
                    _quantity(quantity),
                    _time(at),
                    _price(price),
                    _customer(customer),
                    _text(country),
                )
            except (ValueError, InvalidOperation):
                skipped["a quantity, a price or a date that is none"] += 1
                continue
            if not row.invoice or not row.code:
                skipped["no invoice number or no code"] += 1
                continue
            yield row


def _places(path: Path, header: list[str]) -> list[int]:
    names = [re.sub(r"[^a-z]", "", cell.lower()) for cell in header]
    places = [
        next((names.index(alias) for alias in aliases if alias in names), -1)
        for aliases in _COLUMNS.values()
    ]
    if -1 in places:
        missing = [
            name for name, place in zip(_COLUMNS, places, strict=True) if place < 0
        ]
        message = (
            f"{path.name} is no file of order lines: no column for {', '.join(missing)}"
        )
        raise ValueError(message)
    return places


@lru_cache(maxsize=1 << 16)
def _code(text: str) -> str:
    return _BLANKS.sub(" ", text.strip()).upper()


@lru_cache(maxsize=1 << 16)
def _text(text: str) -> str:
    return _BLANKS.sub(" ", text.strip())


@lru_cache(maxsize=1 << 14)
def _quantity(text: str) -> int:
    quantity = Decimal(text.strip())
    if quantity != quantity.to_integral_value():
        message = f"{text} pieces"
        raise ValueError(message)
    return int(quantity)


@lru_cache(maxsize=1 << 14)
def _price(text: str) -> Decimal:
    price = Decimal(text.strip().removeprefix("£"))
    if not price.is_finite():
        raise InvalidOperation(text)
    return price


@lru_cache(maxsize=1 << 14)
def _customer(text: str) -> str:
    return text.strip().removesuffix(".0")


@lru_cache(maxsize=1 << 12)
def _time(text: str) -> datetime:
    text = text.strip()
    for form in _FORMATS:
        try:
            local = datetime.strptime(text, form).replace(tzinfo=_LONDON)
        except ValueError:
            continue
        return local.astimezone(UTC)
    raise ValueError(text)
