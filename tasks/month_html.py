"""The pack as one page that needs nothing beside it: to be read, printed and kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mapping.money import amount_text
from mapping.month_tables import Cell, Column, Pack, currency_of

__all__ = ["render_html"]

_TEMPLATES = Path(__file__).parent / "templates"
_RIGHT = frozenset({"money", "rate", "percent", "count"})
_USUAL = "EUR"
"""Has the decimals of what is of several currencies, or of none that is named."""

Row = Sequence[Cell]


def render_html(pack: Pack, zone: ZoneInfo) -> str:
    """Return the page of a pack; times are those of a zone."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def cell(value: Cell, place: int, columns: Sequence[Column], row: Row) -> str:
        currency = currency_of(columns, row, place)
        return _text(value, columns[place], zone, currency)

    environment.filters["cell"] = cell
    environment.filters["side"] = _side
    made = pack.made_at.astimezone(zone)
    return environment.get_template("month_end.html").render(
        pack=pack, made=f"{made:%Y-%m-%d %H:%M}", zone=zone.key
    )


def _text(value: Cell, column: Column, zone: ZoneInfo, currency: str | None) -> str:
    match value:
        case None:
            return ""
        case Decimal():
            if column.kind == "money":
                return _money(value, currency)
            return f"{value.normalize():f}"
        case datetime():
            return f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _money(value: Decimal, currency: str | None) -> str:
    """An amount as everywhere, with a sign that does not break."""
    text = amount_text(abs(value), currency or _USUAL)
    return f"\u2212{text}" if value < 0 else text


def _side(column: Column) -> str:
    if column.kind in _RIGHT:
        return "n"
    return "d" if column.kind in {"day", "time"} else "t"
